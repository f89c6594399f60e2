"""Errands of one owner: started here, ended with their owner, never silent."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Self, TypeVar

import structlog

from voxelle.domain.errors import VoxelleError

log = structlog.get_logger("app")
T = TypeVar("T")


class TaskScope:
    """Holds the errands of one owner; closing it cancels them and waits until they are gone.

    An errand that fails is told to `on_error` (with the errand's name), or logged, unless somebody
    awaits it and so gets the error himself.
    """

    __slots__ = ("_is_closed", "_on_error", "_tasks", "name")

    def __init__(self, name: str, on_error: Callable[[BaseException, str], None] | None = None) -> None:
        self.name = name
        self._on_error = on_error
        self._tasks: set[asyncio.Task[Any]] = set()
        self._is_closed = False

    def start(self, coroutine: Coroutine[Any, Any, T], *, name: str, is_awaited: bool = False) -> asyncio.Task[T]:
        """Run a coroutine beside its owner.

        With `is_awaited` the owner promises to await the task sooner or later, so an error is his and not told here.
        Raises RuntimeError once the scope is closed.
        """
        if self._is_closed:
            coroutine.close()
            msg = f"{self.name} is closed and can't start {name}."
            raise RuntimeError(msg)
        task = asyncio.get_running_loop().create_task(coroutine, name=f"{self.name}: {name}")
        self._tasks.add(task)
        task.add_done_callback(lambda done: self._on_done(done, name, is_awaited=is_awaited))
        return task

    def _on_done(self, task: asyncio.Task[Any], name: str, *, is_awaited: bool) -> None:
        self._tasks.discard(task)
        if not is_awaited and not task.cancelled():
            # Whoever awaits the task is woken in this same turn of the loop: look one turn later whether the error was taken.
            task.get_loop().call_soon(self._tell, task, name)

    def _tell(self, task: asyncio.Task[Any], name: str) -> None:
        was_taken = not task._log_traceback  # noqa: SLF001 -- asyncio's only record of an error that nobody saw
        error = None if was_taken else task.exception()
        if error is None:
            return
        if self._on_error is not None:
            self._on_error(error, name)
        elif isinstance(error, VoxelleError):
            log.warning("errand.failed", owner=self.name, errand=name, kind=type(error).__name__, sentence=error.sentence)
        else:
            log.error("errand.failed", owner=self.name, errand=name, exc_info=error)

    async def close(self) -> None:
        """Cancel all errands and wait for their end, however long they clean up. Nothing starts afterwards.

        Cancelling `close` does not leave errands behind: it waits, then lets the cancellation go on.
        An errand that closes its own scope is neither cancelled nor waited for.
        """
        self._is_closed = True
        own = asyncio.current_task()
        was_cancelled = False
        while pending := {task for task in self._tasks if task is not own}:
            for task in pending:
                task.cancel()
            try:
                await asyncio.wait(pending)
            except asyncio.CancelledError:
                was_cancelled = True
        # One more turn, so that the last error is told before the owner goes on.
        try:
            await asyncio.sleep(0)
        except asyncio.CancelledError:
            was_cancelled = True
        if was_cancelled:
            raise asyncio.CancelledError

    async def __aenter__(self) -> Self:
        """Give the scope."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close the scope."""
        await self.close()
