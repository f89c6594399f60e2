"""What is on air, by events and by asking; and what was missed while the line was down."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from voxelle.domain.channel import Broadcast
from voxelle.domain.chat import ChannelEvent, StreamEvent
from voxelle.integrations.twitch.mapping import Context, Told, read_time
from voxelle.integrations.twitch.mapping_support import from_redemption
from voxelle.integrations.twitch.payloads_channel import Redemption, Reward
from voxelle.integrations.twitch.replies import Redemption as ListedRedemption
from voxelle.kernel.clock import Clock

LAG_S: Final = 180.0
"""So long Helix may still show the state before an event."""
MARGIN: Final = timedelta(seconds=30)
"""An event may take so long from its happening to its telling."""


class OnAir:
    """Knows the state of the stream. Events are newer than what Helix says for a while."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._turned_at_s = float("-inf")
        self.broadcast = Broadcast()

    def on_event(self, event: ChannelEvent) -> None:
        """Take over what an event says of the stream."""
        if event.is_test or event.is_shared:
            return
        if event.event is StreamEvent.STREAM_ONLINE:
            self._turned_at_s = self._clock.monotonic()
            self.broadcast = replace(self.broadcast, is_live=True, started_at=self.broadcast.started_at or event.received_at)
        elif event.event is StreamEvent.STREAM_OFFLINE:
            self._turned_at_s = self._clock.monotonic()
            self.broadcast = replace(self.broadcast, is_live=False, viewers=0, started_at=None)
        elif event.event is StreamEvent.CHANNEL_UPDATE:
            self.broadcast = replace(self.broadcast, title=event.text, category=event.field("category"))

    async def ask(self, helix: Callable[[], Awaitable[Broadcast]]) -> Broadcast:
        """Ask Helix; return what was known before."""
        before = self.broadcast
        found = await helix()
        is_fresh_turn = self._clock.monotonic() - self._turned_at_s < LAG_S
        if is_fresh_turn and found.is_live != self.broadcast.is_live:
            started_at = self.broadcast.started_at
            found = replace(found, is_live=self.broadcast.is_live, started_at=started_at, viewers=self.broadcast.viewers)
        self.broadcast = replace(found, checked_at=self._clock.now())
        return before


def turns(before: Broadcast, now: Broadcast, context: Context, at: datetime) -> Iterable[ChannelEvent]:
    """Give what the stream did between two looks at it, as the events would have told it."""
    if before.checked_at is None:
        return
    told = Told("helix", f"{at:%Y%m%dT%H%M%S}", at, context)
    is_other = before.started_at is not None and now.started_at is not None and abs(now.started_at - before.started_at) > MARGIN
    if now.is_live and (not before.is_live or is_other):
        began = (now.started_at or at).astimezone(UTC)
        yield from told.event(StreamEvent.STREAM_ONLINE, f"{began:%Y%m%dT%H%M%S}")
    elif before.is_live and not now.is_live:
        yield from told.event(StreamEvent.STREAM_OFFLINE, told.message_id)


def missed(redemptions: Iterable[ListedRedemption], since: str, context: Context, at: datetime) -> Iterable[ChannelEvent]:
    """Give the redemptions that wait and were made after `since`, a time of Twitch's, oldest first."""
    after = read_time(since)
    if after is None:
        return
    found = [each for each in redemptions if each.redeemed_at is not None and _utc(each.redeemed_at) >= after - MARGIN]
    for each in sorted(found, key=lambda redemption: _utc(redemption.redeemed_at or at)):
        payload = Redemption(
            id=each.id,
            user_id=each.user_id,
            reward=Reward(each.reward.title, each.reward.cost),
            user_name=each.user_name,
            user_login=each.user_login,
            user_input=each.user_input,
            status=each.status,
        )
        for event in from_redemption(payload, Told("helix", each.id, at, context)):
            if isinstance(event, ChannelEvent):
                yield event


def _utc(at: datetime) -> datetime:
    return at if at.tzinfo else at.replace(tzinfo=UTC)
