"""What is on air by events and by asking, and what was missed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.integrations.twitch.frames import AT, CONTEXT
from voxelle.domain.channel import Broadcast
from voxelle.domain.chat import ChannelEvent, StreamEvent
from voxelle.integrations.twitch.mapping import Told
from voxelle.integrations.twitch.on_air import LAG_S, OnAir, missed, turns
from voxelle.integrations.twitch.replies import Redemption, Reward
from voxelle.kernel.clock import Clock

BEGAN = datetime(2026, 1, 1, 19, tzinfo=UTC)
LIVE = Broadcast(is_live=True, title="Title", started_at=BEGAN, viewers=5, checked_at=AT)
DARK = Broadcast(title="Title", checked_at=AT)


def told(kind: StreamEvent, **changes: object) -> ChannelEvent:
    (event,) = Told("stream.online", "m", AT, CONTEXT).event(kind, "k", **changes)  # type: ignore[arg-type] # any field of an event
    return event


@pytest.mark.virtual_time
async def test_events_are_newer_than_what_helix_says_for_a_while(clock: Clock) -> None:
    on_air = OnAir(clock)

    async def dark() -> Broadcast:
        return DARK

    on_air.on_event(told(StreamEvent.STREAM_ONLINE))
    await on_air.ask(dark)
    assert (on_air.broadcast.is_live, on_air.broadcast.title, on_air.broadcast.started_at) == (True, "Title", AT)
    await clock.sleep(LAG_S + 1)
    await on_air.ask(dark)
    assert not on_air.broadcast.is_live


def test_tries_and_other_channels_change_nothing(clock: Clock) -> None:
    on_air = OnAir(clock)
    on_air.on_event(told(StreamEvent.STREAM_ONLINE, is_shared=True))
    assert on_air.broadcast == Broadcast()


@pytest.mark.parametrize(
    "before, now, kinds",
    [
        (Broadcast(), LIVE, []),
        (DARK, DARK, []),
        (LIVE, LIVE, []),
        (DARK, LIVE, [StreamEvent.STREAM_ONLINE]),
        (LIVE, DARK, [StreamEvent.STREAM_OFFLINE]),
        (LIVE, Broadcast(is_live=True, started_at=BEGAN + timedelta(hours=1), checked_at=AT), [StreamEvent.STREAM_ONLINE]),
    ],
)
def test_a_turn_between_two_looks_is_told_as_its_event_would_have_been(before: Broadcast, now: Broadcast, kinds: list[StreamEvent]) -> None:
    assert [each.event for each in turns(before, now, CONTEXT, AT)] == kinds


def test_a_begin_that_is_found_has_the_id_of_its_event() -> None:
    (found,) = turns(DARK, LIVE, CONTEXT, AT)
    assert found.id == "twitch:stream_online:20260101T190000"


def redemption(key: str, at: datetime | None) -> Redemption:
    return Redemption(key, "77", "ada", "Ada", Reward("r", "Hydrate", 100), user_input="now", status="UNFULFILLED", redeemed_at=at)


def test_redemptions_since_the_last_sign_of_life_are_told_oldest_first() -> None:
    listed = [
        redemption("late", AT + timedelta(seconds=5)),
        redemption("old", AT - timedelta(hours=1)),
        redemption("undated", None),
        redemption("early", (AT - timedelta(seconds=5)).replace(tzinfo=None)),
    ]
    found = list(missed(listed, "2026-01-01T20:00:00Z", CONTEXT, AT))
    assert [each.id for each in found] == ["twitch:redemption:early", "twitch:redemption:late"]
    assert (found[0].text, found[0].field("reward"), found[0].field("status")) == ("now", "Hydrate", "unfulfilled")
    assert list(missed(listed, "", CONTEXT, AT)) == []
