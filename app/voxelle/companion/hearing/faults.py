"""Engines of hearing that fail now: each is told once, until it works again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from voxelle.domain.events import NoticeLevel, NoticeRaised

if TYPE_CHECKING:
    from collections.abc import Callable

    from voxelle.contracts.provider import Provider
    from voxelle.domain.errors import VoxelleError
    from voxelle.kernel.bus import Bus

log = structlog.get_logger("hearing")


class Faults:
    """What keeps her from hearing."""

    def __init__(self, bus: Bus, on_change: Callable[[], None]) -> None:
        self._bus = bus
        self._on_change = on_change
        self._sentences: dict[str, str] = {}

    @property
    def sentence(self) -> str:
        """What went wrong first and still is, for the streamer, or an empty text."""
        return next(iter(self._sentences.values()), "")

    def failed(self, engine: Provider, error: VoxelleError) -> None:
        """Note that an engine failed; the streamer reads of it once."""
        is_new = engine.id not in self._sentences
        self._sentences[engine.id] = error.sentence
        if is_new:
            log.warning("engine.failed", engine=engine.id, error_kind=type(error).__name__)
            self._bus.announce(NoticeRaised(NoticeLevel.WARNING, error.sentence))
            self._on_change()

    def works(self, engine: Provider) -> None:
        """Note that an engine did what it was asked for."""
        if self._sentences.pop(engine.id, None) is not None:
            log.info("engine.recovered", engine=engine.id)
            self._bus.announce(NoticeRaised(NoticeLevel.INFO, f"{engine.title} works again."))
            self._on_change()
