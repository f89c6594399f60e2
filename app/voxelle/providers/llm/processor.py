"""What the processor must be able to do for the embedded model: asked before anything native is loaded."""

from __future__ import annotations

import ctypes
import platform
import subprocess
import sys
from pathlib import Path

from voxelle.domain.errors import SetupError

NEEDED = frozenset({"avx2", "fma"})
"""The native library was compiled for these; without them it dies of an illegal instruction."""

_WINDOWS_AVX2 = 40
"""PF_AVX2_INSTRUCTIONS_AVAILABLE of `IsProcessorFeaturePresent`."""


def check_processor(machine: str | None = None, flags: frozenset[str] | None = None) -> None:
    """Raise SetupError if the embedded model can't run on this processor."""
    machine = (machine or platform.machine()).lower()
    if machine not in {"x86_64", "amd64", "i386", "x86"}:
        return
    flags = processor_flags() if flags is None else flags
    if flags and not flags >= NEEDED:
        msg = (
            "This computer's processor is too old for the embedded model (it has no AVX2): "
            "choose a model server or a cloud model in the settings."
        )
        raise SetupError(msg)


def processor_flags() -> frozenset[str]:
    """Return the names of the processor's abilities in lower case; empty if the system does not tell."""
    if sys.platform == "win32":
        has_avx2 = ctypes.windll.kernel32.IsProcessorFeaturePresent(_WINDOWS_AVX2)
        return NEEDED if has_avx2 else frozenset({"sse2"})
    if sys.platform == "darwin":
        names = ("machdep.cpu.features", "machdep.cpu.leaf7_features")
        try:
            answer = subprocess.run(["/usr/sbin/sysctl", "-n", *names], capture_output=True, text=True, timeout=5, check=False)
        except (OSError, subprocess.TimeoutExpired):
            return frozenset()
        return frozenset(answer.stdout.lower().split())
    try:
        return flags_of(Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace"))
    except OSError:
        return frozenset()


def flags_of(cpuinfo: str) -> frozenset[str]:
    """Read the flags out of Linux' `/proc/cpuinfo`."""
    for line in cpuinfo.splitlines():
        name, _, value = line.partition(":")
        if name.strip() == "flags":
            return frozenset(value.lower().split())
    return frozenset()
