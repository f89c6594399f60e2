"""A virtual microphone and a virtual loudspeaker of a sound server (PulseAudio, PipeWire), for benches that really listen."""

from __future__ import annotations

import asyncio
import shutil
import wave
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Final

import numpy as np

from voxelle.domain.errors import SetupError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from voxelle.contracts.tts import Samples

MICROPHONE: Final = "pulse:voxelle_bench_mic.monitor"
LOUDSPEAKER: Final = "pulse:voxelle_bench_out"
_SINKS: Final = ("voxelle_bench_mic", "voxelle_bench_out")
_ABSENT: Final = "This bench needs a sound server with virtual devices (PulseAudio or PipeWire) and its tools pactl and paplay."


@asynccontextmanager
async def virtual_devices() -> AsyncIterator[None]:
    """Have both devices. SetupError without a sound server."""
    if shutil.which("pactl") is None or shutil.which("paplay") is None:
        raise SetupError(_ABSENT)
    async with AsyncExitStack() as stack:
        for sink in _SINKS:
            module = await _run("pactl", "load-module", "module-null-sink", f"sink_name={sink}", "rate=48000", "channels=2", "norewinds=1")
            stack.push_async_callback(_run, "pactl", "unload-module", module.strip())
        yield


async def say_into_microphone(file: Path) -> None:
    """Play a WAV file into the virtual microphone; returns when it was played."""
    await _run("paplay", f"--device={_SINKS[0]}", "--latency-msec=20", str(file))


def write_wav(file: Path, samples: Samples, rate: int) -> None:
    """Write mono samples into a file of 16 bits."""
    with wave.open(str(file), "wb") as sink:
        sink.setnchannels(1)
        sink.setsampwidth(2)
        sink.setframerate(rate)
        sink.writeframes((np.clip(samples, -1.0, 1.0) * 32_767).astype("<i2").tobytes())


async def _run(*command: str) -> str:
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL)
    output, _ = await process.communicate()
    if process.returncode:
        raise SetupError(_ABSENT)
    return output.decode()
