"""Shows the state of the connection: whole, and not more often than anybody can look."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from voxelle.contracts.integration import Snapshot
from voxelle.kernel.clock import Clock
from voxelle.kernel.tasks import TaskScope

EVERY_S: Final = 0.25


class Display:
    """Publishes a snapshot when something changed, at most four times a second; the last change is always shown."""

    def __init__(self, clock: Clock, scope: TaskScope, snapshot: Callable[[], Snapshot], publish: Callable[[Snapshot], None]) -> None:
        self._clock = clock
        self._scope = scope
        self._snapshot = snapshot
        self._publish = publish
        self._shown_at_s = float("-inf")
        self._is_waiting = False

    def show(self) -> None:
        """Something changed."""
        if self._is_waiting:
            return
        left = self._shown_at_s + EVERY_S - self._clock.monotonic()
        if left <= 0:
            self._now()
            return
        try:
            self._scope.start(self._later(left), name="show")
        except RuntimeError:
            # The connection is being taken away: nobody looks any more.
            return
        self._is_waiting = True

    async def _later(self, seconds: float) -> None:
        try:
            await self._clock.sleep(seconds)
        finally:
            self._is_waiting = False
        self._now()

    def _now(self) -> None:
        self._shown_at_s = self._clock.monotonic()
        self._publish(self._snapshot())
