"""Twitch's API, as far as she needs it: typed, bounded, and patient with its limits.

https://dev.twitch.tv/docs/api/reference. What goes wrong comes out as the house's own errors.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from enum import StrEnum
from typing import Any, Final, Generic, TypeVar

import msgspec
import structlog

from voxelle.domain.channel import Broadcast
from voxelle.domain.errors import InputError, TemporaryError
from voxelle.integrations.twitch import failures, refusals
from voxelle.integrations.twitch.accounts import STRANGE, Account
from voxelle.integrations.twitch.limits import PAGE_SIZE, SUBSCRIPTION_PAGES
from voxelle.integrations.twitch.net import HttpReply, Net, checked
from voxelle.integrations.twitch.rates import Bucket
from voxelle.integrations.twitch.replies import Channel, Paging, Redemption, Reward, SentReply, Stream, Subscription, User, read
from voxelle.integrations.twitch.settings import TwitchSettings
from voxelle.kernel.clock import Clock

log = structlog.get_logger("app")
T = TypeVar("T")

Query = Sequence[tuple[str, str]]
_CHAT: Final = "chat/messages"
_OK: Final = frozenset({200, 202, 204})
_LONGEST_TEXT: Final = 300
_REDEMPTION_PAGES: Final = 20
"""The newest thousand of each reward."""


class _Page(msgspec.Struct, Generic[T], frozen=True):
    """The frame around every list."""

    data: list[T]
    pagination: Paging | None = None


class Outcome(StrEnum):
    """How a subscription was answered."""

    CREATED = "created"
    EXISTS = "exists"
    """It was there already, on this line."""
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Subscribed:
    """What became of one subscription."""

    outcome: Outcome
    id: str = ""
    sentence: str = ""
    """Why it was refused."""
    cost: int = 0


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of one message. Twitch may take it and not show it."""

    is_sent: bool
    message_id: str = ""
    drop_code: str = ""
    drop_reason: str = ""


class Helix:
    """The API in the name of one account.

    A 401 renews the token and asks once more. AuthError: sign in again. SetupError: refused for a reason, in words.
    TemporaryError: the line, a limit, a fault of theirs, an answer that could not be read.
    """

    def __init__(self, net: Net, account: Account, settings: TwitchSettings, clock: Clock) -> None:
        self.account = account
        self.malformed = 0
        """Answers that could not be read."""
        self._net = net
        self._settings = settings
        self._clock = clock
        self._buckets = {False: Bucket(clock), True: Bucket(clock)}
        """The chat has one of its own."""

    def use_settings(self, settings: TwitchSettings) -> None:
        """Take over changed addresses."""
        self._settings = settings

    async def get(self, path: str, query: Query = ()) -> Any:
        """Return the JSON below a path."""
        return self._json(await self._ask("GET", path, query))

    async def post(self, path: str, body: Any = None, query: Query = ()) -> Any:
        """Send JSON to a path and return the answer's, None for an empty one."""
        reply = await self._ask("POST", path, query, body)
        return self._json(reply) if reply.body else None

    async def users(self, ids: Sequence[str] = (), logins: Sequence[str] = ()) -> tuple[User, ...]:
        """Return up to 100 users; without a name, the one who is signed in."""
        query = [("id", each) for each in ids] + [("login", each) for each in logins]
        return tuple(self._read(await self._ask("GET", "users", query), _Page[User]).data)

    async def broadcast(self, user_id: str) -> Broadcast:
        """Return what is on air on a channel; title and category also while it is not."""
        streams = self._read(await self._ask("GET", "streams", [("user_id", user_id)]), _Page[Stream]).data
        now = self._clock.now()
        if streams:
            stream = streams[0]
            since = stream.started_at and (stream.started_at if stream.started_at.tzinfo else stream.started_at.replace(tzinfo=UTC))
            return Broadcast(
                is_live=True,
                title=_cut(stream.title),
                category=_cut(stream.game_name),
                viewers=max(0, stream.viewer_count),
                started_at=since,
                checked_at=now,
            )
        channels = self._read(await self._ask("GET", "channels", [("broadcaster_id", user_id)]), _Page[Channel]).data
        channel = channels[0] if channels else Channel()
        return Broadcast(title=_cut(channel.title), category=_cut(channel.game_name), checked_at=now)

    async def subscribe(self, topic: str, version: str, condition: Mapping[str, str], session_id: str) -> Subscribed:
        """Ask for one kind of event on a line. TemporaryError: the line is gone, or everything has to wait."""
        body = {
            "type": topic,
            "version": version,
            "condition": dict(condition),
            "transport": {"method": "websocket", "session_id": session_id},
        }
        reply, wait = await self._send("POST", self._subscriptions, (), body)
        if reply.status in _OK:
            made = self._read(reply, _Page[Subscription]).data
            return Subscribed(Outcome.CREATED, made[0].id if made else "", cost=made[0].cost if made else 0)
        if reply.status == refusals.CONFLICT:
            return Subscribed(Outcome.EXISTS)
        sentence = refusals.subscription_refusal(reply, wait)
        log.info("twitch.subscription_refused", topic=topic, status=reply.status)
        return Subscribed(Outcome.REFUSED, sentence=sentence)

    async def subscriptions(self) -> tuple[Subscription, ...]:
        """Return all subscriptions of this application and user."""
        return await self._all(self._subscriptions, (), Subscription, SUBSCRIPTION_PAGES)

    async def delete_subscription(self, subscription_id: str) -> None:
        """End one; one that is gone is no error."""
        reply, wait = await self._send("DELETE", self._subscriptions, [("id", subscription_id)])
        if reply.status not in _OK and reply.status != refusals.NOT_FOUND:
            raise refusals.refusal(reply, wait)

    async def own_rewards(self, broadcaster_id: str) -> tuple[Reward, ...]:
        """Return the rewards this application made. SetupError with the reason where there are no channel points."""
        query = [("broadcaster_id", broadcaster_id), ("only_manageable_rewards", "true")]
        return await self._all("channel_points/custom_rewards", query, Reward, 1)

    async def unfulfilled(self, broadcaster_id: str) -> tuple[Redemption, ...]:
        """Return what was redeemed and not settled, oldest first: to fill a gap. Twitch tells it of our own rewards alone.

        Where very many wait, these are the newest of them.
        """
        found: list[Redemption] = []
        for reward in await self.own_rewards(broadcaster_id):
            query = [
                ("broadcaster_id", broadcaster_id),
                ("reward_id", reward.id),
                ("status", "UNFULFILLED"),
                ("sort", "NEWEST"),
                ("first", str(PAGE_SIZE)),
            ]
            found += await self._all("channel_points/custom_rewards/redemptions", query, Redemption, _REDEMPTION_PAGES)
        return tuple(sorted(found, key=_moment))

    async def send_message(self, broadcaster_id: str, text: str, reply_to: str = "") -> Sent:
        """Write into a chat, as this account; at most 500 characters."""
        body = {"broadcaster_id": broadcaster_id, "sender_id": self.account.user_id, "message": text}
        if reply_to:
            body["reply_parent_message_id"] = reply_to
        data = self._read(await self._ask("POST", _CHAT, (), body), _Page[SentReply]).data
        if not data:
            raise self._malformed()
        sent = data[0]
        return Sent(sent.is_sent, _cut(sent.message_id), _cut(sent.dropped.code), _cut(sent.dropped.message))

    async def announce(self, broadcaster_id: str, text: str, color: str = "primary") -> None:
        """Write an announcement, as this account."""
        query = [("broadcaster_id", broadcaster_id), ("moderator_id", self.account.user_id)]
        await self._ask("POST", "chat/announcements", query, {"message": text, "color": color})

    @property
    def _subscriptions(self) -> str:
        return self._settings.subscriptions_url or "eventsub/subscriptions"

    async def _all(self, path: str, query: Query, kind: type[T], pages: int) -> tuple[T, ...]:
        """Go through a list, page by page."""
        found: list[T] = []
        after = ""
        for _ in range(pages):
            page = self._read(await self._ask("GET", path, [*query, *([("after", after)] if after else [])]), _Page[kind])  # type: ignore[valid-type]
            found += page.data
            after = page.pagination.cursor if page.pagination else ""
            if not after:
                break
        return tuple(found)

    async def _ask(self, method: str, path: str, query: Query = (), body: Any = None) -> HttpReply:
        reply, wait = await self._send(method, path, query, body)
        if reply.status not in _OK:
            raise refusals.refusal(reply, wait)
        return reply

    async def _send(self, method: str, path: str, query: Query = (), body: Any = None) -> tuple[HttpReply, float | None]:
        """Send a request, with a new token if the old one has ended; give any other answer back, and how long to wait."""
        url = path if "://" in path else f"{self._settings.helix_base_url.rstrip('/')}/{path}"
        bucket = self._buckets[path == _CHAT]
        token = await self.account.token()
        for _ in range(2):
            await bucket.wait()
            headers = {"Authorization": f"Bearer {token}", "Client-Id": self._settings.client_id}
            reply = checked(await self._net.http.request(method, url, headers=headers, query=query, body=body))
            if reply.status != refusals.UNAUTHORIZED or refusals.lacks_permission(reply):
                is_refused = reply.status == refusals.TOO_MANY
                wait = bucket.note(reply, is_refused=is_refused)
                return reply, wait if is_refused else None
            token = await self.account.renew(token)
        raise TemporaryError(STRANGE)

    def _read(self, reply: HttpReply, kind: type[T]) -> T:
        try:
            return read(reply, kind)
        except TemporaryError:
            self.malformed += 1
            raise

    def _json(self, reply: HttpReply) -> Any:
        try:
            return reply.json()
        except InputError as error:
            raise self._malformed() from error

    def _malformed(self) -> TemporaryError:
        self.malformed += 1
        return TemporaryError(failures.MALFORMED)


def _cut(text: str) -> str:
    return text[:_LONGEST_TEXT]


def _moment(redemption: Redemption) -> float:
    at = redemption.redeemed_at
    return 0.0 if at is None else at.timestamp()
