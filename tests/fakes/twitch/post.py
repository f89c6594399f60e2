"""A client's end of a line: waits for the next frame, or for the line to end. Shared by both faces of the fake."""

from __future__ import annotations

import asyncio

from tests.fakes.twitch.fake import FakeTwitch
from tests.fakes.twitch.lines import Ending, Line, Outgoing


class Post:
    """Takes what comes over one line."""

    def __init__(self, fake: FakeTwitch, line: Line) -> None:
        self._fake = fake
        self.line = line
        self._news = asyncio.Event()
        line.wake = self._news.set

    async def next(self) -> Outgoing | Ending:
        """Return the next frame; once there are no more, how the line ended. Cancelling loses nothing."""
        while True:
            frame = self._fake.take(self.line)
            if frame is not None:
                return frame
            if self.line.ending is not None and not self.line.is_silent:
                return self.line.ending
            await self._wait()

    async def _wait(self) -> None:
        """Wait for news, at most until something is due by itself."""
        self._news.clear()
        due = self.line.due_at()
        if due is None:
            await self._news.wait()
            return
        try:
            async with asyncio.timeout(max(0.0, due - self._fake.world.monotonic())):
                await self._news.wait()
        except TimeoutError:
            self._fake.tick()

    def hang_up(self) -> None:
        """End the line from the client's side; a second time changes nothing."""
        if self.line.is_open:
            self._fake.lines.hang_up(self.line)
        self._news.set()
