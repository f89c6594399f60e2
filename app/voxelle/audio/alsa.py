"""ALSA without its encoder for films: PortAudio would open it, and with it 13 MB of libraries, only to list it."""

from __future__ import annotations

import sys
from collections.abc import MutableMapping
from pathlib import Path
from typing import Final

from voxelle.kernel.paths import resource

SYSTEM: Final = Path("/usr/share/alsa/alsa.conf")
_OWN: Final = ("/etc/asound.conf", "/usr/etc/asound.conf", "~/.asoundrc", "~/.config/alsa/asoundrc")
"""Somebody who configured ALSA himself gets it exactly as he did."""
_SEPARATORS: Final = frozenset(" :,\t\n")
"""ALSA reads several files between these, so none can be in a path."""


def leave_encoder_out(environ: MutableMapping[str, str], system: Path = SYSTEM, own: tuple[str, ...] = _OWN) -> bool:
    """Configure ALSA through the environment, before it is loaded. Returns whether it was possible."""
    first, last = resource("sound", "alsa.conf"), resource("sound", "lean.conf")
    is_as_shipped = "ALSA_CONFIG_PATH" not in environ and system.is_file() and not any(Path(file).expanduser().exists() for file in own)
    if sys.platform != "linux" or not is_as_shipped or not first.is_file() or not last.is_file() or _SEPARATORS & set(f"{first}{last}"):
        return False
    environ["ALSA_CONFIG_PATH"] = f"{system}:{first}"
    environ["VOXELLE_ALSA"] = str(last)
    return True
