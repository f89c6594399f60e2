"""The bench of the mouth at tiny scale; and it would see a mouth that is late, still or wrong."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from voxelle.benches.avatar_end import MOVED, PRESSED, Arrival
from voxelle.benches.lip_timing import SoundedClause, first_after, judge
from voxelle.benches.lipsync import Watched, timing, watch
from voxelle.domain.avatar import MOUTH_RATE, MouthShape, MouthTrack
from voxelle.kernel.paths import Paths
from voxelle.providers.catalogue import EngineSet

NAMES = ("MouthOpen", "VoiceA", "VoiceI", "VoiceU", "VoiceE", "VoiceO", "VoiceVolume")
ZERO = 100.0
SHAPES = tuple(MouthShape(*(0.5 + 0.4 * math.sin(place * (0.2 + 0.03 * each)) for each in range(7))) for place in range(120))


def clause(shapes: Sequence[MouthShape] = SHAPES, *, late_s: float = 0.0) -> SoundedClause:
    """Return a clause of two seconds; every other playhead is told late."""
    sounded = SoundedClause(heard_at_s=ZERO)
    sounded.add(MouthTrack("turn", 0, 0, tuple(shapes[:50]), "timings"), ZERO - 0.2)
    sounded.add(MouthTrack("turn", 0, 50, tuple(shapes[50:]), "timings"), ZERO - 0.1)
    sounded.playheads = [(ZERO + count * 0.04 + late_s * (count % 2), count * 0.04) for count in range(50)]
    return sounded


def messages(sounded: SoundedClause, *, late_s: float = 0.0, rate: int = MOUTH_RATE) -> list[Arrival]:
    """Return what a mouth sends that shows at each moment what was right `late_s` before."""
    moments = [count / rate for count in range(int(1.95 * rate))]
    return [
        Arrival(ZERO + at_s, MOVED, {name: round(value, 4) for name, value in zip(NAMES, sounded.between(at_s - late_s), strict=True)})
        for at_s in moments
    ]


def test_a_mouth_with_the_sound_is_on_time_though_playheads_are_told_late() -> None:
    judgement = judge(clause(late_s=0.015), messages(clause()))
    assert judgement.due == pytest.approx(118, abs=1)
    assert judgement.on_time >= judgement.due - 2
    assert max(map(abs, judgement.offsets_s)) < 0.002


@pytest.mark.parametrize("late_s", [0.03, -0.03, 0.015])
def test_a_mouth_beside_the_sound_is_seen(late_s: float) -> None:
    judgement = judge(clause(), messages(clause(), late_s=late_s))
    assert judgement.on_time < judgement.due * 0.2
    assert sorted(judgement.offsets_s)[len(judgement.offsets_s) // 2] == pytest.approx(-late_s, abs=0.002)


def test_half_the_frames_serve_half_of_what_is_due() -> None:
    judgement = judge(clause(), messages(clause(), rate=30))
    assert judgement.on_time == pytest.approx(judgement.due / 2, abs=2)


def test_values_of_no_place_of_the_sound_serve_nothing() -> None:
    wrong = [replace(each, values=dict.fromkeys(NAMES, 0.999)) for each in messages(clause())]
    judgement = judge(clause(), wrong)
    assert judgement.on_time == 0
    assert set(judgement.offsets_s) == {0.1}


def test_a_mouth_that_stands_still_is_on_time_anywhere_and_tells_no_offset() -> None:
    still = clause((MouthShape(0.5),) * 120)
    judgement = judge(still, messages(still, late_s=0.03))
    assert judgement.on_time >= judgement.due - 4
    assert judgement.offsets_s == ()


def test_shapes_are_known_before_their_sound() -> None:
    assert clause().leads_s() == pytest.approx([0.2, 50 / MOUTH_RATE + 0.1])
    assert SoundedClause().leads_s() == []


def test_what_is_no_mouth_or_no_sound_is_not_counted() -> None:
    assert judge(clause(), [Arrival(ZERO + 0.5, PRESSED, {})]).on_time == 0
    assert judge(SoundedClause(), messages(clause())).due == 0


def test_the_first_message_after_a_moment_counts() -> None:
    arrivals = [Arrival(1.0, MOVED, {}), Arrival(2.0, PRESSED, {})]
    assert first_after(1.5, arrivals) == 0.5
    assert math.isnan(first_after(3.0, arrivals))


async def test_her_mouth_is_watched_on_the_whole_road(tmp_path: Path) -> None:
    watched = await watch(Paths.find(tmp_path, environ={}), 0.5, EngineSet.STUB)
    assert watched.speech_s >= 0.5
    assert any(arrival.kind == MOVED for arrival in watched.arrivals)
    figures = {figure.name: figure.value for figure in timing(watched)}
    assert figures["frames"] > 20
    assert figures["on_time_percent"] > 0
    assert figures["heard_to_avatar_p50_ms"] > 0


def test_nothing_watched_keeps_no_goal() -> None:
    assert not all(figure.is_ok for figure in timing(Watched()))
