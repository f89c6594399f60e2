"""The ear of Twitch at a show of a bench: its event socket, deduplication and translation, without an account."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from voxelle.benches.flood_line import due_at_s
from voxelle.benches.frames import CHANNEL, Pace, number_of
from voxelle.contracts.integration import IntegrationPorts
from voxelle.domain.chat import Decision, Stimulus
from voxelle.integrations.twitch.eventsub import EventSub
from voxelle.integrations.twitch.hearing import Hearing
from voxelle.integrations.twitch.mapping import Context
from voxelle.integrations.twitch.messages import Frame, Notification, Revocation
from voxelle.integrations.twitch.network import connect
from voxelle.integrations.twitch.settings import TwitchSettings
from voxelle.integrations.twitch.subscriptions import Subscriptions
from voxelle.integrations.twitch.topics import TOPICS
from voxelle.kernel.tasks import TaskScope

if TYPE_CHECKING:
    from voxelle.benches.chat_flood import Flooded
    from voxelle.headless import Show

_KEEPALIVE_S = 600


class Ear:
    """Listens to the session (see `eventsub.Listener`); everything is subscribed from the beginning."""

    def __init__(self, hearing: Hearing) -> None:
        self._hearing = hearing
        self.began_s = 0.0
        """When the first line was due."""
        self.over = asyncio.Event()
        """All came and were dealt with."""

    async def on_connecting(self) -> None:
        """There is nobody to sign in."""

    async def on_session(self, session_id: str) -> None:
        """Note when it begins; there is nothing to subscribe to."""
        self.began_s = float(session_id)

    async def on_notification(self, notification: Notification, session: str, rivals: frozenset[str]) -> None:
        """A line came."""
        await self._hearing.on_notification(notification, session, rivals)

    def on_revocation(self, revocation: Revocation) -> None:
        """Twitch takes the chat back when all was said."""
        self.over.set()

    def on_frame(self, frame: Frame | None) -> None:
        """Anything came."""
        self._hearing.on_frame(frame)

    def on_moving(self) -> None:
        """The line stays."""

    def on_lost(self, sentence: str) -> None:
        """The line holds."""


async def hear(show: Show, address: str, pace: Pace, flooded: Flooded) -> None:
    """Hear all frames, and note what became of them. Runs on the show loop."""
    clock, companion = show.clock, show.companion
    due_s = due_at_s(pace)

    async def submit(stimulus: Stimulus) -> Decision:
        decision = await companion.submit(stimulus)
        number = number_of(stimulus.id)
        flooded.handled[number] += 1
        flooded.in_core_s[number] = clock.monotonic() - ear.began_s - due_s[number]
        return decision

    settings = TwitchSettings()
    subscriptions = Subscriptions(clock, lambda: None)
    subscriptions.want(settings, {scope for topic in TOPICS for scope in topic.scopes}, is_fresh=True)
    context = Context(CHANNEL, names=tuple(companion.names()))
    async with TaskScope("bench") as scope:
        ports = IntegrationPorts(
            clock=clock,
            randomness=show.randomness,
            ids=show.ids,
            submit=submit,
            report=lambda _level, _sentence: None,
            tell=companion.tell_event,
            retract=companion.retract,
            publish=lambda _snapshot: None,
            bus=show.bus,
            scope=scope,
            secrets=show.secrets,
            names=companion.names,
            restart=lambda: None,
            change_settings=show.settings.change_all,
        )
        ear = Ear(Hearing(ports, subscriptions, lambda: context, lambda _event: None))
        scope.start(EventSub(connect, address, _KEEPALIVE_S, clock, ear).run(), name="hear")
        await ear.over.wait()
        flooded.took_s = clock.monotonic() - ear.began_s
