"""The connection to Twitch: it signs in, hears, tells the show, and lets her write."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from pydantic import BaseModel

from voxelle.contracts.integration import Integration, IntegrationPorts
from voxelle.domain.channel import AccountRole
from voxelle.domain.errors import AuthError, InputError, SetupError
from voxelle.domain.events import HealthLevel
from voxelle.integrations.twitch.actions import OfAccount, TestOf, Written
from voxelle.integrations.twitch.channel import Channel
from voxelle.integrations.twitch.deduplication import Teller
from voxelle.integrations.twitch.eventsub import EventSub
from voxelle.integrations.twitch.mapping import PLATFORM
from voxelle.integrations.twitch.messages import Notification, read_frame
from voxelle.integrations.twitch.net import Net, real_net
from voxelle.integrations.twitch.samples import sample
from voxelle.integrations.twitch.settings import TwitchSettings
from voxelle.integrations.twitch.sign_in import NO_CLIENT
from voxelle.kernel.tasks import TaskScope

POLL_S: Final = 60.0
_MADE_OF: Final = ("is_enabled", "client_id", "auth_base_url", "helix_base_url", "eventsub_url", "subscriptions_url", "keepalive_s")
"""A change of these needs another connection; all other switches are turned while it runs."""


class TwitchService(Integration):
    """One channel. What it knows outlasts its runs: accounts, what was told already, what is on air."""

    name = PLATFORM

    def __init__(self, settings: TwitchSettings, ports: IntegrationPorts, net: Callable[[], Net] = real_net) -> None:
        self._settings = settings
        self._ports = ports
        self._channel = Channel(settings, ports, net())

    async def run(self) -> None:
        """Hear until cancelled. SetupError: no client id, or nothing is given. AuthError: sign in. TemporaryError: the line."""
        channel = self._channel
        self._ports.report(HealthLevel.STARTING, "Signing in to Twitch.")
        await channel.load()
        if not self._settings.client_id:
            raise SetupError(NO_CLIENT)
        end_answers = channel.writer.answers(self._ports.bus)
        try:
            await channel.check_accounts()
            self._ports.report(HealthLevel.STARTING, "Connecting to Twitch.")
            async with TaskScope("twitch") as scope:
                for account in channel.accounts.values():
                    scope.start(account.keep(), name="keep the sign-in")
                scope.start(self._poll(), name="look at the stream")
                refused = scope.start(channel.refused.wait(), name="watch the sign-in", is_awaited=True)
                hearing = scope.start(self._eventsub().run(), name="hear", is_awaited=True)
                await asyncio.wait({hearing, refused}, return_when=asyncio.FIRST_COMPLETED)
                if hearing.done():
                    try:
                        await hearing
                    except AuthError:
                        await channel.look_at_sign_in()
                        raise
                raise AuthError(channel.accounts[AccountRole.BROADCASTER].status.sentence)
        finally:
            end_answers()
            channel.on_ended()

    def _eventsub(self) -> EventSub:
        settings = self._settings
        return EventSub(self._channel.net.connect, settings.eventsub_url, settings.keepalive_s, self._ports.clock, self._channel)

    async def _poll(self) -> None:
        while True:
            await self._ports.clock.sleep(POLL_S)
            await self._channel.look()

    def apply(self, settings: BaseModel) -> bool:
        """Turn switches while it runs; False for another client id or other addresses."""
        new = TwitchSettings.model_validate(settings, from_attributes=True)
        if any(getattr(new, name) != getattr(self._settings, name) for name in _MADE_OF):
            return False
        self._settings = new
        self._channel.use_settings(new)
        return True

    async def perform(self, action: str, arguments: BaseModel) -> Any:
        """Do one of the declared actions; also after `run` ended because nobody was signed in."""
        await self._channel.load()
        match action, arguments:
            case "sign_in", OfAccount(account=role):
                return await self._channel.accounts[role].sign_in()
            case "cancel_sign_in", OfAccount(account=role):
                await self._channel.accounts[role].cancel()
            case "sign_out", OfAccount(account=role):
                await self._sign_out(role)
            case "test_event", TestOf():
                return await self._try_out(arguments)
            case "send_message", Written(text=text):
                await self._channel.writer.write(text)
            case "refresh", _:
                await self._channel.refresh()
            case _:
                msg = f"This connection can't do “{action}”."
                raise InputError(msg)
        return None

    async def _sign_out(self, role: AccountRole) -> None:
        await self._channel.accounts[role].sign_out()
        if role is AccountRole.BROADCASTER:
            self._ports.restart()

    async def _try_out(self, what: TestOf) -> dict[str, str]:
        """Send a message of Twitch's shape along the whole road."""
        context = self._channel.context()
        broadcaster_id = context.broadcaster_id or "test-channel"
        name = next(iter(self._ports.names()), "")
        frame = read_frame(sample(what.kind, self._ports.ids, broadcaster_id, name))
        if isinstance(frame, Notification):
            await self._channel.hearing.hand_over(frame, replace(context, broadcaster_id=broadcaster_id, is_test=True), Teller("test"))
        return {"sent": what.kind.value or "chat"}
