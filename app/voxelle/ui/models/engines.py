"""What the Engines page shows: every engine by stage, and the commands on it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, replace
from typing import Any

from PySide6.QtCore import QObject, Signal

from voxelle.domain.errors import VoxelleError
from voxelle.domain.events import EngineChanged, EngineState, EngineStatus
from voxelle.ui.bridge import Bridge
from voxelle.ui.models.answers import for_owner

STAGE_ORDER = ("vad", "end_of_turn", "speaker", "stt", "llm", "tts", "emotion", "embedding", "sound")


@dataclass(frozen=True, slots=True)
class EngineCard:
    """One engine with what the window knows besides: a command under way, and how the last one failed."""

    status: EngineStatus
    is_busy: bool = False
    error: str = ""

    @property
    def sentence(self) -> str:
        """What went wrong, the failed command first."""
        return self.error or self.status.sentence

    @property
    def can_install(self) -> bool:
        """Whether Install makes sense now."""
        return self.status.state is EngineState.ABSENT and self.status.can_install and not self.is_busy

    @property
    def can_cancel(self) -> bool:
        """Whether an installation started here can be stopped."""
        return self.status.state is EngineState.INSTALLING or (self.is_busy and self.status.state is EngineState.ABSENT)

    @property
    def can_load(self) -> bool:
        """Whether Load, or trying again, makes sense now."""
        return self.status.state in {EngineState.UNLOADED, EngineState.FAILED} and not self.is_busy

    @property
    def can_unload(self) -> bool:
        """Whether its memory can be freed now."""
        return self.status.state in {EngineState.READY, EngineState.RESTARTING} and not self.is_busy


class EnginesModel(QObject):
    """The engine room on the window's side. `changed`: the list is another; `card_changed`: one engine."""

    changed = Signal()
    card_changed = Signal(str)

    def __init__(self, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._cards: dict[str, EngineCard] = {}
        self._installing: dict[str, asyncio.Task[Any] | None] = {}
        self.is_loaded = False
        self.error = ""
        bridge.subscribe(EngineChanged, self._on_engine_changed)

    def refresh(self) -> None:
        """Ask for every engine's status."""
        room = self._bridge.engines

        async def read() -> Sequence[EngineStatus]:
            return room.statuses()

        self.error = ""
        self._bridge.run(read, self._take_all, self._on_refresh_failed)

    def stages(self) -> tuple[tuple[str, tuple[EngineCard, ...]], ...]:
        """Return the cards grouped by stage, in the order of the turn."""
        known = dict.fromkeys(STAGE_ORDER) | dict.fromkeys(card.status.stage for card in self._cards.values())
        groups = ((stage, tuple(card for card in self._cards.values() if card.status.stage == stage)) for stage in known)
        return tuple((stage, cards) for stage, cards in groups if cards)

    def card(self, engine_id: str) -> EngineCard | None:
        """Return one engine's card."""
        return self._cards.get(engine_id)

    def memory_mb(self) -> float:
        """Return the memory all engines use together."""
        return sum(card.status.rss_mb or 0.0 for card in self._cards.values())

    def load(self, engine_id: str) -> None:
        """Load an engine."""
        self._command(engine_id, lambda: self._bridge.engines.load(engine_id))

    def unload(self, engine_id: str) -> None:
        """Free an engine's memory."""
        self._command(engine_id, lambda: self._bridge.engines.unload(engine_id))

    def install(self, engine_id: str) -> None:
        """Fetch an engine's weights; progress arrives as its status."""

        async def fetch() -> None:
            task = self._installing[engine_id] = asyncio.current_task()
            try:
                await self._bridge.engines.install(engine_id)
            except asyncio.CancelledError:
                if task is None or self._installing.get(engine_id) is task:  # the window closes: nobody pressed Cancel
                    raise
                task.uncancel()
            finally:
                self._installing.pop(engine_id, None)

        self._command(engine_id, fetch)

    def cancel(self, engine_id: str) -> None:
        """Stop an installation; what was fetched is kept."""

        async def stop() -> None:
            task = self._installing.get(engine_id)
            self._installing[engine_id] = None
            if task is not None:
                task.cancel()

        self._bridge.run(stop)

    def dismiss(self, engine_id: str) -> None:
        """Forget how the last command on an engine failed."""
        self._update(engine_id, error="")

    def _command(self, engine_id: str, start: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self._update(engine_id, is_busy=True, error="")

        def on_failed(error: VoxelleError) -> None:
            self._update(engine_id, is_busy=False, error=error.sentence)

        def on_done(_nothing: None) -> None:
            self._update(engine_id, is_busy=False)

        self._bridge.run(start, for_owner(self, on_done), for_owner(self, on_failed))

    def _update(self, engine_id: str, *, is_busy: bool | None = None, error: str | None = None) -> None:
        card = self._cards.get(engine_id)
        if card is None:
            return
        self._cards[engine_id] = replace(
            card,
            is_busy=card.is_busy if is_busy is None else is_busy,
            error=card.error if error is None else error,
        )
        self.card_changed.emit(engine_id)

    def _take_all(self, statuses: Sequence[EngineStatus]) -> None:
        old = self._cards
        self._cards = {status.id: replace(old.get(status.id, EngineCard(status)), status=status) for status in statuses}
        self.is_loaded = True
        self.changed.emit()

    def _on_refresh_failed(self, error: VoxelleError) -> None:
        self.error = error.sentence
        self.is_loaded = True
        self.changed.emit()

    def _on_engine_changed(self, event: EngineChanged) -> None:
        status = event.status
        card = self._cards.get(status.id)
        if card is None:
            self._cards[status.id] = EngineCard(status)
            self.changed.emit()
            return
        error = "" if status.state is EngineState.READY else card.error
        self._cards[status.id] = replace(card, status=status, error=error)
        self.card_changed.emit(status.id)
