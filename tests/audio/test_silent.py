"""Sound without a device, in virtual time."""

from __future__ import annotations

import asyncio
import math

import numpy as np
import pytest

from voxelle.audio.silent import QUEUE_FRAMES, SilentOutput
from voxelle.contracts.audio import OUTPUT_RATE, Clip, Drained, Playhead, Progress, RanDry
from voxelle.kernel.clock import Clock


def clip(generation: int, clause: int, offset: int, frames: int) -> Clip:
    return Clip(generation, clause, offset, np.ones(frames, np.float32))


async def drained(output: SilentOutput, generation: int) -> list[Progress]:
    """Collect progress until the generation is over."""
    told: list[Progress] = []
    over = asyncio.Event()

    def listen(progress: Progress) -> None:
        told.append(progress)
        if progress == Drained(generation):
            over.set()

    output.listen(listen)
    await over.wait()
    return told


@pytest.mark.virtual_time
async def test_words_come_at_the_pace_at_which_they_would_sound(clock: Clock) -> None:
    output = SilentOutput(clock)
    await output.open()
    await output.open()
    began = clock.monotonic()
    await output.play(clip(0, 0, 0, OUTPUT_RATE))
    await output.play(clip(0, 1, 0, OUTPUT_RATE))
    await output.finish(0)
    told = await drained(output, 0)
    assert clock.monotonic() - began == pytest.approx(2.0, abs=0.03)
    assert told[0] == Playhead(0, 0, 0)
    assert Playhead(0, 0, OUTPUT_RATE) in told
    assert Playhead(0, 1, 0) in told
    assert told[-2:] == [Playhead(0, 1, OUTPUT_RATE), Drained(0)]
    steps = np.diff([each.frames for each in told if isinstance(each, Playhead) and each.clause_index == 1])
    assert steps.max() <= OUTPUT_RATE * 0.04
    await output.close()


@pytest.mark.virtual_time
@pytest.mark.parametrize("speed, seconds", [(4.0, 1.0), (0.0, 0.0), (math.inf, 0.0)])
async def test_it_can_run_faster_than_sound(clock: Clock, speed: float, seconds: float) -> None:
    output = SilentOutput(clock, speed)
    await output.open()
    began = clock.monotonic()
    await output.play(clip(0, 0, 0, OUTPUT_RATE * 4))
    await output.finish(0)
    assert (await drained(output, 0))[-1] == Drained(0)
    assert clock.monotonic() - began == pytest.approx(seconds, abs=0.03)
    await output.close()


@pytest.mark.virtual_time
async def test_a_cut_ends_it_at_once_and_nothing_stale_follows(clock: Clock) -> None:
    output = SilentOutput(clock)
    told: list[Progress] = []
    output.listen(told.append)
    await output.open()
    await output.play(clip(5, 0, 0, OUTPUT_RATE))
    await clock.sleep(0.5)
    final = await output.cut(5)
    assert final is not None
    assert final.frames / OUTPUT_RATE == pytest.approx(0.5, abs=0.05)
    told.clear()
    await output.play(clip(5, 0, OUTPUT_RATE, OUTPUT_RATE))
    await output.finish(5)
    await clock.sleep(3)
    assert told == []
    await output.set_volume(0.0)
    await output.play(clip(6, 0, 0, 960))
    await output.finish(6)
    assert (await drained(output, 6))[-1] == Drained(6)
    await output.close()


@pytest.mark.virtual_time
async def test_who_hands_over_too_much_waits(clock: Clock) -> None:
    output = SilentOutput(clock)
    await output.open()
    began = clock.monotonic()
    for number in range(4):
        await output.play(clip(0, number, 0, QUEUE_FRAMES))
    assert clock.monotonic() - began == pytest.approx(8, abs=0.1)
    await output.cut(0)
    await output.close()


@pytest.mark.virtual_time
async def test_missing_sound_is_told_once(clock: Clock) -> None:
    output = SilentOutput(clock)
    told: list[Progress] = []
    output.listen(told.append)
    await output.open()
    await output.play(clip(0, 0, 0, 4800))
    await clock.sleep(10)
    assert [each for each in told if isinstance(each, RanDry)] == [RanDry(0, 1)]
    await output.play(clip(0, 0, 4800, 4800))
    await output.finish(0)
    assert (await drained(output, 0))[-1] == Drained(0)
    await output.close()


@pytest.mark.virtual_time
@pytest.mark.parametrize("speed", [1.0, 0.0])
async def test_a_pause_holds_the_words_until_they_go_on_and_time_does_not_count(clock: Clock, speed: float) -> None:
    output = SilentOutput(clock, speed)
    told: list[Progress] = []
    output.listen(told.append)
    await output.open()
    await output.set_duck(0.5)
    await output.play(clip(0, 0, 0, OUTPUT_RATE * 2))
    await output.finish(0)
    await clock.sleep(0.5 if speed else 0)
    final = await output.pause(0)
    count = len(told)
    await clock.sleep(30)
    assert told[count:] == []
    began = clock.monotonic()
    await output.resume(0, 0, OUTPUT_RATE // 4 if speed else 0)
    told += await drained(output, 0)
    if speed:
        assert final is not None
        assert final.frames / OUTPUT_RATE == pytest.approx(0.5, abs=0.05)
        assert told[count] == Playhead(0, 0, OUTPUT_RATE // 4)
        assert clock.monotonic() - began == pytest.approx(1.75, abs=0.05)
    assert told[-2:] == [Playhead(0, 0, OUTPUT_RATE * 2), Drained(0)]
    await output.close()


@pytest.mark.virtual_time
async def test_who_hands_over_too_much_waits_while_she_is_paused_too(clock: Clock) -> None:
    output = SilentOutput(clock)
    await output.open()
    await output.play(clip(0, 0, 0, QUEUE_FRAMES + OUTPUT_RATE))
    await clock.sleep(0.1)
    await output.pause(0)
    waiting = asyncio.gather(output.play(clip(0, 1, 0, OUTPUT_RATE)))
    await clock.sleep(60)
    assert not waiting.done()
    await output.resume(0, 0, 0)
    await waiting
    await output.pause(0)
    final = await output.cut(0)
    assert final is not None
    assert final.frames / OUTPUT_RATE == pytest.approx(1.0, abs=0.1)
    await output.close()
