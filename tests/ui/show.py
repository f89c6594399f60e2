"""A show loop in its thread and a bridge to it, moved on step by step."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QCoreApplication, QEvent

from tests.fakes.companion import FakeCompanion, FakeEngineRoom
from voxelle.domain.events import Event
from voxelle.kernel.bus import Bus
from voxelle.kernel.clock import SystemClock
from voxelle.kernel.log import LogTail
from voxelle.settings.file import SettingsFile
from voxelle.settings.service import SettingsService
from voxelle.ui.bridge import Bridge

T = TypeVar("T")


class Show:
    """What the window talks to, on a loop of its own thread."""

    def __init__(self, folder: Path) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="show")
        self._thread.start()
        self.bus = Bus()
        self.companion = FakeCompanion(self.bus)
        self.engines = FakeEngineRoom()
        self.clock = SystemClock()
        self.settings = self.call(lambda: SettingsService(SettingsFile(folder / "settings.json"), self.bus, self.clock, environ={}))
        self.log_tail = LogTail()
        self.bridge = Bridge(
            loop=self.loop, companion=self.companion, engines=self.engines, settings=self.settings, log_tail=self.log_tail, clock=self.clock
        )

    def call(self, function: Callable[[], T]) -> T:
        """Run a function on the show loop and return what it returns."""

        async def perform() -> T:
            return function()

        return asyncio.run_coroutine_threadsafe(perform(), self.loop).result(10)

    def announce(self, *events: Event) -> None:
        """Announce on the show loop, and let the window see it."""
        for event in events:
            self.call(partial(self.bus.announce, event))
        self.settle()

    def settle(self) -> None:
        """Let commands run and their answers and all events arrive, without waiting for the next frame."""
        for _ in range(4):
            self.call(lambda: None)
            self.call(lambda: None)
            QCoreApplication.processEvents()
            self.bridge.deliver_now()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)

    def end(self) -> None:
        """End the bridge, the loop and its thread."""
        self.bridge.close()
        self.settle()
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(10)
        self.loop.close()

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_forever()
