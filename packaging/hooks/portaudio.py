"""Runs first in the frozen program: lets sounddevice find the PortAudio that lies beside it, on machines that have none."""

from __future__ import annotations

import ctypes.util
import sys
from pathlib import Path

_find = ctypes.util.find_library


def _find_beside(name: str) -> str | None:
    if name == "portaudio":
        beside = sorted(Path(getattr(sys, "_MEIPASS", ".")).glob("libportaudio*"))
        if beside:
            return str(beside[0])
    return _find(name)


ctypes.util.find_library = _find_beside
