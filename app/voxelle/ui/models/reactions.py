"""Her reactions as the streamer edits them: one kind of event at a time, checked while typing, tried at will."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, Signal

from voxelle.domain.chat import StreamEvent
from voxelle.domain.errors import VoxelleError
from voxelle.domain.events import ChannelEventReceived
from voxelle.settings.fields import SettingField
from voxelle.ui.bridge import Bridge
from voxelle.ui.models import reaction_samples as samples
from voxelle.ui.models.answers import for_owner
from voxelle.ui.models.connections import ConnectionsModel
from voxelle.ui.models.settings import SettingsModel

PART = "reactions"
TRIED_THROUGH = "twitch"
"""The connection that can send itself a test event of any kind it knows."""
_TEST = "test_event"


class ReactionsModel(QObject):
    """`changed(kind)`: a value, a problem or the preview of a kind. `trial_changed`: what can be tried. `tried`: what came of it."""

    loaded = Signal()
    changed = Signal(str)
    trial_changed = Signal()
    tried = Signal(str, str, str)
    """A kind, a sentence, and its tone."""

    def __init__(self, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.settings = SettingsModel(bridge, self, include_hidden=True)
        self._connections = ConnectionsModel(bridge, self)
        self._tried: StreamEvent | None = None
        self.settings.loaded.connect(self.loaded)
        self.settings.field_changed.connect(self._on_field_changed)
        self._connections.loaded.connect(self.trial_changed)
        self._connections.card_changed.connect(self.trial_changed)
        bridge.subscribe(ChannelEventReceived, self._on_event)

    def refresh(self) -> None:
        """Read settings and connections."""
        self.settings.refresh()
        self._connections.refresh()

    @property
    def error(self) -> str:
        """Why the settings could not be read."""
        return self.settings.error

    @staticmethod
    def path(kind: StreamEvent, name: str) -> str:
        """Return where a setting of a kind's reaction is kept."""
        return f"{PART}.{kind.value}.{name}"

    def value(self, kind: StreamEvent, name: str) -> Any:
        """Return what is set, or being typed."""
        return self.settings.shown_value(self.path(kind, name))

    def field(self, kind: StreamEvent, name: str) -> SettingField | None:
        """Return one setting of a kind's reaction."""
        return self.settings.field(self.path(kind, name))

    def is_on(self, kind: StreamEvent) -> bool:
        """Whether she reacts to a kind at all."""
        return bool(self.value(kind, "is_on"))

    def switch(self, kind: StreamEvent, *, is_on: bool) -> None:
        """Let her react to a kind, or not; at once."""
        self.settings.set_value(self.path(kind, "is_on"), is_on)
        self.settings.apply()

    def is_default(self, kind: StreamEvent) -> bool:
        """Tell whether a reset of the kind would change nothing."""
        return all(self.settings.is_default(field.path) for field in self.settings.fields_of(f"{PART}.{kind.value}"))

    def reset(self, kind: StreamEvent) -> None:
        """Bring a kind's reaction back to its defaults, as one step."""
        self.settings.reset_part(f"{PART}.{kind.value}")

    def joins(self, kind: StreamEvent) -> bool:
        """Whether events of a kind can be joined, as the reaction stands."""
        waits = _number(self.value(kind, "merge_s")) > 0
        return waits or (bool(self.value(kind, "is_guaranteed")) and _number(self.value(kind, "cooldown_s")) > 0)

    def preview(self, kind: StreamEvent, *, is_for_many: bool = False) -> str:
        """Return what the template becomes for a sample; empty where there is nothing to show."""
        name = "template_many" if is_for_many else "template"
        template = self.value(kind, name)
        if self.settings.problem(self.path(kind, name)) or not str(template).strip():
            return ""
        return samples.preview(kind, template, is_verbatim=bool(self.value(kind, "is_verbatim")), is_for_many=is_for_many)

    def obstacle(self, kind: StreamEvent) -> str:
        """Return why a kind can't be tried now, or nothing."""
        card = next((card for card in self._connections.cards if card.id == TRIED_THROUGH), None)
        if kind is StreamEvent.TOUCH:
            return self.tr("Click her model in VTube Studio to try it.")
        if card is None:
            return self.tr("It is tried through Twitch, which is not installed here.")
        if not card.is_on:
            return self.tr("It is tried through Twitch: switch that on under Connections first.")
        return "" if self.is_on(kind) else self.tr("Switch the reaction on to try it.")

    def try_out(self, kind: StreamEvent) -> None:
        """Send an event of the kind through the whole road, marked as a test."""
        self.settings.apply()
        self._tried = kind

        def on_failed(error: VoxelleError) -> None:
            self._tried = None
            self.tried.emit(kind.value, error.sentence, "danger")

        self.tried.emit(kind.value, self.tr("Sent …"), "muted")
        self._connections.perform(TRIED_THROUGH, _TEST, {"kind": kind.value}, None, for_owner(self, on_failed))

    def _on_event(self, event: ChannelEventReceived) -> None:
        told = event.channel_event
        if told.is_test and told.event is self._tried:
            self._tried = None
            said = self.tr("It arrived: {reaction}.").format(reaction=event.reaction)
            self.tried.emit(told.event.value, said, "ok" if event.is_answered else "warning")

    def _on_field_changed(self, path: str) -> None:
        part, _, rest = path.partition(".")
        if part == PART:
            self.changed.emit(rest.partition(".")[0])
            self.trial_changed.emit()


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) else 0.0
