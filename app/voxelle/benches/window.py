"""The real window for benches: opened on the main thread, as busy as a lively stream makes it."""

from __future__ import annotations

import asyncio
import os
import random
import sys
from collections.abc import Coroutine, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication

from voxelle.benches.chatter import Chatter, flood
from voxelle.benches.programs import has_display
from voxelle.benches.stage import Stage, open_stage
from voxelle.benches.turn import SHORT_DELAYS, own_share
from voxelle.contracts.engines import EngineRoom
from voxelle.domain.errors import InputError
from voxelle.domain.events import ClauseHeard, EngineStatus, TurnStarted, WordHeard
from voxelle.domain.speech import Clause
from voxelle.kernel.clock import Ids, SystemClock
from voxelle.kernel.log import LogTail
from voxelle.kernel.tasks import TaskScope
from voxelle.main import new_loop
from voxelle.ui.bridge import Bridge
from voxelle.ui.qt_loop import QtLoop
from voxelle.ui.window import MainWindow

T = TypeVar("T")
CHAT_PER_S = 300
_CAPTION = "These words are shown while they are heard."
_WORD_S = 0.02
_FRAME_MS = 33


def perform(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine on the window's own loop, on this thread. Without a display nothing is seen, but all is painted."""
    if not has_display():
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    app = QApplication.instance() or QApplication(sys.argv[:1])
    if not isinstance(app, QApplication):
        work.close()
        msg = "a Qt application without windows runs already"
        raise TypeError(msg)
    app.setQuitOnLastWindowClosed(False)
    with QtLoop(app) as loop:
        result: T = loop.run_until_complete(work)
        return result


def orchestration_with_window(folder: Path, turns: int) -> list[float]:
    """Return the road's own share of every turn, in seconds, beside a busy window."""
    return perform(_shares(folder, turns))


async def _shares(folder: Path, turns: int) -> list[float]:
    show = _StageShow(folder, turns)
    with ThreadPoolExecutor(1, "show") as executor:
        running = asyncio.get_running_loop().run_in_executor(executor, show.run)
        parts = await _first(asyncio.wrap_future(show.opened), running)
        bridge = Bridge(
            loop=parts.loop,
            companion=parts.stage.companion,
            engines=NoEngines(),
            settings=parts.stage.settings,
            log_tail=LogTail(),
            clock=parts.stage.clock,
        )
        window = MainWindow(bridge, shutdown=show.stop, state_file=folder / "window.ini")
        window.show()
        frames = QTimer(window)
        frames.setTimerType(Qt.TimerType.PreciseTimer)
        frames.timeout.connect(window.update)
        frames.start(_FRAME_MS)
        parts.loop.call_soon_threadsafe(parts.shown.set)
        try:
            return await _first(asyncio.wrap_future(show.shares), running)
        finally:
            frames.stop()
            await close(window)
            await running


async def _first(wanted: asyncio.Future[T], running: asyncio.Future[None]) -> T:
    """Return what is wanted of a show that runs, or raise what ended it."""
    both: set[asyncio.Future[Any]] = {wanted, running}
    await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
    if not wanted.done():
        wanted.cancel()
        await running
    return await wanted


async def close(window: MainWindow) -> None:
    """Close a window as its button does, wait for the end of its show, and let it go."""
    closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def conclude() -> None:
        if not closed.done():
            closed.set_result(None)

    window.closed.connect(conclude)
    window.close()
    await closed
    window.deleteLater()


class NoEngines(EngineRoom):
    """A room without engines: the stubs of a stage are not shown."""

    def statuses(self) -> Sequence[EngineStatus]:
        """Return none."""
        return ()

    async def load(self, engine_id: str) -> None:
        """Refuse."""
        raise _refusal(engine_id)

    async def unload(self, engine_id: str) -> None:
        """Refuse."""
        raise _refusal(engine_id)

    async def install(self, engine_id: str) -> None:
        """Refuse."""
        raise _refusal(engine_id)


def _refusal(engine_id: str) -> InputError:
    msg = f"There is no engine {engine_id!r} on a bench."
    return InputError(msg)


@dataclass(frozen=True, slots=True)
class _Parts:
    """What the window needs of a stage in another thread."""

    stage: Stage
    loop: asyncio.AbstractEventLoop
    shown: asyncio.Event


class _StageShow:
    """A stage on a show loop of its own thread; measures once the window is shown, then waits for `stop`."""

    def __init__(self, folder: Path, turns: int) -> None:
        self.opened: Future[_Parts] = Future()
        self.shares: Future[list[float]] = Future()
        self._folder = folder
        self._turns = turns
        self._stopped = asyncio.Event()

    async def stop(self) -> None:
        """End it; called on the show loop."""
        self._stopped.set()

    def run(self) -> None:
        """Run the show loop to its end."""
        with asyncio.Runner(loop_factory=new_loop) as runner:
            runner.run(self._perform())

    async def _perform(self) -> None:
        async with open_stage(self._folder, SystemClock(), **SHORT_DELAYS) as stage, TaskScope("busy") as busy:
            parts = _Parts(stage, asyncio.get_running_loop(), asyncio.Event())
            self.opened.set_result(parts)
            await parts.shown.wait()
            await own_share(stage)
            chatter = Chatter(Ids(random.Random(2), stage.clock), stage.clock)
            await _quieten(stage, chatter)
            busy.start(flood(stage.companion.submit, chatter, stage.clock, CHAT_PER_S, 3_600), name="chat")
            busy.start(_captions(stage), name="captions")
            self.shares.set_result([await own_share(stage) for _ in range(self._turns)])
            await self._stopped.wait()


async def _quieten(stage: Stage, chatter: Chatter) -> None:
    """Let her answer one chat line and then no more, so that only the measured turns speak; chat still queues."""
    await stage.settings.change("turn.chat_cooldown_s", 600.0)
    stage.output.has_played.clear()
    await stage.companion.submit(chatter.line())
    await stage.output.has_played.wait()
    await stage.companion.stop_talking()
    await stage.companion.settle()


async def _captions(stage: Stage) -> None:
    """Let the words of a caption be heard one after the other, fifty a second."""
    turn_id = ""

    def follow(event: TurnStarted) -> None:
        nonlocal turn_id
        turn_id = event.turn_id
        stage.bus.announce(ClauseHeard(Clause(turn_id, 0, _CAPTION), 1.0))

    stage.bus.subscribe(TurnStarted, follow)
    while True:
        start = 0
        for word in _CAPTION.split():
            stage.bus.announce(WordHeard(turn_id, 0, start, start + len(word)))
            start += len(word) + 1
            await stage.clock.sleep(_WORD_S)
