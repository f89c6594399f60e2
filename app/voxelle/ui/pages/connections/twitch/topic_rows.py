"""Paints a subscription's name, and below it, smaller, what is to say about it."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTableView

from voxelle.ui.models.topics import SentenceRole
from voxelle.ui.theme import Space, TextRole, current_theme

Index = QModelIndex | QPersistentModelIndex
_WRAPPED = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop
_HIGHEST = 10_000


class TopicRows(QStyledItemDelegate):
    """For the first column of the table; its rows are as high as their sentences need."""

    def __init__(self, table: QTableView) -> None:
        super().__init__(table)
        self._table = table

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Qt: room for both texts at the column's width."""
        theme = current_theme()
        width = self._table.columnWidth(index.column())
        title = QFontMetrics(theme.font()).height()
        sentence = self._sentence_box(index, QRect(0, 0, width, _HIGHEST)).height()
        return QSize(theme.px(160), title + sentence + 2 * theme.px(Space.S))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Qt: the row's ground as in other cells, then the texts."""
        self.initStyleOption(option, index)
        option.text = ""
        self._table.style().drawControl(QStyle.ControlElement.CE_ItemViewItem, option, painter, self._table)
        theme = current_theme()
        box: QRect = option.rect
        sentence = index.data(SentenceRole)
        metrics = QFontMetrics(theme.font())
        inner = _inner(box)
        unused = inner.height() - metrics.height() - self._sentence_box(index, box).height()
        inner.translate(0, max(0, unused // 2))
        ink = index.data(Qt.ItemDataRole.ForegroundRole)
        painter.save()
        painter.setPen(theme.colour("text") if ink is None else ink.color())
        painter.setFont(theme.font())
        title = metrics.elidedText(index.data(), Qt.TextElideMode.ElideRight, inner.width())
        painter.drawText(inner.topLeft() + QPoint(0, metrics.ascent()), title)
        if sentence:
            painter.setPen(theme.colour("muted"))
            painter.setFont(theme.font(TextRole.SMALL))
            painter.drawText(inner.adjusted(0, metrics.height(), 0, _HIGHEST), _WRAPPED, sentence)
        painter.restore()

    @staticmethod
    def _sentence_box(index: Index, box: QRect) -> QRect:
        sentence = index.data(SentenceRole)
        if not sentence:
            return QRect()
        return QFontMetrics(current_theme().font(TextRole.SMALL)).boundingRect(_inner(box), _WRAPPED, sentence)


def _inner(box: QRect) -> QRect:
    """Return the place for the texts in a cell."""
    theme = current_theme()
    return box.adjusted(theme.px(Space.S), theme.px(Space.S), -theme.px(Space.S), -theme.px(Space.S))
