"""Reads a stream in an errand of its own, so that closing it stops the reading at the socket, at once and whole.

A client's stream is a nest of generators. One that is closed between two items leaves the inner ones to the
loop's housekeeping, each as a task of nobody; one that is cancelled while it waits for the socket unwinds them all.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress
from typing import Any, Final, TypeVar

from voxelle.kernel.tasks import TaskScope

T = TypeVar("T")
DRAIN_S: Final = 0.1


async def reading(source: AsyncGenerator[T, None]) -> AsyncGenerator[T, None]:
    """Give the items of `source` as they come; it is always waiting for the next one, however slowly they are taken."""
    items: asyncio.Queue[T | None] = asyncio.Queue()

    async def read() -> None:
        try:
            async for item in source:
                items.put_nowait(item)
        finally:
            items.put_nowait(None)

    async with TaskScope("stream") as scope:
        errand = scope.start(read(), name="read", is_awaited=True)
        # Taken by hand below; an error after the reader has gone away is of no interest to anybody.
        errand.add_done_callback(lambda done: done.cancelled() or done.exception())
        while (item := await items.get()) is not None:
            yield item
        await errand


async def drain(items: AsyncGenerator[Any, None]) -> None:
    """Take what is left of a stream whose end was announced, so that its connection can be used again. Never waits long."""
    with suppress(TimeoutError):
        async with asyncio.timeout(DRAIN_S):
            async for _ in items:
                pass
