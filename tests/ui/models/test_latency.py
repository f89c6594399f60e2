"""Where the time went."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ui.facts import ended
from tests.ui.show import Show
from voxelle.ui.models.latency import AFTER, TO_SOUND, LatencyModel, Stage, percentile, stages

MARKS = {
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


@given(st.dictionaries(st.sampled_from([*MARKS, "other"]), st.floats(0, 1e6), max_size=11))
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
