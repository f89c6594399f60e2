"""The open line: requests with their replies, events as they come, and whether anything is heard at all."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, Final

import structlog

from voxelle.domain.errors import InputError, TemporaryError, VoxelleError
from voxelle.integrations.vtube_studio.api import ApiError
from voxelle.integrations.vtube_studio.errors import API_OFF, DENIED, UNAUTHENTICATED, ApiOffError, UnansweredError, read_error
from voxelle.integrations.vtube_studio.messages import ERROR, Message, read_message, write_request
from voxelle.integrations.vtube_studio.net import TOO_BIG, Socket, SocketClosed
from voxelle.kernel.clock import Clock

log = structlog.get_logger("app")

TICK_S: Final = 1.0
QUIET_S: Final = 3.0
"""A TestEvent comes every second; after this long without anything the light is no longer green."""
DEAD_S: Final = 15.0
"""VTube Studio stands still for some seconds while it loads a large model."""
FAREWELL_S: Final = 1.0
"""How long a reply is waited for once the line is being given up."""
MOST_PENDING: Final = 256
MOST_GARBAGE: Final = 50
"""So many unreadable messages in a row: something else talks here."""

OnEvent = Callable[[str, dict[str, Any]], None]


class Client:
    """One line to VTube Studio. `run` reads it; while it runs anybody may `ask`, and once it is over nobody can."""

    def __init__(self, socket: Socket, clock: Clock, on_event: OnEvent) -> None:
        self._socket = socket
        self._clock = clock
        self._on_event = on_event
        self._pending: dict[str, asyncio.Future[Message]] = {}
        self._asked = 0
        self._garbage = 0
        self._is_closing = False
        self._end: TemporaryError | None = None
        self._is_over = asyncio.Event()
        self.is_signed_in = False
        """Set by whoever signed in: from then on an error about it means that the permission was taken back."""
        self.heard_at_s = clock.monotonic()
        self.heard_at: datetime | None = None
        self.counters: Counter[str] = Counter()

    async def run(self) -> None:
        """Read until the line is gone. Raises TemporaryError, and so does whatever was still being asked."""
        try:
            while True:
                self._take(await self._socket.receive())
        except SocketClosed as closed:
            raise self._finish(_ended(closed)) from closed
        except TemporaryError as error:
            self._finish(error)
            raise
        finally:
            self._give_up(self._finish(TemporaryError("The line to VTube Studio was closed.")))

    async def ask(self, kind: str, data: Mapping[str, Any] | None = None, *, timeout_s: float = 10.0) -> dict[str, Any]:
        """Send a request and return the data of its reply. ApiError, TemporaryError."""
        if self._end is not None:
            raise self._end
        if len(self._pending) >= MOST_PENDING:
            msg = "VTube Studio does not keep up with what is asked of it."
            raise TemporaryError(msg)
        self._asked += 1
        request_id = f"voxelle-{self._asked}"
        future: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        self._pending[request_id] = future
        try:
            async with asyncio.timeout(min(timeout_s, FAREWELL_S) if self._is_closing else timeout_s):
                await self._socket.send(write_request(kind, request_id, data))
                self.counters["sent"] += 1
                reply = await future
        except TimeoutError as error:
            self.counters["unanswered"] += 1
            raise UnansweredError from error
        except SocketClosed as closed:
            raise _ended(closed) from closed
        finally:
            del self._pending[request_id]
        if reply.kind == ERROR:
            raise self._judged(read_error(reply.data), kind)
        return reply.data

    async def watch(self, on_light: Callable[[bool], None]) -> None:
        """Say every second whether something was heard lately; knock when it is quiet. TemporaryError: nobody is there."""
        while True:
            await self._clock.sleep(TICK_S)
            silent_s = self._clock.monotonic() - self.heard_at_s
            on_light(silent_s < QUIET_S)
            if silent_s >= DEAD_S:
                msg = f"VTube Studio has said nothing for {DEAD_S:g} seconds: it hangs, or the network does."
                raise TemporaryError(msg)
            if silent_s >= QUIET_S:
                await self._knock(DEAD_S - silent_s)

    async def over(self) -> None:
        """Wait until the line is lost or the session no longer taken. Raises TemporaryError: a new line shows what is left."""
        await self._is_over.wait()
        if self._end is not None:
            raise self._end

    def hurry(self) -> None:
        """Give up soon: what is still asked waits a moment at most."""
        self._is_closing = True

    async def close(self) -> None:
        """End the line."""
        await self._socket.close()

    async def _knock(self, timeout_s: float) -> None:
        try:
            await self.ask("APIStateRequest", timeout_s=timeout_s)
        except (ApiError, TemporaryError):
            log.info("vtube_studio.knocked_in_vain")

    def _take(self, text: str) -> None:
        try:
            message = read_message(text)
        except InputError as error:
            self.counters["malformed"] += 1
            self._garbage += 1
            if self._garbage >= MOST_GARBAGE:
                msg = "What answers there does not speak VTube Studio's language: look its port up in VTube Studio's settings."
                raise TemporaryError(msg, retry_after_s=10.0) from error
            return
        self._garbage = 0
        self.heard_at_s = self._clock.monotonic()
        self.heard_at = self._clock.now()
        if message.is_event:
            self.counters["events"] += 1
            self._on_event(message.kind, message.data)
            return
        future = self._pending.get(message.request_id)
        if future is None or future.done():
            self.counters["unknown"] += 1
            return
        self.counters["errors" if message.kind == ERROR else "replies"] += 1
        future.set_result(message)

    def _judged(self, error: ApiError, kind: str) -> ApiError | TemporaryError:
        log.info("vtube_studio.refused", request=kind, error_id=error.error_id)
        if error.error_id == API_OFF:
            return self._finish(ApiOffError())
        if self.is_signed_in and error.error_id in (UNAUTHENTICATED, DENIED):
            self._finish(TemporaryError("VTube Studio ended this session: signing in again."))
        return error

    def _finish(self, error: TemporaryError) -> TemporaryError:
        """Nothing more is asked on this line. Returns the first reason for it."""
        if self._end is None:
            self._end = error
            self._is_over.set()
        return self._end

    def _give_up(self, error: TemporaryError) -> None:
        for future in self._pending.values():
            if not future.done():
                future.set_exception(error)


def _ended(closed: SocketClosed) -> TemporaryError:
    if closed.code == TOO_BIG:
        return TemporaryError("What answers there sends far too much for VTube Studio: check its port.", retry_after_s=10.0)
    return TemporaryError("The line to VTube Studio was lost.")


def errors_of(tasks: Iterable[asyncio.Task[None]]) -> list[BaseException]:
    """Return, and so take, the errors with which tasks ended."""
    ended = (task.exception() for task in tasks if task.done() and not task.cancelled())
    return [error for error in ended if error is not None]


def raise_first(tasks: Iterable[asyncio.Task[None]]) -> None:
    """Raise the error that matters most: a mistake of ours before an expected one, then in the order of the tasks."""
    errors = sorted(errors_of(tasks), key=lambda error: isinstance(error, VoxelleError))
    if errors:
        raise errors[0]
