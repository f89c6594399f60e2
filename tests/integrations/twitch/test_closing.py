"""The way to the API closes once nobody is under way, and the display closes with the connection."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from voxelle.domain.channel import ChannelSnapshot
from voxelle.integrations.twitch.closing import PATIENCE_S, CarefulHttp
from voxelle.integrations.twitch.display import Display
from voxelle.integrations.twitch.net import HttpReply
from voxelle.kernel.clock import Clock
from voxelle.kernel.tasks import TaskScope

pytestmark = pytest.mark.virtual_time


class Way:
    """Answers after a while."""

    def __init__(self, clock: Clock, takes_s: float) -> None:
        self.clock = clock
        self.takes_s = takes_s
        self.closed_at: float | None = None

    async def request(self, method: str, url: str, **_: Any) -> HttpReply:
        await self.clock.sleep(self.takes_s)
        return HttpReply(200)

    async def close(self) -> None:
        self.closed_at = self.clock.monotonic()


@pytest.mark.parametrize("takes_s, closed_at", [(3.0, 3.0), (100.0, PATIENCE_S)])
async def test_closing_waits_for_answers_but_not_for_ever(clock: Clock, takes_s: float, closed_at: float) -> None:
    way = Way(clock, takes_s)
    http = CarefulHttp(way)
    async with TaskScope("test") as scope:
        scope.start(http.request("GET", "https://x"), name="ask")
        await asyncio.sleep(0)
        await http.close()
    assert way.closed_at == closed_at


async def test_it_closes_with_its_owner(clock: Clock) -> None:
    way = Way(clock, 0)
    async with TaskScope("test") as scope:
        scope.start(CarefulHttp(way).close_at_end(), name="close")
        await clock.sleep(1)
        assert way.closed_at is None
    assert way.closed_at == 1.0


async def test_the_last_change_is_shown_and_nothing_more_after_the_end(clock: Clock) -> None:
    shown: list[object] = []
    state = {"number": 0}
    async with TaskScope("test") as scope:
        display = Display(clock, scope, lambda: ChannelSnapshot(last_problem=str(state["number"])), shown.append)
        for number in range(10):
            state["number"] = number
            display.show()
        assert shown == [ChannelSnapshot(last_problem="0")]
        await clock.sleep(1)
        assert shown[1:] == [ChannelSnapshot(last_problem="9")]
        display.show()
        display.show()
    display.show()
    assert len(shown) == 3
