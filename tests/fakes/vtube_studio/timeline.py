"""What is going to happen in the fake, in order of time. It sleeps never: whoever asks moves it on."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable

from voxelle.kernel.clock import Clock


class Timeline:
    """A heap of due deeds on an injected clock."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._heap: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = itertools.count()
        self._frozen: float | None = None
        self.on_earlier: Callable[[], None] = lambda: None
        """Told when something is due earlier than all before."""

    @property
    def now(self) -> float:
        """The clock's time, or within a due deed the time at which it was due."""
        return self._clock.monotonic() if self._frozen is None else self._frozen

    @property
    def stamp_ms(self) -> int:
        """UNIX milliseconds."""
        return int(self._clock.now().timestamp() * 1000)

    def at(self, when: float, deed: Callable[[], None]) -> None:
        """Do something at a time."""
        is_earlier = not self._heap or when < self._heap[0][0]
        heapq.heappush(self._heap, (when, next(self._numbers), deed))
        if is_earlier:
            self.on_earlier()

    @property
    def next_due(self) -> float | None:
        """When the next thing happens."""
        return self._heap[0][0] if self._heap else None

    def advance(self) -> None:
        """Do all that is due by now, in order."""
        if self._frozen is not None:
            return
        now = self._clock.monotonic()
        while self._heap and self._heap[0][0] <= now:
            when, _, deed = heapq.heappop(self._heap)
            self._frozen = when
            try:
                deed()
            finally:
                self._frozen = None
