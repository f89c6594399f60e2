"""What the fake Twitch holds: people, applications, tokens, codes, rewards, and the time it believes in."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from voxelle.kernel.clock import Clock, Randomness

ACCESS_S = 14_400.0
"""An access token of the device flow lives about four hours."""
REFRESH_S = 30 * 86_400.0
"""A refresh token of a public client lives for 30 days and serves once."""


@dataclass(slots=True)
class Stream:
    """What is on air."""

    id: str
    started_at: datetime
    viewers: int = 12


@dataclass(slots=True)
class User:
    """One account and its channel."""

    id: str
    login: str
    name: str
    kind: str = "affiliate"
    """`` (nothing), `affiliate` or `partner`."""
    title: str = "Building things"
    category_id: str = "1469308723"
    category: str = "Software and Game Development"
    stream: Stream | None = None
    moderators: set[str] = field(default_factory=set)
    vips: set[str] = field(default_factory=set)
    banned: set[str] = field(default_factory=set)
    """Who may not write in this channel."""
    color: str = "#9ACD32"


@dataclass(frozen=True, slots=True)
class App:
    """A registered application; without a secret it is a public client."""

    client_id: str
    name: str = "Voxelle"
    secret: str | None = None


@dataclass(slots=True)
class Token:
    """An access token and the refresh token that came with it."""

    access: str
    refresh: str
    client_id: str
    user_id: str
    scopes: tuple[str, ...]
    access_ends_at: float
    refresh_ends_at: float
    is_refresh_used: bool = False
    successor: Token | None = None
    """What its refresh token was exchanged for."""


@dataclass(slots=True)
class Code:
    """A device code that somebody may confirm."""

    device_code: str
    user_code: str
    client_id: str
    scopes: tuple[str, ...]
    ends_at: float
    interval_s: float
    polled_at: float | None = None
    user_id: str = ""
    is_denied: bool = False
    is_used: bool = False


@dataclass(slots=True)
class Reward:
    """A custom reward; only the application that made it may see its redemptions."""

    id: str
    broadcaster_id: str
    client_id: str
    title: str = "Hydrate"
    cost: int = 100
    prompt: str = "Drink some water"


class World:
    """The data all parts of the fake share."""

    def __init__(self, clock: Clock, randomness: Randomness) -> None:
        self.clock = clock
        self.randomness = randomness
        self.skew = timedelta()
        """By how much Twitch's date differs from the computer's."""
        self.users: dict[str, User] = {}
        self.apps: dict[str, App] = {}
        self.access: dict[str, Token] = {}
        self.refresh: dict[str, Token] = {}
        self.codes: dict[str, Code] = {}
        self.rewards: dict[str, Reward] = {}
        self.redemptions: list[dict[str, Any]] = []
        """In the shape of Helix, newest last."""

    def monotonic(self) -> float:
        """Seconds that never go back."""
        return self.clock.monotonic()

    def now(self) -> datetime:
        """The date as Twitch sees it."""
        return self.clock.now() + self.skew

    def stamp(self, ago_s: float = 0.0) -> str:
        """The date as EventSub writes it: RFC 3339 with nanoseconds."""
        return stamp(self.now() - timedelta(seconds=ago_s), self.randomness.randrange(1000))

    def uuid(self) -> str:
        """A new id in the shape of a UUID."""
        return str(uuid.UUID(int=self.randomness.getrandbits(128), version=4))

    def text(self, length: int) -> str:
        """A new token of lower-case letters and digits."""
        return "".join(self.randomness.choices("abcdefghijklmnopqrstuvwxyz0123456789", k=length))

    def issue(self, client_id: str, user_id: str, scopes: tuple[str, ...]) -> Token:
        """Make a pair of tokens."""
        now = self.monotonic()
        token = Token(self.text(30), self.text(50), client_id, user_id, scopes, now + ACCESS_S, now + REFRESH_S)
        self.access[token.access] = token
        self.refresh[token.refresh] = token
        return token

    def valid(self, access: str) -> Token | None:
        """Return what an access token stands for, unless it has ended."""
        token = self.access.get(access)
        return token if token is not None and self.monotonic() < token.access_ends_at else None

    def has_authorised(self, user_id: str, client_id: str) -> bool:
        """Whether somebody ever gave an application a permission, and has not taken it back."""
        return any(token.user_id == user_id and token.client_id == client_id for token in self.refresh.values())

    def user(self, login_or_id: str) -> User:
        """Return one account by id or login."""
        if login_or_id in self.users:
            return self.users[login_or_id]
        return next(user for user in self.users.values() if user.login == login_or_id)


def stamp(moment: datetime, nanoseconds: int = 0) -> str:
    """Write a date as EventSub does: RFC 3339 with nanoseconds."""
    moment = moment.astimezone(UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond:06d}{nanoseconds:03d}Z"


def short_stamp(moment: datetime) -> str:
    """Write a date as Helix does: RFC 3339 with whole seconds."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
