"""One thing the model does: what, how often among its neighbours, and a button to try it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QSizePolicy, QWidget

from voxelle.domain.avatar import AvatarSnapshot
from voxelle.ui.pages.connections.vtube_studio.fields import NoWheel, number_box
from voxelle.ui.pages.connections.vtube_studio.pose import PoseEditor
from voxelle.ui.pages.connections.vtube_studio.wording import kind_title
from voxelle.ui.pages.controls import Badge, column, folding_row, icon_only, row
from voxelle.ui.text import one_line
from voxelle.ui.theme import Space, TextRole
from voxelle.ui.widgets.labels import label

NEW_DEED: Final[Mapping[str, Any]] = {"kind": "hotkey", "target": "", "name": "", "pose": [], "weight": 1.0, "fade_s": 0.25}
_POSE: Final = "pose"
_NAME_LIMIT: Final = 80
_FOLDS_AT: Final = 520
_LONGEST_NAME: Final = 200


@dataclass(frozen=True, slots=True)
class Abilities:
    """What the loaded model can do, as plain values, and which inputs it has."""

    deeds: tuple[dict[str, Any], ...] = ()
    inputs: tuple[str, ...] = ()


def abilities_of(snapshot: AvatarSnapshot) -> Abilities:
    """Return everything the model can do."""
    hotkeys = ({"kind": "hotkey", "target": each.id, "name": each.name[:_LONGEST_NAME]} for each in snapshot.hotkeys)
    expressions = ({"kind": "expression", "target": each.file, "name": each.name[:_LONGEST_NAME]} for each in snapshot.expressions)
    return Abilities((*hotkeys, *expressions), snapshot.parameters)


def is_same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Tell whether two deeds mean the same thing: by id or file, or else by name."""
    if one.get("kind") != other.get("kind"):
        return False
    if one.get("target") and one.get("target") == other.get("target"):
        return True
    name = str(one.get("name") or "").casefold()
    return bool(name) and name == str(other.get("name") or "").casefold()


class DeedLine(QWidget):
    """`changed`: by the streamer. `tested(deed)` and `removed` by its buttons."""

    changed = Signal()
    tested = Signal(dict)
    removed = Signal()

    def __init__(self, deed: Mapping[str, Any], abilities: Abilities, *, is_alone: bool = False) -> None:
        super().__init__()
        self._deed = {**NEW_DEED, **deed}
        self._options: list[dict[str, Any]] = list(abilities.deeds)
        is_pose = self._deed["kind"] == _POSE
        found = next((number for number, each in enumerate(self._options) if is_same(self._deed, each)), -1)
        self.is_missing = found < 0 and not is_pose and bool(self._deed["target"] or self._deed["name"])
        if self.is_missing:
            self._options.insert(0, {name: self._deed[name] for name in ("kind", "target", "name")})
            found = 0
        self._options.append({"kind": _POSE, "target": ""})
        self.choice = QComboBox()
        self.choice.setAccessibleName(self.tr("What happens"))
        self.choice.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.choice.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.choice.installEventFilter(NoWheel(self))
        for each in self._options:
            self.choice.addItem(self._title(each))
        self.choice.setPlaceholderText(self.tr("Choose …"))
        self.choice.setCurrentIndex(len(self._options) - 1 if is_pose else found)
        self.badge = Badge(tone="warning")
        self.fade = self._number("fade_s", self.tr("Fade in seconds"), 2.0, 0.05)
        self.weight = self._number("weight", self.tr("Weight: twice as much is chosen twice as often"), 100.0, 0.5)
        self.test_button = icon_only("play", self.tr("Test"))
        self.remove_button = icon_only("close", self.tr("Remove this deed"), "quiet")
        self.pose = PoseEditor(self._deed if is_pose else {}, abilities.inputs)
        self._build(is_alone=is_alone)
        self._show()

    @property
    def deed(self) -> dict[str, Any]:
        """What is chosen."""
        chosen = {**self._deed, **self._chosen, "weight": self.weight.value(), "fade_s": self.fade.value()}
        if chosen["kind"] == _POSE:
            return chosen | {"name": self.pose.name.text().strip(), "pose": self.pose.pose}
        return chosen | {"pose": []}

    @property
    def is_chosen(self) -> bool:
        """Whether there is anything to do; a pose without any input is nothing."""
        return self.choice.currentIndex() >= 0 and (not self._is_pose or bool(self.pose.pose))

    @property
    def _chosen(self) -> dict[str, Any]:
        number = self.choice.currentIndex()
        return self._options[number] if number >= 0 else {}

    @property
    def _is_pose(self) -> bool:
        return self._chosen.get("kind") == _POSE

    def _number(self, name: str, title: str, highest: float, step: float) -> QDoubleSpinBox:
        box = number_box(title, highest, step, float(self._deed[name]), self)
        box.valueChanged.connect(lambda _value: self.changed.emit())
        return box

    def _build(self, *, is_alone: bool) -> None:
        whole = column(self, spacing=Space.XS)
        line = folding_row(self, _FOLDS_AT)
        line.addWidget(self.choice, 1)
        fade, weight = (label(text, TextRole.SMALL, "muted") for text in (self.tr("Fade (s)"), self.tr("Weight")))
        self._fade_label = fade
        for name, box in ((fade, self.fade), (weight, self.weight)):
            name.setBuddy(box)
        line.addLayout(row(self.badge, fade, self.fade, weight, self.weight, self.test_button, self.remove_button, None))
        whole.addLayout(line)
        whole.addWidget(self.pose)
        weight.setVisible(not is_alone)
        self.weight.setVisible(not is_alone)
        self.choice.activated.connect(self._on_chosen)
        self.pose.changed.connect(self._on_changed)
        self.test_button.clicked.connect(lambda: self.tested.emit(self.deed))
        self.remove_button.clicked.connect(self.removed)

    def _title(self, deed: Mapping[str, Any]) -> str:
        if deed["kind"] == _POSE:
            return self.tr("Pose: inputs held where you say")
        return f"{kind_title(deed['kind'])} · {one_line(str(deed['name'] or deed['target']), _NAME_LIMIT)}"

    def _show(self) -> None:
        is_lost = self.is_missing and self.choice.currentIndex() == 0
        self.badge.show_text(self.tr("Not in this model") if is_lost else "", "warning")
        has_fade = self._chosen.get("kind") in (_POSE, "expression")
        self._fade_label.setVisible(has_fade)
        self.fade.setVisible(has_fade)
        self.pose.setVisible(self._is_pose)
        self.test_button.setEnabled(self.is_chosen)

    def _on_chosen(self) -> None:
        self._on_changed()
        if self._is_pose and not self.pose.rows:
            self.pose.add_button.setFocus()

    def _on_changed(self) -> None:
        self._show()
        self.changed.emit()
