"""The waiting list: who, what, how urgent and why; each can be taken out."""

from __future__ import annotations

from collections import OrderedDict

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QContextMenuEvent, QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import QListView, QMenu, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from voxelle.domain.chat import QueueItem
from voxelle.ui.models.queue import QueueModel
from voxelle.ui.models.rows import shown_name, shown_text
from voxelle.ui.text import isolated, one_line
from voxelle.ui.theme import Space, TextRole, current_theme
from voxelle.ui.widgets.feed_rows import name_colour
from voxelle.ui.widgets.text_block import TextBlock, shortened

_Index = QModelIndex | QPersistentModelIndex
_CACHE = 200
_HIGH_SCORE = 100.0
"""Fills the bar."""


class QueueDelegate(QStyledItemDelegate):
    """Two lines a row (what, then why), the score as a bar and a number, and a cross to remove it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self._lines: OrderedDict[tuple[object, ...], tuple[TextBlock, TextBlock, TextBlock]] = OrderedDict()
        self._theme.changed.connect(self._lines.clear)

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        """Every row is as high as the other."""
        return QSize(0, self._theme.px(50))

    def cross(self, row: QRect) -> QRect:
        """Return where the cross of a row lies."""
        side = self._theme.px(28)
        return QRect(row.right() - side - self._theme.px(Space.XS), row.center().y() - side // 2, side, side)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Paint a row."""
        item = index.data(Qt.ItemDataRole.UserRole)
        if not isinstance(item, QueueItem):
            return
        theme = self._theme
        rect: QRect = option.rect
        state = option.state
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        is_lit = bool(state & (QStyle.StateFlag.State_MouseOver | QStyle.StateFlag.State_Selected))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("selection" if state & QStyle.StateFlag.State_Selected else "raised"))
        if is_lit:
            painter.drawRoundedRect(QRectF(rect).adjusted(1, 1, -1, -1), 6, 6)
        self._paint_score(painter, rect, item.score)
        x = rect.left() + theme.px(46)
        cross = self.cross(rect)
        room = cross.left() - x - theme.px(Space.XS)
        background = theme.colours.raised if is_lit else theme.colours.sunken
        name, line, why = self._laid_out(item, room)
        name.paint(painter, x, rect.top() + theme.px(6), QColor(name_colour(item.stimulus.author.id, background)))
        rest = round(name.width) + theme.px(6)
        line.paint(painter, x + rest, rect.top() + theme.px(6), theme.colour("text"))
        why.paint(painter, x, rect.bottom() - theme.px(6) - why.height, theme.colour("muted"))
        side = theme.px(14)
        theme.icon("close", "text" if is_lit else "muted").paint(
            painter, cross.center().x() - side // 2, cross.center().y() - side // 2, side, side
        )
        painter.restore()

    def _laid_out(self, item: QueueItem, room: int) -> tuple[TextBlock, TextBlock, TextBlock]:
        """Return name, text and reasons, laid out once: the queue is painted far more often than it changes."""
        key = (item.stimulus.id, item.reasons, item.merged_count, room)
        found = self._lines.get(key)
        if found is None:
            theme = self._theme
            name = shortened(isolated(shown_name(item.stimulus)), theme.font(TextRole.STRONG), room * 0.6)
            line = shortened(isolated(shown_text(item.stimulus)), theme.font(), room - name.width - theme.px(6))
            found = name, line, shortened(_why(item), theme.font(TextRole.SMALL), room)
            self._lines[key] = found
            if len(self._lines) > _CACHE:
                self._lines.popitem(last=False)
        return found

    def _paint_score(self, painter: QPainter, rect: QRect, score: float) -> None:
        theme = self._theme
        box = QRectF(rect.left(), rect.top(), theme.px(44), rect.height())
        painter.setPen(theme.colour("text"))
        painter.setFont(theme.font(TextRole.STRONG))
        painter.drawText(box.adjusted(0, 0, 0, -box.height() * 0.28), Qt.AlignmentFlag.AlignCenter, f"{score:.0f}")
        groove = QRectF(box.left() + theme.px(10), box.bottom() - theme.px(14), theme.px(24), theme.px(3))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("border"))
        painter.drawRoundedRect(groove, 1.5, 1.5)
        painter.setBrush(theme.colour("accent_text"))
        share = min(1.0, max(0.06, score / _HIGH_SCORE))
        painter.drawRoundedRect(QRectF(groove.left(), groove.top(), groove.width() * share, groove.height()), 1.5, 1.5)


class QueueView(QListView):
    """Delete, the cross or the menu removes a row."""

    def __init__(self, model: QueueModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._theme = current_theme()
        self._rows = QueueDelegate(self)
        self.setModel(model)
        self.setItemDelegate(self._rows)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setAccessibleName(self.tr("Waiting for an answer"))
        self.setAccessibleDescription(self.tr("Delete takes the chosen line out of the queue."))
        self._theme.changed.connect(self.scheduleDelayedItemsLayout)

    def remove_current(self) -> None:
        """Take the chosen row out of the queue."""
        if self.currentIndex().isValid():
            self._model.remove(self.currentIndex().row())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Remove by keyboard."""
        if event.key() in {Qt.Key.Key_Delete, Qt.Key.Key_Backspace}:
            self.remove_current()
        else:
            super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Remove by the cross."""
        index = self._crossed(event.position().toPoint())
        if index is not None and event.button() == Qt.MouseButton.LeftButton:
            self._model.remove(index)
            return
        super().mouseReleaseEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer to remove the row."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(self._theme.icon("close"), self.tr("Take out of the queue"), self.remove_current).setEnabled(
            self.currentIndex().isValid()
        )
        menu.popup(event.globalPos())

    def viewportEvent(self, event: QEvent) -> bool:
        """Show a hand over the crosses."""
        if event.type() is QEvent.Type.MouseMove and isinstance(event, QMouseEvent):
            is_over = self._crossed(event.position().toPoint()) is not None
            self.viewport().setCursor(Qt.CursorShape.PointingHandCursor if is_over else Qt.CursorShape.ArrowCursor)
        return super().viewportEvent(event)

    def _crossed(self, point: QPoint) -> int | None:
        index = self.indexAt(point)
        return index.row() if index.isValid() and self._rows.cross(self.visualRect(index)).contains(point) else None


def _why(item: QueueItem) -> str:
    merged = f"+{item.merged_count}" if item.merged_count else ""
    return one_line(" · ".join(each for each in (merged, *item.reasons) if each), 200)
