"""The window's asyncio loop: qasync's, with timers that are precise, cancelled for good and of asyncio's own kind.

qasync 0.28 rounds sleeps by up to 5 % (and wakes early), keeps the Qt timer of a cancelled handle alive until it would
have expired, and returns a plain Handle from `call_later`.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from contextvars import Context
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimerEvent
from PySide6.QtWidgets import QApplication
from qasync import QEventLoop


class _PreciseTimer(QObject):
    """One Qt timer a handle; the ids are kept here, since a plain Handle has no room for one."""

    def __init__(self) -> None:
        super().__init__()
        self._handles: dict[int, asyncio.Handle] = {}
        self._ids: dict[int, int] = {}
        self._is_stopped = False

    def __len__(self) -> int:
        """Return how many timers are alive."""
        return len(self._handles)

    def add_callback(self, handle: asyncio.Handle, delay: float = 0) -> asyncio.Handle:
        """Run the handle once, never earlier than `delay` seconds from now."""
        if self._is_stopped:
            return handle
        timer_id = self.startTimer(math.ceil(max(0.0, delay) * 1000), Qt.TimerType.PreciseTimer)
        self._handles[timer_id] = handle
        self._ids[id(handle)] = timer_id
        return handle

    def forget(self, handle: asyncio.Handle) -> None:
        """Kill the handle's timer, if it still has one."""
        timer_id = self._ids.pop(id(handle), None)
        if timer_id is not None:
            del self._handles[timer_id]
            self.killTimer(timer_id)

    def timerEvent(self, event: QTimerEvent) -> None:
        """Run the handle of an expired timer."""
        timer_id = event.timerId()
        self.killTimer(timer_id)
        handle = self._handles.pop(timer_id, None)
        if handle is None:
            return
        del self._ids[id(handle)]
        if not handle.cancelled():
            handle._run()  # noqa: SLF001  # as asyncio's own loops do

    def stop(self) -> None:
        """Kill every timer."""
        self._is_stopped = True
        for timer_id in self._handles:
            self.killTimer(timer_id)
        self._handles.clear()
        self._ids.clear()

    def set_debug(self, enabled: bool) -> None:  # noqa: FBT001  # qasync calls it so
        """Take qasync's switch; there is nothing to trace here."""


class QtLoop(QEventLoop):  # type: ignore[misc]  # qasync ships no types
    """qasync's loop for the window's own coroutines."""

    def __init__(self, app: QApplication | None = None) -> None:
        super().__init__(app)
        self._timer = _PreciseTimer()

    def call_later(self, delay: float, callback: Callable[..., Any], *args: Any, context: Context | None = None) -> asyncio.TimerHandle:
        """Schedule like asyncio does: a TimerHandle that knows `when()` and frees its timer if cancelled."""
        if asyncio.iscoroutinefunction(callback):
            msg = "coroutines cannot be used with call_later"
            raise TypeError(msg)
        handle = asyncio.TimerHandle(self.time() + delay, callback, args, self, context)
        handle._scheduled = True  # type: ignore[attr-defined]  # noqa: SLF001  # so that cancelling tells the loop
        self._add_callback(handle, delay)
        return handle

    def call_at(self, when: float, callback: Callable[..., Any], *args: Any, context: Context | None = None) -> asyncio.TimerHandle:
        """Schedule for a moment of this loop's clock."""
        handle = self.call_later(when - self.time(), callback, *args, context=context)
        handle._when = when  # type: ignore[attr-defined]  # noqa: SLF001
        return handle

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        self._timer.forget(handle)

    def alive_timers(self) -> int:
        """Return how many Qt timers this loop holds."""
        return len(self._timer)
