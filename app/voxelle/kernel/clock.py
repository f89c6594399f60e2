"""Time, chance and ids, handed in by the constructor so that a test can run a month from a seed."""

from __future__ import annotations

import asyncio
import random
import time
import uuid
from datetime import UTC, datetime, timedelta
from typing import Protocol

Randomness = random.Random
"""Source of chance; injected, seeded in tests. Never for secrets."""

_COUNTER_BITS = 12
_RANDOM_BITS = 62


class Clock(Protocol):
    """What the rest of the program knows of time."""

    def monotonic(self) -> float:
        """Return seconds that never go back, from an arbitrary start."""
        ...

    def now(self) -> datetime:
        """Return the date and time, timezone-aware, UTC."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait; zero or less lets others run once."""
        ...


class SystemClock(Clock):
    """The computer's own time."""

    __slots__ = ()

    def monotonic(self) -> float:
        """Return `time.monotonic`."""
        return time.monotonic()

    def now(self) -> datetime:
        """Return the system's date and time in UTC."""
        return datetime.now(UTC)

    async def sleep(self, seconds: float) -> None:
        """Wait on the running loop."""
        await asyncio.sleep(max(0.0, seconds))


class LoopClock(Clock):
    """The running loop's time, whose date begins at `epoch`: on a `VirtualTimeLoop` both are virtual.

    Outside a loop it stands still at what it last showed.
    """

    __slots__ = ("_epoch", "_last")

    def __init__(self, epoch: datetime = datetime(2026, 1, 1, tzinfo=UTC)) -> None:
        self._epoch = epoch
        self._last = 0.0

    def monotonic(self) -> float:
        """Return the time of the running loop."""
        try:
            self._last = asyncio.get_running_loop().time()
        except RuntimeError:
            return self._last
        return self._last

    def now(self) -> datetime:
        """Return the epoch plus the loop's time."""
        return self._epoch + timedelta(seconds=self.monotonic())

    async def sleep(self, seconds: float) -> None:
        """Wait on the running loop."""
        await asyncio.sleep(max(0.0, seconds))


class Ids:
    """Source of unique texts that sort in the order they were made.

    Shaped like UUID version 7 (RFC 9562 §5.7): milliseconds, a counter within the millisecond, and
    chance. A clock that goes back does not break the order within one source.
    """

    __slots__ = ("_clock", "_counter", "_millisecond", "_randomness")

    def __init__(self, randomness: Randomness, clock: Clock) -> None:
        self._randomness = randomness
        self._clock = clock
        self._millisecond = -1
        self._counter = 0

    def new(self) -> str:
        """Return the next id."""
        millisecond = int(self._clock.now().timestamp() * 1000)
        if millisecond > self._millisecond:
            self._millisecond = millisecond
            self._counter = 0
        else:
            self._counter += 1
            if self._counter >> _COUNTER_BITS:
                self._millisecond += 1
                self._counter = 0
        value = self._millisecond << 80 | 7 << 76 | self._counter << 64 | 2 << _RANDOM_BITS | self._randomness.getrandbits(_RANDOM_BITS)
        return str(uuid.UUID(int=value))
