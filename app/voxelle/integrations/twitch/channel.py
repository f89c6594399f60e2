"""Everything that is known of one channel on Twitch, and what holds it together: accounts, topics, hearing, writing, the light."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Final

import structlog

from voxelle.contracts.integration import IntegrationPorts
from voxelle.domain.channel import AccountRole, AccountState, AccountStatus, ChannelSnapshot
from voxelle.domain.chat import Role
from voxelle.domain.errors import SetupError, VoxelleError
from voxelle.domain.events import HealthLevel
from voxelle.integrations.twitch.accounts import Account
from voxelle.integrations.twitch.chat import ChatWriter
from voxelle.integrations.twitch.closing import CarefulHttp
from voxelle.integrations.twitch.display import Display
from voxelle.integrations.twitch.hearing import HELIX, Hearing
from voxelle.integrations.twitch.helix import Helix
from voxelle.integrations.twitch.mapping import Context, roles_of
from voxelle.integrations.twitch.messages import Frame, Keepalive, Notification, Revocation
from voxelle.integrations.twitch.net import Net
from voxelle.integrations.twitch.on_air import OnAir, missed, turns
from voxelle.integrations.twitch.own_messages import OwnMessages, SpeakingHelix
from voxelle.integrations.twitch.payloads import ChatMessage
from voxelle.integrations.twitch.scopes import scopes_for
from voxelle.integrations.twitch.settings import TwitchSettings
from voxelle.integrations.twitch.subscriptions import Subscriptions

log = structlog.get_logger("chat")

LONG_GAP_S: Final = 45.0
"""After such a silence the computer may have slept: the sign-in is looked at before anything else."""
_PRIVILEGED: Final = frozenset({Role.MODERATOR, Role.VIP})
_MOST_NAMED: Final = 4


class Channel:
    """Listens to the sessions of the event socket (see `eventsub.Listener`)."""

    def __init__(self, settings: TwitchSettings, ports: IntegrationPorts, net: Net) -> None:
        self._settings = settings
        self._ports = ports
        self._http = CarefulHttp(net.http)
        self.net = Net(self._http, net.connect)
        self.refused = asyncio.Event()
        """Twitch takes the broadcaster's sign-in no more."""
        self.accounts = {role: self._account(role) for role in AccountRole}
        self._own = OwnMessages(ports.clock)
        self._broadcaster, self._bot = (self._helix(role) for role in (AccountRole.BROADCASTER, AccountRole.BOT))
        self.writer = ChatWriter(lambda: self._settings, self._broadcaster, self._bot, ports.clock, ports.scope, self._on_problem)
        self.subscriptions = Subscriptions(ports.clock, self._on_topics)
        self.on_air = OnAir(ports.clock)
        self.hearing = Hearing(ports, self.subscriptions, self.context, self.on_air.on_event)
        self._display = Display(ports.clock, ports.scope, self.snapshot, ports.publish)
        self._context: tuple[object, Context] | None = None
        self._light: tuple[HealthLevel, str] | None = None
        self._connected_at: datetime | None = None
        self._is_alive = False
        self._is_subscribed = False
        self._reconnects = 0
        self._gap_since = ""
        self._last_problem = ""
        self._is_loaded = False

    def _account(self, role: AccountRole) -> Account:
        ports = self._ports
        known = AccountStatus(role)

        def on_change(status: AccountStatus) -> None:
            nonlocal known
            before, known = known, status
            self._on_account(before, status)

        def wanted() -> frozenset[str]:
            return scopes_for(self._settings, role, is_writer=role is self._writing_role())

        return Account(role, self._settings, self.net, ports.clock, ports.secrets, ports.scope, wanted, on_change)

    def _writing_role(self) -> AccountRole:
        """Return which account writes for her: her own, if there is one."""
        return AccountRole.BOT if self.accounts[AccountRole.BOT].is_signed_in else AccountRole.BROADCASTER

    def _helix(self, role: AccountRole) -> Helix:
        return SpeakingHelix(self.net, self.accounts[role], self._settings, self._ports.clock, self._own)

    # ---- what the service asks ----

    async def load(self) -> None:
        """Take the sign-ins out of the password store, once."""
        if not self._is_loaded:
            self._is_loaded = True
            self._ports.scope.start(self._http.close_at_end(), name="close the line")
        for account in self.accounts.values():
            await account.load()

    async def check_accounts(self) -> None:
        """Ask Twitch whether the sign-ins are good. Only the broadcaster's has to be."""
        self.refused.clear()
        await self.accounts[AccountRole.BROADCASTER].validate()
        bot = self.accounts[AccountRole.BOT]
        if bot.is_signed_in:
            try:
                await bot.validate()
            except VoxelleError as error:
                log.info("twitch.bot_not_checked", kind=type(error).__name__)

    async def look_at_sign_in(self) -> None:
        """Something else said that the sign-in is gone: let the account find out, so that it is shown."""
        try:
            await self.accounts[AccountRole.BROADCASTER].validate()
        except VoxelleError as error:
            log.info("twitch.sign_in_gone", kind=type(error).__name__)

    def use_settings(self, settings: TwitchSettings) -> None:
        """Turn switches."""
        self._settings = settings
        for account in self.accounts.values():
            account.use_settings(settings)
        self._broadcaster.use_settings(settings)
        self._bot.use_settings(settings)
        self.subscriptions.want(settings, self.accounts[AccountRole.BROADCASTER].scopes)

    async def refresh(self) -> None:
        """Ask Twitch again for everything: sign-ins, refused topics, the stream."""
        await self.check_accounts()
        self.subscriptions.want(self._settings, self.accounts[AccountRole.BROADCASTER].scopes)
        self.subscriptions.retry()
        await self.look()

    async def look(self) -> None:
        """See what is on air, and what a gap left out."""
        broadcaster_id = self.accounts[AccountRole.BROADCASTER].user_id
        try:
            before = await self.on_air.ask(lambda: self._broadcaster.broadcast(broadcaster_id))
            if self._gap_since and self._is_subscribed:
                for event in turns(before, self.on_air.broadcast, self.context(), self._ports.clock.now()):
                    await self.hearing.take(event, HELIX)
                await self._fill(broadcaster_id)
                if not self.subscriptions.is_incomplete:
                    self._gap_since = ""
        except VoxelleError as error:
            # What can't be seen now is looked at again in a minute; the light tells of lines and sign-ins by other ways.
            log.info("twitch.not_looked", kind=type(error).__name__)
        self._display.show()

    async def _fill(self, broadcaster_id: str) -> None:
        """Tell the redemptions that came while the line was down. TemporaryError: ask again later."""
        if not self._settings.redemptions:
            return
        try:
            waiting = await self._broadcaster.unfulfilled(broadcaster_id)
        except SetupError as error:
            log.info("twitch.no_redemptions", kind=type(error).__name__)
            return
        for event in missed(waiting, self._gap_since, self.context(), self._ports.clock.now()):
            await self.hearing.take(event, HELIX)

    def context(self) -> Context:
        """Whose channel it is and what is switched on, as of now."""
        settings, names = self._settings, tuple(self._ports.names())
        broadcaster, bot = self.accounts[AccountRole.BROADCASTER], self.accounts[AccountRole.BOT]
        key = (settings, names, broadcaster.user_id, bot.status, self.subscriptions.active)
        if self._context is not None and self._context[0] == key:
            return self._context[1]
        own_name = (bot.status.name,) if bot.is_signed_in else ()
        made = Context(
            broadcaster_id=broadcaster.user_id,
            bot_id=bot.user_id if bot.is_signed_in else "",
            names=(*names, *own_name),
            hears=self.subscriptions.active,
            tells_bits=settings.bits,
            is_spoken=settings.answers_by_voice,
            is_answerable=settings.answers_by_voice or settings.answers_in_chat,
            is_own=self._own.is_own,
        )
        self._context = (key, made)
        return made

    # ---- what a session tells (eventsub.Listener) ----

    async def on_connecting(self) -> None:
        """A fresh session is about to be opened: after a long silence with a look at the sign-in first."""
        heard_at, sent_at = self.hearing.last_heartbeat_at, self.hearing.last_sent_at
        self._gap_since = self._gap_since or sent_at
        if heard_at is not None and (self._ports.clock.now() - heard_at).total_seconds() > LONG_GAP_S:
            await self.accounts[AccountRole.BROADCASTER].validate()

    async def on_session(self, session_id: str) -> None:
        """Subscribe to everything with the token of now."""
        self._connected_at = self._ports.clock.now()
        self._is_alive = False
        # Until everything is subscribed, things may be missed.
        self._gap_since = self._gap_since or self.hearing.last_sent_at
        self._judge()
        account = self.accounts[AccountRole.BROADCASTER]
        self.subscriptions.want(self._settings, account.scopes, is_fresh=True)
        await self.subscriptions.keep(self._broadcaster.subscribe, session_id, account.user_id, self._on_subscribed)

    async def _on_subscribed(self) -> None:
        self._is_subscribed = True
        await self.look()

    async def on_notification(self, notification: Notification, session: str, rivals: frozenset[str]) -> None:
        """Something happened."""
        event = notification.event
        if isinstance(event, ChatMessage) and event.chatter_user_id == self.accounts[AccountRole.BOT].user_id:
            self.writer.note_bot(is_privileged=bool(roles_of(event.badges) & _PRIVILEGED))
        await self.hearing.on_notification(notification, session, rivals)
        self._display.show()

    def on_revocation(self, revocation: Revocation) -> None:
        """Twitch took a topic back. AuthError when it was the whole sign-in."""
        self.subscriptions.on_revoked(revocation.topic, revocation.status)

    def on_frame(self, frame: Frame | None) -> None:
        """Anything came: a heartbeat or an event makes the light green."""
        self.hearing.on_frame(frame)
        if not self._is_alive and isinstance(frame, Keepalive | Notification):
            self._is_alive = True
            self._judge()
        self._display.show()

    def on_moving(self) -> None:
        """The session goes over to another line: should the old one die before its time, the next look finds what it kept."""
        self._gap_since = self._gap_since or self.hearing.last_sent_at

    def on_lost(self, sentence: str) -> None:
        """The line was lost and is made anew at once."""
        self._reconnects += 1
        self._last_problem = sentence
        self.on_ended()
        self._shine(HealthLevel.RETRYING, sentence)

    def on_ended(self) -> None:
        """There is no line."""
        self._connected_at = None
        self._is_alive = self._is_subscribed = False
        self._light = None
        self.subscriptions.on_lost()

    # ---- what is shown ----

    def _on_account(self, before: AccountStatus, status: AccountStatus) -> None:
        self._display.show()
        if status.role is AccountRole.BROADCASTER:
            if status.state is AccountState.REFUSED:
                self.refused.set()
            was_waiting = before.state is AccountState.SIGNING_IN
            if was_waiting and status.state is AccountState.UNCHECKED:
                self._ports.restart()
        else:
            # Whether the channel's own account has to be allowed to write hangs on there being another that does.
            self.accounts[AccountRole.BROADCASTER].use_settings(self._settings)
        self._judge()

    def _on_topics(self) -> None:
        self._judge()
        self._display.show()

    def _on_problem(self, sentence: str) -> None:
        self._last_problem = sentence
        self._display.show()

    def _judge(self) -> None:
        """Set the light. Only while there is a line: without one its end has said why."""
        if self._connected_at is None:
            return
        if not self._is_alive:
            self._shine(HealthLevel.STARTING, "Connected. Waiting for the first sign of life.")
            return
        missing = [title for account in self.accounts.values() if account.is_signed_in for title in account.status.missing]
        refused = self.subscriptions.problems
        if missing:
            self._shine(HealthLevel.DEGRADED, f"Permissions are missing: {_named(missing)}. Sign in again to allow them.")
        elif refused:
            self._shine(HealthLevel.DEGRADED, f"Not given: {_named([each.title for each in refused])}. {refused[0].sentence}")
        else:
            self._shine(HealthLevel.OK, f"Hearing the channel of {self.accounts[AccountRole.BROADCASTER].status.name}.")

    def _shine(self, level: HealthLevel, sentence: str) -> None:
        if self._light != (level, sentence):
            self._light = (level, sentence)
            self._ports.report(level, sentence)

    def snapshot(self) -> ChannelSnapshot:
        """Return all there is to see."""
        counters = (
            *self.hearing.counters,
            ("reconnects", self._reconnects),
            ("sent", self.writer.sent),
            ("not_sent", self.writer.not_sent),
        )
        return ChannelSnapshot(
            accounts=tuple(account.status for account in self.accounts.values()),
            topics=self.subscriptions.statuses,
            broadcast=self.on_air.broadcast,
            last_event_at=self.hearing.last_event_at,
            last_heartbeat_at=self.hearing.last_heartbeat_at,
            connected_at=self._connected_at,
            counters=counters,
            last_problem=self._last_problem,
        )


def _named(titles: list[str]) -> str:
    unique = list(dict.fromkeys(titles))
    rest = len(unique) - _MOST_NAMED
    return ", ".join(unique[:_MOST_NAMED]) + (f" and {rest} more" if rest > 0 else "")
