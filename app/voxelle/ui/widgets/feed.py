"""The conversation on screen: however long it is, only the rows in sight are laid out and painted."""

from __future__ import annotations

from dataclasses import dataclass, replace

from PySide6.QtCore import QEvent, QModelIndex, QPoint, QRect, QRectF, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QContextMenuEvent,
    QFocusEvent,
    QGuiApplication,
    QHelpEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QMenu, QToolTip, QWidget

from voxelle.ui.models.conversation import ConversationModel
from voxelle.ui.models.rows import plain_text, spoken_text, told_of
from voxelle.ui.text import tooltip
from voxelle.ui.theme import Space, current_theme
from voxelle.ui.widgets.feed_layouts import Flood, RowLayouts
from voxelle.ui.widgets.feed_rows import RowLayout
from voxelle.ui.widgets.jump_button import JumpButton

_UNIT = 100
"""Steps of the scroll bar for one row: heights of rows out of sight are never needed."""
_FLOOD_ROWS = 10
"""It takes more than so many new rows, and more than are in sight, for a flood."""


@dataclass(frozen=True, slots=True)
class _Placed:
    """A row in sight: its index and the pixel of its top."""

    index: int
    y: float
    layout: RowLayout


class FeedView(QAbstractScrollArea):
    """Follows the newest row until the streamer scrolls up; then stands still however much comes in."""

    following_changed = Signal()

    def __init__(self, model: ConversationModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._theme = current_theme()
        self._top = 0
        self._offset = 0.0
        self._is_following = True
        self._unseen = 0
        self._current: int | None = None
        self._placed: list[_Placed] = []
        self._is_syncing = False
        self._end = 0
        """Key behind the newest row in sight, while it follows."""
        self._layouts = RowLayouts(model, self.viewport(), self._theme)
        self._flood = Flood(self._layouts, self._on_flood_step, self)
        self.setAccessibleName(self.tr("Conversation"))
        self.setAccessibleDescription(self.tr("Arrow keys choose a line, Control C copies it, End goes to the newest."))
        self.setFrameShape(QAbstractScrollArea.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setMouseTracking(True)
        self._jump = JumpButton(self.viewport())
        self._jump.clicked.connect(self.jump_to_newest)
        self.verticalScrollBar().valueChanged.connect(self._on_bar_moved)
        self._theme.changed.connect(self._on_theme_changed)
        model.rowsInserted.connect(self._on_rows_inserted)
        model.rowsRemoved.connect(self._on_rows_removed)
        model.settled.connect(self._on_settled)

    @property
    def is_following(self) -> bool:
        """Whether the newest row stays in sight."""
        return self._is_following

    @property
    def unseen(self) -> int:
        """Rows that came in since the streamer scrolled up."""
        return self._unseen

    def jump_to_newest(self) -> None:
        """Follow the newest row again."""
        self._is_following = True
        self._unseen = 0
        self.refresh()

    def scroll_by(self, pixels: float) -> None:
        """Move the text: positive shows older rows."""
        if not self._placed:
            return
        first = self._placed[0]
        self._stand_at(first.index, first.y + pixels)

    def visible_rows(self) -> range:
        """Return the indexes in sight."""
        return range(self._placed[0].index, self._placed[-1].index + 1) if self._placed else range(0)

    def refresh(self) -> None:
        """Place the rows in sight anew and repaint."""
        is_flood = self._is_flood()
        self._show_upto(self._newest_end())
        self._flood.begin(is_flood=is_flood)

    def _show_upto(self, end: int) -> None:
        """Show what follows the newest row up to the key `end`, or where the streamer stands."""
        self._end = end
        self._place()
        self._sync_bar()
        self._show_jump()
        self.viewport().update()

    def _newest_end(self) -> int:
        return self._model.first_key + self._model.rowCount()

    def _is_flood(self) -> bool:
        """Whether nothing of what is in sight would stay there."""
        return self._is_following and self._newest_end() - self._end > max(_FLOOD_ROWS, len(self._placed))

    def _on_settled(self) -> None:
        if not (self._flood.is_on and self._is_flood()):
            self.refresh()

    def _on_flood_step(self) -> None:
        """Show the newest rows of a flood once they are laid out, a few at a time."""
        if self._is_flood():
            end = self._flood.step(self._model.first_key, self._newest_end())
            if end is not None:
                self._show_upto(end)
        elif self._end != self._newest_end():
            self.refresh()

    # Placing

    def _layout_of(self, index: int) -> RowLayout:
        return self._layouts.of(index)

    def _place(self) -> None:
        count = self._model.rowCount()
        pad = self._theme.px(Space.S)
        height = self.viewport().height()
        was_following = self._is_following
        self._placed = []
        if not count:
            return
        if not self._is_following:
            self._top = min(max(0, self._top), count - 1)
            self._place_downwards(self._top, self._offset, height, count)
            last = self._placed[-1]
            if last.index == count - 1 and last.y + last.layout.height <= height - pad + 1:
                self._is_following = True
                self._unseen = 0
        if self._is_following:
            self._place_upwards(min(count, max(1, self._end - self._model.first_key)), height - pad)
            if self._placed[0].index == 0 and self._placed[0].y > pad:
                self._place_downwards(0, pad, height, count)
            self._top, self._offset = self._placed[0].index, self._placed[0].y
        if was_following is not self._is_following:
            self.following_changed.emit()

    def _place_upwards(self, count: int, bottom: float) -> None:
        self._placed = []
        y = bottom
        for index in range(count - 1, -1, -1):
            layout = self._layout_of(index)
            y -= layout.height
            self._placed.insert(0, _Placed(index, y, layout))
            if y <= 0:
                break

    def _place_downwards(self, first: int, y: float, bottom: float, count: int) -> None:
        self._placed = []
        for index in range(first, count):
            layout = self._layout_of(index)
            self._placed.append(_Placed(index, y, layout))
            y += layout.height
            if y >= bottom:
                break

    def _stand_at(self, top: int, offset: float) -> None:
        """Show row `top` with its top at `offset`, moved to what exists."""
        pad = self._theme.px(Space.S)
        count = self._model.rowCount()
        while offset > 0 and top > 0:
            top -= 1
            offset -= self._layout_of(top).height
        if top == 0:
            offset = min(offset, pad)
        while top < count - 1 and offset + self._layout_of(top).height <= 0:
            offset += self._layout_of(top).height
            top += 1
        was_following = self._is_following
        self._top, self._offset, self._is_following = top, offset, False
        self.refresh()
        if was_following and not self._is_following:
            self.following_changed.emit()

    # Scroll bar

    def _bar_value(self, placed: _Placed) -> int:
        hidden = max(0.0, -placed.y) / max(1.0, placed.layout.height)
        return round((placed.index + hidden) * _UNIT)

    def _sync_bar(self) -> None:
        bar = self.verticalScrollBar()
        self._is_syncing = True
        if not self._placed:
            bar.setRange(0, 0)
        else:
            placed = self._placed
            value = self._bar_value(placed[0])
            maximum = value
            if not self._is_following:
                self._place_upwards(self._model.rowCount(), self.viewport().height() - self._theme.px(Space.S))
                maximum = self._bar_value(self._placed[0])
                self._placed = placed
            bar.setPageStep(max(_UNIT, len(placed) * _UNIT))
            bar.setSingleStep(_UNIT)
            bar.setRange(0, max(maximum, value))
            bar.setValue(value)
        self._is_syncing = False

    def _on_bar_moved(self, value: int) -> None:
        if self._is_syncing or not self._model.rowCount():
            return
        if value >= self.verticalScrollBar().maximum():
            self.jump_to_newest()
            return
        index, part = divmod(value, _UNIT)
        index = min(index, self._model.rowCount() - 1)
        self._stand_at(index, -part / _UNIT * self._layout_of(index).height)

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        """Leave moving to `_on_bar_moved`: steps of the bar are no pixels."""

    # Model

    def _on_rows_inserted(self, _parent: QModelIndex, first: int, last: int) -> None:
        if first == 0 and self._model.rowCount() > last + 1:  # the earlier conversation, above
            self._top += last + 1
        elif not self._is_following:
            self._unseen += last - first + 1

    def _on_rows_removed(self, _parent: QModelIndex, first: int, last: int) -> None:
        removed = last - first + 1
        # What is in sight may wait for its next frame: its indexes are right all the same.
        self._placed = [replace(each, index=each.index - removed) for each in self._placed if each.index >= removed]
        if not self._is_following:
            if self._top < removed:
                self._offset = 0.0
            self._top = max(0, self._top - removed)

    def _on_theme_changed(self) -> None:
        self._layouts.clear()
        self.refresh()

    # Painting and input

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the rows in sight."""
        painter = QPainter(self.viewport())
        painter.fillRect(event.rect(), self._theme.colour("sunken"))
        for placed in self._placed:
            placed.layout.paint(painter, placed.y)
            if placed.layout.row.key == self._current and self.hasFocus():
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(self._theme.colour("accent_text"), 2))
                painter.drawRoundedRect(QRectF(2, placed.y + 1, self.viewport().width() - 4, placed.layout.height - 2), 6, 6)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(self._theme.colour("accent_text"), 2))
            painter.drawRect(self.viewport().rect().adjusted(1, 1, -1, -1))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay out for the new width; the newest row, or the topmost in sight, stays."""
        super().resizeEvent(event)
        self.refresh()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll by pixels, or by three lines a notch."""
        pixels = event.pixelDelta().y() or event.angleDelta().y() / 120 * 3 * self.fontMetrics().lineSpacing()
        self.scroll_by(pixels)
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Scroll, choose and copy by keyboard."""
        page = self.viewport().height() * 0.9
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_current()
            return
        match event.key():
            case Qt.Key.Key_PageUp:
                self.scroll_by(page)
            case Qt.Key.Key_PageDown:
                self.scroll_by(-page)
            case Qt.Key.Key_Home:
                self._stand_at(0, self._theme.px(Space.S))
            case Qt.Key.Key_End:
                self.jump_to_newest()
            case Qt.Key.Key_Up:
                self._choose_next(-1)
            case Qt.Key.Key_Down:
                self._choose_next(1)
            case _:
                super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the row under the pointer."""
        placed = self._at(event.position().toPoint())
        self._choose(placed.index if placed else None)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Keep it: the press meant a row."""
        event.accept()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer to copy the row."""
        placed = self._at(event.pos())
        if placed is not None:
            self._choose(placed.index)
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(self._theme.icon("copy"), self.tr("Copy line"), self.copy_current).setEnabled(self._current is not None)
        menu.popup(event.globalPos())

    def viewportEvent(self, event: QEvent) -> bool:
        """Tell on hovering what triage thought of a line."""
        if event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            placed = self._at(event.pos())
            row = placed.layout.row if placed else None
            told = told_of(row) if row else ""
            if told:
                QToolTip.showText(event.globalPos(), tooltip(told), self.viewport(), QRect())
            else:
                QToolTip.hideText()
            return True
        return super().viewportEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show where the keys go."""
        super().focusInEvent(event)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take the mark away."""
        super().focusOutEvent(event)
        self.viewport().update()

    def copy_current(self) -> None:
        """Put the chosen row on the clipboard as plain text."""
        index = self._current_index()
        if index is not None:
            QGuiApplication.clipboard().setText(plain_text(self._model.row(index)))

    def _current_index(self) -> int | None:
        if self._current is None:
            return None
        index = self._current - self._model.first_key
        return index if 0 <= index < self._model.rowCount() else None

    def _choose(self, index: int | None) -> None:
        self._current = None if index is None else self._model.row(index).key
        if index is not None and QAccessible.isActive():
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, spoken_text(self._model.row(index))))
        self.viewport().update()

    def _choose_next(self, step: int) -> None:
        count = self._model.rowCount()
        if not count:
            return
        current = self._current_index()
        index = self.visible_rows()[-1] if current is None else min(max(0, current + step), count - 1)
        self._choose(index)
        seen = self.visible_rows()
        if index <= seen[0]:
            self._stand_at(index, self._theme.px(Space.S))
        elif index >= seen[-1]:
            last = self._placed[-1]
            below = last.y + last.layout.height - self.viewport().height() + self._theme.px(Space.S)
            self.scroll_by(-max(0.0, below) - (self._layout_of(index).height if index > seen[-1] else 0))

    def _at(self, point: QPoint) -> _Placed | None:
        return next((each for each in self._placed if each.y <= point.y() < each.y + each.layout.height), None)

    def _show_jump(self) -> None:
        if self._is_following or not self._placed:
            self._jump.hide()
        else:
            self._jump.show_for(self._unseen)
