"""All connections as the window shows them: their lights, switches, and what each shows of itself."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from PySide6.QtCore import QObject, Signal

from voxelle.contracts.integration import ConnectionDesk, Declaration, Snapshot
from voxelle.domain.errors import TemporaryError, VoxelleError
from voxelle.domain.events import ConnectionChanged, HealthChanged, HealthLevel, SettingsChanged
from voxelle.settings.fields import INTEGRATIONS
from voxelle.ui.bridge import Bridge
from voxelle.ui.models.answers import for_owner

SWITCH = "is_enabled"
"""The setting that switches a connection, where it has one."""


@dataclass(frozen=True, slots=True)
class ConnectionCard:
    """One connection: its declaration, its switch and its light."""

    id: str
    title: str
    summary: str
    icon: str
    has_switch: bool
    is_on: bool
    level: HealthLevel = HealthLevel.OFF
    sentence: str = ""
    is_busy: bool = False
    error: str = ""
    """How the last command on it failed, in words."""


@dataclass(frozen=True, slots=True)
class _Desk:
    """What the desk said at one moment."""

    declarations: Mapping[str, Declaration] = field(default_factory=dict)
    health: Mapping[str, HealthChanged] = field(default_factory=dict)
    snapshots: Mapping[str, Snapshot] = field(default_factory=dict)


class ConnectionsModel(QObject):
    """`loaded`: the list is there, or `error` says why not. The others name the connection that changed."""

    loaded = Signal()
    card_changed = Signal(str)
    snapshot_changed = Signal(str)

    def __init__(self, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._cards: dict[str, ConnectionCard] = {}
        self._switches: dict[str, bool] = {}
        """The default of each connection's switch."""
        self._snapshots: dict[str, Snapshot] = {}
        self.is_loaded = False
        self.error = ""
        bridge.subscribe(HealthChanged, self._on_health_changed)
        bridge.subscribe(ConnectionChanged, self._on_connection_changed)
        bridge.subscribe(SettingsChanged, self._on_settings_changed)

    @property
    def is_available(self) -> bool:
        """Whether this show has connections at all."""
        return self._bridge.connections is not None

    @property
    def cards(self) -> tuple[ConnectionCard, ...]:
        """Every connection, in the order of the declarations."""
        return tuple(self._cards.values())

    def card(self, connection: str) -> ConnectionCard:
        """Return one connection's card."""
        return self._cards[connection]

    def snapshot(self, connection: str) -> Snapshot | None:
        """Return what a connection last showed of itself."""
        return self._snapshots.get(connection)

    def refresh(self) -> None:
        """Ask for all connections."""
        desk = self._bridge.connections

        async def read() -> _Desk:
            if desk is None:
                return _Desk()
            shown = {each: desk.snapshot(each) for each in desk.declarations}
            return _Desk(dict(desk.declarations), dict(desk.health()), {each: made for each, made in shown.items() if made is not None})

        self.error = ""
        self._bridge.run(read, self._take, self._on_refresh_failed)

    def switch(self, connection: str, *, is_on: bool) -> None:
        """Switch a connection on or off."""
        self._command(connection, lambda desk: desk.switch(connection, is_on=is_on))

    def restart(self, connection: str) -> None:
        """Run a connection anew."""

        async def restart(desk: ConnectionDesk) -> None:
            desk.restart(connection)

        self._command(connection, restart)

    def perform(
        self,
        connection: str,
        action: str,
        arguments: Mapping[str, Any] | None = None,
        done: Callable[[Any], None] | None = None,
        failed: Callable[[VoxelleError], None] | None = None,
    ) -> None:
        """Let a connection do one of its declared actions. Without `failed` an error becomes a notice of the window."""
        desk = self._bridge.connections

        async def perform() -> Any:
            if desk is None:
                msg = "There are no connections here."
                raise TemporaryError(msg)
            return await desk.perform(connection, action, arguments or {})

        self._bridge.run(perform, done and for_owner(self, done), failed and for_owner(self, failed))

    def _command(self, connection: str, start: Callable[[ConnectionDesk], Coroutine[Any, Any, None]]) -> None:
        desk = self._bridge.connections
        if desk is None:
            return
        self._update(connection, is_busy=True, error="")

        def on_failed(error: VoxelleError) -> None:
            self._update(connection, is_busy=False, error=error.sentence)

        self._bridge.run(
            lambda: start(desk), for_owner(self, lambda _nothing: self._update(connection, is_busy=False)), for_owner(self, on_failed)
        )

    def _update(self, connection: str, **changes: Any) -> None:
        card = self._cards.get(connection)
        if card is not None:
            self._cards[connection] = replace(card, **changes)
            if self._cards[connection] != card:
                self.card_changed.emit(connection)

    def _is_on(self, connection: str) -> bool:
        own = self._bridge.settings.current.integrations.get(connection, {})
        return bool(own.get(SWITCH, self._switches[connection]))

    def _take(self, desk: _Desk) -> None:
        self._switches = {each: _default_switch(declaration) for each, declaration in desk.declarations.items()}
        self._cards = {each: self._made(declaration, desk.health.get(each)) for each, declaration in desk.declarations.items()}
        self._snapshots = dict(desk.snapshots)
        self.is_loaded = True
        self.loaded.emit()

    def _made(self, declaration: Declaration, health: HealthChanged | None) -> ConnectionCard:
        return ConnectionCard(
            id=declaration.id,
            title=declaration.title,
            summary=declaration.summary,
            icon=declaration.icon,
            has_switch=SWITCH in declaration.settings_type.model_fields,
            is_on=self._is_on(declaration.id),
            level=HealthLevel.OFF if health is None else health.level,
            sentence="" if health is None else health.sentence,
        )

    def _on_refresh_failed(self, error: VoxelleError) -> None:
        self.error = error.sentence
        self.is_loaded = True
        self.loaded.emit()

    def _on_health_changed(self, event: HealthChanged) -> None:
        self._update(event.service, level=event.level, sentence=event.sentence)

    def _on_connection_changed(self, event: ConnectionChanged) -> None:
        self._snapshots[event.connection] = event.snapshot
        self.snapshot_changed.emit(event.connection)

    def _on_settings_changed(self, event: SettingsChanged) -> None:
        for connection in self.cards:
            if any(path.startswith(f"{INTEGRATIONS}.{connection.id}.") for path in event.paths):
                self._update(connection.id, is_on=self._is_on(connection.id), error="")


def _default_switch(declaration: Declaration) -> bool:
    switch = declaration.settings_type.model_fields.get(SWITCH)
    return True if switch is None else bool(switch.default)
