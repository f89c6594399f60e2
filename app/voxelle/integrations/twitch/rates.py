"""How fast something may be done: by what Twitch's answers say, and by the rules of its chat."""

from __future__ import annotations

from collections import deque
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Final

from voxelle.integrations.twitch.limits import HELIX_PERIOD_S, HELIX_POINTS
from voxelle.integrations.twitch.net import HttpReply
from voxelle.kernel.clock import Clock

_BREATH: Final = 10
"""Points that are let come back once there are none left."""


class Bucket:
    """The points of Helix, as its `Ratelimit-*` headers tell them; they come back evenly over a minute.

    `Ratelimit-Reset` is a date. It is compared with the date in the same answer, never with this computer's.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._free_at = float("-inf")

    async def wait(self) -> None:
        """Wait until there is a point."""
        left = self._free_at - self._clock.monotonic()
        if left > 0:
            await self._clock.sleep(left)

    def note(self, reply: HttpReply, *, is_refused: bool = False) -> float:
        """Look at an answer; return how long to wait after a refusal."""
        remaining = _number(reply, "ratelimit-remaining", 1.0)
        if remaining >= 1 and not is_refused:
            return 0.0
        limit = max(1.0, _number(reply, "ratelimit-limit", HELIX_POINTS))
        full_in = _full_in(reply)
        wait = min(HELIX_PERIOD_S, max(_number(reply, "retry-after", 0.0), full_in * _BREATH / limit))
        self._free_at = max(self._free_at, self._clock.monotonic() + wait)
        return max(1.0, wait)


class Pace:
    """At most `count` in any `period_s`, and `spacing_s` between two. Exact: no burst at a border gets more.

    Both may change at any time; what was done before counts on.
    """

    def __init__(self, clock: Clock, count: int, period_s: float, spacing_s: float = 0.0) -> None:
        self.count = count
        self.spacing_s = spacing_s
        self._clock = clock
        self._period_s = period_s
        self._done: deque[float] = deque()

    async def wait(self) -> None:
        """Wait for the next turn and take it. For one caller at a time."""
        while (left := self._left()) > 0:
            await self._clock.sleep(left)
        self._done.append(self._clock.monotonic())

    def _left(self) -> float:
        now = self._clock.monotonic()
        while self._done and self._done[0] <= now - max(self._period_s, self.spacing_s):
            self._done.popleft()
        if not self._done:
            return 0.0
        free_at = self._done[-1] + self.spacing_s
        if len(self._done) >= self.count:
            free_at = max(free_at, self._done[-self.count] + self._period_s)
        return free_at - now


def _full_in(reply: HttpReply) -> float:
    """Seconds until all points are back, by the server's own dates."""
    reset = _number(reply, "ratelimit-reset", 0.0)
    try:
        date = parsedate_to_datetime(reply.headers.get("date", ""))
    except (TypeError, ValueError, IndexError, OverflowError):
        return HELIX_PERIOD_S
    seconds = reset - (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp()
    return min(HELIX_PERIOD_S, max(0.0, seconds)) if reset else HELIX_PERIOD_S


def _number(reply: HttpReply, name: str, otherwise: float) -> float:
    try:
        value = float(reply.headers.get(name, ""))
    except ValueError:
        return otherwise
    return value if value == value else otherwise  # noqa: PLR0124 -- NaN is the one number unlike itself
