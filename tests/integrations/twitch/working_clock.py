"""A clock on which work takes time."""

from __future__ import annotations

from datetime import datetime

from voxelle.kernel.clock import Clock


class WorkingClock(Clock):
    """A clock on which handling a message takes time; notes how long was slept."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.worked_s = 0.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self._clock.monotonic() + self.worked_s

    def now(self) -> datetime:
        return self._clock.now()

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await self._clock.sleep(seconds)
