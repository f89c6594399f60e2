"""One thing the model does at an emotion: what, how often among its neighbours, and a button to try it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QSizePolicy, QWidget

from voxelle.domain.avatar import AvatarSnapshot
from voxelle.ui.pages.connections.vtube_studio.wording import kind_title
from voxelle.ui.pages.controls import Badge, folding_row, icon_only, row
from voxelle.ui.text import one_line
from voxelle.ui.theme import TextRole
from voxelle.ui.widgets.labels import label

_NAME_LIMIT = 80
_FOLDS_AT = 460
_LONGEST_NAME = 200


class NoWheel(QObject):
    """Keeps the mouse wheel scrolling the tab instead of changing a value under it."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Qt: refuse the wheel, so that the scroll area takes it."""
        if isinstance(event, QWheelEvent):
            event.ignore()
            return True
        return super().eventFilter(watched, event)


def deeds_of(snapshot: AvatarSnapshot) -> list[dict[str, Any]]:
    """Return everything the model can do, as plain values."""
    hotkeys = [{"kind": "hotkey", "target": each.id, "name": each.name[:_LONGEST_NAME]} for each in snapshot.hotkeys]
    expressions = [{"kind": "expression", "target": each.file, "name": each.name[:_LONGEST_NAME]} for each in snapshot.expressions]
    return hotkeys + expressions


def is_same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Tell whether two deeds mean the same thing: by id or file, or else by name."""
    if one.get("kind") != other.get("kind"):
        return False
    if one.get("target") and one.get("target") == other.get("target"):
        return True
    name = str(one.get("name") or "").casefold()
    return bool(name) and name == str(other.get("name") or "").casefold()


def number_box(name: str, highest: float, step: float, value: float, parent: QWidget) -> QDoubleSpinBox:
    """Return a field for a number from 0 up that leaves the mouse wheel alone."""
    box = QDoubleSpinBox()
    box.setRange(0.0, highest)
    box.setSingleStep(step)
    box.setDecimals(2 if highest <= 1 else 1)
    box.setValue(value)
    box.setAccessibleName(name)
    box.setToolTip(name)
    box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    box.installEventFilter(NoWheel(parent))
    return box


class DeedLine(QWidget):
    """`changed`: by the streamer. `tested(deed)` and `removed` by its buttons."""

    changed = Signal()
    tested = Signal(dict)
    removed = Signal()

    def __init__(self, deed: Mapping[str, Any], abilities: list[dict[str, Any]]) -> None:
        super().__init__()
        self._deed = dict(deed)
        self._options = list(abilities)
        found = next((number for number, each in enumerate(self._options) if is_same(deed, each)), -1)
        is_pose = deed.get("kind") == "pose"
        self.is_missing = found < 0 and not is_pose and bool(deed.get("target") or deed.get("name"))
        if found < 0 and (is_pose or self.is_missing):
            self._options.insert(0, {"kind": deed["kind"], "target": deed.get("target", ""), "name": deed.get("name", "")})
            found = 0
        self.choice = QComboBox()
        self.choice.setAccessibleName(self.tr("What happens"))
        self.choice.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.choice.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.choice.installEventFilter(NoWheel(self))
        for each in self._options:
            self.choice.addItem(self._title(each))
        self.choice.setPlaceholderText(self.tr("Choose …"))
        self.choice.setCurrentIndex(found)
        self.badge = Badge(tone="warning")
        self.badge.show_text(self.tr("Not in this model") if self.is_missing else "", "warning")
        self.weight = number_box(
            self.tr("Weight: twice as much is chosen twice as often"), 100.0, 0.5, float(deed.get("weight", 1.0)), self
        )
        self.test_button = icon_only("play", self.tr("Test"))
        self.remove_button = icon_only("close", self.tr("Remove this deed"), "quiet")
        self._build()

    @property
    def deed(self) -> dict[str, Any]:
        """What is chosen."""
        number = self.choice.currentIndex()
        chosen = self._options[number] if number >= 0 else {}
        return self._deed | chosen | {"weight": self.weight.value()}

    @property
    def is_chosen(self) -> bool:
        """Whether anything is chosen."""
        return self.choice.currentIndex() >= 0

    def _build(self) -> None:
        line = folding_row(self, _FOLDS_AT, is_layout_of=True)
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(self.choice, 1)
        weight = label(self.tr("Weight"), TextRole.SMALL, "muted")
        weight.setBuddy(self.weight)
        line.addLayout(row(self.badge, weight, self.weight, self.test_button, self.remove_button, None))
        self.choice.activated.connect(self._on_chosen)
        self.weight.valueChanged.connect(lambda _value: self.changed.emit())
        self.test_button.clicked.connect(lambda: self.tested.emit(self.deed))
        self.remove_button.clicked.connect(self.removed)
        self.test_button.setEnabled(self.is_chosen)

    def _title(self, deed: Mapping[str, Any]) -> str:
        name = one_line(str(deed["name"] or deed["target"]), _NAME_LIMIT)
        if deed["kind"] == "pose" and not name:
            name = self.tr("{count} parameters").format(count=len(self._deed.get("pose", ())))
        return f"{kind_title(deed['kind'])} · {name}"

    def _on_chosen(self) -> None:
        if self.is_missing and self.choice.currentIndex() > 0:
            self.badge.show_text("")
        elif self.is_missing:
            self.badge.show_text(self.tr("Not in this model"), "warning")
        self.test_button.setEnabled(self.is_chosen)
        self.changed.emit()
