"""The engine process of an embedded engine: built when it is first opened, for only then its files must be there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from voxelle.contracts.tts import Samples
from voxelle.domain.errors import TemporaryError
from voxelle.domain.events import EngineState
from voxelle.kernel.clock import Clock, Randomness
from voxelle.kernel.processes import EngineProcess, ProcessLimits, ProcessSnapshot, Reply

Listener = Callable[[ProcessSnapshot], None]


@dataclass(frozen=True, slots=True)
class EngineSpec:
    """How an engine process is made."""

    name: str
    target: str
    """`module:Class` of the worker's side."""
    configure: Callable[[], dict[str, Any]]
    """Find the files and the settings, at every start; may block. Raises SetupError when a file is missing."""
    limits: Callable[[], ProcessLimits] = ProcessLimits


class EmbeddedProcess:
    """An engine process that reads its configuration anew at every start, and may serve several providers."""

    def __init__(self, spec: EngineSpec, *, clock: Clock, randomness: Randomness) -> None:
        self.name = spec.name
        self._spec = spec
        self._clock = clock
        self._randomness = randomness
        self._process: EngineProcess | None = None
        self._lock = asyncio.Lock()
        self._listeners: list[Listener] = []

    @property
    def snapshot(self) -> ProcessSnapshot:
        """State of the process now; unloaded before the first start."""
        return ProcessSnapshot() if self._process is None else self._process.snapshot

    def rss_mb(self) -> float | None:
        """Memory that the process holds, None while there is none."""
        return None if self._process is None else self._process.rss_mb()

    def listen(self, listener: Listener) -> None:
        """Tell `listener` of every change of state."""
        self._listeners.append(listener)

    async def start(self) -> None:
        """Load the engine; returns at once when it is running. Raises SetupError or TemporaryError."""
        async with self._lock:
            if self._process is None or self._process.snapshot.state is EngineState.FAILED:
                self._process = await self._made()
            process = self._process
        await process.start()

    async def _made(self) -> EngineProcess:
        """Build the process with what the files and settings are now."""
        config = await asyncio.to_thread(self._spec.configure)
        if self._process is not None:
            await self._process.stop()
        return EngineProcess(
            self._spec.name,
            self._spec.target,
            config,
            clock=self._clock,
            randomness=self._randomness,
            limits=self._spec.limits(),
            on_change=self._announce,
        )

    async def stop(self) -> None:
        """End the process and forget its configuration."""
        async with self._lock:
            process, self._process = self._process, None
            if process is not None:
                await process.stop()

    async def stream(self, method: str, arguments: dict[str, Any]) -> AsyncGenerator[Reply, None]:
        """Ask for a stream of replies, starting the engine if need be; closing it cancels the work."""
        process = await self._running()
        async with aclosing(process.stream(method, arguments)) as replies:
            async for reply in replies:
                yield reply

    async def call(self, method: str, arguments: dict[str, Any], audio: Samples | None = None) -> Reply:
        """Ask for one reply, starting the engine if need be."""
        process = await self._running()
        return await process.call(method, arguments, audio)

    async def _running(self) -> EngineProcess:
        if self._process is None:
            await self.start()
        if self._process is None:  # stopped while it was starting
            msg = f"{self.name} was unloaded: open Engines and press Load."
            raise TemporaryError(msg)
        return self._process

    def _announce(self, snapshot: ProcessSnapshot) -> None:
        for listener in tuple(self._listeners):
            listener(snapshot)


def well_formed(text: str) -> str:
    """Return a text that can be sent: halves of surrogate pairs, as broken chat clients write them, become "?"."""
    return text.encode("utf-8", "replace").decode("utf-8")
