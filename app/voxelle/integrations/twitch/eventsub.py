"""The event socket: one session at a time, carried over when Twitch asks for it, made anew when it was lost.

Source: https://dev.twitch.tv/docs/eventsub/handling-websocket-events/ and …/websocket-reference/.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final, NoReturn, Protocol
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import structlog

from voxelle.domain.errors import TemporaryError
from voxelle.integrations.twitch.messages import (
    Frame,
    Malformed,
    Notification,
    Reconnect,
    Revocation,
    Welcome,
    read_frame,
)
from voxelle.integrations.twitch.net import Socket, SocketClosed
from voxelle.kernel.clock import Clock
from voxelle.kernel.tasks import TaskScope

log = structlog.get_logger("chat")

WELCOME_S: Final = 10.0
GRACE_S: Final = 5.0
"""A heartbeat may come so much later than promised."""
HANDOVER_S: Final = 30.0
"""So long Twitch keeps the old line after asking for a reconnect."""
DRAIN_S: Final = HANDOVER_S + 5.0
"""The old line is read until Twitch ends it; one that it forgets is left."""
RIVALRY_S: Final = 5.0
"""What an ended session told may still come from another one."""
BREATH_S: Final = 0.001
"""A break in reading a line on which more waits: in a flood everybody else, the window's thread before all, gets on as well."""
BUSY_S: Final = 0.001
"""So long it is read without a break, or a quarter of what the last break was, if a computer busy with a game let that be long."""
LONGEST_BUSY_S: Final = 0.004
"""Shorter than what Python takes to wrest its lock from a thread."""
LIVED_S: Final = 20.0
"""A session that lasted so long is made anew at once; others wait for the supervisor, longer each time."""

CLOSINGS: Final = {
    4000: "Twitch had a fault of its own and ended the line.",
    4001: "Twitch ended the line because something was sent over it, which must not happen: restart Voxelle.",
    4002: "Twitch got no sign of life from this computer and ended the line.",
    4003: "Twitch ended the line because nothing was asked for in time.",
    4004: "Moving to another line took too long, and Twitch ended the old one.",
    4005: "The network was too slow for the line to Twitch.",
    4006: "The network between this computer and Twitch failed.",
    4007: "The new line that Twitch had offered was not valid.",
}
"""All of them mean the same for us: a fresh session, with everything subscribed anew."""
_LOST: Final = "The line to Twitch was lost."
_SILENT: Final = "Twitch went silent, so the line counts as lost."
_NO_WELCOME: Final = "Twitch took the line and did not say hello."
_OWN_FAULT: Final = 4001
_NOBODY: Final[frozenset[str]] = frozenset()


class LineLost(TemporaryError):  # noqa: N818 -- how a line ends, not a mistake
    """The session is over."""

    def __init__(self, sentence: str, code: int = 0) -> None:
        super().__init__(sentence)
        self.code = code


class Listener(Protocol):
    """Whom a session tells."""

    async def on_connecting(self) -> None:
        """A fresh session is about to be opened."""
        ...

    async def on_session(self, session_id: str) -> None:
        """A fresh session is there: subscribe to everything, and keep that so. Cancelled when the session ends."""
        ...

    async def on_notification(self, notification: Notification, session: str, rivals: frozenset[str]) -> None:
        """Something happened, told in this session; `rivals` are others that are heard at the same time and tell the same."""
        ...

    def on_revocation(self, revocation: Revocation) -> None:
        """A subscription ended. May raise what ends the connection."""
        ...

    def on_frame(self, frame: Frame | None) -> None:
        """Anything came, None for what can't be read: the line lives."""
        ...

    def on_moving(self) -> None:
        """The session goes over to another line."""
        ...

    def on_lost(self, sentence: str) -> None:
        """The session is over and is made anew at once."""
        ...


@dataclass(slots=True, eq=False)
class _Line:
    """One socket after its welcome."""

    socket: Socket
    session_id: str
    limit_s: float
    rivals: dict[str, float]
    """Other sessions that were heard at the same time, and when they end to matter."""


def with_keepalive(url: str, keepalive_s: int) -> str:
    """Ask for a heartbeat of that many seconds."""
    parts = urlsplit(url)
    query = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name != "keepalive_timeout_seconds"]
    return urlunsplit(parts._replace(query=urlencode([*query, ("keepalive_timeout_seconds", str(keepalive_s))])))


class EventSub:
    """Hears until the connection can't be kept by itself."""

    def __init__(self, connect: Callable[[str], Awaitable[Socket]], url: str, keepalive_s: int, clock: Clock, listener: Listener) -> None:
        self._connect = connect
        self._url = with_keepalive(url, keepalive_s)
        self._keepalive_s = float(keepalive_s)
        self._clock = clock
        self._listener = listener
        self._drains: set[asyncio.Task[None]] = set()
        self._lines: set[_Line] = set()

    async def run(self) -> NoReturn:
        """Hear. TemporaryError: a session that did not last; whatever the listener raises ends it too."""
        async with TaskScope("twitch lines") as scope:
            while True:
                began = self._clock.monotonic()
                try:
                    await self._listener.on_connecting()
                    await self._session(scope)
                except TemporaryError as error:
                    if self._clock.monotonic() - began < LIVED_S or not isinstance(error, LineLost):
                        await self._drained()
                        raise
                    log.info("twitch.line_lost", code=error.code)
                    self._listener.on_lost(error.sentence)

    async def _session(self, scope: TaskScope) -> NoReturn:
        """Live one session through all its lines."""
        line = await self._open(self._url)
        subscribing = scope.start(self._listener.on_session(line.session_id), name="subscribe", is_awaited=True)
        try:
            while True:
                reading = scope.start(self._read(line), name="read", is_awaited=True)
                url = await self._either(reading, subscribing, line)
                line = await self._move(scope, line, url)
        finally:
            await _ended(subscribing)

    async def _either(self, reading: asyncio.Task[str], subscribing: asyncio.Task[None], line: _Line) -> str:
        """Read until Twitch asks to move; what subscribing can't mend ends it as well."""
        try:
            waited = {reading, subscribing} if not subscribing.done() else {reading}
            done, _ = await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
            if subscribing in done:
                subscribing.result()
            return await reading
        except BaseException:
            await _ended(reading)
            await self._close(line)
            raise

    async def _move(self, scope: TaskScope, old: _Line, url: str) -> _Line:
        """Open the new line, and read the old one until Twitch ends it. LineLost: it could not be opened."""
        log.info("twitch.moving")
        self._listener.on_moving()
        drain = scope.start(self._drain(old), name="drain")
        self._drains.add(drain)
        drain.add_done_callback(self._drains.discard)
        try:
            async with asyncio.timeout(HANDOVER_S):
                return await self._open(url, old.limit_s)
        except TimeoutError as error:
            raise LineLost(CLOSINGS[4004], 4004) from error
        except TemporaryError as error:
            raise LineLost(error.sentence, getattr(error, "code", 0)) from error

    async def _open(self, url: str, limit_s: float | None = None) -> _Line:
        """Open a socket and wait for its welcome."""
        socket = await self._connect(url)
        try:
            async with asyncio.timeout(WELCOME_S):
                while True:
                    frame = self._take(await socket.receive())
                    if isinstance(frame, Welcome):
                        break
        except TimeoutError as error:
            await socket.close()
            raise LineLost(_NO_WELCOME) from error
        except SocketClosed as error:
            raise _lost(error) from error
        except BaseException:
            await socket.close()
            raise
        promised = frame.keepalive_s
        if promised is not None or limit_s is None:
            limit_s = (promised or self._keepalive_s) + GRACE_S
        line = _Line(socket, frame.session_id, limit_s, {})
        for other in self._lines:
            if other.session_id == line.session_id:
                line.rivals.update(other.rivals)
            else:
                line.rivals[other.session_id] = other.rivals[line.session_id] = math.inf
        self._lines.add(line)
        return line

    async def _close(self, line: _Line) -> None:
        self._lines.discard(line)
        if not any(each.session_id == line.session_id for each in self._lines):
            for each in self._lines:
                if line.session_id in each.rivals:
                    each.rivals[line.session_id] = self._clock.monotonic() + RIVALRY_S
        await line.socket.close()

    async def _read(self, line: _Line) -> str:
        """Hand on what comes until Twitch asks to move; return where to."""
        asked = since = self._clock.monotonic()
        busy_s = BUSY_S
        while True:
            try:
                async with asyncio.timeout(line.limit_s):
                    raw = await line.socket.receive()
            except TimeoutError as error:
                raise LineLost(_SILENT) from error
            except SocketClosed as error:
                raise _lost(error) from error
            came = self._clock.monotonic()
            if came - asked >= BREATH_S:
                since = came
            frame = self._take(raw)
            if isinstance(frame, Reconnect):
                return frame.url
            await self._hand_on(frame, line)
            asked = self._clock.monotonic()
            if asked - since >= busy_s:
                await self._clock.sleep(BREATH_S)
                since = self._clock.monotonic()
                busy_s = min(LONGEST_BUSY_S, max(BUSY_S, (since - asked) / 4))
                asked = since

    async def _drain(self, line: _Line) -> None:
        """Read what is still on an old line."""
        until = self._clock.monotonic() + DRAIN_S
        try:
            while True:
                # Handing on is not cut: what was taken from the line exists nowhere else.
                async with asyncio.timeout(until - self._clock.monotonic()):
                    raw = await line.socket.receive()
                await self._hand_on(self._take(raw), line)
        except (TimeoutError, SocketClosed):
            log.info("twitch.moved")
        finally:
            await self._close(line)

    async def _drained(self) -> None:
        """Wait for old lines that still tell something: nobody else will."""
        if self._drains:
            await asyncio.wait(set(self._drains))

    async def _hand_on(self, frame: Frame | None, line: _Line) -> None:
        if isinstance(frame, Notification):
            await self._listener.on_notification(frame, line.session_id, self._rivals(line))
        elif isinstance(frame, Revocation):
            self._listener.on_revocation(frame)

    def _rivals(self, line: _Line) -> frozenset[str]:
        """Return the sessions that tell the same as this line, or did a moment ago."""
        if not line.rivals:
            return _NOBODY
        now = self._clock.monotonic()
        line.rivals = {session: until for session, until in line.rivals.items() if now < until}
        return frozenset(line.rivals)

    def _take(self, raw: str | bytes) -> Frame | None:
        """Read a frame; None for one that can't be read, which is dropped."""
        frame: Frame | None
        try:
            frame = read_frame(raw)
        except Malformed:
            log.warning("twitch.malformed", size=len(raw))
            frame = None
        self._listener.on_frame(frame)
        return frame


def _lost(closed: SocketClosed) -> LineLost:
    if closed.code == _OWN_FAULT:
        log.error("twitch.spoke_on_the_line")
    return LineLost(CLOSINGS.get(closed.code, _LOST), closed.code)


async def _ended(task: asyncio.Task[Any]) -> None:
    """Cancel a task and wait for it; nobody asks any more how it ended."""
    task.cancel()
    await asyncio.wait({task})
    if not task.cancelled():
        task.exception()
