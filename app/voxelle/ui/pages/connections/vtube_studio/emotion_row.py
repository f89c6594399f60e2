"""One row of a mapping: its emotions, what happens, and how often at most."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QCheckBox, QDoubleSpinBox, QMenu, QWidget

from voxelle.domain.avatar import Emotion
from voxelle.ui.pages.connections.vtube_studio.deeds import NEW_DEED, Abilities, DeedLine
from voxelle.ui.pages.connections.vtube_studio.fields import number_box
from voxelle.ui.pages.connections.vtube_studio.wording import emotion_title, emotions_title
from voxelle.ui.pages.controls import column, folding_row, icon_only, row
from voxelle.ui.theme import Space, TextRole, current_theme
from voxelle.ui.widgets.buttons import IconButton
from voxelle.ui.widgets.card import Card
from voxelle.ui.widgets.flow import FlowLayout
from voxelle.ui.widgets.labels import label
from voxelle.ui.widgets.switch import Switch

NEW_ROW: Mapping[str, Any] = {
    "emotions": [], "deeds": [], "threshold": 0.3, "cooldown_s": 4.0, "hold_s": 4.0, "returns": True, "is_on": True,
}  # fmt: skip
_MOST_DEEDS = 20
_FOLDS_AT = 520


class StayingMenu(QMenu):
    """A menu of check boxes: choosing one does not close it."""

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Qt: tick, and stay."""
        if not self._tick():
            super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Qt: the space bar ticks; Escape closes."""
        if event.key() != Qt.Key.Key_Space or not self._tick():
            super().keyPressEvent(event)

    def _tick(self) -> bool:
        action = self.activeAction()
        if action is None:
            return False
        action.trigger()
        return True


class EmotionRowEditor(Card):
    """`changed`: by the streamer. `moved(-1 or 1)` and `removed` by its buttons; `tested(deed)` from a line of it."""

    changed = Signal()
    moved = Signal(int)
    removed = Signal()
    tested = Signal(dict)

    def __init__(self, values: Mapping[str, Any], abilities: Abilities, *, is_default: bool = False) -> None:
        super().__init__()
        self._values = {**NEW_ROW, **values}
        self._abilities = abilities
        self.is_default = is_default
        self.emotions = [str(each) for each in self._values["emotions"]]
        self.title = label(role=TextRole.STRONG, wraps=True)
        self.actions_of: dict[str, QAction] = {}
        self.menu = StayingMenu(self)
        self.choose_button = icon_only("edit", self.tr("Choose emotions"), "quiet")
        self.choose_button.clicked.connect(self._on_choose)
        self.switch = Switch(self.tr("Row is on"))
        self.switch.setChecked(bool(self._values["is_on"]))
        self.up_button = icon_only("up", self.tr("Move up"), "quiet")
        self.down_button = icon_only("down", self.tr("Move down"), "quiet")
        self.remove_button = icon_only("delete", self.tr("Remove this row"), "quiet")
        self.threshold = self._number("threshold", self.tr("From intensity (0 to 1)"), 1.0, 0.05)
        self.pause = self._number("cooldown_s", self.tr("Pause in seconds: not again before"), 600.0, 1.0)
        self.hold = self._number("hold_s", self.tr("Hold in seconds, then back; 0: until the next one"), 120.0, 1.0)
        self.returns = QCheckBox(self.tr("Back to neutral"))
        self.returns.setChecked(bool(self._values["returns"]))
        self.add_button = IconButton("add", self.tr("Add"), "quiet")
        self.add_button.setAccessibleDescription(self.tr("Add something that happens"))
        self.deeds: list[DeedLine] = []
        self._lines = column(spacing=Space.XS)
        self._build()
        for deed in self._values["deeds"]:
            self._add_line(deed)
        self._show_title()

    @property
    def value(self) -> dict[str, Any]:
        """The row as plain values; lines where nothing is chosen are left out."""
        return self._values | {
            "emotions": list(self.emotions),
            "deeds": [each.deed for each in self.deeds if each.is_chosen],
            "threshold": self.threshold.value(),
            "cooldown_s": self.pause.value(),
            "hold_s": self.hold.value(),
            "returns": self.returns.isChecked(),
            "is_on": self.switch.isChecked(),
        }

    def _build(self) -> None:
        self.set_title_shown(is_shown=False)
        self.note.hide()
        head = folding_row(self, _FOLDS_AT)
        name = row(self.switch)
        name.addWidget(self.title, 1)
        head.addLayout(name, 1)
        buttons = (self.choose_button, self.up_button, self.down_button, self.remove_button)
        for button in buttons:
            button.setVisible(not self.is_default)
        head.addLayout(row(*buttons, None, spacing=Space.XS))
        numbers = QWidget()
        flow = FlowLayout(numbers, current_theme().px(Space.M))
        for text, box in ((self.tr("From"), self.threshold), (self.tr("Pause (s)"), self.pause), (self.tr("Hold (s)"), self.hold)):
            pair = QWidget()
            pair.setLayout(row(label(text, TextRole.SMALL, "muted"), box, spacing=Space.XS))
            flow.addWidget(pair)
        flow.addWidget(self.returns)
        flow.addWidget(self.add_button)
        self.body.addLayout(head)
        self.body.addLayout(self._lines)
        self.body.addWidget(numbers)
        self.switch.toggled.connect(lambda _is_on: self.changed.emit())
        self.returns.toggled.connect(lambda _is_on: self.changed.emit())
        self.up_button.clicked.connect(lambda: self.moved.emit(-1))
        self.down_button.clicked.connect(lambda: self.moved.emit(1))
        self.remove_button.clicked.connect(self.removed)
        self.add_button.clicked.connect(self._on_add)
        for emotion in Emotion:
            action = self.menu.addAction(emotion_title(emotion.value))
            action.setCheckable(True)
            action.setChecked(emotion.value in self.emotions)
            action.toggled.connect(partial(self._on_emotion, emotion.value))
            self.actions_of[emotion.value] = action

    def _number(self, name: str, title: str, highest: float, step: float) -> QDoubleSpinBox:
        box = number_box(title, highest, step, float(self._values[name]), self)
        box.valueChanged.connect(lambda _value: self.changed.emit())
        return box

    def _show_title(self) -> None:
        title = self.tr("All other emotions") if self.is_default else emotions_title(self.emotions)
        self.title.setText(title)
        self.setAccessibleName(title)

    def _add_line(self, deed: Mapping[str, Any]) -> None:
        line = DeedLine(deed, self._abilities)
        line.changed.connect(self.changed)
        line.tested.connect(self.tested)
        line.removed.connect(partial(self._on_line_removed, line))
        self.deeds.append(line)
        self._lines.addWidget(line)
        self.add_button.setEnabled(len(self.deeds) < _MOST_DEEDS)

    def _on_add(self) -> None:
        self._add_line(NEW_DEED)
        self.deeds[-1].choice.setFocus()

    def _on_line_removed(self, line: DeedLine) -> None:
        self.deeds.remove(line)
        line.hide()
        line.deleteLater()
        self.add_button.setEnabled(True)
        self.changed.emit()

    def _on_choose(self) -> None:
        self.menu.popup(self.choose_button.mapToGlobal(self.choose_button.rect().bottomLeft()))

    def _on_emotion(self, emotion: str, is_in: bool) -> None:  # noqa: FBT001  # Qt's signature
        self.emotions = [each for each in self.emotions if each != emotion] + ([emotion] if is_in else [])
        self._show_title()
        self.changed.emit()
