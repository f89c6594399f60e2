"""Devices as PortAudio shows them on the three systems."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from voxelle.audio import devices, pulse
from voxelle.audio import library as shared
from voxelle.audio.devices import DeviceSink, list_devices
from voxelle.audio.resample import DeviceResampler
from voxelle.contracts.audio import OUTPUT_RATE, SoundDevice
from voxelle.contracts.tts import Samples
from voxelle.domain.errors import SetupError, TemporaryError


class PortAudioError(Exception):
    """As sounddevice's."""


class Stream:
    """An open device, as sounddevice's."""

    def __init__(self, options: dict[str, Any]) -> None:
        self.options = options
        self.latency = options["latency"]
        self.written: list[Samples] = []
        self.calls: list[str] = []
        self.is_lost = False

    def _call(self, name: str) -> None:
        if self.is_lost:
            raise PortAudioError
        self.calls.append(name)

    def start(self) -> None:
        self._call("start")

    def stop(self) -> None:
        self._call("stop")

    def abort(self) -> None:
        self._call("abort")

    def close(self) -> None:
        self._call("close")

    def write(self, samples: Samples) -> bool:
        self._call("write")
        self.written.append(samples)
        return len(self.written) == 2


class Library:
    """What of sounddevice is used."""

    PortAudioError = PortAudioError

    def __init__(self, found: list[dict[str, Any]], interfaces: list[str], default: int, refused: tuple[tuple[int, int], ...] = ()) -> None:
        self.found = found
        self.interfaces = [{"name": name, "default_output_device": default if "WASAPI" in name else -1} for name in interfaces]
        self.default = SimpleNamespace(device=(-1, default))
        self.refused = refused
        self.streams: list[Stream] = []
        self.restarts = 0

    def _terminate(self) -> None:
        self.restarts += 1

    def _initialize(self) -> None:
        self.restarts += 1

    def query_hostapis(self, index: int | None = None) -> Any:
        return self.interfaces if index is None else self.interfaces[index]

    def query_devices(self, index: int | None = None) -> Any:
        return self.found if index is None else self.found[index]

    def OutputStream(self, **options: Any) -> Stream:  # noqa: N802 -- sounddevice's name
        if (options["samplerate"], options["channels"]) in self.refused:
            raise PortAudioError
        self.streams.append(Stream(options))
        return self.streams[-1]

    @staticmethod
    def WasapiSettings(*, auto_convert: bool) -> dict[str, bool]:  # noqa: N802 -- sounddevice's name
        return {"auto_convert": auto_convert}


def device(name: str, outputs: int = 2, hostapi: int = 0, rate: float = 48000.0) -> dict[str, Any]:
    return {"name": name, "max_output_channels": outputs, "hostapi": hostapi, "default_samplerate": rate}


def serve(monkeypatch: pytest.MonkeyPatch, *found: SoundDevice) -> None:
    """Let a sound server have these sinks and sources, or none."""
    monkeypatch.setattr(pulse, "listed", lambda _kind: list(found))


def use(monkeypatch: pytest.MonkeyPatch, library: Library) -> Library:
    monkeypatch.setattr(devices, "portaudio", lambda: library)
    monkeypatch.setattr(shared, "portaudio", lambda: library)
    monkeypatch.setattr(shared, "_open", set())
    serve(monkeypatch)
    return library


def test_on_windows_only_the_names_that_are_whole_are_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = device("Headphones (USB Audio)", hostapi=1)
    found = [device("Headphones (USB Aud"), whole, device("Mic", 0, 1), whole]
    use(monkeypatch, Library(found, ["MME", "Windows WASAPI"], 1))
    assert list_devices() == (
        SoundDevice("Headphones (USB Audio)", "Headphones (USB Audio)", is_default=True),
        SoundDevice("Headphones (USB Audio) (2)", "Headphones (USB Audio) (2)"),
    )


def test_sinks_of_a_sound_server_stand_for_what_alsa_calls_it(monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, Library([device("HDA Intel"), device("pulse"), device("default")], ["ALSA"], 2))
    serve(monkeypatch, SoundDevice("pulse:a", "Speakers", is_default=True))
    assert [each.name for each in list_devices()] == ["pulse:a", "HDA Intel"]


def test_the_sound_server_is_asked_with_its_own_tool(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = {"sinks": json.dumps([{"name": "a", "description": "Speakers"}]).encode(), "get-default-sink": b"a\n"}
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr("shutil.which", lambda _: "/usr/bin/pactl")
    monkeypatch.setattr(pulse, "ask", lambda *command: answers[command[-1]])
    assert pulse.listed("sink") == [SoundDevice("pulse:a", "Speakers", is_default=True)]
    answers["sinks"] = b"not json"
    assert pulse.listed("sink") == []

    def refuse(*_: str) -> bytes:
        command = "pactl"
        raise subprocess.TimeoutExpired(command, 2)

    monkeypatch.setattr(pulse, "ask", refuse)
    assert pulse.listed("sink") == []
    monkeypatch.setattr("shutil.which", lambda _: None)
    assert pulse.listed("sink") == []


@pytest.mark.skipif(sys.platform == "win32", reason="echo is a program elsewhere")
def test_a_tool_is_run_and_its_answer_taken() -> None:
    assert pulse.ask("echo", "a") == b"a\n"


def test_the_default_device_is_opened_with_our_format(monkeypatch: pytest.MonkeyPatch) -> None:
    library = use(monkeypatch, Library([device("Speakers")], ["Core Audio"], 0))
    sink = DeviceSink.open("", 0.04)
    assert sink.title == "Speakers"
    assert sink.latency_frames == 1920
    stream = library.streams[0]
    assert (stream.options["samplerate"], stream.options["channels"], stream.options["extra_settings"]) == (48000, 1, None)
    assert not sink.write(np.ones(480, np.float32))
    assert sink.write(np.ones(480, np.float32))
    sink.flush()
    sink.pause()
    sink.resume()
    sink.close()
    assert stream.calls == ["start", "write", "write", "abort", "start", "stop", "start", "abort", "close"]
    assert library.restarts == 2


def test_a_device_that_knows_only_another_rate_and_stereo_gets_it(monkeypatch: pytest.MonkeyPatch) -> None:
    refused = ((48000, 1), (48000, 2), (48000, 6), (44100, 1), (44100, 2))
    library = use(monkeypatch, Library([device("Interface", 6, rate=44100.0)], ["ALSA"], 0, refused))
    sink = DeviceSink.open("Interface", 0.04)
    for _ in range(100):
        sink.write(np.ones(480, np.float32))
    written = np.concatenate(library.streams[0].written)
    assert library.streams[0].options["channels"] == 6
    assert written.shape[1] == 6
    held = sink.latency_frames - 1920
    assert abs(written.shape[0] * 48000 / 44100 + held - 48000) < 100
    np.testing.assert_array_equal(written[:, 0], written[:, 5])


def test_a_device_that_takes_no_format_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, Library([device("Interface", 1)], ["ALSA"], 0, ((48000, 1),)))
    with pytest.raises(SetupError, match="could not be opened"):
        DeviceSink.open("Interface", 0.04)


def test_wasapi_converts_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    library = use(monkeypatch, Library([device("Speakers")], ["Windows WASAPI"], 0))
    DeviceSink.open("", 0.04)
    assert library.streams[0].options["extra_settings"] == {"auto_convert": True}


@pytest.mark.parametrize("name", ["Headset", "pulse:gone"])
def test_a_device_that_is_not_there_is_a_sentence(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    use(monkeypatch, Library([device("Speakers")], ["ALSA"], 0))
    with pytest.raises(SetupError, match="not there"):
        DeviceSink.open(name, 0.04)


def test_a_computer_without_sound_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, Library([], [], -1))
    with pytest.raises(SetupError, match="no sound device"):
        DeviceSink.open("", 0.04)
    assert list_devices() == ()


def test_a_chosen_sink_is_handed_to_the_sound_servers_library(monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, Library([device("pulse")], ["ALSA"], 0))
    serve(monkeypatch, SoundDevice("pulse:a", "Speakers", is_default=True))
    monkeypatch.setenv("PULSE_SINK", "old")
    assert DeviceSink.open("pulse:a", 0.04).title == "Speakers"
    assert os.environ["PULSE_SINK"] == "a"
    assert DeviceSink.open("", 0.04).title == "Speakers"
    assert "PULSE_SINK" not in os.environ


def test_a_device_that_is_lost_says_so_and_can_still_be_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    library = use(monkeypatch, Library([device("Speakers")], ["ALSA"], 0))
    sink = DeviceSink.open("", 0.04)
    library.streams[0].is_lost = True
    for act in (sink.flush, sink.pause, sink.resume, lambda: sink.write(np.ones(1, np.float32))):
        with pytest.raises(TemporaryError, match="Speakers was lost"):
            act()
    sink.close()


def test_a_missing_library_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    with pytest.raises(SetupError, match="PortAudio"):
        shared.portaudio()


def test_resampling_has_no_seams() -> None:
    assert DeviceResampler(OUTPUT_RATE).delay_frames == 0
    resampler = DeviceResampler(44_100)
    tone = np.sin(2 * np.pi * 440 * np.arange(OUTPUT_RATE) / OUTPUT_RATE).astype(np.float32)
    out = np.concatenate([resampler.convert(tone[begin : begin + 480]) for begin in range(0, OUTPUT_RATE, 480)])
    middle = out[2000:-2000]
    foretold = 2 * np.cos(2 * np.pi * 440 / 44_100) * middle[1:-1] - middle[:-2]
    assert float(np.max(np.abs(middle[2:] - foretold))) < 1e-3
