"""The list of characters, each with its colour, initial and marks."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from voxelle.ui.models.characters import AccentRole, BadgeRole, CharactersModel, OnStageRole, UnsavedRole
from voxelle.ui.pages.controls import paint_badge
from voxelle.ui.theme import Space, TextRole, contrast, current_theme

Index = QModelIndex | QPersistentModelIndex
AVATAR = 36


class CharacterDelegate(QStyledItemDelegate):
    """Draws a character as a coloured disc, the name, and its badges."""

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        """Qt: two lines of text and some air."""
        theme = current_theme()
        name, badge = (QFontMetrics(theme.font(role)).height() for role in (TextRole.STRONG, TextRole.SMALL))
        return QSize(theme.px(120), max(name + badge + theme.px(8), theme.px(AVATAR)) + theme.px(Space.L))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Qt: draw one row."""
        theme = current_theme()
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(option.rect).adjusted(theme.px(4), theme.px(2), -theme.px(4), -theme.px(2))
        self._paint_ground(painter, option, box)
        side = theme.px(AVATAR)
        disc = QRectF(box.left() + theme.px(Space.S), box.center().y() - side / 2, side, side)
        self._paint_disc(painter, disc, index)
        left = disc.right() + theme.px(10)
        room = QRectF(left, box.top(), box.right() - left - theme.px(Space.S), box.height())
        self._paint_words(painter, room, index)
        painter.restore()

    def _paint_ground(self, painter: QPainter, option: QStyleOptionViewItem, box: QRectF) -> None:
        theme = current_theme()
        is_chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        is_hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
        if not is_chosen and not is_hovered:
            return
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("selection" if is_chosen else "raised"))
        painter.drawRoundedRect(box, theme.px(8), theme.px(8))

    def _paint_disc(self, painter: QPainter, disc: QRectF, index: Index) -> None:
        theme = current_theme()
        accent = QColor(index.data(AccentRole)) if QColor.isValidColorName(str(index.data(AccentRole))) else theme.colour("muted")
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(accent)
        painter.drawEllipse(disc)
        painter.setPen(QColor(max(("#ffffff", "#14121c"), key=lambda ink: contrast(ink, accent.name()))))
        painter.setFont(theme.font(TextRole.HEADING))
        name = str(index.data()).strip()
        painter.drawText(disc, Qt.AlignmentFlag.AlignCenter, name[:1].upper() or "?")

    def _paint_words(self, painter: QPainter, room: QRectF, index: Index) -> None:
        theme = current_theme()
        name_font = theme.font(TextRole.STRONG)
        metrics, small = QFontMetrics(name_font), QFontMetrics(theme.font(TextRole.SMALL))
        height = metrics.height() + theme.px(4) + small.height() + theme.px(2)
        top = room.center().y() - height / 2
        painter.setFont(name_font)
        painter.setPen(theme.colour("text"))
        name = metrics.elidedText(str(index.data()), Qt.TextElideMode.ElideRight, int(room.width()))
        painter.drawText(QRectF(room.left(), top, room.width(), metrics.height()), Qt.AlignmentFlag.AlignVCenter, name)
        badges = [(str(index.data(BadgeRole)), "muted")]
        badges += [(self.tr("On stage"), "accent_text")] if index.data(OnStageRole) else []
        badges += [(self.tr("Unsaved"), "warning")] if index.data(UnsavedRole) else []
        left = room.left()
        for text, tone in reversed(badges) if len(badges) > 1 else badges:
            width = small.horizontalAdvance(text) + theme.px(12)
            if left + width > room.right() + theme.px(Space.S):
                break
            paint_badge(
                painter, QRectF(left, top + metrics.height() + theme.px(4), width, small.height() + theme.px(2)), text, theme.colour(tone)
            )
            left += width + theme.px(4)


class Roster(QListView):
    """The list; choosing is by click or arrow keys."""

    def __init__(self, model: CharactersModel) -> None:
        super().__init__()
        self.setModel(model)
        self.setItemDelegate(CharacterDelegate(self))
        self.setMouseTracking(True)
        self.setUniformItemSizes(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(self.tr("Characters"))
        current_theme().changed.connect(self._on_theme_changed)

    def _on_theme_changed(self) -> None:
        self.scheduleDelayedItemsLayout()
        self.viewport().update()
