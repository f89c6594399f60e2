"""Work that must not be cut in the middle: a request that spends a one-time token, and the writing of what it brought."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, Final, TypeVar

from voxelle.domain.errors import TemporaryError
from voxelle.kernel.tasks import TaskScope

T = TypeVar("T")
GRACE_S: Final = 10.0
"""So long the closing of the owner waits for work that was begun."""
_CLOSING: Final = "The connection to Twitch is being closed."


class Shelter:
    """Runs work that goes on when whoever waits for it is cancelled.

    Closing the owner's scope waits for the work, at most GRACE_S, and then ends it as well. Work begins
    once that is sure, so it is either not begun or waited for.
    """

    def __init__(self, scope: TaskScope) -> None:
        self._scope = scope
        self._inner = TaskScope(f"{scope.name}, sheltered")
        self._works: set[asyncio.Task[Any]] = set()
        self._begun = 0
        """How many of them are under way, and so waited for."""

    def start(self, work: Coroutine[Any, Any, T], name: str) -> asyncio.Task[T]:
        """Begin it; wait for it with `wait`. TemporaryError once the owner has closed."""
        is_guarded = asyncio.get_running_loop().create_future()
        try:
            task = self._inner.start(self._begin(work, is_guarded), name=name)
        except RuntimeError as error:
            work.close()
            raise TemporaryError(_CLOSING) from error
        # A coroutine that never began would complain when it is thrown away.
        task.add_done_callback(lambda _: work.close())
        try:
            guard = self._scope.start(self._guard(is_guarded), name=name)
        except RuntimeError:
            self._on_unguarded(is_guarded)
        else:
            guard.add_done_callback(lambda _: self._on_unguarded(is_guarded))
        self._works.add(task)
        task.add_done_callback(self._works.discard)
        return task

    async def wait(self, task: asyncio.Task[T]) -> T:
        """Return what the work brings. Cancelling this leaves the work running. TemporaryError when the owner has closed."""
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            waiting = asyncio.current_task()
            if task.cancelled() and waiting is not None and not waiting.cancelling():
                raise TemporaryError(_CLOSING) from None
            raise

    def _on_unguarded(self, is_guarded: asyncio.Future[bool]) -> None:
        """The owner is closing: what is started by work that is being waited for belongs to that, all else comes too late."""
        if not is_guarded.done():
            is_guarded.set_result(self._begun > 0)

    async def _begin(self, work: Coroutine[Any, Any, T], is_guarded: asyncio.Future[bool]) -> T:
        # An errand that is cancelled before its first step never runs, so the guard itself says that it stands.
        if not await is_guarded:
            raise TemporaryError(_CLOSING)
        self._begun += 1
        try:
            return await work
        finally:
            self._begun -= 1

    async def _guard(self, is_guarded: asyncio.Future[bool]) -> None:
        is_guarded.set_result(True)
        try:
            while self._works:
                await asyncio.wait(set(self._works))
        except asyncio.CancelledError:
            try:
                async with asyncio.timeout(GRACE_S):
                    while self._works:
                        await asyncio.wait(set(self._works))
            except TimeoutError:
                # Whoever waits for it gets the cancellation.
                pass
            await self._inner.close()
            raise
