"""Where the time went."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ui.facts import ended
from tests.ui.show import Show
from voxelle.companion.trace import THOUGHT_AHEAD
from voxelle.domain.events import TurnEnded
from voxelle.ui.models.latency import AFTER, SOON_S, TO_SOUND, TURNS, LatencyModel, Stage, improvable, percentile, stages, usual_stages

MARKS = {
    "endpointed": 0.002,
    "recognised": 0.005,
    "dequeued": 0.01,
    "prompt": 0.03,
    "first_token": 0.3,
    "first_clause": 0.5,
    "gated": 0.51,
    "first_sample": 0.6,
    "audible": 0.65,
    "llm_done": 2.0,
    "last_sample": 6.0,
    "ended": 6.1,
}


def test_stages_stand_in_order_and_join_without_gaps() -> None:
    bars = stages(MARKS)
    assert [bar.mark for bar in bars] == [*TO_SOUND, "llm_done", "last_sample"]
    way = bars[: len(TO_SOUND)]
    assert way[0].start_s == 0
    assert all(left.end_s == right.start_s for left, right in pairwise(way))
    assert sum(bar.length_s for bar in way) == pytest.approx(MARKS["audible"])


def test_the_time_of_a_missing_mark_joins_the_next_stage() -> None:
    assert stages({"dequeued": 0.1, "audible": 0.4}) == (Stage("dequeued", 0.0, 0.1), Stage("audible", 0.1, 0.4))


@given(st.dictionaries(st.sampled_from([*MARKS, "other"]), st.floats(0, 1e6), max_size=13))
def test_no_stage_is_ever_negative(marks: dict[str, float]) -> None:
    assert all(bar.length_s >= 0 for bar in stages(marks))
    assert len(stages(marks)) <= len(TO_SOUND) + len(AFTER)


@given(st.lists(st.floats(0, 100), min_size=1), st.sampled_from([0.5, 0.95]))
def test_a_percentile_is_one_of_the_values_and_few_are_above(values: list[float], share: float) -> None:
    found = percentile(values, share)
    assert found in values
    assert sum(value > found for value in values) <= (1 - share) * len(values) + 1e-9


def test_the_figures_are_of_the_newest_twenty(show: Show) -> None:
    model = LatencyModel(show.bridge, show.bridge)
    assert (model.p50_s, model.p95_s, model.count) == (None, None, 0)
    show.announce(*(ended(turn=str(n), marks={**MARKS, "audible": float(n)}) for n in range(1, 31)))
    assert (model.p50_s, model.p95_s, model.count) == (20.0, 29.0, 20)
    assert model.audible_s == 30.0


def test_a_turn_without_sound_counts_no_time(show: Show) -> None:
    model = LatencyModel(show.bridge, show.bridge)
    show.announce(ended(marks={"dequeued": 0.1}))
    assert model.count == 0
    assert model.audible_s is None
    assert [bar.mark for bar in model.stages] == ["dequeued"]


def _slow(**changes: float) -> dict[str, float]:
    return {"endpointed": 0.2, "recognised": 0.25, "dequeued": 0.26, "first_token": 0.9, "first_sample": 1.2, "audible": 1.25, **changes}


def test_each_stage_has_its_usual_and_its_slow_case() -> None:
    turns = [_slow(first_token=0.4 + 0.1 * number, first_sample=5.0, audible=5.1) for number in range(20)]
    figures = {usual.mark: (usual.p50_s, usual.p95_s) for usual in usual_stages(turns)}
    assert list(figures) == ["endpointed", "recognised", "dequeued", "first_token", "first_sample", "audible"]
    assert figures["endpointed"] == pytest.approx((0.2, 0.2))
    assert figures["first_token"] == pytest.approx((1.04, 1.94))
    assert usual_stages([]) == ()


@pytest.mark.parametrize(
    "turns, mark",
    [
        ([_slow()] * 10, "first_token"),
        ([_slow(endpointed=0.85, recognised=0.86, dequeued=0.87)] * 10, "endpointed"),
        ([_slow(), *[_slow(first_token=0.3)] * 9], "first_sample"),
        ([_slow()] * 4, ""),
        ([_slow(first_token=0.3, first_sample=0.4, audible=SOON_S)] * 10, ""),
        ([{}] * 10, ""),
    ],
)
def test_the_hint_names_where_most_of_the_time_usually_goes(turns: list[dict[str, float]], mark: str) -> None:
    assert improvable(turns) == mark


def test_what_she_thought_ahead_is_no_warning(show: Show) -> None:
    model = LatencyModel(show.bridge, show.bridge)
    record = ended(marks=_slow()).record
    trace = replace(record.trace, notes=(THOUGHT_AHEAD, "A fallback stepped in."))
    show.announce(*(TurnEnded(replace(record, id=str(n), trace=trace)) for n in range(TURNS)))
    assert model.is_ahead
    assert model.notes == ("A fallback stepped in.",)
    assert model.improvable == "first_token"
    assert model.usual[0].mark == "endpointed"
