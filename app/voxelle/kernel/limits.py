"""What an engine process may take, and how it keeps to that: a lower priority, a limit on memory, and to die with its host."""

from __future__ import annotations

import gc
import os
import signal
import sys
from dataclasses import dataclass
from typing import Final

_PR_SET_PDEATHSIG: Final = 1
"""prctl(2): signal to get when the parent is gone."""

_SEARCHES_BETWEEN: Final = 50
"""So many searches of what is young come before one of everything; Python's own number is 10."""
_IDLE_NICE: Final = 15
"""From here on Windows runs the engine only when nothing else wants to."""


@dataclass(frozen=True, slots=True)
class ProcessLimits:
    """What an engine process may take, and when it counts as dead or hopeless."""

    memory_mb: int | None = None
    nice: int = 0
    start_timeout_s: float = 60
    ping_every_s: float = 5
    ping_timeout_s: float = 15
    cancel_timeout_s: float = 15
    """A cancelled request that still runs after this long means that the engine hangs."""
    restarts: int = 5
    restart_window_s: float = 60


def limit_self(nice: int, memory_mb: int | None) -> tuple[str, ...]:
    """Apply the limits to this process; returns a sentence for each that the system can't keep."""
    notes = []
    if nice and not _set_nice(nice):
        notes.append("This system does not let the engine change its priority.")
    if memory_mb is not None and not _set_memory(memory_mb):
        notes.append("This system can't limit the memory of an engine.")
    return tuple(notes)


def _set_nice(nice: int) -> bool:
    if sys.platform == "win32":
        import psutil

        if nice < 0:
            level = psutil.ABOVE_NORMAL_PRIORITY_CLASS
        else:
            level = psutil.IDLE_PRIORITY_CLASS if nice >= _IDLE_NICE else psutil.BELOW_NORMAL_PRIORITY_CLASS
        psutil.Process().nice(level)
        return True
    try:
        os.nice(nice)
    except PermissionError:
        return False
    return True


def _set_memory(memory_mb: int) -> bool:
    if sys.platform != "linux":
        return False  # macOS takes the call and does not keep it; Windows has no such call for a process itself
    import resource

    limit = memory_mb * 1024 * 1024
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    if hard != resource.RLIM_INFINITY:
        limit = min(limit, hard)
    # Data, not address space: weights mapped from a file are the system's to drop and do not count.
    resource.setrlimit(resource.RLIMIT_DATA, (limit, hard))
    return True


def die_with_parent() -> None:
    """Have Linux kill this process when its host dies, even while it is stuck in native code; elsewhere the closed pipe does it."""
    if sys.platform != "linux":
        return
    import ctypes

    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def return_memory() -> None:
    """Give back what loading took and freed: glibc keeps it, 50 MB for an engine that read its weights."""
    if sys.platform != "linux":
        return
    import ctypes

    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # musl has none
    if trim is not None:
        trim(0)


def settle_heap() -> None:
    """Take what is there now for good: Python's search for dead cycles leaves it out from here on.

    A whole search holds every thread up, for 100 to 200 ms once a window and a show are open, and comes again and again while a
    chat is lively. What opening made stays until the end anyway; without it a search looks only at what came since. Nor does it
    come as often: what lives longer than a moment is nearly all held by queues and lists of fixed size, and freed without a search.
    """
    gc.collect()
    gc.freeze()
    young, middle, _ = gc.get_threshold()
    gc.set_threshold(young, middle, _SEARCHES_BETWEEN)
