"""Sleeping until something happens, or until it is time."""

from __future__ import annotations

import asyncio
from typing import Final

_SHORTEST_S: Final = 0.0005
"""Timers are coarser than times: who waits for less might wake before it is time, again and again."""


async def rest(wake: asyncio.Event, seconds: float | None) -> None:
    """Wait until the event is set, and clear it; with `seconds`, no longer than that."""
    try:
        async with asyncio.timeout(None if seconds is None else max(_SHORTEST_S, seconds)):
            await wake.wait()
    except TimeoutError:
        return
    wake.clear()
