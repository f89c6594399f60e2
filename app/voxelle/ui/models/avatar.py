"""One connection to an avatar: its state, its model's abilities, the mouth, and what is kept for each model."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from PySide6.QtCore import QObject, Signal

from voxelle.domain.avatar import CLOSED_MOUTH, AvatarSnapshot, AvatarState
from voxelle.domain.errors import VoxelleError
from voxelle.domain.events import MouthMoved, SettingsChanged
from voxelle.settings.fields import INTEGRATIONS
from voxelle.ui.bridge import Bridge
from voxelle.ui.models.answers import for_owner
from voxelle.ui.models.connections import ConnectionCard, ConnectionsModel

Done = Callable[[Any], None]
Failed = Callable[[VoxelleError], None]
MAPPINGS = "mappings"
PRESETS = "presets"


class AvatarModel(QObject):
    """What the connection last announced, and the commands on it.

    `changed`: a new snapshot, or another light. `mouth_moved`: another shape or mood. `kept_changed`: mappings or places were saved.
    While the connection is off nothing is known: what it said last is old.
    """

    changed = Signal()
    mouth_moved = Signal()
    kept_changed = Signal()

    def __init__(self, bridge: Bridge, connections: ConnectionsModel, connection: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._connections = connections
        self.connection = connection
        self.snapshot = AvatarSnapshot()
        self.mouth = CLOSED_MOUTH
        self.mood = 0.0
        self.mappings: Mapping[str, Mapping[str, Any]] = {}
        """What each model does, by its id, as plain values."""
        self.presets: Sequence[Mapping[str, Any]] = ()
        connections.snapshot_changed.connect(self._on_changed)
        connections.card_changed.connect(self._on_changed)
        connections.loaded.connect(lambda: self._on_changed(connection))
        bridge.subscribe(MouthMoved, self._on_mouth_moved)
        bridge.subscribe(SettingsChanged, self._on_settings_changed)
        self._take()
        self._read_kept()

    @property
    def card(self) -> ConnectionCard:
        """Its switch and its light."""
        return self._connections.card(self.connection)

    @property
    def is_ready(self) -> bool:
        """Whether the model can be moved now."""
        return self.snapshot.state is AvatarState.READY

    def now(self) -> datetime:
        """Return the time, to count from."""
        return self._bridge.clock.now()

    def mapping(self) -> Mapping[str, Any]:
        """Return what is kept for the model that is loaded, by its id, or by its name where an import gave it a new id."""
        snapshot = self.snapshot
        if snapshot.model_id in self.mappings or not snapshot.model_name:
            return self.mappings.get(snapshot.model_id, {})
        return next((each for each in self.mappings.values() if each.get("model_name") == snapshot.model_name), {})

    def switch_on(self) -> None:
        """Switch the connection on."""
        self._connections.switch(self.connection, is_on=True)

    def perform(
        self, action: str, arguments: Mapping[str, Any] | None = None, done: Done | None = None, failed: Failed | None = None
    ) -> None:
        """Let the connection do one of its actions; without `failed` an error becomes a notice of the window."""
        self._connections.perform(self.connection, action, arguments, done, failed)

    def _read_kept(self) -> None:
        service = self._bridge.settings
        names = {f"{INTEGRATIONS}.{self.connection}.{name}": name for name in (MAPPINGS, PRESETS)}

        async def read() -> dict[str, Any]:
            return {names[field.path]: field.value for field in service.fields(include_hidden=True) if field.path in names}

        self._bridge.run(read, for_owner(self, self._on_kept))

    def _on_kept(self, kept: dict[str, Any]) -> None:
        self.mappings = kept.get(MAPPINGS) or {}
        self.presets = kept.get(PRESETS) or ()
        self.kept_changed.emit()

    def _on_settings_changed(self, event: SettingsChanged) -> None:
        part = f"{INTEGRATIONS}.{self.connection}"
        if any(path in {part, f"{part}.{MAPPINGS}", f"{part}.{PRESETS}"} or path.startswith(f"{part}.{MAPPINGS}.") for path in event.paths):
            self._read_kept()

    def _on_mouth_moved(self, event: MouthMoved) -> None:
        if (event.shape, event.mood) != (self.mouth, self.mood):
            self.mouth, self.mood = event.shape, event.mood
            self.mouth_moved.emit()

    def _on_changed(self, connection: str) -> None:
        if connection == self.connection:
            self._take()

    def _take(self) -> None:
        snapshot = self._connections.snapshot(self.connection) if self.card.is_on else None
        self.snapshot = snapshot if isinstance(snapshot, AvatarSnapshot) else AvatarSnapshot()
        self.changed.emit()
