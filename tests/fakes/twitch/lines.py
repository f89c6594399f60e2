"""EventSub over WebSocket, without sockets: lines that are told the time and hold what is to be sent."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.fakes.twitch.world import World

UNUSED_S = 10.0
"""Within this time after the welcome something must be subscribed to."""
RECONNECT_S = 30.0
"""How long the old line stays after a reconnect message."""
PING_S = 25.0
"""How long Twitch talks to a client that is gone without a word."""
MAX_LINES = 3
CLOSES = {
    4000: "Internal server error",
    4001: "Client sent inbound traffic",
    4002: "Client failed ping-pong",
    4003: "Connection unused",
    4004: "Reconnect grace time expired",
    4005: "Network timeout",
    4006: "Network error",
    4007: "Invalid reconnect",
}
ENDINGS = {
    4000: "websocket_internal_error",
    4001: "websocket_received_inbound_traffic",
    4002: "websocket_failed_ping_pong",
    4003: "websocket_connection_unused",
    4004: "websocket_failed_to_reconnect",
    4005: "websocket_network_timeout",
    4006: "websocket_network_error",
}
"""What becomes of the subscriptions of a line that was closed so; `websocket_disconnected` otherwise."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One frame on its way."""

    data: str | bytes
    message_id: str = ""
    is_notification: bool = False


@dataclass(frozen=True, slots=True)
class Ending:
    """How a line ended; 1006 means without a word."""

    code: int
    reason: str = ""


def _nobody() -> None:
    """Nobody waits."""


@dataclass(slots=True, eq=False)
class Line:
    """One WebSocket. After a reconnect message two lines share one session."""

    session_id: str
    url: str
    keepalive_s: int
    opened_at: float
    connected_at: str
    sent_at: float
    outbox: deque[Outgoing] = field(default_factory=deque)
    ending: Ending | None = None
    """Given once the outbox is empty."""
    is_silent: bool = False
    """Nothing reaches the client any more, and it does not know."""
    unused_at: float | None = None
    gone_at: float | None = None
    """When an old or a silent line is closed."""
    challenge: str = ""
    accepts_successor: bool = True
    has_successor: bool = False
    wake: Callable[[], None] = _nobody
    """Called when there is something to take."""

    @property
    def is_open(self) -> bool:
        """Whether it still carries something."""
        return self.ending is None

    def push(self, frame: Outgoing, now: float) -> None:
        """Put a frame on its way."""
        self.sent_at = max(self.sent_at, now)
        if self.is_open and not self.is_silent:
            self.outbox.append(frame)
            self.wake()

    def end(self, code: int, reason: str = "", *, is_abrupt: bool = False) -> None:
        """End the line; abruptly, what was on its way is lost."""
        if not self.is_open:
            return
        if is_abrupt:
            self.outbox.clear()
        self.ending = Ending(code, reason)
        if self.is_silent:
            self.ending = Ending(1006)
        self.wake()

    def due_at(self) -> float | None:
        """When something happens on it by itself."""
        if not self.is_open:
            return None
        times = [self.sent_at + self.keepalive_s] if not self.has_successor and not self.is_silent else []
        times += [moment for moment in (self.unused_at, self.gone_at) if moment is not None]
        return min(times, default=None)


class Lines:
    """All lines of the fake. Every method that depends on time calls `tick` first; nothing here waits."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.all: list[Line] = []
        self.abandoned: list[str] = []
        """Ids of notifications that had reached the client when it hung up, and that it never looked at."""
        self.on_lost: Callable[[str, str], None] = lambda _session_id, _status: None
        """Told when a session is over, with what becomes of its subscriptions."""
        self.has_subscriptions: Callable[[str], bool] = lambda _session_id: False

    def open(self, url: str) -> Line:
        """Take a new connection; it may be closed at once, with 4007 for a wrong reconnect."""
        self.tick()
        parts = urlsplit(url)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if "challenge" in query or "id" in query:
            return self._resume(url, query)
        asked = query.get("keepalive_timeout_seconds", "10")
        keepalive_s = min(max(int(asked), 10), 600) if asked.isascii() and asked.isdigit() else 10
        line = self._line(f"AgoQ{self._world.text(24)}EgZjZWxsLWE", url, keepalive_s)
        line.unused_at = line.opened_at + UNUSED_S
        self._welcome(line)
        return line

    def _line(self, session_id: str, url: str, keepalive_s: int) -> Line:
        now = self._world.monotonic()
        line = Line(session_id, url, keepalive_s, now, self._world.stamp(), now)
        self.all.append(line)
        return line

    def _resume(self, url: str, query: dict[str, str]) -> Line:
        old = next((each for each in self.all if each.is_open and each.challenge and each.challenge == query.get("challenge")), None)
        if old is None or old.session_id != query.get("id") or not old.accepts_successor or old.has_successor:
            line = self._line("", url, 10)
            line.end(4007, CLOSES[4007])
            return line
        line = self._line(old.session_id, url, old.keepalive_s)
        old.has_successor = True
        self._welcome(line)
        return line

    def _welcome(self, line: Line) -> None:
        self.send(line, "session_welcome", {"session": self._session(line, "connected", line.keepalive_s, None)})

    def _session(self, line: Line, status: str, keepalive_s: int | None, reconnect_url: str | None) -> dict[str, Any]:
        return {
            "id": line.session_id,
            "status": status,
            "connected_at": line.connected_at,
            "keepalive_timeout_seconds": keepalive_s,
            "reconnect_url": reconnect_url,
            "recovery_url": None,
        }

    def send(self, line: Line, kind: str, payload: dict[str, Any], metadata: dict[str, str] | None = None, message_id: str = "") -> str:
        """Send one message and return its id."""
        message_id = message_id or self._world.uuid()
        head = {"message_id": message_id, "message_type": kind, "message_timestamp": self._world.stamp(), **(metadata or {})}
        data = json.dumps({"metadata": head, "payload": payload}, ensure_ascii=False, separators=(",", ":"))
        line.push(Outgoing(data, message_id, kind == "notification"), self._world.monotonic())
        return message_id

    def current(self, session_id: str) -> Line | None:
        """Return the line that carries a session now: the newest one."""
        return next((line for line in reversed(self.all) if line.session_id == session_id and line.is_open), None)

    def open_lines(self) -> list[Line]:
        """Return the lines that are open, oldest first."""
        return [line for line in self.all if line.is_open]

    def ask_to_reconnect(self, line: Line, *, is_accepted: bool = True) -> str:
        """Send `session_reconnect` and return the address; without `is_accepted` the new line is refused (4007, then 4004)."""
        line.challenge = self._world.uuid()
        line.accepts_successor = is_accepted
        line.gone_at = self._world.monotonic() + RECONNECT_S
        line.unused_at = None
        parts = urlsplit(line.url)
        url = f"{parts.scheme}://{parts.netloc}{parts.path}?challenge={line.challenge}&id={line.session_id}"
        self.send(line, "session_reconnect", {"session": self._session(line, "reconnecting", None, url)})
        return url

    def silence(self, line: Line) -> None:
        """Let a line go half-open: the client hears nothing more, Twitch notices later."""
        line.is_silent = True
        line.gone_at = self._world.monotonic() + PING_S

    def close(self, line: Line, code: int, *, is_abrupt: bool = False) -> None:
        """End a line from Twitch's side; with it goes its session, unless another line carries it."""
        line.end(code, CLOSES.get(code, ""), is_abrupt=is_abrupt)
        self._forget(line, ENDINGS.get(code, "websocket_disconnected"))

    def hang_up(self, line: Line) -> None:
        """The client closed the line: what it did not take is gone."""
        self.abandoned += [frame.message_id for frame in line.outbox if frame.is_notification]
        line.outbox.clear()
        line.end(1000)
        self._forget(line, "websocket_disconnected")

    def _forget(self, line: Line, status: str) -> None:
        if line.session_id and self.current(line.session_id) is None:
            self.on_lost(line.session_id, status)

    def tick(self) -> None:
        """Let everything happen that was due by now."""
        now = self._world.monotonic()
        for line in self.all:
            while (due := line.due_at()) is not None and due <= now:
                self._happen(line, due)
        self.all = [line for line in self.all if line.is_open or line.outbox]

    def _happen(self, line: Line, due: float) -> None:
        if line.unused_at is not None and line.unused_at <= due:
            line.unused_at = None
            if not self.has_subscriptions(line.session_id):
                self.close(line, 4003)
        elif line.gone_at is not None and line.gone_at <= due:
            line.gone_at = None
            code = 4002 if line.is_silent else 4004
            if not line.is_silent and line.has_successor:
                line.end(1000)
                self._forget(line, "websocket_disconnected")
            else:
                self.close(line, code)
        else:
            line.sent_at = due
            self.send(line, "session_keepalive", {})
            line.sent_at = due
