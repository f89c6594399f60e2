"""A loop whose time jumps: an hour of waiting passes in no time, in exact order."""

from __future__ import annotations

import asyncio
import selectors
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from concurrent.futures import Executor

T = TypeVar("T")
_RESOLUTION_S = 1e-6
_DELIVERY_S = 0.01
_OWN_FILES = 1
"""The loop watches its own wake-up pipe."""
_Ready = list[tuple[selectors.SelectorKey, int]]


class _JumpingSelector(selectors.DefaultSelector):
    """Asks the loop how to wait when no file is ready."""

    def __init__(self, wait: Callable[[float | None], _Ready]) -> None:
        super().__init__()
        self._wait = wait

    def select(self, timeout: float | None = None) -> _Ready:
        """Return what is ready at once; let the loop decide about waiting."""
        ready = super().select(0)
        if ready or (timeout is not None and timeout <= 0):
            return ready
        return self._wait(timeout)

    def select_really(self, timeout: float | None) -> _Ready:
        """Wait in real time."""
        return super().select(timeout)


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """Begins at 0 and jumps to the next timer when nothing else is to do.

    Sockets are real: as long as one is ready, or may be in a moment, time stands still. While a thread of `run_in_executor`
    works, or inside `held()`, time passes as it really does, so that no time-out fires too early.
    """

    def __init__(self) -> None:
        self._virtual_now = 0.0
        self._holds = 0
        self._jumper = _JumpingSelector(self._wait)
        super().__init__(self._jumper)
        # asyncio takes the system clock's: too coarse on Windows for an exact order, and after some weeks finer than a float can count.
        self._clock_resolution = _RESOLUTION_S

    def time(self) -> float:
        """Return virtual seconds since the loop was made."""
        return self._virtual_now

    def _wait(self, timeout: float | None) -> _Ready:
        if timeout is None:
            return self._jumper.select_really(None)
        if not self._holds:
            # On a busy machine even the loopback takes a moment to deliver what was sent.
            arrived = self._jumper.select_really(_DELIVERY_S) if len(self._jumper.get_map()) > _OWN_FILES else []
            if not arrived:
                self._virtual_now += timeout
            return arrived
        began = time.monotonic()
        ready = self._jumper.select_really(timeout)
        self._virtual_now += min(timeout, time.monotonic() - began) if ready else timeout
        return ready

    @contextmanager
    def held(self) -> Iterator[None]:
        """Let time pass as it really does while something outside the loop works: a process, a thread."""
        self._holds += 1
        try:
            yield
        finally:
            self._holds -= 1

    def run_in_executor(self, executor: Executor | None, func: Callable[..., T], *args: Any) -> asyncio.Future[T]:  # type: ignore[override] # asyncio types it as a coroutine
        """Run in a thread, holding time until it is done."""
        future: asyncio.Future[T] = super().run_in_executor(executor, func, *args)
        self._holds += 1
        future.add_done_callback(self._release)
        return future

    def _release(self, _: asyncio.Future[Any]) -> None:
        self._holds -= 1


def run_virtual(main: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end in virtual time."""
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(main)
