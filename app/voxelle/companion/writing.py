"""Clauses that are written and not said: they pass the same gate, and no voice ever gets them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from voxelle.companion.performance import Performance
    from voxelle.domain.speech import Clause


class WrittenLine:
    """The line from clause to text of one turn, in place of `SpeechLine`."""

    def __init__(self, performance: Performance) -> None:
        self._performance = performance
        self._finished = asyncio.Event()

    async def say(self, clause: Clause) -> None:
        """Show a clause at once."""
        self._performance.write(clause)

    def finish(self) -> None:
        """No more clauses will come."""
        self._finished.set()

    async def deliver(self) -> None:
        """Wait for the end of the reply."""
        await self._finished.wait()
