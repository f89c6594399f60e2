"""What goes wrong on command on the way of a request."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.fakes.twitch.replies import Reply, Request, UnreachableError, helix_error, html_reply
from tests.fakes.twitch.world import World


@dataclass(slots=True)
class Fault:
    """One kind of trouble for the next requests whose path contains `path`."""

    path: str = ""
    times: int = 1
    method: str = ""
    reply: Reply | None = None
    """Given in place of the true answer; Twitch never sees the request."""
    is_refused: bool = False
    """The request does not even leave."""
    is_lost: bool = False
    """Twitch does what was asked, and the answer is lost."""
    delay_s: float = 0.0
    """The answer, whichever it is, comes so late."""

    def fits(self, request: Request) -> bool:
        """Whether it is for this request."""
        return self.times > 0 and self.path in request.path and self.method in {"", request.method}


class Faults:
    """The list of troubles to come, and the network as a whole."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._planned: list[Fault] = []
        self._offline_until = float("-inf")

    def add(self, fault: Fault) -> None:
        """Plan one; of several that fit, the oldest happens first."""
        self._planned.append(fault)

    def html(self, path: str = "", times: int = 1, status: int = 200) -> None:
        """Let a proxy answer with a page of its own."""
        self.add(Fault(path, times, reply=html_reply(status)))

    def error(self, status: int, message: str = "", path: str = "", times: int = 1) -> None:
        """Let Twitch answer with an error."""
        self.add(Fault(path, times, reply=helix_error(status, message)))

    def go_offline(self, seconds: float) -> None:
        """Let no request and no new line through for a while."""
        self._offline_until = self._world.monotonic() + seconds

    def clear(self) -> None:
        """Plan nothing any more, and be online."""
        self._planned.clear()
        self._offline_until = float("-inf")

    @property
    def is_offline(self) -> bool:
        """Whether there is no network now."""
        return self._world.monotonic() < self._offline_until

    def pass_through(self, request: Request, answer: Callable[[Request], Reply]) -> Reply:
        """Answer a request, or let it fail as planned. Raises UnreachableError."""
        if self.is_offline:
            reason = "no network"
            raise UnreachableError(reason)
        fault = next((each for each in self._planned if each.fits(request)), None)
        if fault is None:
            return answer(request)
        fault.times -= 1
        if fault.is_refused:
            reason = "connection refused"
            raise UnreachableError(reason, fault.delay_s)
        reply = fault.reply or answer(request)
        if fault.is_lost:
            reason = "connection lost before the answer came"
            raise UnreachableError(reason, fault.delay_s)
        return Reply(reply.status, reply.body, reply.headers, reply.delay_s + fault.delay_s)
