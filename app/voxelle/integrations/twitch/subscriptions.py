"""Which topics are subscribed, each on its own: one that is refused says why and takes no other with it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final, NoReturn

import structlog

from voxelle.domain.channel import TopicState, TopicStatus
from voxelle.domain.errors import AuthError, SetupError, TemporaryError
from voxelle.integrations.twitch.helix import Outcome, Subscribed
from voxelle.integrations.twitch.refusals import NO_ROOM
from voxelle.integrations.twitch.scopes import READ_CHAT
from voxelle.integrations.twitch.settings import TwitchSettings
from voxelle.integrations.twitch.topics import TOPICS, Topic
from voxelle.kernel.clock import Clock
from voxelle.kernel.tasks import TaskScope

log = structlog.get_logger("chat")

AT_ONCE: Final = 4
"""Requests side by side: Twitch wants the first subscription within ten seconds."""
PAUSES_S: Final = (2.0, 10.0, 30.0, 60.0)
"""Before what failed for a passing reason is tried again."""

NO_SCOPE: Final = "The permission for it is missing: sign in again to allow it."
NO_CHAT: Final = "The permission to read the chat is missing: sign in to Twitch again and allow it."
NOTHING: Final = "Twitch refuses everything that was asked for."
REVOKED: Final = {
    "user_removed": "The account does not exist any more.",
    "authorization_revoked": "Voxelle was disconnected in the settings of Twitch: sign in again.",
    "version_removed": "Twitch no longer has it in this form: look for a new version of Voxelle.",
    "moderator_removed": "The account is no longer a moderator of the channel.",
}
_REVOKED_OTHERWISE: Final = "Twitch took it back."
_SIGN_IN_AGAIN: Final = frozenset({"authorization_revoked", "user_removed"})

Subscribe = Callable[[str, str, Mapping[str, str], str], Awaitable[Subscribed]]
"""Topic, version, condition, session."""


class Subscriptions:
    """The state of every topic, and what keeps them subscribed while a session lives."""

    def __init__(self, clock: Clock, on_change: Callable[[], None]) -> None:
        self._clock = clock
        self._on_change = on_change
        self._statuses = {topic.key: TopicStatus(topic.name, topic.title, topic.feature, TopicState.OFF) for topic in TOPICS}
        self._by_name: dict[str, list[Topic]] = {}
        for topic in TOPICS:
            self._by_name.setdefault(topic.name, []).append(topic)
        self._wake = asyncio.Event()
        self.active: frozenset[str] = frozenset()
        """What is heard now."""

    @property
    def statuses(self) -> tuple[TopicStatus, ...]:
        """All topics, in the order of the table."""
        return tuple(self._statuses.values())

    @property
    def is_incomplete(self) -> bool:
        """Whether something is wanted that was not answered yet."""
        return any(each.state is TopicState.PENDING for each in self._statuses.values())

    @property
    def problems(self) -> tuple[TopicStatus, ...]:
        """What is wanted and not given, so that something is missing."""
        lacking = {TopicState.PENDING, TopicState.REFUSED, TopicState.REVOKED}
        found = ((topic, self._statuses[topic.key]) for topic in TOPICS if not topic.is_extra)
        return tuple(each for _, each in found if each.state in lacking and each.sentence)

    def is_off(self, name: str) -> bool:
        """Whether a topic is switched off here and may still be told by an older subscription."""
        topics = self._by_name.get(name)
        return topics is not None and all(self._statuses[topic.key].state is TopicState.OFF for topic in topics)

    def want(self, settings: TwitchSettings, granted: Iterable[str], *, is_fresh: bool = False) -> None:
        """Take over the switches and the permissions. What is subscribed stays, unless the session `is_fresh`."""
        have = frozenset(granted)
        for topic in TOPICS:
            old = self._statuses[topic.key]
            if not topic.is_wanted(settings):
                self._set(topic, TopicState.OFF)
            elif not topic.is_allowed(have):
                self._set(topic, TopicState.REFUSED, NO_CHAT if READ_CHAT in topic.scopes else NO_SCOPE)
            elif is_fresh or (old.state in {TopicState.OFF, TopicState.REFUSED} and old.sentence in {"", NO_SCOPE, NO_CHAT}):
                self._set(topic, TopicState.PENDING)
        self._wake.set()
        self._on_change()

    async def keep(self, subscribe: Subscribe, session_id: str, broadcaster_id: str, on_round: Callable[[], Awaitable[None]]) -> NoReturn:
        """Subscribe to all that is wanted, and to what is wanted later. `on_round` follows every round. Lasts until cancelled.

        AuthError: the sign-in is gone, or may not read the chat. SetupError: nothing at all is given.
        """
        rounds = 0
        while True:
            self._wake.clear()
            pending = [topic for topic in TOPICS if self._statuses[topic.key].state is TopicState.PENDING]
            async with TaskScope("twitch subscriptions") as scope:
                await self._round(scope, pending, lambda topic: self._one(subscribe, topic, session_id, broadcaster_id))
            self._check()
            await on_round()
            try:
                async with asyncio.timeout(PAUSES_S[min(rounds, len(PAUSES_S) - 1)] if self.is_incomplete else None):
                    await self._wake.wait()
            except TimeoutError:
                log.info("twitch.subscribing_again")
            rounds += 1

    async def _round(self, scope: TaskScope, pending: list[Topic], one: Callable[[Topic], Awaitable[None]]) -> None:
        """Work through a list with a few workers; the first one that finds the sign-in gone ends all."""
        waiting = iter(pending)

        async def work() -> None:
            for topic in waiting:
                await one(topic)

        workers = {scope.start(work(), name="subscribe", is_awaited=True) for _ in range(min(AT_ONCE, len(pending)))}
        if workers:
            await asyncio.gather(*workers)

    async def _one(self, subscribe: Subscribe, topic: Topic, session_id: str, broadcaster_id: str) -> None:
        try:
            answer = await subscribe(topic.name, topic.version, topic.condition_of(broadcaster_id), session_id)
        except TemporaryError as error:
            self._answered(topic, TopicState.PENDING, error.sentence)
            return
        if answer.outcome is Outcome.REFUSED and answer.sentence == NO_ROOM:
            # Lines that died without a word hold theirs for a while.
            self._answered(topic, TopicState.PENDING, answer.sentence)
        elif answer.outcome is Outcome.REFUSED:
            self._answered(topic, TopicState.REFUSED, answer.sentence)
        else:
            self._answered(topic, TopicState.ACTIVE)

    def _check(self) -> None:
        """Raise when there is nothing to stay for."""
        if self.active or self.is_incomplete:
            return
        sentences = [each.sentence for each in self.problems]
        if NO_CHAT in sentences:
            raise AuthError(NO_CHAT)
        raise SetupError(f"{NOTHING} {sentences[0] if sentences else ''}".strip())

    def on_event(self, name: str, at: datetime, *, is_second: bool = False) -> None:
        """Note that a topic told something; `is_second` means the second subscription of that name."""
        topics = self._by_name.get(name)
        if topics:
            topic = topics[-1] if is_second else topics[0]
            status = self._statuses[topic.key]
            self._statuses[topic.key] = replace(status, last_event_at=at, events=status.events + 1)

    def on_revoked(self, name: str, status: str) -> None:
        """Note that Twitch took a topic back. AuthError when it took the whole sign-in."""
        log.warning("twitch.topic_revoked", topic=name if name in self._by_name else "unknown")
        for topic in self._by_name.get(name, ()):
            self._set(topic, TopicState.REVOKED, REVOKED.get(status, _REVOKED_OTHERWISE))
        self._on_change()
        if status in _SIGN_IN_AGAIN:
            raise AuthError(REVOKED[status])

    def retry(self) -> None:
        """Ask again for what Twitch refused or took back."""
        for topic in TOPICS:
            status = self._statuses[topic.key]
            if status.state in {TopicState.REFUSED, TopicState.REVOKED} and status.sentence not in {NO_SCOPE, NO_CHAT}:
                self._set(topic, TopicState.PENDING)
        self._wake.set()
        self._on_change()

    def on_lost(self) -> None:
        """Note that the session is over, and with it what was subscribed."""
        for topic in TOPICS:
            if self._statuses[topic.key].state is TopicState.ACTIVE:
                self._set(topic, TopicState.PENDING)
        self._on_change()

    def _set(self, topic: Topic, state: TopicState, sentence: str = "") -> None:
        status = self._statuses[topic.key]
        if (status.state, status.sentence) != (state, sentence):
            self._statuses[topic.key] = replace(status, state=state, sentence=sentence)
            self.active = frozenset(each.topic for each in self._statuses.values() if each.state is TopicState.ACTIVE)

    def _answered(self, topic: Topic, state: TopicState, sentence: str = "") -> None:
        """Note an answer, unless the switch was turned meanwhile."""
        if self._statuses[topic.key].state is TopicState.PENDING:
            self._set(topic, state, sentence)
            self._on_change()
