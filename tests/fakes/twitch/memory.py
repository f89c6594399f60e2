"""The fake as a Net in memory: no sockets, so that a whole evening passes on virtual time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from tests.fakes.twitch.fake import FakeTwitch
from tests.fakes.twitch.lines import Ending, Line
from tests.fakes.twitch.post import Post
from tests.fakes.twitch.replies import Request, UnreachableError
from voxelle.domain.errors import TemporaryError
from voxelle.integrations.twitch.net import NOTHING, HttpReply, Net, SocketClosed

TIMEOUT_S = 20.0
"""A client that waits longer gives up."""
_TOO_LATE = "Twitch did not answer in time."


def memory_net(fake: FakeTwitch, latency_s: float = 0.02) -> Net:
    """Give the way to the fake. Every address leads there: only the path counts.

    `latency_s` passes on the way of a request, half before Twitch takes it, half after. Cancelling a request in the
    second half is a lost answer, as in life.
    """
    http = MemoryHttp(fake, latency_s)

    async def connect(url: str) -> MemorySocket:
        await fake.world.clock.sleep(latency_s)
        try:
            line = fake.open(url)
        except UnreachableError as error:
            raise await _unreachable(fake, error) from error
        return MemorySocket(fake, line)

    return Net(http, connect)


async def _unreachable(fake: FakeTwitch, error: UnreachableError) -> TemporaryError:
    if error.delay_s:
        await fake.world.clock.sleep(min(error.delay_s, TIMEOUT_S))
    return TemporaryError(f"Twitch can't be reached: {error}.")


class MemoryHttp:
    """Hands requests to the fake; conforms to `Http`."""

    def __init__(self, fake: FakeTwitch, latency_s: float) -> None:
        self._fake = fake
        self._latency_s = latency_s
        self.is_closed = False

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] = NOTHING,
        query: Sequence[tuple[str, str]] = (),
        form: Mapping[str, str] | None = None,
        body: Any = None,
    ) -> HttpReply:
        """Send one request."""
        clock = self._fake.world.clock
        await clock.sleep(self._latency_s / 2)
        lower = {name.lower(): value for name, value in headers.items()}
        request = Request(method, urlsplit(url).path, lower, tuple(query), dict(form or {}), body)
        try:
            reply = self._fake.handle(request)
        except UnreachableError as error:
            raise await _unreachable(self._fake, error) from error
        await clock.sleep(min(self._latency_s / 2 + reply.delay_s, TIMEOUT_S))
        if reply.delay_s >= TIMEOUT_S:
            raise TemporaryError(_TOO_LATE)
        return HttpReply(reply.status, dict(reply.headers), reply.body)

    async def close(self) -> None:
        """Remember that it was closed."""
        self.is_closed = True


class MemorySocket:
    """The client's end of a line; conforms to `Socket`."""

    def __init__(self, fake: FakeTwitch, line: Line) -> None:
        self.line = line
        self._post = Post(fake, line)

    async def receive(self) -> str | bytes:
        """Return the next frame, SocketClosed at the end."""
        coming = await self._post.next()
        if isinstance(coming, Ending):
            raise SocketClosed(coming.code, coming.reason)
        return coming.data

    async def close(self) -> None:
        """Hang up; a second time changes nothing."""
        self._post.hang_up()
