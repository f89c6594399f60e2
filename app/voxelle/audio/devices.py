"""Sound devices by stable names, and one that plays. Used in the sound process alone."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import structlog

from voxelle.audio import pulse
from voxelle.audio.library import closing, keep, opening, portaudio
from voxelle.audio.pulse import PULSE, default_sink
from voxelle.audio.resample import DeviceResampler
from voxelle.contracts.audio import OUTPUT_RATE, SoundDevice
from voxelle.contracts.tts import Samples
from voxelle.domain.errors import SetupError, TemporaryError

__all__ = ["DeviceSink", "default_sink", "list_devices", "list_inputs"]

log = structlog.get_logger("sound")

_NAMELESS: Final = frozenset({"", "default", "pulse", "pipewire"})
"""What ALSA calls the way to a sound server, which tells a streamer nothing."""


def list_devices() -> tuple[SoundDevice, ...]:
    """Return what can play, the sinks of a sound server first. Raises SetupError."""
    return _listed(OUTPUTS)


def list_inputs() -> tuple[SoundDevice, ...]:
    """Return what can be heard, as `list_devices`."""
    return _listed(INPUTS)


@dataclass(frozen=True, slots=True)
class Direction:
    """What differs between playing and listening where devices are named."""

    channels: str
    default_key: str
    default_place: int
    environment: str
    """Where the sound server's library looks for the device it is to open."""
    served: pulse.Kind
    """What the sound server calls such a device."""
    missing: str
    none: str


OUTPUTS: Final = Direction(
    "max_output_channels",
    "default_output_device",
    1,
    "PULSE_SINK",
    "sink",
    "The chosen output device is not there: connect it or choose another one in Settings, Voice.",
    "This computer has no sound device.",
)
INPUTS: Final = Direction(
    "max_input_channels",
    "default_input_device",
    0,
    "PULSE_SOURCE",
    "source",
    "The chosen microphone is not there: connect it or choose another one in Settings, Hearing.",
    "This computer has no microphone.",
)


def _listed(direction: Direction) -> tuple[SoundDevice, ...]:
    library = portaudio()
    default = _default_index(library, direction)
    found = [*pulse.listed(direction.served)]
    for name, index in _indexes(library, direction).items():
        if not (found and name in _NAMELESS):
            found.append(SoundDevice(name, name, is_default=index == default and not found))
    return tuple(found)


def _indexes(library: Any, direction: Direction) -> dict[str, int]:
    """Return the devices by name; on Windows those of WASAPI, for the older interfaces cut names off."""
    interfaces = [str(each["name"]) for each in library.query_hostapis()]
    only = next((index for index, name in enumerate(interfaces) if "WASAPI" in name), None)
    found: dict[str, int] = {}
    for index, device in enumerate(library.query_devices()):
        if device[direction.channels] < 1 or (only is not None and device["hostapi"] != only):
            continue
        name, number = str(device["name"]), 2
        while name in found:
            name = f"{device['name']} ({number})"
            number += 1
        found[name] = index
    return found


def _default_index(library: Any, direction: Direction) -> int | None:
    for interface in library.query_hostapis():
        if "WASAPI" in interface["name"] and interface[direction.default_key] >= 0:
            return int(interface[direction.default_key])
    index = int(library.default.device[direction.default_place])
    return index if index >= 0 else None


def choose(library: Any, direction: Direction, name: str) -> tuple[int, str]:
    """Return index and title of a device; of the default one for an empty name. Raises SetupError when it is not there."""
    indexes = _indexes(library, direction)
    os.environ.pop(direction.environment, None)
    if name.startswith(PULSE):
        served = next((each for each in pulse.listed(direction.served) if each.name == name), None)
        index = indexes.get("pulse", _default_index(library, direction))
        if served is None or index is None:
            raise SetupError(direction.missing)
        os.environ[direction.environment] = name.removeprefix(PULSE)  # libpulse reads it when the device is opened
        return index, served.title
    if name:
        if name not in indexes:
            raise SetupError(direction.missing)
        return indexes[name], name
    index = _default_index(library, direction)
    if index is None:
        raise SetupError(direction.none)
    title = next((title for title, each in indexes.items() if each == index), "")
    if title not in _NAMELESS:
        return index, title
    served = _default_served(direction)
    if served is not None and direction is INPUTS:
        os.environ[direction.environment] = served.name.removeprefix(PULSE)
    return index, "the default device" if served is None else served.title


def _default_served(direction: Direction) -> SoundDevice | None:
    """Return the sound server's default device, None if there is no such server. Raises SetupError for a server without a microphone."""
    devices = pulse.listed(direction.served)
    if direction is INPUTS and devices:
        devices = [each for each in devices if not each.name.endswith(pulse.MONITOR)]
        if not devices:
            # With no microphone the server takes what a device plays for one.
            raise SetupError(direction.none)
    return next((each for each in devices if each.is_default), devices[0] if devices else None)


def settings_for(library: Any, device: Any) -> Any:
    """Return what a system's interface has to be told beyond the format."""
    if sys.platform == "win32" and "WASAPI" in library.query_hostapis(device["hostapi"])["name"]:
        return library.WasapiSettings(auto_convert=True)
    return None


class DeviceSink:
    """An open device that takes mono blocks at OUTPUT_RATE, waiting while it is full."""

    def __init__(self, stream: Any, title: str, rate: int, channels: int) -> None:
        self.title = title
        self._stream = stream
        self._rate = rate
        self._channels = channels
        self._resampler = DeviceResampler(rate)

    @classmethod
    def open(cls, name: str, latency_s: float) -> DeviceSink:
        """Open a device by name, the default one if that is empty. Raises SetupError when it can't be had."""
        with opening() as library:
            index, title = choose(library, OUTPUTS, name)
            device = library.query_devices(index)
            failure: Exception | None = None
            for rate, channels in _formats(device):
                try:
                    stream = library.OutputStream(
                        device=index,
                        samplerate=rate,
                        channels=channels,
                        dtype="float32",
                        latency=latency_s,
                        extra_settings=settings_for(library, device),
                    )
                    stream.start()
                except (library.PortAudioError, ValueError, OSError) as error:
                    failure = error
                else:
                    keep(stream)
                    return cls(stream, title, rate, channels)
        msg = f"{title[:1].upper()}{title[1:]} could not be opened: another program may hold it."
        raise SetupError(msg) from failure

    @property
    def latency_frames(self) -> int:
        """Frames, at OUTPUT_RATE, between what was written last and what is audible."""
        return round(float(self._stream.latency) * OUTPUT_RATE) + self._resampler.delay_frames

    def write(self, block: Samples) -> bool:
        """Play a block; returns whether the device ran dry before. Raises TemporaryError when it is lost."""
        samples = self._resampler.convert(block)
        if self._channels > 1:
            samples = np.repeat(samples[:, None], self._channels, axis=1)
        return bool(self._ask(lambda: self._stream.write(np.ascontiguousarray(samples))))

    def flush(self) -> None:
        """Throw away what was written and is not audible yet. Raises TemporaryError when the device is lost."""
        self._ask(self._stream.abort)
        self._ask(self._stream.start)

    def pause(self) -> None:
        """Play what was written, then let the device rest. Raises as `flush`."""
        self._ask(self._stream.stop)

    def resume(self) -> None:
        """Wake the device. Raises as `flush`."""
        self._ask(self._stream.start)

    def _ask(self, call: Callable[[], object]) -> object:
        try:
            return call()
        except portaudio().PortAudioError as error:
            msg = f"{self.title} was lost."
            raise TemporaryError(msg) from error

    def close(self) -> None:
        """Give the device back at once."""
        with closing(self._stream):
            try:
                self._stream.abort()
                self._stream.close()
            except portaudio().PortAudioError as error:
                log.info("sound.close_failed", kind=type(error).__name__)


def _formats(device: Any) -> list[tuple[int, int]]:
    """Return rates and channels to try, ours first."""
    own_rate = round(float(device["default_samplerate"]))
    channels = [1, 2] if device["max_output_channels"] > 1 else [1]
    wide = int(device["max_output_channels"])
    if wide > 2:  # noqa: PLR2004 -- more than stereo
        channels.append(min(wide, 8))
    return [(rate, each) for rate in dict.fromkeys((OUTPUT_RATE, own_rate)) for each in channels]
