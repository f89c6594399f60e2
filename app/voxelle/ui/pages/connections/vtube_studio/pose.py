"""A pose: inputs of the model, and where each of them is held."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QComboBox, QLineEdit, QSizePolicy, QWidget

from voxelle.ui.pages.connections.vtube_studio.fields import NoWheel, number_box
from voxelle.ui.pages.controls import Badge, column, icon_only, row
from voxelle.ui.text import one_line
from voxelle.ui.theme import Space, current_theme
from voxelle.ui.widgets.buttons import IconButton
from voxelle.ui.widgets.flow import FlowLayout

_MOST: Final = 30
_LONGEST_NAME: Final = 200
_FARTHEST: Final = 1_000_000.0
_CHOICE_WIDTH: Final = 180
_NAME_WIDTH: Final = 140


class _Input(QWidget):
    """One input with its value."""

    changed = Signal()
    removed = Signal()

    def __init__(self, values: Mapping[str, Any], inputs: Sequence[str]) -> None:
        super().__init__()
        known = str(values.get("parameter", ""))
        self.is_missing = bool(known) and known not in inputs
        self.choice = QComboBox()
        self.choice.addItems([*((known,) if self.is_missing else ()), *inputs])
        self.choice.setCurrentIndex(self.choice.findText(known) if known else -1)
        self.choice.setPlaceholderText(self.tr("Choose an input …"))
        self.choice.setAccessibleName(self.tr("Input"))
        self.choice.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.choice.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.choice.setFixedWidth(current_theme().px(_CHOICE_WIDTH))
        self.choice.installEventFilter(NoWheel(self))
        self.badge = Badge(tone="warning")
        self.value = number_box(
            self.tr("Value at full intensity"), _FARTHEST, 0.1, float(values.get("value", 1.0)), self, lowest=-_FARTHEST
        )
        self.remove_button = icon_only("close", self.tr("Remove this input"), "quiet")
        self.setLayout(row(self.choice, self.value, self.remove_button, self.badge, None, spacing=Space.XS))
        self.choice.activated.connect(self._on_chosen)
        self.value.valueChanged.connect(lambda _value: self.changed.emit())
        self.remove_button.clicked.connect(self.removed)
        self._show_badge()

    @property
    def values(self) -> dict[str, Any]:
        """What is chosen; an empty parameter while nothing is."""
        return {"parameter": self.choice.currentText() if self.choice.currentIndex() >= 0 else "", "value": self.value.value()}

    def _on_chosen(self) -> None:
        self._show_badge()
        self.changed.emit()

    def _show_badge(self) -> None:
        is_lost = self.is_missing and self.choice.currentIndex() == 0
        self.badge.show_text(self.tr("Not in this model") if is_lost else "", "warning")


class PoseEditor(QWidget):
    """`changed`: by the streamer."""

    changed = Signal()

    def __init__(self, deed: Mapping[str, Any], inputs: Sequence[str]) -> None:
        super().__init__()
        self._inputs = tuple(inputs)
        self.name = QLineEdit(one_line(str(deed.get("name") or ""), _LONGEST_NAME))
        self.name.setMaxLength(_LONGEST_NAME)
        self.name.setPlaceholderText(self.tr("Name of the pose"))
        self.name.setAccessibleName(self.tr("Name of the pose"))
        self.name.setFixedWidth(current_theme().px(_NAME_WIDTH))
        self.name.textEdited.connect(lambda _text: self.changed.emit())
        self.add_button = IconButton("add", self.tr("Add an input"), "quiet")
        self.add_button.clicked.connect(self._on_add)
        self.rows: list[_Input] = []
        self._lines = column(spacing=Space.XS)
        head = QWidget()
        flow = FlowLayout(head, current_theme().px(Space.XS))
        flow.addWidget(self.name)
        flow.addWidget(self.add_button)
        whole = column(self, spacing=Space.XS)
        whole.setContentsMargins(current_theme().px(Space.L), 0, 0, 0)
        whole.addWidget(head)
        whole.addLayout(self._lines)
        for each in deed.get("pose", ()):
            self._add(each)

    @property
    def pose(self) -> list[dict[str, Any]]:
        """The inputs that are chosen."""
        return [values for each in self.rows if (values := each.values)["parameter"]]

    def minimumSizeHint(self) -> QSize:
        """Qt: it gives way like the line above it."""
        return QSize(0, super().minimumSizeHint().height())

    def _add(self, values: Mapping[str, Any]) -> _Input:
        made = _Input(values, self._inputs)
        made.changed.connect(self.changed)
        made.removed.connect(partial(self._on_removed, made))
        self.rows.append(made)
        self._lines.addWidget(made)
        self.add_button.setEnabled(len(self.rows) < _MOST)
        return made

    def _on_add(self) -> None:
        self._add({}).choice.setFocus()

    def _on_removed(self, made: _Input) -> None:
        self.rows.remove(made)
        made.hide()
        made.deleteLater()
        self.add_button.setEnabled(True)
        self.add_button.setFocus()
        self.changed.emit()
