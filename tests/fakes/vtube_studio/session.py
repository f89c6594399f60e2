"""One plugin's line to the fake, and what travels on it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

NO_GOODBYE = 1006


@dataclass(slots=True, eq=False)
class Session:
    """A line from a plugin. Messages for it wait in `outbox` until its owner takes them."""

    id: int
    outbox: deque[str] = field(default_factory=deque)
    closed: tuple[int, str] | None = None
    """Code and reason, once the line is gone."""
    on_news: Callable[[], None] = field(default=lambda: None)
    """Told when there is something in the outbox, when the line is closed, and when the next thing is due earlier."""
    plugin: str = ""
    """Name of the authenticated plugin; empty before."""
    is_revoked: bool = False
    was_told_at: float | None = None
    """When it was first told that it is not authenticated (any more)."""
    subscriptions: dict[str, dict[str, Any]] = field(default_factory=dict)
    subscribed_by: dict[str, str] = field(default_factory=dict)
    """Event → id of the request that subscribed to it last."""

    def put(self, message: str) -> None:
        """Send a message, unless the line is gone."""
        if self.closed is None:
            self.outbox.append(message)
            self.on_news()


@dataclass(frozen=True, slots=True, eq=False)
class Request:
    """A well-formed request."""

    session: Session
    kind: str
    id: str
    data: dict[str, Any]

    @property
    def plugin(self) -> str:
        """Who asks."""
        return self.session.plugin


@dataclass(slots=True, eq=False)
class Logged:
    """What came in, when, and how it was answered."""

    at: float
    session_id: int
    kind: str
    data: dict[str, Any]
    raw: str
    request_id: str = ""
    error_id: int | None = None
    """Of the APIError it was answered with."""
    is_answered: bool = False


@dataclass(frozen=True, slots=True)
class Violation:
    """Something that a good plugin does not do."""

    at: float
    kind: str
    """`unauthenticated`, `rate`, `queue`, `popups`, `lost`, `fields`, `types`, `range`, `unknown` …"""
    sentence: str
