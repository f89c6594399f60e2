"""Microphones as PortAudio shows them, and what they refuse."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.audio.test_devices import Library, PortAudioError, Stream, serve, use
from voxelle.audio import device_source, library, pulse
from voxelle.audio.device_source import DeviceSource, refusal
from voxelle.audio.devices import DeviceSink, list_inputs
from voxelle.contracts.audio import SoundDevice
from voxelle.domain.errors import SetupError, TemporaryError


def microphone(name: str, channels: int = 1, rate: float = 48000.0) -> dict[str, Any]:
    return {"name": name, "max_output_channels": 2, "max_input_channels": channels, "hostapi": 0, "default_samplerate": rate}


class InputStream(Stream):
    """An open microphone: `ready` frames can be read, more come while somebody waits."""

    def __init__(self, options: dict[str, Any]) -> None:
        super().__init__(options)
        self.ready = 0
        self.overflows = False

    @property
    def read_available(self) -> int:
        self._call("available")
        return self.ready

    def read(self, frames: int) -> tuple[Any, bool]:
        self.ready -= frames
        return np.ones((frames, self.options["channels"]), np.float32), self.overflows


class Inputs(Library):
    """Gives microphones as well."""

    complaint = "Unanticipated host error"

    def InputStream(self, **options: Any) -> InputStream:  # noqa: N802 -- sounddevice's name
        if (options["samplerate"], options["channels"]) in self.refused:
            raise PortAudioError(self.complaint)
        self.streams.append(InputStream(options))
        return self.streams[-1]  # type: ignore[return-value] # just made


def plug(monkeypatch: pytest.MonkeyPatch, *found: dict[str, Any], default: int = 0, refused: tuple[tuple[int, int], ...] = ()) -> Inputs:
    shown = Inputs(list(found), ["ALSA"], default, refused)
    shown.default.device = (default, default)
    use(monkeypatch, shown)
    monkeypatch.setattr(device_source, "portaudio", lambda: shown)
    return shown


def test_a_headset_that_knows_only_8_khz_is_taken_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    library = plug(monkeypatch, microphone("Headset", 1, 8000.0))
    source = DeviceSource.open("Headset", 0.04)
    assert (source.title, source.rate, source.latency_s) == ("Headset", 8000, 0.01)
    options = library.streams[0].options
    assert (options["samplerate"], options["channels"], options["latency"]) == (8000, 1, 0.04)


def test_a_device_that_refuses_our_rates_gets_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    refused = tuple((rate, channels) for rate in (48000, 44100) for channels in (1, 2, 6))
    library = plug(monkeypatch, microphone("Interface", 6), refused=refused)
    assert DeviceSource.open("", 0.04).rate == 16_000
    assert library.streams[0].options["channels"] == 2


def test_it_is_asked_before_it_is_read_and_given_up_when_it_gives_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    library = plug(monkeypatch, microphone("Mic"))
    DeviceSource.open("Mic", 0.04)
    (stream,) = library.streams
    assert isinstance(stream, InputStream)
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        stream.ready += 200

    source = DeviceSource(stream, "Mic", 48_000, sleep)
    block, has_lost = source.read()
    assert (block.shape, has_lost, len(slept)) == ((480, 1), False, 3)
    assert source.latency_s == pytest.approx(0.01 + 120 / 48_000)
    stream.overflows = True
    assert source.read()[1]
    dead = DeviceSource(stream, "Mic", 48_000, slept.append)
    stream.ready = 0
    with pytest.raises(TemporaryError, match="gives no sound any more"):
        dead.read()
    stream.is_lost = True
    with pytest.raises(TemporaryError, match="Mic was lost"):
        dead.read()
    source.close()


@pytest.mark.parametrize(
    "said,sentence",
    [
        ("Error opening: [Errno 13] Permission denied", "allow access to the microphone"),
        ("Unanticipated host error [PaErrorCode -9999]: 'WASAPI' [host error 0x80070005]", "allow access to the microphone"),
        ("Device unavailable [PaErrorCode -9985]", "is busy"),
        ("AUDCLNT_E_DEVICE_IN_USE 0x8889000A", "is busy"),
        ("Invalid sample rate", "could not be opened"),
    ],
)
def test_every_refusal_is_a_sentence_of_its_own(said: str, sentence: str) -> None:
    assert sentence in refusal("Mic", [PortAudioError(said)])


def test_a_microphone_that_takes_no_format_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    refused = tuple((rate, 1) for rate in (48000, 44100, 16000, 8000))
    plug(monkeypatch, microphone("Mic"), refused=refused)
    with pytest.raises(SetupError, match="Mic could not be opened"):
        DeviceSource.open("Mic", 0.04)
    with pytest.raises(SetupError, match="chosen microphone is not there"):
        DeviceSource.open("Other", 0.04)
    plug(monkeypatch, {**microphone("Speakers"), "max_input_channels": 0}, default=-1)
    with pytest.raises(SetupError, match="no microphone"):
        DeviceSource.open("", 0.04)


def test_what_a_device_plays_is_never_taken_for_the_default_microphone(monkeypatch: pytest.MonkeyPatch) -> None:
    plug(monkeypatch, microphone("pulse", 32))
    monitor = SoundDevice("pulse:out.monitor", "Monitor", is_default=True)
    serve(monkeypatch, monitor)
    with pytest.raises(SetupError, match="no microphone"):
        DeviceSource.open("", 0.04)
    assert DeviceSource.open("pulse:out.monitor", 0.04).title == "Monitor"
    serve(monkeypatch, monitor, SoundDevice("pulse:mic", "Desk"))
    assert DeviceSource.open("", 0.04).title == "Desk"
    assert list_inputs() == (monitor, SoundDevice("pulse:mic", "Desk"))


def test_the_list_is_made_anew_only_while_nobody_has_a_device_open(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = plug(monkeypatch, microphone("Mic"))
    source = DeviceSource.open("", 0.04)
    assert shown.restarts == 2
    sink = DeviceSink.open("", 0.04)
    assert shown.restarts == 2
    source.close()
    DeviceSink.open("", 0.04).close()
    assert shown.restarts == 2
    sink.close()
    DeviceSource.open("", 0.04)
    assert shown.restarts == 4
    assert len(library._open) == 1


def test_the_sound_server_lists_microphones_before_monitors(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = {
        "sources": b'[{"name": "a.monitor", "description": "Monitor"}, {"name": "mic", "description": "Desk"}]',
        "get-default-source": b"mic\n",
    }
    monkeypatch.setattr(pulse, "_tool", lambda: "pactl")
    monkeypatch.setattr(pulse, "ask", lambda *command: answers[command[-1]])
    assert pulse.listed("source") == [SoundDevice("pulse:mic", "Desk", is_default=True), SoundDevice("pulse:a.monitor", "Monitor")]
    assert pulse.default_source() == "mic"
    monkeypatch.setattr(pulse, "ask", lambda *_: b"\xff")
    assert pulse.default_source() == ""
    monkeypatch.setattr(pulse, "_tool", lambda: None)
    assert (pulse.default_sink(), pulse.default_source()) == ("", "")
