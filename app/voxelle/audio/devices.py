"""Output devices: their names, and the one that is open. Used in the sound process alone, by one thread."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import structlog

from voxelle.audio.alsa import leave_encoder_out
from voxelle.audio.resample import DeviceResampler
from voxelle.contracts.audio import OUTPUT_RATE
from voxelle.contracts.tts import Samples
from voxelle.domain.errors import SetupError, TemporaryError

log = structlog.get_logger("sound")

PULSE: Final = "pulse:"
"""Prefix of a name that means a sink of PulseAudio or PipeWire; PortAudio alone does not list them."""

_NAMELESS: Final = frozenset({"", "default", "pulse", "pipewire"})
"""What ALSA calls the way to a sound server, which tells a streamer nothing."""

_PACTL_S: Final = 2.0


@dataclass(frozen=True, slots=True)
class OutputDevice:
    """A device as the settings page lists it. `name` is stable over restarts and goes into the settings."""

    name: str
    title: str
    is_default: bool = False


def portaudio() -> Any:
    """Return the library, its list of devices as it was when it was first imported. Raises SetupError."""
    if "sounddevice" not in sys.modules:
        leave_encoder_out(os.environ)
    try:
        import sounddevice
    except (OSError, ImportError) as error:
        msg = "The sound library PortAudio is missing: install libportaudio2 with your system's package manager."
        raise SetupError(msg) from error
    return sounddevice


def look_again() -> Any:
    """Return the library with a fresh list of devices. No stream may be open. Raises SetupError."""
    library = portaudio()
    # PortAudio looks at the devices when it is initialised and never again (https://github.com/PortAudio/portaudio/issues/11).
    library._terminate()  # noqa: SLF001 -- as above
    library._initialize()  # noqa: SLF001 -- as above
    return library


def list_devices() -> tuple[OutputDevice, ...]:
    """Return what can play, the sinks of a sound server first. Raises SetupError."""
    library = portaudio()
    default = _default_index(library)
    found = [*_sinks()]
    for name, index in _indexes(library).items():
        if not (found and name in _NAMELESS):
            found.append(OutputDevice(name, name, is_default=index == default and not found))
    return tuple(found)


def _sinks() -> list[OutputDevice]:
    """Ask the sound server of a Linux desktop for its sinks, if its tool is there."""
    pactl = shutil.which("pactl") if sys.platform == "linux" else None
    if pactl is None:
        return []
    try:
        sinks = json.loads(_ask(pactl, "--format=json", "list", "sinks"))
        default = _ask(pactl, "get-default-sink").decode().strip()
        return [OutputDevice(PULSE + each["name"], each["description"], is_default=each["name"] == default) for each in sinks]
    except (OSError, subprocess.SubprocessError, ValueError, KeyError, TypeError) as error:
        log.info("sound.sinks_unknown", kind=type(error).__name__)
        return []


def _ask(*command: str) -> bytes:
    return subprocess.run(command, capture_output=True, timeout=_PACTL_S, check=True, stdin=subprocess.DEVNULL).stdout


def _indexes(library: Any) -> dict[str, int]:
    """Return the outputs by name; on Windows those of WASAPI, for the older interfaces cut names off."""
    interfaces = [str(each["name"]) for each in library.query_hostapis()]
    only = next((index for index, name in enumerate(interfaces) if "WASAPI" in name), None)
    found: dict[str, int] = {}
    for index, device in enumerate(library.query_devices()):
        if device["max_output_channels"] < 1 or (only is not None and device["hostapi"] != only):
            continue
        name, number = str(device["name"]), 2
        while name in found:
            name = f"{device['name']} ({number})"
            number += 1
        found[name] = index
    return found


def _default_index(library: Any) -> int | None:
    for interface in library.query_hostapis():
        if "WASAPI" in interface["name"] and interface["default_output_device"] >= 0:
            return int(interface["default_output_device"])
    index = int(library.default.device[1])
    return index if index >= 0 else None


def _choose(library: Any, name: str) -> tuple[int, str]:
    """Return index and title of a device; of the default one for an empty name. Raises SetupError when it is not there."""
    indexes = _indexes(library)
    os.environ.pop("PULSE_SINK", None)
    if name.startswith(PULSE):
        sink = next((each for each in _sinks() if each.name == name), None)
        index = indexes.get("pulse", _default_index(library))
        if sink is None or index is None:
            msg = "The chosen output device is not there: connect it or choose another one in Settings, Voice."
            raise SetupError(msg)
        os.environ["PULSE_SINK"] = name.removeprefix(PULSE)  # libpulse reads it when the device is opened
        return index, sink.title
    if name:
        if name not in indexes:
            msg = "The chosen output device is not there: connect it or choose another one in Settings, Voice."
            raise SetupError(msg)
        return indexes[name], name
    index = _default_index(library)
    if index is None:
        msg = "This computer has no sound device."
        raise SetupError(msg)
    title = next((title for title, each in indexes.items() if each == index), "")
    if title in _NAMELESS:
        title = next((sink.title for sink in _sinks() if sink.is_default), "the default device")
    return index, title


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
        library = look_again()
        index, title = _choose(library, name)
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
                    extra_settings=_settings(library, device),
                )
                stream.start()
            except (library.PortAudioError, ValueError, OSError) as error:
                failure = error
            else:
                return cls(stream, title, rate, channels)
        msg = f"{title} could not be opened: another program may hold it."
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


def _settings(library: Any, device: Any) -> Any:
    if sys.platform == "win32" and "WASAPI" in library.query_hostapis(device["hostapi"])["name"]:
        return library.WasapiSettings(auto_convert=True)
    return None
