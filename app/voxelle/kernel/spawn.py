"""How this program starts itself once more, as an engine process."""

from __future__ import annotations

import os
import sys


def worker_command() -> tuple[str, ...]:
    """Return how this program starts itself as an engine process, frozen or not."""
    if getattr(sys, "frozen", False):
        return (sys.executable, "engine-worker")
    return (sys.executable, "-P", "-m", "voxelle", "engine-worker")


def worker_environment() -> dict[str, str]:
    """Return this process's environment; from source the worker finds modules where the host does."""
    environment = dict(os.environ)
    if not getattr(sys, "frozen", False):
        environment["PYTHONPATH"] = os.pathsep.join(path or os.curdir for path in sys.path)
    return environment
