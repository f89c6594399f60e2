"""A show whose companion and engines do what they are told, for the pages that change things."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

from tests.fakes.companion_pages import PagesCompanion, PagesRoom
from tests.ui.show import Show
from voxelle.settings.file import SettingsFile
from voxelle.settings.service import SettingsService

T = TypeVar("T")


class PagesShow(Show):
    """Like `Show`, with characters and engines that change, and real settings in a real file."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.cast = PagesCompanion(self.bus)
        self.room = self.call(lambda: PagesRoom(self.bus))
        self.bridge.companion = self.cast
        self.bridge.engines = self.room
        self._file = folder / "settings.json"

    def use_environment(self, environ: dict[str, str]) -> None:
        """Start the settings anew with these variables."""
        self.settings = self.call(lambda: SettingsService(SettingsFile(self._file), self.bus, self.clock, environ=environ))
        self.bridge.settings = self.settings

    def do(self, start: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Run a coroutine on the show loop and return its result."""
        return asyncio.run_coroutine_threadsafe(start(), self.loop).result(10)

    def asked(self, name: str) -> list[tuple[object, ...]]:
        """Return what the companion was asked by this method."""
        return [call[1:] for call in self.cast.calls if call[0] == name]
