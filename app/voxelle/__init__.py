"""Voxelle: the AI co-host on a streamer's own computer."""

from __future__ import annotations

import importlib
import sys

__version__ = "0.1.0"


def _load_log() -> None:
    """Load structlog, and nothing of what it would take wherever it finds it: that is 8 to 12 MB in each of our processes.

    It wants rich to colour tracebacks that are never printed here; the command line still gets it for its help.
    Through asyncio it loads TLS as well, which an engine process never uses.
    """
    needless = [name for name in ("rich", *(["ssl"] if "engine-worker" in sys.argv[:2] else [])) if name not in sys.modules]
    sys.modules.update(dict.fromkeys(needless))  # type: ignore[arg-type]  # how Python says that a module can't be imported
    try:
        importlib.import_module("structlog")
    finally:
        for name in needless:
            del sys.modules[name]


if "structlog" not in sys.modules:
    _load_log()
