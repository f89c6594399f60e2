"""The list of events on screen: mouse, keys, and a place that stays while new ones come in above."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QGuiApplication, QHelpEvent, QKeyEvent, QKeySequence, QMouseEvent
from PySide6.QtWidgets import QListView, QMenu, QToolTip, QWidget

from voxelle.ui.models.channel_events import ChannelEventsModel, ShownEvents
from voxelle.ui.models.event_rows import EventRow, spoken_event
from voxelle.ui.text import tooltip
from voxelle.ui.theme import current_theme
from voxelle.ui.widgets.event_rows import EventDelegate

_Index = QModelIndex | QPersistentModelIndex


class EventList(QListView):
    """Space or the tick acknowledges, R or the arrow lets her react again."""

    chosen = Signal()
    """Another row is current, or none."""

    def __init__(self, events: ChannelEventsModel, shown: ShownEvents, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._events = events
        self._shown = shown
        self._theme = current_theme()
        self.rows = EventDelegate(self)
        self.setModel(shown)
        self.setItemDelegate(self.rows)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setAccessibleName(self.tr("Events"))
        self.setAccessibleDescription(self.tr("Space acknowledges the chosen event, R lets her react again, Control C copies it."))
        self._theme.changed.connect(self.scheduleDelayedItemsLayout)
        shown.rowsInserted.connect(self._on_rows_inserted)
        shown.dataChanged.connect(self.chosen)
        shown.modelReset.connect(self.chosen)
        shown.rowsRemoved.connect(self.chosen)

    def current_row(self) -> EventRow | None:
        """Return the chosen row."""
        return self._shown.row(self.currentIndex())

    def acknowledge_current(self) -> None:
        """Tick the chosen event off."""
        row = self.current_row()
        if row is not None and not row.is_acknowledged:
            self._events.acknowledge(row.id)

    def acknowledge_shown(self) -> None:
        """Tick everything off that is shown."""
        self._events.acknowledge(*(row.id for row in self._shown.rows() if not row.is_acknowledged))

    def react_again(self) -> None:
        """Let her react to the chosen event once more."""
        row = self.current_row()
        if row is not None:
            self._events.react_again(row.id)

    def copy_current(self) -> None:
        """Put the chosen event on the clipboard as plain text."""
        row = self.current_row()
        if row is not None:
            QGuiApplication.clipboard().setText(spoken_event(row))

    def currentChanged(self, current: _Index, previous: _Index) -> None:
        """Qt: tell others."""
        super().currentChanged(current, previous)
        self.chosen.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Qt: acknowledge, react again and copy by keyboard."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_current()
        elif event.key() in {Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.acknowledge_current()
        elif event.key() == Qt.Key.Key_R and event.modifiers() == Qt.KeyboardModifier.NoModifier:
            self.react_again()
        else:
            super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Qt: press a button of a row."""
        pressed = self._button_at(event.position().toPoint())
        if pressed is None or event.button() != Qt.MouseButton.LeftButton:
            super().mouseReleaseEvent(event)
            return
        row, is_first = self._shown.row(self._shown.index(pressed[0], 0)), pressed[1]
        if row is not None and is_first and not row.is_acknowledged:
            self._events.acknowledge(row.id)
        elif row is not None and not is_first:
            self._events.react_again(row.id)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Qt: offer what can be done."""
        row = self.current_row()
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        icon = self._theme.icon
        tick = menu.addAction(icon("check"), self.tr("Acknowledge"), self.acknowledge_current)
        tick.setEnabled(row is not None and not row.is_acknowledged)
        menu.addAction(icon("redo"), self.tr("React again"), self.react_again).setEnabled(row is not None)
        menu.addAction(icon("copy"), self.tr("Copy"), self.copy_current).setEnabled(row is not None)
        menu.addSeparator()
        menu.addAction(self.tr("Acknowledge all that are shown"), self.acknowledge_shown)
        menu.popup(event.globalPos())

    def leaveEvent(self, event: QEvent) -> None:
        """Qt: no button is under the pointer any more."""
        super().leaveEvent(event)
        self._hover(None)

    def viewportEvent(self, event: QEvent) -> bool:
        """Qt: light the button under the pointer, and tell the whole of a row."""
        if event.type() is QEvent.Type.MouseMove and isinstance(event, QMouseEvent):
            self._hover(self._button_at(event.position().toPoint()))
        elif event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            told = self._told_at(event.pos())
            if told:
                QToolTip.showText(event.globalPos(), tooltip(told), self.viewport(), QRect())
            else:
                QToolTip.hideText()
            return True
        return super().viewportEvent(event)

    def _hover(self, button: tuple[int, bool] | None) -> None:
        if button != self.rows.hovered:
            self.rows.hovered = button
            self.viewport().setCursor(Qt.CursorShape.ArrowCursor if button is None else Qt.CursorShape.PointingHandCursor)
            self.viewport().update()

    def _button_at(self, point: QPoint) -> tuple[int, bool] | None:
        index = self.indexAt(point)
        if not index.isValid():
            return None
        first, second = self.rows.buttons(self.visualRect(index))
        row = self._shown.row(index)
        if first.contains(point) and row is not None and not row.is_acknowledged:
            return index.row(), True
        return (index.row(), False) if second.contains(point) else None

    def _told_at(self, point: QPoint) -> str:
        button = self._button_at(point)
        if button is not None:
            return self.tr("Acknowledge (Space)") if button[1] else self.tr("React again (R)")
        row = self._shown.row(self.indexAt(point))
        return "" if row is None else spoken_event(row)

    def _on_rows_inserted(self, _parent: QModelIndex, first: int, last: int) -> None:
        """What the streamer looks at stays in place; who stands at the top sees the newest."""
        bar = self.verticalScrollBar()
        if first == 0 and bar.value() > 0:
            height = self.sizeHintForRow(0)
            bar.setMaximum(bar.maximum() + (last - first + 1) * height)
            bar.setValue(bar.value() + (last - first + 1) * height)
