"""A sound device that listens."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Final, Protocol

import numpy as np
import numpy.typing as npt
import structlog

from voxelle.audio.devices import INPUTS, choose, settings_for
from voxelle.audio.library import closing, keep, opening, portaudio
from voxelle.domain.errors import SetupError, TemporaryError

log = structlog.get_logger("sound")

Block = npt.NDArray[np.float32]
"""Shape (frames, channels)."""

_RATES: Final = (48_000, 44_100, 16_000, 8_000)
_BLOCKS_A_SECOND: Final = 100
_DEVICE_S: Final = 0.01
"""From the microphone to the buffer. What PortAudio calls the latency is how much the buffer could hold, and it is read as it fills."""
_SILENT_S: Final = 1.5
"""A device that gives nothing for so long is lost, whatever it says."""
_DENIED: Final = ("denied", "permission", "not permitted", "80070005", "-2147024891", "unauthorized")
_BUSY: Final = ("busy", "in use", "8889000a", "-2004287478", "device unavailable")


class Source(Protocol):
    """Where blocks come from."""

    title: str
    rate: int

    @property
    def latency_s(self) -> float:
        """Seconds between the microphone and what was read last."""
        ...

    def read(self) -> tuple[Block, bool]:
        """Wait for the next 10 ms; returns them and whether samples before them were lost. Raises TemporaryError when it is gone."""
        ...

    def close(self) -> None:
        """Give the device back."""
        ...


OpenSource = Callable[[str, float], Source]
"""Opens a device by name with a latency in seconds. Raises VoxelleError children."""


class DeviceSource:
    """An open microphone, at whatever rate and with as many channels as it has."""

    def __init__(self, stream: Any, title: str, rate: int, sleep: Callable[[float], None] = time.sleep) -> None:
        self.title = title
        self.rate = rate
        self._stream = stream
        self._frames = rate // _BLOCKS_A_SECOND
        self._sleep = sleep
        self._left = 0
        """Frames that were there already and were not read yet."""

    @classmethod
    def open(cls, name: str, latency_s: float) -> DeviceSource:
        """Open a device by name, the default one if that is empty. Raises SetupError when it can't be had."""
        with opening() as library:
            index, title = choose(library, INPUTS, name)
            device = library.query_devices(index)
            failures: list[Exception] = []
            for rate, channels in formats(device):
                try:
                    stream = library.InputStream(
                        device=index,
                        samplerate=rate,
                        channels=channels,
                        dtype="float32",
                        latency=latency_s,
                        extra_settings=settings_for(library, device),
                    )
                    stream.start()
                except (library.PortAudioError, ValueError, OSError) as error:
                    failures.append(error)
                else:
                    keep(stream)
                    return cls(stream, title, rate)
        raise SetupError(refusal(title, failures)) from failures[0]

    @property
    def latency_s(self) -> float:
        """Seconds between the microphone and what was read last."""
        return self._left / self.rate + min(_DEVICE_S, float(self._stream.latency))

    def read(self) -> tuple[Block, bool]:
        """Wait for the next 10 ms, as `Source`. Asks before it reads, for a read from a device that is gone may never return."""
        waited_s = 0.0
        try:
            while (missing := self._frames - (ready := self._stream.read_available)) > 0:
                if waited_s > _SILENT_S:
                    msg = f"{self.title} gives no sound any more."
                    raise TemporaryError(msg)
                pause_s = max(0.001, missing / self.rate)
                waited_s += pause_s
                self._sleep(pause_s)
            samples, has_lost = self._stream.read(self._frames)
            self._left = ready - self._frames
        except portaudio().PortAudioError as error:
            msg = f"{self.title} was lost."
            raise TemporaryError(msg) from error
        return samples, bool(has_lost)

    def close(self) -> None:
        """Give the device back at once."""
        with closing(self._stream):
            try:
                self._stream.abort()
                self._stream.close()
            except portaudio().PortAudioError as error:
                log.info("sound.close_failed", kind=type(error).__name__)


def formats(device: Any) -> list[tuple[int, int]]:
    """Return rates and channels to try: what a sound server converts is taken as it is best, other devices as they are."""
    own_rate = round(float(device["default_samplerate"]))
    own = () if device["name"] in {"pulse", "default", "pipewire"} else (own_rate,)
    wide = int(device["max_input_channels"])
    channels = dict.fromkeys(each for each in (2, 1, min(wide, 8)) if 1 <= each <= wide)
    return [(rate, each) for rate in dict.fromkeys((*own, *_RATES, own_rate)) for each in channels]


def refusal(title: str, failures: list[Exception]) -> str:
    """Say why a microphone could not be opened, by what the system said."""
    title = title[:1].upper() + title[1:]
    said = " ".join(str(each) for each in failures).lower()
    if any(word in said for word in _DENIED):
        return f"{title} may not be used: allow access to the microphone in your system's privacy settings."
    if any(word in said for word in _BUSY):
        return f"{title} is busy: close the other program that holds it."
    return f"{title} could not be opened: another program may hold it."
