"""What a test may leave behind: nothing. The fixtures in conftest.py call these."""

from __future__ import annotations

import asyncio
import gc
import ipaddress
import multiprocessing.resource_tracker
import socket
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import psutil
import pytest

_GRACE_S = 3.0
"""Threads and processes that are just ending may take this long."""


def loopback_only(patch: pytest.MonkeyPatch, refused: list[str]) -> None:
    """Let sockets reach this machine alone. What was refused is noted too, for a program may swallow the error."""

    def guarded(method: str) -> Callable[..., Any]:
        original = getattr(socket.socket, method)

        def call(self: socket.socket, *arguments: Any) -> Any:
            if self.family in (socket.AF_INET, socket.AF_INET6):
                _check(arguments[-1][0], refused)
            return original(self, *arguments)

        return call

    for method in ("connect", "connect_ex", "sendto", "bind"):
        patch.setattr(socket.socket, method, guarded(method))

    original_lookup = socket.getaddrinfo

    def lookup(host: str | bytes | None, *arguments: Any, **options: Any) -> Any:
        if host:
            _check(host.decode() if isinstance(host, bytes) else host, refused)
        return original_lookup(host, *arguments, **options)

    patch.setattr(socket, "getaddrinfo", lookup)


def _check(host: str, refused: list[str]) -> None:
    if host == "localhost":
        return
    try:
        is_here = ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        is_here = False
    if not is_here:
        refused.append(host or "every network")
        msg = f"A test reached for {host or 'every network'}: only this machine may be talked to."
        raise AssertionError(msg)


def children() -> dict[int, str]:
    """Return the living child processes of the test run and what they are."""
    # Python's own: it ends with the test run.
    tracker = getattr(multiprocessing.resource_tracker._resource_tracker, "_pid", None)
    found = {}
    for pid in _child_ids() - {tracker}:
        try:
            found[pid] = " ".join(psutil.Process(pid).cmdline())[:200] or "a process that was not waited for"
        except psutil.Error:
            found[pid] = "a process that just ended"
    return found


def _text(path: Path) -> str:
    """Read a list of children; a thread that ended in between has none."""
    try:
        return path.read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""


def _child_ids() -> set[int]:
    lists = list(Path("/proc/self/task").glob("*/children"))
    if not lists:
        return {process.pid for process in psutil.Process().children()}
    # What psutil does, without reading every process of the machine: twice a test, that counts.
    found: set[int] = set()
    for each in lists:
        try:
            found.update(int(pid) for pid in each.read_text().split())
        except OSError:
            # The thread ended in between; its children belong to another one now.
            continue
    return found


def threads_left(before: set[threading.Thread]) -> list[str]:
    """Return the names of threads that are new and do not end."""
    for thread in set(threading.enumerate()) - before:
        thread.join(_GRACE_S)
    return [thread.name for thread in set(threading.enumerate()) - before]


def processes_left(before: dict[int, str]) -> list[str]:
    """Return new child processes that do not end."""
    for pid in children().keys() - before.keys():
        try:
            psutil.Process(pid).wait(_GRACE_S)
        except psutil.Error:
            continue
    return [f"{pid}: {what}" for pid, what in children().items() if pid not in before]


def widgets() -> set[Any]:
    """Return all top-level widgets, when there is a window system at all."""
    if "PySide6.QtWidgets" not in sys.modules:
        return set()
    from PySide6.QtCore import QCoreApplication, QEvent
    from PySide6.QtWidgets import QApplication

    if QApplication.instance() is None:
        return set()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    # A tip label belongs to Qt and is used again.
    return {widget for widget in QApplication.topLevelWidgets() if widget.metaObject().className() != "QTipLabel"}


def widgets_left(before: set[Any]) -> list[str]:
    """Return new top-level widgets that are still there once garbage was collected."""
    if not widgets() - before:
        return []
    gc.collect()
    return [f"{type(widget).__name__} {widget.windowTitle()!r}" for widget in widgets() - before]


def qt_timers_left() -> list[str]:
    """Return timers of Qt that still run once garbage was collected. Qt has no list of them: this looks at every object."""
    from PySide6.QtCore import QTimer
    from shiboken6 import isValid

    def running() -> list[QTimer]:
        return [each for each in gc.get_objects() if type(each) is QTimer and isValid(each) and each.isActive()]

    if not running():
        return []
    gc.collect()
    left = running()
    for timer in left:
        timer.stop()
    return [f"a timer of {timer.interval()} ms, owner {timer.parent()!r}" for timer in left]


def tasks_left(loop: asyncio.AbstractEventLoop, own: asyncio.Task[Any] | None) -> list[str]:
    """Return the names of tasks of a loop that still run, and its timers that still wait."""
    tasks = [repr(task.get_coro()) for task in asyncio.all_tasks(loop) if task is not own]
    scheduled: Sequence[asyncio.TimerHandle] = getattr(loop, "_scheduled", ())
    return tasks + [repr(timer) for timer in scheduled if not timer.cancelled()]
