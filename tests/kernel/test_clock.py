"""Time, chance and ids."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voxelle.kernel.clock import Clock, Ids, LoopClock, Randomness, SystemClock


class _StandingClock(Clock):
    """Shows whatever a test sets."""

    def __init__(self, now: datetime) -> None:
        self.date = now

    def monotonic(self) -> float:
        return 0.0

    def now(self) -> datetime:
        return self.date

    async def sleep(self, seconds: float) -> None:
        raise AssertionError


async def test_system_clock_is_aware_and_never_goes_back() -> None:
    clock = SystemClock()
    before = clock.monotonic()
    await clock.sleep(-1)
    assert clock.monotonic() >= before
    assert clock.now().utcoffset() == timedelta(0)


@pytest.mark.virtual_time
async def test_loop_clock_lives_a_month_in_no_time(clock: Clock) -> None:
    began = clock.now()
    await clock.sleep(30 * 86400)
    assert clock.now() - began == timedelta(days=30)
    assert clock.monotonic() == asyncio.get_running_loop().time() == 30 * 86400


@pytest.mark.virtual_time
async def test_loop_clock_does_not_wait_for_less_than_nothing(clock: Clock) -> None:
    await clock.sleep(-5)
    assert clock.monotonic() == 0


def test_loop_clock_stands_still_outside_a_loop() -> None:
    clock = LoopClock(datetime(2030, 1, 1, tzinfo=UTC))
    assert clock.monotonic() == 0
    assert clock.now() == datetime(2030, 1, 1, tzinfo=UTC)


@given(st.lists(st.integers(min_value=-5, max_value=5), min_size=1, max_size=50), st.integers())
def test_ids_sort_in_the_order_they_were_made_whatever_the_clock_does(steps: list[int], seed: int) -> None:
    clock = _StandingClock(datetime(2026, 1, 1, tzinfo=UTC))
    ids = Ids(Randomness(seed), clock)
    made = []
    for step in steps:
        clock.date += timedelta(milliseconds=step)
        made.append(ids.new())
    assert made == sorted(set(made))


def test_ids_of_one_millisecond_outlast_their_counter() -> None:
    ids = Ids(Randomness(1), _StandingClock(datetime(2026, 1, 1, tzinfo=UTC)))
    made = [ids.new() for _ in range(10_000)]
    assert made == sorted(set(made))


def test_ids_are_the_same_for_the_same_seed(clock: Clock) -> None:
    date = datetime(2026, 1, 1, tzinfo=UTC)
    first, second = (Ids(Randomness(7), _StandingClock(date)) for _ in range(2))
    assert first.new() == second.new()
    assert first.new()[14] == "7"
