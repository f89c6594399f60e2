"""One editor a kind of setting: shows a value, and says when the streamer changed it."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, QObject, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QWheelEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPlainTextEdit,
    QSlider,
    QWidget,
)

from voxelle.settings.fields import FieldKind, SettingField
from voxelle.ui.pages.controls import column, icon_only, space_rows
from voxelle.ui.pages.settings.wording import choice_title
from voxelle.ui.theme import Space, TextRole, current_theme

SLIDER_STEPS = 100
SLIDER_SPAN = 4
"""A decimal number with a range up to this gets a slider."""
EDITOR_WIDTH = 460
ChoiceRole = Qt.ItemDataRole.UserRole + 1


class Editor(QWidget):
    """Root of the editors. `edited(value)`: by the streamer only."""

    edited = Signal(object)

    def input_widget(self) -> QWidget:
        """Return what takes the focus and the accessible name."""
        raise NotImplementedError

    def show_value(self, value: Any) -> None:
        """Show a value without announcing it, and without disturbing who types."""
        raise NotImplementedError


class _NoWheel(QObject):
    """Keeps the mouse wheel scrolling the page instead of changing a value under it."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Qt: refuse the wheel, so that the scroll area takes it."""
        if isinstance(event, QWheelEvent):
            event.ignore()
            return True
        return super().eventFilter(watched, event)


class SwitchEditor(Editor):
    """On or off, with the setting's title beside the box."""

    def __init__(self, field: SettingField) -> None:
        super().__init__()
        self.box = QCheckBox(field.title)
        self.box.clicked.connect(self._on_clicked)
        column(self).addWidget(self.box)

    def input_widget(self) -> QWidget:
        """Return the box."""
        return self.box

    def _on_clicked(self, is_on: bool) -> None:  # noqa: FBT001  # Qt's signature
        self.edited.emit(is_on)

    def show_value(self, value: Any) -> None:
        """Tick the box or not."""
        self.box.setChecked(bool(value))


class NumberLine(QLineEdit):
    """A number as text; the arrow keys step."""

    stepped = Signal(int)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Qt: up and down step."""
        steps = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1, Qt.Key.Key_PageUp: 10, Qt.Key.Key_PageDown: -10}
        if event.key() in steps:
            self.stepped.emit(steps[Qt.Key(event.key())])
        else:
            super().keyPressEvent(event)


class NumberEditor(Editor):
    """A number, with a slider where its range is short. What is no number goes on as text, for the check to name."""

    def __init__(self, field: SettingField) -> None:
        super().__init__()
        self._field = field
        self._is_whole = field.kind is FieldKind.INT
        self.line = NumberLine()
        self.line.textEdited.connect(lambda text: self.edited.emit(self._read(text)))
        self.line.stepped.connect(self._on_stepped)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(current_theme().px(Space.M))
        self.slider = self._slider()
        if self.slider is not None:
            layout.addWidget(self.slider, 1)
        layout.addWidget(self.line)
        if self.slider is None:
            layout.addStretch(1)
        current_theme().changed.connect(self._fit)
        self._fit()

    def _slider(self) -> QSlider | None:
        low, high = self._field.minimum, self._field.maximum
        if self._is_whole or low is None or high is None or high - low > SLIDER_SPAN:
            return None
        slider = QSlider(Qt.Orientation.Horizontal)
        slider.setRange(round(low * SLIDER_STEPS), round(high * SLIDER_STEPS))
        slider.setPageStep(10)
        slider.setAccessibleName(self._field.title)
        slider.installEventFilter(_NoWheel(slider))
        slider.valueChanged.connect(self._on_slid)
        return slider

    def input_widget(self) -> QWidget:
        """Return the text field."""
        return self.line

    def show_value(self, value: Any) -> None:
        """Show the number; what is typed and means the same stays as it is."""
        if self._read(self.line.text()) != value:
            with QSignalBlocker(self.line):
                self.line.setText(value if isinstance(value, str) else f"{value:g}" if not self._is_whole else str(value))
        if self.slider is not None and isinstance(value, int | float):
            with QSignalBlocker(self.slider):
                self.slider.setValue(round(value * SLIDER_STEPS))

    def _read(self, text: str) -> Any:
        cleaned = text.strip().replace(",", ".")
        try:
            return int(cleaned) if self._is_whole else float(cleaned)
        except ValueError:
            return cleaned

    def _on_slid(self, position: int) -> None:
        value = position / SLIDER_STEPS
        self.show_value(value)
        self.edited.emit(value)

    def _on_stepped(self, steps: int) -> None:
        value = self._read(self.line.text())
        if isinstance(value, str):
            return
        low = self._field.minimum if self._field.minimum is not None else value + steps
        high = self._field.maximum if self._field.maximum is not None else value + steps
        wanted = min(high, max(low, round(value + steps * (1 if self._is_whole else 0.1), 3)))
        stepped = int(wanted) if self._is_whole else wanted
        self.show_value(stepped)
        self.edited.emit(stepped)

    def _fit(self) -> None:
        self.line.setFixedWidth(self.line.fontMetrics().horizontalAdvance("00000000") + current_theme().px(24))


class LineEditor(Editor):
    """One line of text."""

    def __init__(self, field: SettingField) -> None:
        super().__init__()
        self.line = QLineEdit()
        self.line.setPlaceholderText(str(field.default or ""))
        self.line.textEdited.connect(lambda text: self.edited.emit(text.strip()))
        column(self).addWidget(self.line)
        self.line.setMaximumWidth(current_theme().px(EDITOR_WIDTH))

    def input_widget(self) -> QWidget:
        """Return the text field."""
        return self.line

    def show_value(self, value: Any) -> None:
        """Show the text."""
        if self.line.text().strip() != str(value):
            self.line.setText(str(value))


class ChoiceEditor(Editor):
    """One of several."""

    def __init__(self, field: SettingField) -> None:
        super().__init__()
        self.box = QComboBox()
        self.box.installEventFilter(_NoWheel(self.box))
        for choice in field.choices:
            self.box.addItem(choice_title(choice), choice)
        self.box.activated.connect(lambda position: self.edited.emit(self.box.itemData(position)))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.box)
        layout.addStretch(1)

    def input_widget(self) -> QWidget:
        """Return the box."""
        return self.box

    def show_value(self, value: Any) -> None:
        """Show the choice."""
        self.box.setCurrentIndex(self.box.findData(value))


class WordsEditor(Editor):
    """A list of words, one a line."""

    def __init__(self, field: SettingField) -> None:
        super().__init__()
        self.text = QPlainTextEdit()
        self.text.setTabChangesFocus(True)
        self.text.setPlaceholderText(self.tr("One a line"))
        self.text.textChanged.connect(lambda: self.edited.emit(self._read()))
        column(self).addWidget(self.text)
        theme = current_theme()
        self.text.setMaximumWidth(theme.px(EDITOR_WIDTH))
        theme.changed.connect(self._fit)
        self._fit()

    def input_widget(self) -> QWidget:
        """Return the text field."""
        return self.text

    def show_value(self, value: Any) -> None:
        """Show the words; lines that mean the same stay as typed."""
        if self._read() != list(value):
            with QSignalBlocker(self.text):
                self.text.setPlainText("\n".join(value))

    def _read(self) -> list[str]:
        return [line.strip() for line in self.text.toPlainText().splitlines() if line.strip()]

    def _fit(self) -> None:
        theme = current_theme()
        self.text.setFixedHeight(round(theme.points(TextRole.BODY) * 1.75 * 5) + theme.px(Space.L))


class ChainEditor(Editor):
    """Some of several, in an order: ticked ones count, from top to bottom."""

    def __init__(self, field: SettingField) -> None:
        super().__init__()
        self._choices = field.choices
        self.list = QListWidget()
        self.list.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.itemChanged.connect(lambda _item: self.edited.emit(self._read()))
        self.list.model().rowsMoved.connect(lambda: self.edited.emit(self._read()))
        self.list.currentRowChanged.connect(self._on_row_changed)
        self.up = icon_only("up", self.tr("Move up"))
        self.down = icon_only("down", self.tr("Move down"))
        self.up.clicked.connect(lambda: self._move(-1))
        self.down.clicked.connect(lambda: self._move(1))
        buttons = column(spacing=Space.XS)
        for button in (self.up, self.down):
            buttons.addWidget(button)
        buttons.addStretch(1)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.list, 100)
        layout.addLayout(buttons)
        layout.addStretch(1)
        current_theme().changed.connect(self._fit)
        self._on_row_changed(-1)

    def input_widget(self) -> QWidget:
        """Return the list."""
        return self.list

    def show_value(self, value: Any) -> None:
        """Show the chain, then what is not in it."""
        if self.list.count() and self._read() == list(value):
            return
        current = self.list.currentItem().data(ChoiceRole) if self.list.currentRow() >= 0 else ""
        order = [*value, *(choice for choice in self._choices if choice not in value)]
        with QSignalBlocker(self.list):
            self.list.clear()
            for choice in order:
                item = QListWidgetItem(choice_title(choice))
                item.setData(ChoiceRole, choice)
                item.setFlags(
                    Qt.ItemFlag.ItemIsEnabled
                    | Qt.ItemFlag.ItemIsSelectable
                    | Qt.ItemFlag.ItemIsUserCheckable
                    | Qt.ItemFlag.ItemIsDragEnabled
                )
                item.setCheckState(Qt.CheckState.Checked if choice in value else Qt.CheckState.Unchecked)
                self.list.addItem(item)
            if current in order:
                self.list.setCurrentRow(order.index(current))
        self._on_row_changed(self.list.currentRow())
        self._fit()

    def _read(self) -> list[str]:
        items = (self.list.item(position) for position in range(self.list.count()))
        return [item.data(ChoiceRole) for item in items if item.checkState() is Qt.CheckState.Checked]

    def _move(self, by: int) -> None:
        position = self.list.currentRow()
        if 0 <= position + by < self.list.count() and position >= 0:
            with QSignalBlocker(self.list):
                item = self.list.takeItem(position)
                self.list.insertItem(position + by, item)
                self.list.setCurrentRow(position + by)
            self._on_row_changed(position + by)
            self.edited.emit(self._read())

    def _on_row_changed(self, position: int) -> None:
        self.up.setEnabled(position > 0)
        self.down.setEnabled(0 <= position < self.list.count() - 1)

    def _fit(self) -> None:
        theme = current_theme()
        space_rows(self.list)
        metrics = QFontMetrics(theme.font())
        widest = max((metrics.horizontalAdvance(choice_title(choice)) for choice in self._choices), default=0)
        self.list.setFixedHeight((metrics.height() + theme.px(14)) * self.list.count() + theme.px(6))
        self.list.setMinimumWidth(theme.px(120))
        self.list.setMaximumWidth(widest + theme.px(72))


def editor_for(field: SettingField) -> Editor:
    """Return the editor of a setting's kind."""
    if field.kind is FieldKind.BOOL:
        return SwitchEditor(field)
    if field.kind in {FieldKind.INT, FieldKind.FLOAT}:
        return NumberEditor(field)
    if field.kind is FieldKind.CHOICE:
        return ChoiceEditor(field)
    if field.kind is FieldKind.LIST:
        return ChainEditor(field) if field.choices else WordsEditor(field)
    return LineEditor(field)
