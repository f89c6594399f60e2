"""The sound output with its real process; the device is a file."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import numpy as np
import psutil
import pytest
import pytest_asyncio

from tests.audio.recording import FILE
from voxelle.audio import output as output_module
from voxelle.audio.output import QUEUE_FRAMES, SoundOutput, list_outputs
from voxelle.contracts.audio import Clip, Drained, OutputChanged, Playhead, Progress, SoundDevice
from voxelle.contracts.tts import Samples
from voxelle.domain.events import EngineState
from voxelle.kernel.clock import Clock, Randomness
from voxelle.kernel.paths import Paths


class TapeOutput(SoundOutput):
    target = "tests.audio.recording:RecorderEngine"


class BrokenOutput(SoundOutput):
    target = "tests.audio.recording:Broken"


class MissingOutput(SoundOutput):
    target = "tests.audio.recording:Missing"


class Ear:
    """What an output told, and a way to wait for it."""

    def __init__(self, output: SoundOutput) -> None:
        self.told: list[Progress] = []
        self._news = asyncio.Event()
        output.listen(self._on_progress)

    def _on_progress(self, progress: Progress) -> None:
        self.told.append(progress)
        self._news.set()

    async def until(self, condition: Callable[[Progress], bool]) -> None:
        while not any(condition(each) for each in self.told):
            self._news.clear()
            await self._news.wait()

    def sentences(self) -> list[str]:
        return [each.sentence for each in self.told if isinstance(each, OutputChanged)]


def ramp(frames: int, first: int = 1) -> Samples:
    return np.arange(first, first + frames, dtype=np.float32)


@pytest.fixture
def tape(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "tape.raw"
    monkeypatch.setenv(FILE, str(path))
    return path


@pytest_asyncio.fixture
async def output(tape: Path, paths: Paths, clock: Clock, randomness: Randomness) -> AsyncIterator[SoundOutput]:
    output = TapeOutput(paths, "", clock=clock, randomness=randomness)
    await output.open()
    yield output
    await output.close()


def heard(tape: Path) -> Samples:
    samples: Samples = np.fromfile(tape, np.float32)
    return np.compress(samples != 0, samples)


async def say(output: SoundOutput, generation: int, samples: Samples, *, clause: int = 0) -> None:
    for offset in range(0, samples.shape[0], 4000):
        await output.play(Clip(generation, clause, offset, samples[offset : offset + 4000]))


async def test_all_that_is_handed_over_is_heard_once_and_in_order(output: SoundOutput, tape: Path) -> None:
    ear = Ear(output)
    assert output.sentence == "Her voice goes to Tape."
    await output.open()
    await say(output, 0, ramp(20_000))
    await say(output, 0, ramp(10_000, 20_001), clause=1)
    await output.finish(0)
    await output.finish(0)
    await ear.until(lambda each: each == Drained(0))
    np.testing.assert_array_equal(heard(tape), ramp(30_000))
    assert ear.told[0] == Playhead(0, 0, 0)
    assert ear.told[-2:] == [Playhead(0, 1, 10_000), Drained(0)]
    assert await output.list_outputs() == (SoundDevice("tape", "Tape", is_default=True),)


async def test_a_cut_tells_exactly_what_was_heard_and_nothing_comes_after(output: SoundOutput, tape: Path) -> None:
    ear = Ear(output)
    await say(output, 7, np.full(48_000, 0.5, np.float32))
    await ear.until(lambda each: isinstance(each, Playhead) and each.frames > 9_000)
    final = await output.cut(7)
    assert final is not None
    count = len(ear.told)
    # The very last frame of the fade is a zero.
    assert heard(tape).shape[0] == final.frames - 1
    await say(output, 7, np.full(4_000, 0.5, np.float32))
    await output.finish(7)
    await say(output, 8, np.full(4_000, 0.25, np.float32))
    await output.finish(8)
    await ear.until(lambda each: each == Drained(8))
    assert all(getattr(each, "generation", 8) == 8 for each in ear.told[count:])
    sound = heard(tape)
    assert sound.shape[0] == final.frames - 1 + 4_000
    np.testing.assert_array_equal(sound[final.frames - 1 :], np.full(4_000, 0.25, np.float32))
    assert await output.cut(9) is None


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX's")
async def test_kill_9_of_the_sound_process_in_mid_sentence_loses_nothing(output: SoundOutput, tape: Path) -> None:
    ear = Ear(output)
    await output.set_volume(1.0)
    await say(output, 0, ramp(40_000))
    await output.finish(0)
    await ear.until(lambda each: isinstance(each, Playhead) and each.frames > 10_000)
    assert output.process.snapshot.pid is not None
    os.kill(output.process.snapshot.pid, signal.SIGKILL)
    await ear.until(lambda each: each == Drained(0))
    assert ear.sentences() == ["The sound process was started again. Her voice goes to Tape."]
    sound = heard(tape)
    assert set(ramp(40_000)) == set(sound)
    # What was in the device when it died is said again, and no more.
    again = sound.shape[0] - 40_000
    assert 0 <= again < 48_000 * 0.15
    frames = [each.frames for each in ear.told if isinstance(each, Playhead)]
    assert frames == sorted(frames)


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX's")
async def test_a_cut_while_the_process_is_gone_answers_what_was_told_last(output: SoundOutput) -> None:
    ear = Ear(output)
    await say(output, 0, ramp(40_000))
    await ear.until(lambda each: isinstance(each, Playhead) and each.frames > 2_000)
    assert output.process.snapshot.pid is not None
    os.kill(output.process.snapshot.pid, signal.SIGSTOP)
    cutting = asyncio.gather(output.cut(0), output.cut(0))
    os.kill(output.process.snapshot.pid, signal.SIGKILL)
    first, second = await cutting
    last = [each for each in ear.told if isinstance(each, Playhead)][-1]
    assert first == second == last
    assert await output.cut(0) == last
    await output.set_volume(0.3)
    await output.play(Clip(1, 0, 0, np.full(4_000, 0.5, np.float32)))
    await output.finish(1)
    await ear.until(lambda each: each == Drained(1))


async def test_a_cut_that_the_process_does_not_answer_in_time_ends_anyway(
    output: SoundOutput, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    ear = Ear(output)
    monkeypatch.setattr(output_module, "_CUT_S", 0.05)
    monkeypatch.setenv("VOXELLE_TEST_STUCK", "1")
    await output.close()
    await output.open()
    await say(output, 0, ramp(40_000))
    await ear.until(lambda each: isinstance(each, Playhead) and each.frames > 2_000)
    final = await output.cut(0)
    assert final is not None
    assert final.frames > 2_000


async def test_who_hands_over_too_much_waits_until_it_was_heard_or_cut(output: SoundOutput) -> None:
    await output.play(Clip(0, 0, 0, np.ones(QUEUE_FRAMES + 48_000, np.float32)))
    waiting = asyncio.gather(output.play(Clip(0, 0, QUEUE_FRAMES + 48_000, np.ones(10, np.float32))))
    await asyncio.sleep(0)
    assert not waiting.done()
    await output.cut(0)
    await waiting


@pytest.mark.parametrize("kind", [BrokenOutput, MissingOutput])
async def test_without_a_sound_process_her_words_are_captions_at_the_right_pace(
    kind: type[SoundOutput], tape: Path, paths: Paths, clock: Clock, randomness: Randomness
) -> None:
    output = kind(paths, "", clock=clock, randomness=randomness)
    ear = Ear(output)
    await output.open()
    assert output.sentence.endswith("Until then her words are captions only.")
    await output.set_volume(0.5)
    await say(output, 0, ramp(9_600))
    await output.finish(0)
    await ear.until(lambda each: each == Drained(0))
    await say(output, 1, ramp(48_000))
    final = await output.cut(1)
    assert final is None or final.frames < 9_600
    await output.close()


async def test_a_sound_process_that_was_given_up_is_tried_again(
    tape: Path, paths: Paths, clock: Clock, randomness: Randomness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(output_module, "_RETRY_S", 0.01)
    output = MissingOutput(paths, "", clock=clock, randomness=randomness)
    ear = Ear(output)
    await output.open()
    await say(output, 0, ramp(96_000))
    output.process._target = TapeOutput.target
    await ear.until(lambda each: isinstance(each, OutputChanged) and "Tape" in each.sentence)
    await output.finish(0)
    await ear.until(lambda each: each == Drained(0))
    np.testing.assert_array_equal(heard(tape), ramp(96_000)[-heard(tape).shape[0] :])
    await output.close()


async def test_a_missing_device_is_told_and_another_one_plays(tape: Path, paths: Paths, clock: Clock, randomness: Randomness) -> None:
    output = TapeOutput(paths, "missing", clock=clock, randomness=randomness)
    await output.open()
    assert output.sentence == "The chosen output device is not there. Until then her voice goes to Tape."
    await output.close()


async def test_closing_leaves_no_process_and_opening_again_works(output: SoundOutput) -> None:
    pid = output.process.snapshot.pid
    assert pid is not None
    await say(output, 0, ramp(100_000))
    await output.close()
    assert not psutil.pid_exists(pid)
    assert output.process.snapshot.state is EngineState.UNLOADED
    await output.open()
    ear = Ear(output)
    await say(output, 1, ramp(100))
    await output.finish(1)
    await ear.until(lambda each: each == Drained(1))


async def test_the_devices_can_be_listed_without_an_output(monkeypatch: pytest.MonkeyPatch, clock: Clock, randomness: Randomness) -> None:
    monkeypatch.setattr(SoundOutput, "target", TapeOutput.target)
    assert await list_outputs(clock, randomness) == (SoundDevice("tape", "Tape", is_default=True),)
