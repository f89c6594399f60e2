"""What benches start in processes of their own: `python -m voxelle bench-child NAME FOLDER …`."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from PySide6.QtGui import QPaintEvent

    from voxelle.headless import Show, ShowOptions
    from voxelle.ui.window import MainWindow

HEAVY = (
    "numpy",
    "sqlalchemy",
    "alembic",
    "openai",
    "anthropic",
    "onnxruntime",
    "xllamacpp",
    "sounddevice",
    "soxr",
    "keyring",
    "httpx",
    "psutil",
)
"""Nothing of these may be imported before the first paint."""
_WRITERS = 8


def main() -> None:
    """Become the child that the second argument names."""
    children: dict[str, Callable[[Path, str], None]] = {
        "startup-bare": startup_bare,
        "startup-app": startup_app,
        "idle": idle_app,
        "writing": writing,
        "flood": flood,
    }
    children[sys.argv[2]](Path(sys.argv[3]), sys.argv[4])


def _print(values: Mapping[str, float]) -> None:
    _tell(json.dumps(values))


def startup_bare(_folder: Path, began: str) -> None:
    """Paint a bare Qt window, tell when, and end."""
    from PySide6.QtWidgets import QApplication, QWidget

    class Bare(QWidget):
        """Nothing but a painted area."""

        def paintEvent(self, event: QPaintEvent) -> None:
            """Tell the time and end."""
            super().paintEvent(event)
            _print({"first_paint_ms": (time.monotonic() - float(began)) * 1000})
            app.quit()

    app = QApplication(sys.argv[:1])
    window = Bare()
    window.resize(1280, 800)
    window.show()
    app.exec()


def startup_app(folder: Path, began: str) -> None:
    """Open our window with stub engines, tell when it was painted and when it was ready, and end."""
    from voxelle.kernel.paths import Paths
    from voxelle.main import run

    figures: dict[str, float] = {}

    def note_paint() -> None:
        figures["first_paint_ms"] = (time.monotonic() - float(began)) * 1000
        figures["heavy_imports"] = float(sum(name in sys.modules for name in HEAVY))

    def note_ready(window: MainWindow) -> None:
        figures["ready_ms"] = (time.monotonic() - float(began)) * 1000
        window.close()

    run(Paths.find(folder, environ={}), _stub_options, on_painted=note_paint, on_ready=note_ready)
    _print(figures)


def _stub_options() -> ShowOptions:
    from voxelle.headless import ShowOptions
    from voxelle.providers.catalogue import EngineSet

    return ShowOptions(EngineSet.STUB, is_greeting=False)


def idle_app(folder: Path, packs: str) -> None:
    """Open our window and stay; `packs` is where weights lie, or empty to load no engine. Ends when its input ends."""
    import threading
    from dataclasses import replace

    from voxelle.kernel.paths import Paths
    from voxelle.main import run

    paths = Paths.find(folder, environ={})

    def wait_for_parent(window: MainWindow) -> None:
        sys.stdin.read()
        window.close_soon.emit()

    def note_ready(window: MainWindow) -> None:
        _print({"ready": 1.0})
        threading.Thread(target=wait_for_parent, args=(window,), daemon=True, name="parent").start()

    run(replace(paths, packs=Path(packs)) if packs else paths, None if packs else _stub_options, on_ready=note_ready)


def flood(_folder: Path, pace: str) -> None:
    """Send chat at a pace to whoever connects; tell the port, and at the end how much was sent. Ends when its input ends."""
    from voxelle.benches.flood_line import run
    from voxelle.benches.frames import Pace

    run(Pace(**json.loads(pace)), _print, sys.stdin.read)


def writing(folder: Path, seed: str) -> None:
    """Write messages, turns and settings for ever; tell every id once the store acknowledged it. Killed by the parent."""
    import asyncio

    asyncio.run(_write(folder, int(seed)))


async def _write(folder: Path, seed: int) -> None:
    from voxelle.headless import ShowOptions, open_show, run_show
    from voxelle.kernel.paths import Paths
    from voxelle.kernel.tasks import TaskScope
    from voxelle.providers.catalogue import EngineSet

    options = ShowOptions(EngineSet.STUB, folder / "voice.wav", speed=0.0, is_greeting=False)
    async with open_show(Paths.find(folder, environ={}), options) as show, TaskScope("writing") as scope:
        scope.start(run_show(show), name="show")
        for writer in range(_WRITERS):
            scope.start(_write_messages(show, seed * _WRITERS + writer), name=f"messages {writer}")
        number = 0
        while True:
            number += 1
            decision = await show.companion.tell(f"line {seed} {number}")
            await show.companion.settle()
            turns = await show.companion.recent_turns(1)
            _tell(f"message {decision.stimulus_id}", *(f"turn {turn.id}" for turn in turns))
            await show.settings.change("voice.volume", (number % 100) / 100)
            _tell(f"volume {(number % 100) / 100}")


async def _write_messages(show: Show, seed: int) -> None:
    """Hand chat lines to the store, each when the one before is durable."""
    from voxelle.benches.chatter import Chatter
    from voxelle.domain.chat import Decision, Verdict

    chatter = Chatter(show.ids, show.clock, seed)
    while True:
        stimulus = chatter.line()
        await show.database.conversations.append_message(stimulus, Decision(stimulus.id, Verdict.DROPPED, 0.0, "a bench wrote it"))
        _tell(f"message {stimulus.id}")


def _tell(*lines: str) -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()
