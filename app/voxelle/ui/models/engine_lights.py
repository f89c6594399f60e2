"""One light a stage of the turn: which engine serves it now, or what it is waiting for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from voxelle.domain.events import EngineChanged, EngineState, EngineStatus
from voxelle.ui.bridge import Bridge

STAGES = ("llm", "tts", "emotion", "sound")
_RANK = {
    EngineState.READY: 0,
    EngineState.LOADING: 1,
    EngineState.RESTARTING: 1,
    EngineState.INSTALLING: 1,
    EngineState.FAILED: 2,
    EngineState.UNLOADED: 3,
    EngineState.ABSENT: 4,
}


@dataclass(frozen=True, slots=True)
class EngineLight:
    """What one stage's light says."""

    stage: str
    status: EngineStatus


class EngineLightsModel(QObject):
    """The lights of the stages that have an engine, in the order of the turn."""

    changed = Signal()

    def __init__(self, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._statuses: dict[str, EngineStatus] = {}
        bridge.subscribe(EngineChanged, self._on_changed)

    def load(self) -> None:
        """Ask for all engines as they are now."""

        async def now() -> Sequence[EngineStatus]:
            return self._bridge.engines.statuses()

        self._bridge.run(now, self._take)

    @property
    def lights(self) -> tuple[EngineLight, ...]:
        """One light a stage: the active engine, or else the one nearest to being ready."""
        lights = []
        for stage in STAGES:
            engines = [each for each in self._statuses.values() if each.stage == stage]
            if engines:
                best = min(engines, key=lambda each: (not each.is_active, _RANK[each.state]))
                lights.append(EngineLight(stage, best))
        return tuple(lights)

    def _take(self, statuses: Sequence[EngineStatus]) -> None:
        self._statuses = {each.id: each for each in statuses}
        self.changed.emit()

    def _on_changed(self, event: EngineChanged) -> None:
        self._statuses[event.status.id] = event.status
        self.changed.emit()
