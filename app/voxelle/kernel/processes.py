"""Engine processes: native engines and sound run outside, so that a crash there is a short pause here."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any, Final

import psutil
import structlog

from voxelle.domain.errors import SetupError, TemporaryError, VoxelleError
from voxelle.domain.events import EngineState
from voxelle.kernel.clock import Clock, Randomness
from voxelle.kernel.engine_link import EngineLink
from voxelle.kernel.limits import ProcessLimits
from voxelle.kernel.messages import Reply
from voxelle.kernel.shared_audio import Samples
from voxelle.kernel.tasks import TaskScope

__all__ = ["EngineProcess", "ProcessLimits", "ProcessSnapshot", "Reply", "Samples"]

log = structlog.get_logger("engine")

_FIRST_DELAY_S: Final = 0.1
_LONGEST_DELAY_S: Final = 10.0


@dataclass(frozen=True, slots=True)
class ProcessSnapshot:
    """Where an engine process stands. `restarts` counts since it was made."""

    state: EngineState = EngineState.UNLOADED
    pid: int | None = None
    restarts: int = 0
    progress: float | None = None
    sentence: str = ""


def _ignore(_: ProcessSnapshot) -> None:
    """Tell nobody."""


class EngineProcess:
    """Keeps one engine process alive and asks it. All methods belong to one event loop.

    `name` stands in sentences for the streamer. `target` is `module:Class`, a subclass of `kernel.worker.Engine`.
    A process that dies fails its requests at once with TemporaryError and comes back by itself; requests
    meanwhile wait for it. One that keeps dying stays FAILED until `start` is called again.
    """

    def __init__(
        self,
        name: str,
        target: str,
        config: dict[str, Any],
        *,
        clock: Clock,
        randomness: Randomness,
        limits: ProcessLimits = ProcessLimits(),  # noqa: B008 -- frozen
        on_change: Callable[[ProcessSnapshot], None] = _ignore,
    ) -> None:
        self.name = name
        self.snapshot = ProcessSnapshot()
        self._target = target
        self._config = config
        self._clock = clock
        self._randomness = randomness
        self._limits = limits
        self._on_change = on_change
        self._link: EngineLink | None = None
        self._scope: TaskScope | None = None
        self._changing = asyncio.Lock()
        self._settled = asyncio.Event()
        self._settled.set()
        self._lost = asyncio.Event()
        self._failure: VoxelleError = SetupError(f"{name} is not loaded: open Engines and press Load.")
        self._deaths: deque[float] = deque()

    async def start(self) -> None:
        """Spawn and load; returns when ready. Idempotent, forgets earlier crashes.

        Raises SetupError or TemporaryError with a sentence. Cancelling the wait does not stop the loading: `stop` does.
        """
        async with self._changing:
            if self.snapshot.state not in {EngineState.READY, EngineState.LOADING, EngineState.RESTARTING}:
                await self._end()
                self._deaths.clear()
                self._settled.clear()
                self._set(state=EngineState.LOADING, progress=None, sentence="")
                self._scope = TaskScope(f"engine {self.name}", self._on_bug)
                self._scope.start(self._keep(), name="keep")
        while not self._settled.is_set():
            await self._settled.wait()
        if self.snapshot.state is not EngineState.READY:
            raise self._failure

    async def stop(self) -> None:
        """End the process and everything asked of it; idempotent."""
        async with self._changing:
            self._failure = SetupError(f"{self.name} is not loaded: open Engines and press Load.")
            await self._end()
            self._set(state=EngineState.UNLOADED, pid=None, progress=None, sentence="")
            self._settled.set()

    async def _end(self) -> None:
        scope, self._scope = self._scope, None
        if scope is not None:
            await scope.close()

    async def stream(self, method: str, arguments: dict[str, Any], audio: Samples | None = None) -> AsyncGenerator[Reply, None]:
        """Ask, and yield the replies; closing the generator cancels the work in the worker at once.

        Raises what the engine raised, TemporaryError when it died, SetupError when it is not loaded.
        """
        link = await self._ready_link()
        async with aclosing(link.request(method, arguments, audio)) as replies:
            async for reply in replies:
                yield reply

    async def call(self, method: str, arguments: dict[str, Any], audio: Samples | None = None) -> Reply:
        """Ask for exactly one reply. Raises as `stream`."""
        async with aclosing(self.stream(method, arguments, audio)) as replies:
            answers = [reply async for reply in replies]
        if len(answers) != 1:
            msg = f"{self.name} gave {len(answers)} answers where one was due."
            raise TemporaryError(msg)
        return answers[0]

    def rss_mb(self) -> float | None:
        """Return how much memory the process holds, or None while there is none."""
        if self.snapshot.pid is None:
            return None
        try:
            return float(psutil.Process(self.snapshot.pid).memory_info().rss) / 1024 / 1024
        except psutil.Error:
            return None

    async def _ready_link(self) -> EngineLink:
        try:
            async with asyncio.timeout(self._limits.start_timeout_s):
                while not self._settled.is_set():
                    await self._settled.wait()
        except TimeoutError as error:
            msg = f"{self.name} is still starting."
            raise TemporaryError(msg) from error
        if self._link is None:
            raise self._failure
        return self._link

    async def _keep(self) -> None:
        """Live one life of the process after the other until there is no hope."""
        has_lived = False
        while True:
            self._lost.clear()
            link = EngineLink(self.name, self._limits, self._clock, self._on_progress, self._on_lost)
            try:
                try:
                    await link.open(self._target, self._config)
                except VoxelleError as error:
                    if not has_lived or not isinstance(error, TemporaryError):
                        self._fail(error)
                        return
                    self._on_lost(error.sentence)
                else:
                    has_lived = True
                    self._link = link
                    self._set(state=EngineState.READY, pid=link.pid, progress=None, sentence="")
                    self._settled.set()
                    await self._lost.wait()
            finally:
                self._link = None
                await link.close()
            delay_s = self._count_death()
            if delay_s is None:
                return
            await self._clock.sleep(delay_s)

    def _count_death(self) -> float | None:
        """Return how long to wait before the next life, or None when it died too often."""
        now = self._clock.monotonic()
        self._deaths.append(now)
        while self._deaths[0] < now - self._limits.restart_window_s:
            self._deaths.popleft()
        count = len(self._deaths)
        if count >= self._limits.restarts:
            msg = f"{self.name} stopped {count} times in a short while and is left alone: open Engines and press Load."
            self._fail(TemporaryError(msg))
            return None
        self._set(restarts=self.snapshot.restarts + 1)
        delay_s: float = min(_LONGEST_DELAY_S, _FIRST_DELAY_S * 2 ** (count - 1)) * self._randomness.uniform(0.5, 1.5)
        log.info("engine.restarting", engine=self.name, deaths=count, delay_s=round(delay_s, 3))
        return delay_s

    def _on_progress(self, value: float) -> None:
        self._set(progress=value)

    def _on_lost(self, sentence: str) -> None:
        """Hold new requests back at once, before the old ones learn of their end."""
        if self._link is not None:
            self._settled.clear()
            self._link = None
        if self.snapshot.state is not EngineState.LOADING:
            self._set(state=EngineState.RESTARTING, pid=None, progress=None, sentence=sentence)
        self._lost.set()

    def _fail(self, error: VoxelleError) -> None:
        self._failure = error
        self._link = None
        self._set(state=EngineState.FAILED, pid=None, progress=None, sentence=error.sentence)
        log.warning("engine.failed", engine=self.name, kind=type(error).__name__, sentence=error.sentence)
        self._settled.set()

    def _on_bug(self, error: BaseException, errand: str) -> None:
        log.error("engine.bug", engine=self.name, errand=errand, exc_info=error)
        self._fail(TemporaryError(f"{self.name} could not be kept running; the log has the details."))

    def _set(self, **changes: Any) -> None:
        snapshot = replace(self.snapshot, **changes)
        if snapshot != self.snapshot:
            self.snapshot = snapshot
            self._on_change(snapshot)
