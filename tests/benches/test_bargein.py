"""The bench of interruptions finds nothing wrong with the real road, and would see a lie."""

from __future__ import annotations

import math
import random
from dataclasses import replace
from pathlib import Path

import pytest

from voxelle.benches.bargein import Findings, Judge, Voice, figures, interrupted_turns, is_border
from voxelle.benches.interruptions import Sound, sounds
from voxelle.benches.stage import CLAUSES, LETTER_S, Act, Stage, open_stage
from voxelle.benches.turn import mismatches
from voxelle.companion.hearing import barge_in
from voxelle.companion.performance import SpokenClause
from voxelle.companion.stage import Stage as Mouth
from voxelle.contracts.audio import OUTPUT_RATE, Clip
from voxelle.kernel.clock import LoopClock

pytestmark = pytest.mark.virtual_time


async def test_interrupted_turns_are_as_they_should_be(tmp_path: Path) -> None:
    found = await interrupted_turns(tmp_path, 40)
    told = {figure.name: figure for figure in figures(found, 40)}
    assert not [name for name, figure in told.items() if not figure.is_ok]
    assert found.resumed > 3
    assert found.cut > 3
    assert set(told) >= {"duck_max_ms", "stop_over_guard_max_ms", "stale_samples", "history_mismatches"}


async def test_one_who_ducks_late_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    duck = Mouth.duck

    async def late(mouth: Mouth, gain: float) -> None:
        await mouth._ports.clock.sleep(0.05)
        await duck(mouth, gain)

    monkeypatch.setattr(Mouth, "duck", late)
    found = await interrupted_turns(tmp_path, 8)
    assert found.duck_max_s >= 0.05


async def test_one_who_stops_late_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pause = Mouth.pause

    async def late(mouth: Mouth) -> bool:
        await mouth._ports.clock.sleep(0.03)
        return await pause(mouth)

    monkeypatch.setattr(Mouth, "pause", late)
    assert (await interrupted_turns(tmp_path, 8)).stop_over_guard_max_s == pytest.approx(0.03)


async def test_one_who_never_stops_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def deaf(_: Mouth) -> bool:
        return False

    monkeypatch.setattr(Mouth, "pause", deaf)
    assert math.isinf((await interrupted_turns(tmp_path, 8)).stop_over_guard_max_s)


async def test_one_who_stops_for_coughs_and_agreement_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(barge_in, "is_backchannel", lambda _text, _known: False)
    assert (await interrupted_turns(tmp_path, 12)).wrong_endings > 0


async def test_one_who_goes_on_in_the_middle_of_a_word_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SpokenClause, "word_begin", lambda _clause, frame: frame)
    assert (await interrupted_turns(tmp_path, 12)).torn_words > 0


async def test_one_who_leaves_words_out_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SpokenClause, "word_begin", lambda _clause, frame: frame + 3_000)
    assert (await interrupted_turns(tmp_path, 12)).lost_samples > 0


async def test_a_history_that_does_not_know_what_was_heard_before_a_pause_is_seen(tmp_path: Path) -> None:
    async with open_stage(tmp_path, LoopClock()) as stage:
        await _hear(stage, 1.0)
        stage.output.audible[1][1] += OUTPUT_RATE * 10
        assert mismatches(stage, 1) == 1


async def _hear(stage: Stage, seconds: float) -> None:
    await stage.companion.tell("hello")
    await stage.clock.sleep(seconds)
    await stage.companion.stop_talking()
    await stage.companion.settle()


async def test_what_sounds_while_it_is_paused_is_stale(tmp_path: Path) -> None:
    async with open_stage(tmp_path, LoopClock()) as stage:
        await stage.companion.tell("hello")
        await stage.clock.sleep(1.0)
        await stage.output.pause(1)
        assert not stage.output.is_sounding
        await stage.clock.sleep(1.0)
        assert stage.output.stale_samples == 0
        stage.output._hear(Clip(1, 0, 0, stage.output._played[0].samples), 960)
        assert stage.output.stale_samples == 960


async def test_a_wrong_stop_and_a_wrong_ending_are_counted(tmp_path: Path) -> None:
    async with open_stage(tmp_path, LoopClock()) as stage:
        found = Findings()
        judge = Judge(stage, found, 0.3)
        await stage.companion.tell("hello")
        await stage.clock.sleep(1.0)
        judge.on_voiced(1.0)
        await stage.output.pause(1)
        await stage.clock.sleep(0.1)
        await stage.companion.stop_talking()
        await stage.companion.settle()
        judge.conclude((Sound("cough", ((0.0, 0.1),), ()),))
        assert (found.wrong_stops, found.wrong_endings, found.cut) == (1, 1, 1)
        assert math.isinf(found.duck_max_s)


def test_the_stop_is_due_with_the_guard_or_with_the_first_frame_after_a_hole() -> None:
    steady = Voice(1.0, was_sounding=True, frames_s=[1.0 + 0.032 * number for number in range(20)])
    assert steady.stops_her_s(0.3) == pytest.approx(1.3)
    holed = Voice(1.0, was_sounding=True, frames_s=[1.0, 1.1, 1.4])
    assert holed.stops_her_s(0.3) == 1.4
    assert math.isinf(replace(holed, frames_s=[1.0, 1.1]).stops_her_s(0.3))


def test_words_begin_where_the_stub_voice_begins_them() -> None:
    hello = round(5 * LETTER_S * OUTPUT_RATE)
    assert is_border(Act(0.0, "resume", frame=0))
    assert is_border(Act(0.0, "resume", frame=hello))
    assert not is_border(Act(0.0, "resume", frame=hello + 500))
    end = round(sum(len(word) for word in CLAUSES[0].split()) * LETTER_S * OUTPUT_RATE)
    assert is_border(Act(0.0, "resume", frame=end + 1_000))


def test_all_kinds_of_sounds_come_and_from_one_seed_always_the_same() -> None:
    chance, again = random.Random(5), random.Random(5)
    made = [sounds(chance, 0.3) for _ in range(200)]
    assert made == [sounds(again, 0.3) for _ in range(200)]
    kinds = {sound.kind for row in made for sound in row}
    assert kinds == {"cough", "clicks", "noise", "backchannel", "short", "words", "holes"}
    assert any(len(row) == 2 for row in made)
    assert all(sound.over_s >= sound.ends_s for row in made for sound in row)
