"""The bench of the turn measures what it says, and would see a lie."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest

from voxelle.benches.stage import CLAUSES, LETTER_S, Stage, open_stage
from voxelle.benches.turn import SHORT_DELAYS, cancelled_turns, mismatches, orchestration, own_share
from voxelle.contracts.audio import OUTPUT_RATE
from voxelle.domain.avatar import Feeling
from voxelle.domain.speech import HeardClause, TurnOutcome
from voxelle.kernel.clock import LoopClock


async def test_the_share_of_every_turn_is_a_number(tmp_path: Path) -> None:
    shares = await orchestration(tmp_path, 5)
    assert len(shares) == 5
    assert all(share > 0 for share in shares)


@pytest.mark.virtual_time
async def test_the_engines_time_is_not_the_roads(tmp_path: Path) -> None:
    async with open_stage(tmp_path, LoopClock(), first_token_s=3.0, per_token_s=0.0, first_sample_s=2.0) as stage:
        assert await own_share(stage) == pytest.approx(0.0, abs=1e-6)


@pytest.mark.virtual_time
async def test_time_lost_between_the_engines_is_the_roads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_stage(tmp_path, LoopClock(), **SHORT_DELAYS) as stage:
        play = stage.output.play

        async def play_late(clip: object) -> None:
            await stage.clock.sleep(0.25)
            await play(clip)  # type: ignore[arg-type]

        monkeypatch.setattr(stage.output, "play", play_late)
        assert await own_share(stage) == pytest.approx(0.25, abs=1e-6)


@pytest.mark.virtual_time
async def test_cut_turns_leave_nothing_stale_and_a_true_history(tmp_path: Path) -> None:
    assert await cancelled_turns(tmp_path, 50) == (50, 0, 0)


async def _one_turn(stage: Stage, seconds: float) -> None:
    await stage.companion.tell("hello")
    await stage.clock.sleep(seconds)
    await stage.companion.stop_talking()
    await stage.companion.settle()


@pytest.mark.virtual_time
async def test_a_history_that_says_more_or_less_than_was_audible_is_seen(tmp_path: Path) -> None:
    async with open_stage(tmp_path, LoopClock()) as stage:
        await _one_turn(stage, 1.0)
        record = stage.store.turns[0]
        assert record.outcome is TurnOutcome.CUT
        assert record.heard_text
        assert mismatches(stage, 1) == 0
        more = HeardClause(1, CLAUSES[1], Feeling(), is_whole=True)
        for heard in ((), (*record.heard, more), (replace(record.heard[0], text="Hello"),)):
            stage.store.turns[0] = replace(record, heard=heard)
            assert mismatches(stage, 1) == 1


@pytest.mark.virtual_time
async def test_a_turn_that_was_kept_never_or_twice_is_seen(tmp_path: Path) -> None:
    async with open_stage(tmp_path, LoopClock()) as stage:
        await _one_turn(stage, 1.0)
        assert mismatches(stage, 2) == 1
        stage.store.turns.append(stage.store.turns[0])
        assert mismatches(stage, 1) > 0


@pytest.mark.virtual_time
async def test_a_clip_of_a_cut_turn_is_counted_as_stale(tmp_path: Path) -> None:
    async with open_stage(tmp_path, LoopClock()) as stage:
        taken = []
        play = stage.output.play

        async def note(clip: object) -> None:
            taken.append(clip)
            await play(clip)  # type: ignore[arg-type]

        stage.output.play = note  # type: ignore[method-assign]
        await _one_turn(stage, 1.0)
        assert stage.output.stale_samples == 0
        await play(taken[0])  # type: ignore[arg-type]
        await stage.clock.sleep(0.1)
        assert stage.output.stale_samples > 0


def test_the_stub_voice_says_half_a_second_for_ten_letters() -> None:
    assert math.isclose(LETTER_S * 10, 0.5)
    assert OUTPUT_RATE == 48_000


@pytest.mark.virtual_time
async def test_the_stage_needs_no_disk(tmp_path: Path) -> None:
    async with open_stage(tmp_path, LoopClock()) as stage:
        await _one_turn(stage, 0.5)
        assert await stage.store.count_messages() == 1
        assert await stage.store.forget_character("bench") == 1
        await stage.store.save_character((await stage.store.characters())[0])
        await stage.store.delete_character("bench")
        assert len(await stage.store.characters()) == 1
