"""One light a stage of the turn: which engine serves it now, or what it is waiting for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from voxelle.domain.events import EngineChanged, EngineState, EngineStatus, SettingsChanged
from voxelle.ui.bridge import Bridge

HEARING = "hearing"
STAGES = (HEARING, "llm", "tts", "emotion", "sound")
_EARS = ("vad", "end_of_turn", "stt")
"""They hear together: one light for all, that of the one that is furthest from being ready."""
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
        bridge.subscribe(SettingsChanged, self._on_settings_changed)

    def load(self) -> None:
        """Ask for all engines as they are now."""

        async def now() -> Sequence[EngineStatus]:
            return self._bridge.engines.statuses()

        self._bridge.run(now, self._take)

    @property
    def lights(self) -> tuple[EngineLight, ...]:
        """One light a stage: the active engine, or else the one nearest to being ready."""
        found = ((stage, self._ears() if stage == HEARING else self._best(stage)) for stage in STAGES)
        return tuple(EngineLight(stage, status) for stage, status in found if status is not None)

    def _best(self, stage: str) -> EngineStatus | None:
        engines = [each for each in self._statuses.values() if each.stage == stage]
        return min(engines, key=lambda each: (not each.is_active, _RANK[each.state]), default=None)

    def _ears(self) -> EngineStatus | None:
        """Return what her ears wait for, or the recogniser; nothing while she is not to listen."""
        hearing = self._bridge.settings.current.hearing
        if not hearing.is_enabled:
            return None
        stages = (*_EARS, "speaker") if hearing.only_me else _EARS
        engines = [each for each in map(self._best, reversed(stages)) if each is not None]
        recogniser = self._best("stt")
        worst = max(engines, key=lambda each: _RANK[each.state], default=None)
        return recogniser if worst is None or worst.state is EngineState.READY else worst

    def _take(self, statuses: Sequence[EngineStatus]) -> None:
        self._statuses = {each.id: each for each in statuses}
        self.changed.emit()

    def _on_settings_changed(self, event: SettingsChanged) -> None:
        if any(path.startswith("hearing.") for path in event.paths):
            self.changed.emit()

    def _on_changed(self, event: EngineChanged) -> None:
        self._statuses[event.status.id] = event.status
        self.changed.emit()
