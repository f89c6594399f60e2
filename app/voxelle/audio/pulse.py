"""The devices of a Linux sound server (PulseAudio, PipeWire), which PortAudio alone does not list."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from typing import Final, Literal

import structlog

from voxelle.contracts.audio import SoundDevice

log = structlog.get_logger("sound")

PULSE: Final = "pulse:"
"""Prefix of a name that means a sink or a source of the server."""

MONITOR: Final = ".monitor"
"""Suffix of a source that hears what a sink plays."""

_ASK_S: Final = 2.0


Kind = Literal["sink", "source"]


def listed(kind: Kind) -> list[SoundDevice]:
    """Return what can play, or what can be heard: microphones before monitors, which hear what a device plays."""
    pactl = _tool()
    if pactl is None:
        return []
    try:
        found = json.loads(ask(pactl, "--format=json", "list", f"{kind}s"))
        default = ask(pactl, f"get-default-{kind}").decode().strip()
        devices = [SoundDevice(PULSE + each["name"], each["description"], is_default=each["name"] == default) for each in found]
    except (OSError, subprocess.SubprocessError, ValueError, KeyError, TypeError) as error:
        log.info("sound.server_silent", kind=type(error).__name__)
        return []
    return sorted(devices, key=lambda each: each.name.endswith(MONITOR))


def default_sink() -> str:
    """Return the name of the default sink, or nothing where there is no such server."""
    return _default("sink")


def default_source() -> str:
    """Return the name of the default source, as `default_sink`."""
    return _default("source")


def _default(kind: Kind) -> str:
    pactl = _tool()
    if pactl is None:
        return ""
    try:
        return ask(pactl, f"get-default-{kind}").decode().strip()
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        log.info("sound.server_silent", kind=type(error).__name__)
        return ""


def _tool() -> str | None:
    return shutil.which("pactl") if sys.platform == "linux" else None


def ask(*command: str) -> bytes:
    """Run a tool and return its answer. Raises OSError or SubprocessError."""
    return subprocess.run(command, capture_output=True, timeout=_ASK_S, check=True, stdin=subprocess.DEVNULL).stdout
