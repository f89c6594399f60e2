"""What comes in goes to the show: every happening once, and nothing that goes wrong with one stops the next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime

import structlog

from voxelle.contracts.integration import IntegrationPorts
from voxelle.domain.chat import ChannelEvent, Retraction, StreamEvent
from voxelle.domain.errors import VoxelleError
from voxelle.integrations.twitch.deduplication import Deduplication, Teller
from voxelle.integrations.twitch.mapping import Context, Happening
from voxelle.integrations.twitch.messages import Frame, Keepalive, Notification, Unknown, Welcome, to_domain
from voxelle.integrations.twitch.subscriptions import Subscriptions

log = structlog.get_logger("chat")
HELIX = Teller("helix")
"""Tells what was missed."""


class Hearing:
    """Hands on what Twitch tells, and counts. `on_event` sees every event before the show does."""

    def __init__(
        self,
        ports: IntegrationPorts,
        subscriptions: Subscriptions,
        context: Callable[[], Context],
        on_event: Callable[[ChannelEvent], None],
    ) -> None:
        self._ports = ports
        self._subscriptions = subscriptions
        self._context = context
        self._on_event = on_event
        self._deduplication = Deduplication()
        self._counts: Counter[str] = Counter()
        self.last_event_at: datetime | None = None
        self.last_heartbeat_at: datetime | None = None
        self.last_sent_at = ""
        """When Twitch sent the last frame, by Twitch's own clock."""

    @property
    def counters(self) -> tuple[tuple[str, int], ...]:
        """How much came, and what became of it."""
        return (
            ("received", self._counts["received"]),
            ("duplicates", self._deduplication.duplicates),
            ("told_twice", self._deduplication.echoes),
            ("malformed", self._counts["malformed"]),
            ("unknown", self._counts["unknown"]),
            ("failed", self._counts["failed"]),
        )

    def on_frame(self, frame: Frame | None) -> None:
        """Note that the line lives, and what could not be read."""
        self.last_heartbeat_at = self._ports.clock.now()
        if frame is None:
            self._counts["malformed"] += 1
        elif isinstance(frame, Welcome | Keepalive | Notification):
            self.last_sent_at = frame.sent_at
        elif isinstance(frame, Unknown):
            self._counts["unknown"] += 1

    async def on_notification(self, notification: Notification, session: str, rivals: frozenset[str]) -> None:
        """Translate what happened and hand it on. `rivals` are other sessions that tell the same."""
        self._counts["received"] += 1
        clock = self._ports.clock
        if not self._deduplication.is_new_message(notification.message_id, clock.monotonic()):
            return
        if notification.event is None:
            self._counts["unknown"] += 1
            return
        topic = notification.topic
        if self._subscriptions.is_off(topic):
            return
        self.last_event_at = clock.now()
        is_out = await self.hand_over(notification, self._context(), Teller(topic, session, rivals))
        self._subscriptions.on_event(topic, self.last_event_at, is_second=is_out)

    async def hand_over(self, notification: Notification, context: Context, teller: Teller) -> bool:
        """Hand on what a message tells; returns whether it was a raid to somebody else."""
        is_out = False
        for happening in to_domain(notification, context, self._ports.clock.now()):
            is_out = is_out or (isinstance(happening, ChannelEvent) and happening.event is StreamEvent.RAID_OUT)
            await self.take(happening, teller)
        return is_out

    async def take(self, happening: Happening, teller: Teller) -> None:
        """Hand a happening to the show unless it was told before."""
        if not self._deduplication.is_new(happening, teller, self._ports.clock.monotonic()):
            return
        if isinstance(happening, ChannelEvent):
            self._on_event(happening)
        try:
            await self._hand_on(happening)
        except VoxelleError as error:
            self._counts["failed"] += 1
            log.warning("twitch.not_taken", kind=type(happening).__name__, error=type(error).__name__)

    async def _hand_on(self, happening: Happening) -> None:
        if isinstance(happening, ChannelEvent):
            await self._ports.tell(happening)
        elif isinstance(happening, Retraction):
            await self._ports.retract(happening)
        else:
            await self._ports.submit(happening)
