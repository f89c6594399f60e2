"""The microphone with its real process; the device is a tone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest
import pytest_asyncio

from tests.audio.hearing_engine import HELD
from tests.audio.recording import FILE
from tests.audio.test_microphone import Listener
from voxelle.audio import input as module
from voxelle.audio.input import MicrophoneInput, list_inputs
from voxelle.contracts.audio import INPUT_RATE, InputChanged, MicrophoneFrame, SoundDevice
from voxelle.domain.errors import TemporaryError
from voxelle.kernel.clock import Clock, Randomness
from voxelle.kernel.processes import EngineProcess
from voxelle.settings.hearing import HearingSettings

OPENED = "She hears through Tuning fork."


class Wishes:
    """Settings that a test changes."""

    def __init__(self) -> None:
        self.settings = HearingSettings()

    def __call__(self) -> HearingSettings:
        return self.settings


def is_held(place: Path) -> bool:
    return place.exists()


@pytest.fixture
def held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(HELD, str(tmp_path / "held"))
    monkeypatch.setenv(FILE, str(tmp_path / "tape.raw"))
    return tmp_path / "held"


@pytest_asyncio.fixture
async def process(held: Path, clock: Clock, randomness: Randomness) -> AsyncIterator[EngineProcess]:
    process = EngineProcess("Sound", "tests.audio.hearing_engine:HearingEngine", {}, clock=clock, randomness=randomness)
    yield process
    await process.stop()


async def test_it_is_opened_heard_closed_and_opened_again(process: EngineProcess, clock: Clock, held: Path) -> None:
    wishes = Wishes()
    microphone = MicrophoneInput(process, wishes, clock)
    listener = Listener(microphone)
    await microphone.close()
    assert microphone.sentence == "The microphone is closed."
    await microphone.open()
    assert (microphone.sentence, microphone.is_lost) == (OPENED, False)
    await listener.until(lambda: len(listener.frames) > 3)
    assert is_held(held)
    assert listener.frames[-1].level == pytest.approx(0.354, abs=0.01)
    assert listener.frames[-1].at_s < clock.monotonic()
    await microphone.open()
    await microphone.close()
    assert not is_held(held)
    count = len(listener.told)
    await asyncio.sleep(0)
    assert len(listener.told) == count
    assert listener.told[-1] == InputChanged("The microphone is closed.")
    await microphone.open()
    await listener.until(lambda: isinstance(listener.told[-1], MicrophoneFrame))
    wishes.settings = HearingSettings(input_device="missing", cancel_echo=False)
    await microphone.open()
    assert microphone.sentence == "This computer has no microphone. Until then she hears through Tuning fork."
    await microphone.close()


async def test_it_survives_the_death_of_the_process(process: EngineProcess, clock: Clock) -> None:
    microphone = MicrophoneInput(process, HearingSettings, clock)
    listener = Listener(microphone)
    await microphone.open()
    await listener.until(lambda: bool(listener.frames))
    with pytest.raises(TemporaryError):
        await process.call("die", {})
    await listener.until_told("She hears nothing: Sound stopped unexpectedly.", is_lost=True)
    listener.told.clear()
    await listener.until_told(OPENED)
    await listener.until(lambda: bool(listener.frames))
    assert process.snapshot.restarts == 1
    await microphone.close()


async def test_a_sample_is_recorded_open_or_closed(process: EngineProcess, clock: Clock, held: Path) -> None:
    microphone = MicrophoneInput(process, HearingSettings, clock)
    listener = Listener(microphone)
    recording = await microphone.record_sample(0.2)
    assert recording.samples.shape == (round(0.2 * INPUT_RATE),)
    assert recording.peak == pytest.approx(0.5, abs=0.02)
    assert recording.sentence == "She hears you."
    assert recording.level == pytest.approx(0.354, abs=0.01)
    assert not listener.told
    assert not is_held(held)
    assert microphone.sentence == "The microphone is closed."
    await microphone.open()
    assert np.abs((await microphone.record_sample(0.1)).samples).max() > 0.4
    await listener.until(lambda: len(listener.frames) > 3)
    await microphone.close()


async def test_without_a_microphone_a_sample_says_why(process: EngineProcess, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOXELLE_TEST_NO_MICROPHONE", "1")
    microphone = MicrophoneInput(process, HearingSettings, clock)
    with pytest.raises(TemporaryError, match="no microphone"):
        await microphone.record_sample(1.0)
    await microphone.open()
    assert microphone.is_lost
    monkeypatch.setattr(module, "_CLOSING_S", 0.05)
    with pytest.raises(TemporaryError, match="gave no sound"):
        await microphone.record_sample(0.05)
    await microphone.close()


async def test_microphones_are_listed_and_one_listener_follows_the_other(process: EngineProcess, clock: Clock) -> None:
    assert await list_inputs(process) == (SoundDevice("fork", "Tuning fork", is_default=True),)
    first, second = MicrophoneInput(process, HearingSettings, clock), MicrophoneInput(process, HearingSettings, clock)
    await first.open()
    heard = Listener(second)
    await second.open()
    await heard.until(lambda: bool(heard.frames))
    await first.close()
    await second.close()


async def test_a_process_that_cannot_be_had_is_told(clock: Clock, randomness: Randomness) -> None:
    process = EngineProcess("Sound", "tests.audio.recording:Missing", {}, clock=clock, randomness=randomness)
    microphone = MicrophoneInput(process, HearingSettings, clock)
    await microphone.open()
    assert microphone.is_lost
    assert microphone.sentence.startswith("She hears nothing: ")
    await microphone.close()
    await process.stop()
