"""Sleep is noticed, whichever clock counts it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.integrations.twitch.signed_in import DriftingClock, desk
from voxelle.integrations.twitch.waking import doze
from voxelle.kernel.clock import Clock
from voxelle.kernel.tasks import TaskScope

pytestmark = pytest.mark.virtual_time


async def test_an_hour_passes_as_an_hour(clock: Clock) -> None:
    began = clock.monotonic()
    assert not await doze(clock, 3600)
    assert clock.monotonic() - began == pytest.approx(3600)


async def test_a_sleep_that_only_the_date_counts_is_noticed_soon(clock: Clock) -> None:
    drifting = DriftingClock(clock)
    async with TaskScope("test") as scope:
        waiting = scope.start(doze(drifting, 3600), name="doze")
        await clock.sleep(100)
        drifting.skew = timedelta(hours=5)
        assert await waiting
    assert clock.monotonic() < 120


async def test_a_sleep_that_both_clocks_count_is_noticed_soon(clock: Clock) -> None:
    drifting = DriftingClock(clock)
    async with TaskScope("test") as scope:
        waiting = scope.start(doze(drifting, 3600), name="doze")
        await clock.sleep(100)
        drifting.slept = 18_000
        assert await waiting
    assert clock.monotonic() < 120


async def test_waking_checks_the_token_before_the_hour_is_over(clock: Clock) -> None:
    drifting = DriftingClock(clock)
    async with desk(drifting) as house:
        account = await house.signed_in()
        house.scope.start(account.keep(), name="keep")
        await clock.sleep(100)
        asked = house.count("validate")
        drifting.skew = timedelta(hours=8)
        await clock.sleep(20)
        assert house.count("validate") == asked + 1
