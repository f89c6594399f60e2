"""Starts our own program for a bench, as a process of its own."""

from __future__ import annotations

import os
import sys

from voxelle.kernel.spawn import worker_environment


def command(*arguments: str) -> list[str]:
    """Return the command line of a child of a bench, from source or frozen."""
    return [sys.executable, *([] if getattr(sys, "frozen", False) else ["-m", "voxelle"]), "bench-child", *arguments]


def environment() -> dict[str, str]:
    """Return the environment of a child; without a display, Qt paints what nobody sees."""
    environ = worker_environment()
    if not has_display():
        environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    return environ


def has_display() -> bool:
    """Return whether a window can be seen."""
    return not sys.platform.startswith("linux") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
