"""The chat of the benches is lively, exact and the same every time."""

from __future__ import annotations

from pathlib import Path

import pytest

from voxelle.benches.chatter import Chatter, flood
from voxelle.domain.chat import Decision, Stimulus, StimulusKind, Verdict
from voxelle.kernel.clock import Ids, LoopClock, Randomness, SystemClock


def chatter(seed: int = 1) -> Chatter:
    return Chatter(Ids(Randomness(1), SystemClock()), SystemClock(), seed)


def test_the_same_seed_writes_the_same_lines() -> None:
    one, same, other = chatter(), chatter(), chatter(2)
    lines = [(line.author, line.text) for line in (one.line() for _ in range(50))]
    assert lines == [(line.author, line.text) for line in (same.line() for _ in range(50))]
    assert lines != [(line.author, line.text) for line in (other.line() for _ in range(50))]


def test_many_viewers_write_to_her() -> None:
    lively = chatter()
    lines = [lively.line() for _ in range(500)]
    assert len({line.author.id for line in lines}) > 400
    assert len({line.id for line in lines}) == 500
    assert {line.kind for line in lines} == {StimulusKind.CHAT}
    assert any(line.is_mention for line in lines)


@pytest.mark.virtual_time
async def test_a_flood_keeps_its_pace_and_catches_up(tmp_path: Path) -> None:
    clock = LoopClock()
    taken: list[str] = []

    async def submit(stimulus: Stimulus) -> Decision:
        if len(taken) == 100:
            await clock.sleep(0.3)
        taken.append(stimulus.id)
        return Decision(stimulus.id, Verdict.QUEUED, 1.0, "")

    began_s = clock.monotonic()
    ids = await flood(submit, Chatter(Ids(Randomness(1), clock), clock), clock, 1000, 1.0)
    assert ids == taken
    assert len(ids) == 1000
    assert clock.monotonic() - began_s == pytest.approx(1.0, abs=0.05)
