"""An engine process of the tests, running."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from voxelle.kernel.clock import Randomness, SystemClock
from voxelle.kernel.processes import EngineProcess, ProcessLimits, ProcessSnapshot

TARGET = "tests.kernel.worker_engines:TestEngine"

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX's")


@asynccontextmanager
async def running(
    config: dict[str, Any] | None = None,
    limits: ProcessLimits | None = None,
    on_change: Callable[[ProcessSnapshot], None] = lambda _: None,
    target: str = TARGET,
) -> AsyncIterator[EngineProcess]:
    process = EngineProcess(
        "Test engine",
        target,
        {} if config is None else config,
        clock=SystemClock(),
        randomness=Randomness(1),
        limits=limits or ProcessLimits(),
        on_change=on_change,
    )
    try:
        yield process
    finally:
        await process.stop()


async def until(condition: Callable[[], bool]) -> None:
    """Wait for something another process does; the test's own time limit ends it."""
    while not condition():  # noqa: ASYNC110 -- files and processes of others have no event
        await asyncio.sleep(0.002)


def size(path: str) -> int:
    return Path(path).stat().st_size


def pid_of(process: EngineProcess) -> int:
    assert process.snapshot.pid is not None
    return process.snapshot.pid
