"""The way to the API, closed only once nobody is under way: a token that is just being exchanged must come home."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Final

from voxelle.integrations.twitch.net import NOTHING, Http, HttpReply

PATIENCE_S: Final = 10.0


class CarefulHttp:
    """Counts the requests under way; conforms to `Http`."""

    def __init__(self, http: Http) -> None:
        self._http = http
        self._count = 0
        self._is_idle = asyncio.Event()
        self._is_idle.set()

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] = NOTHING,
        query: Sequence[tuple[str, str]] = (),
        form: Mapping[str, str] | None = None,
        body: Any = None,
    ) -> HttpReply:
        """Send one request."""
        self._count += 1
        self._is_idle.clear()
        try:
            return await self._http.request(method, url, headers=headers, query=query, form=form, body=body)
        finally:
            self._count -= 1
            if self._count == 0:
                self._is_idle.set()

    async def close(self) -> None:
        """Close all connections, after the requests that are under way."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                await self._is_idle.wait()
        except TimeoutError:
            # Whoever waits for an answer that long is told by the closed line.
            pass
        await self._http.close()

    async def close_at_end(self) -> None:
        """Wait until cancelled, then close."""
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            await self.close()
