"""How fast things may be done."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voxelle.integrations.twitch.net import HttpReply
from voxelle.integrations.twitch.rates import Bucket, Pace
from voxelle.kernel.clock import Clock, LoopClock
from voxelle.kernel.virtual_loop import run_virtual

DATE = "Thu, 01 Jan 2026 00:00:00 GMT"
EPOCH = 1_767_225_600


@pytest.mark.virtual_time
async def test_an_answer_with_points_left_makes_nobody_wait(clock: Clock) -> None:
    bucket = Bucket(clock)
    assert bucket.note(HttpReply(200, {"ratelimit-remaining": "1"})) == 0
    assert bucket.note(HttpReply(200)) == 0
    await bucket.wait()
    assert clock.monotonic() == 0


@pytest.mark.virtual_time
@pytest.mark.parametrize(
    "headers, wait",
    [
        ({"ratelimit-remaining": "0", "ratelimit-limit": "800", "ratelimit-reset": str(EPOCH + 60), "date": DATE}, 0.75),
        ({"ratelimit-remaining": "0", "ratelimit-limit": "20", "ratelimit-reset": str(EPOCH + 30), "date": DATE}, 15.0),
        ({"ratelimit-remaining": "0", "ratelimit-limit": "20", "ratelimit-reset": str(EPOCH + 10**9), "date": DATE}, 30.0),
        ({"ratelimit-remaining": "0", "ratelimit-limit": "800"}, 0.75),
        ({"ratelimit-remaining": "0", "ratelimit-limit": "0"}, 60.0),
        ({"ratelimit-remaining": "0", "ratelimit-limit": "nan", "ratelimit-reset": "x", "date": "never"}, 0.75),
        ({"ratelimit-remaining": "0", "retry-after": "7"}, 7.0),
        ({"ratelimit-remaining": "0", "retry-after": "100000"}, 60.0),
    ],
)
async def test_an_empty_bucket_is_waited_for_by_the_dates_of_the_server(clock: Clock, headers: dict[str, str], wait: float) -> None:
    bucket = Bucket(clock)
    bucket.note(HttpReply(200, headers))
    await bucket.wait()
    assert clock.monotonic() == pytest.approx(wait)


@pytest.mark.virtual_time
async def test_a_refusal_says_how_long_to_wait(clock: Clock) -> None:
    assert Bucket(clock).note(HttpReply(429, {"ratelimit-remaining": "5"}), is_refused=True) == 1.0
    assert Bucket(clock).note(HttpReply(429, {"retry-after": "12"}), is_refused=True) == 12.0


async def times(pauses: list[float], count: int, period: float, spacing: float) -> list[float]:
    clock = LoopClock()
    pace = Pace(clock, count, period, spacing)
    done = []
    for pause in pauses:
        await clock.sleep(pause)
        await pace.wait()
        done.append(clock.monotonic())
    return done


@given(st.lists(st.floats(0, 20), max_size=60), st.integers(1, 8), st.floats(1, 40), st.floats(0, 3))
@settings(max_examples=100)
def test_no_period_ever_holds_more_than_the_limit(pauses: list[float], count: int, period: float, spacing: float) -> None:
    done = run_virtual(times(pauses, count, period, spacing))
    for index, time in enumerate(done):
        assert sum(time - period + 1e-6 < other <= time for other in done) <= count
        assert index == 0 or time - done[index - 1] >= spacing - 1e-6


@pytest.mark.virtual_time
async def test_a_limit_that_changes_counts_what_was_done(clock: Clock) -> None:
    pace = Pace(clock, 20, 30.0, 1.0)
    for _ in range(20):
        await pace.wait()
    pace.count, pace.spacing_s = 100, 0.0
    began = clock.monotonic()
    for _ in range(80):
        await pace.wait()
    assert clock.monotonic() == began
    await pace.wait()
    assert clock.monotonic() == pytest.approx(30)
