"""Pausing with the real sound process: what was handed over is heard once or said again, whatever happens meanwhile."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.audio.test_output import Ear, MissingOutput, TapeOutput, heard, output, ramp, say, tape
from voxelle.audio.output import QUEUE_FRAMES, SoundOutput
from voxelle.audio.timeline import FADE_FRAMES
from voxelle.contracts.audio import Clip, Drained, Playhead, Progress
from voxelle.contracts.tts import Samples
from voxelle.kernel.clock import Clock, Randomness
from voxelle.kernel.paths import Paths

__all__ = ["output", "tape"]


def past(frames: int, generation: int = 0) -> Callable[[Progress], bool]:
    return lambda each: isinstance(each, Playhead) and each.generation == generation and each.frames > frames


def whole(sound: Samples) -> Samples:
    """Return the frames that were played as they are, without those of a fade."""
    return np.compress(sound == np.round(sound), sound)


async def test_what_was_paused_goes_on_from_the_frame_that_is_asked_for(output: SoundOutput, tape: Path) -> None:
    ear = Ear(output)
    await say(output, 0, ramp(40_000))
    await output.finish(0)
    await ear.until(past(10_000))
    final = await output.pause(0)
    assert final is not None
    assert heard(tape).shape[0] == final.frames - 1
    count = len(ear.told)
    await asyncio.sleep(0.1)
    assert len(ear.told) == count
    assert await output.pause(0) == final
    await output.resume(0, 0, final.frames - 6_000)
    await ear.until(lambda each: each == Drained(0))
    again = ear.told[count:]
    assert again[0] == Playhead(0, 0, final.frames - 6_000)
    assert again[-2:] == [Playhead(0, 0, 40_000), Drained(0)]
    second = heard(tape)[final.frames - 1 :]
    assert second.shape[0] == 40_000 - final.frames + 6_000
    np.testing.assert_array_equal(second[FADE_FRAMES:], ramp(40_000)[final.frames - 6_000 + FADE_FRAMES :])


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX's")
async def test_kill_9_while_she_is_paused_loses_nothing_and_rewinds_as_before(output: SoundOutput, tape: Path) -> None:
    ear = Ear(output)
    await say(output, 0, ramp(30_000))
    await ear.until(past(10_000))
    final = await output.pause(0)
    assert final is not None
    assert output.process.snapshot.pid is not None
    before = heard(tape).shape[0]
    os.kill(output.process.snapshot.pid, signal.SIGKILL)
    await ear.until(lambda _: bool(ear.sentences()))
    await say_more(output)
    assert heard(tape).shape[0] == before
    count = len(ear.told)
    await output.resume(0, 0, 5_000)
    await ear.until(lambda each: each == Drained(0))
    sound = heard(tape)[before:]
    assert sound.shape[0] == 40_000 - 5_000
    np.testing.assert_array_equal(sound[FADE_FRAMES:], ramp(40_000)[5_000 + FADE_FRAMES :])
    assert ear.told[count] == Playhead(0, 0, 5_000)


async def say_more(output: SoundOutput) -> None:
    await output.play(Clip(0, 0, 30_000, ramp(10_000, 30_001)))
    await output.finish(0)


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX's")
async def test_a_pause_while_the_process_is_gone_holds_what_the_next_one_gets(output: SoundOutput, tape: Path) -> None:
    ear = Ear(output)
    await say(output, 0, ramp(30_000))
    await ear.until(past(5_000))
    assert output.process.snapshot.pid is not None
    os.kill(output.process.snapshot.pid, signal.SIGKILL)
    final = await output.pause(0)
    assert final is not None
    await ear.until(lambda _: bool(ear.sentences()))
    before = heard(tape).shape[0]
    await say_more(output)
    await output.resume(0, 0, 3_000)
    await ear.until(lambda each: each == Drained(0))
    assert set(ramp(40_000)) >= set(whole(heard(tape)[before:])) >= set(ramp(36_000, 4_001))


async def test_a_cut_ends_what_was_paused_and_what_comes_next_is_heard(output: SoundOutput, tape: Path) -> None:
    ear = Ear(output)
    await say(output, 0, ramp(30_000))
    await ear.until(past(5_000))
    final = await output.pause(0)
    assert final is not None
    await output.resume(0, 0, 1_000)
    await output.pause(0)
    assert await output.cut(0) == final
    await output.resume(0, 0, 0)
    sound = heard(tape).shape[0]
    await say(output, 1, np.full(4_000, 0.25, np.float32))
    await output.finish(1)
    await ear.until(lambda each: each == Drained(1))
    assert heard(tape).shape[0] == sound + 4_000


async def test_what_has_ended_is_not_held(output: SoundOutput) -> None:
    ear = Ear(output)
    await say(output, 0, ramp(1_000))
    await output.finish(0)
    await ear.until(lambda each: each == Drained(0))
    assert await output.pause(0) == Playhead(0, 0, 1_000)
    await output.resume(0, 0, 0)
    await say(output, 1, ramp(1_000))
    await output.finish(1)
    await ear.until(lambda each: each == Drained(1))


async def test_who_hands_over_too_much_waits_while_she_is_paused(output: SoundOutput) -> None:
    ear = Ear(output)
    await output.play(Clip(0, 0, 0, np.ones(QUEUE_FRAMES + 48_000, np.float32)))
    await ear.until(past(1_000))
    await output.pause(0)
    waiting = asyncio.gather(output.play(Clip(0, 0, QUEUE_FRAMES + 48_000, np.ones(10, np.float32))))
    await asyncio.sleep(0.05)
    assert not waiting.done()
    await output.resume(0, 0, 0)
    assert not waiting.done()
    await output.cut(0)
    await waiting


async def test_ducking_reaches_the_process_and_the_next_one(output: SoundOutput, tape: Path) -> None:
    ear = Ear(output)
    await output.set_duck(0.5)
    await say(output, 0, np.ones(4_800, np.float32))
    await output.finish(0)
    await ear.until(lambda each: each == Drained(0))
    assert heard(tape)[-1] == 0.5
    await output.close()
    await output.open()
    await say(output, 1, np.ones(4_800, np.float32))
    await output.finish(1)
    await ear.until(lambda each: each == Drained(1))
    sound = heard(tape)[4_800:]
    assert sound[-1] == 0.5
    assert sound.shape[0] == 4_800


async def test_captions_without_sound_are_paused_like_a_voice(tape: Path, paths: Paths, clock: Clock, randomness: Randomness) -> None:
    output = MissingOutput(paths, "", clock=clock, randomness=randomness)
    ear = Ear(output)
    await output.open()
    await output.set_duck(0.3)
    await say(output, 0, ramp(14_400))
    await output.finish(0)
    await ear.until(past(2_000))
    final = await output.pause(0)
    assert final is not None
    count = len(ear.told)
    await output.resume(0, 0, 960)
    await ear.until(lambda each: each == Drained(0))
    assert ear.told[count] == Playhead(0, 0, 960)
    await output.close()


async def test_captions_that_are_paused_become_a_voice_that_is(
    tape: Path, paths: Paths, clock: Clock, randomness: Randomness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("voxelle.audio.output._RETRY_S", 0.01)
    output = MissingOutput(paths, "", clock=clock, randomness=randomness)
    ear = Ear(output)
    await output.open()
    await say(output, 0, ramp(24_000))
    await output.finish(0)
    await ear.until(past(2_000))
    final = await output.pause(0)
    assert final is not None
    output.process._target = TapeOutput.target
    await ear.until(lambda _: any("Tape" in sentence for sentence in ear.sentences()))
    assert heard(tape).shape[0] == 0
    await output.resume(0, 0, 480)
    await ear.until(lambda each: each == Drained(0))
    np.testing.assert_array_equal(heard(tape)[FADE_FRAMES:], ramp(24_000)[480 + FADE_FRAMES :])
    await output.close()
