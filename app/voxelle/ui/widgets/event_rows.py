"""Paints a line of the list of events: sign, who, what, how much, her reaction, and the two buttons."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from voxelle.ui.models.badges import Badge
from voxelle.ui.models.event_kinds import EventGroup, group_of, icon_of
from voxelle.ui.models.event_rows import EventRow
from voxelle.ui.text import isolated
from voxelle.ui.theme import Space, TextRole, current_theme
from voxelle.ui.widgets.badges import BadgeStrip
from voxelle.ui.widgets.feed_rows import name_colour
from voxelle.ui.widgets.text_block import TextBlock, shortened

_Index = QModelIndex | QPersistentModelIndex
_CACHE = 200
_NAME_SHARE = 0.6
_REACTION_SHARE = 0.55
_BADGE_SHARE = 0.55
_FADED = 0.6
_TONES = {EventGroup.PAID: "warning", EventGroup.MODERATION: "danger", EventGroup.AUDIENCE: "accent_text", EventGroup.AVATAR: "accent_text"}


@dataclass(frozen=True, slots=True)
class _Laid:
    """A row laid out for a width."""

    name: TextBlock
    words: TextBlock
    badges: BadgeStrip
    text: TextBlock
    reaction: TextBlock
    time: TextBlock


class EventDelegate(QStyledItemDelegate):
    """Two lines a row, all rows alike high. `buttons` says where the two buttons of a row lie."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self._laid: OrderedDict[tuple[EventRow, int, bool], _Laid] = OrderedDict()
        self.hovered: tuple[int, bool] | None = None
        """Row of the button under the pointer, and whether it is the first."""
        self._theme.changed.connect(self._laid.clear)

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        """Qt: room for the two lines."""
        body, small = (QFontMetrics(self._theme.font(role)).height() for role in (TextRole.STRONG, TextRole.SMALL))
        return QSize(0, body + small + self._theme.px(22))

    def buttons(self, row: QRect) -> tuple[QRect, QRect]:
        """Return where “acknowledge” and “react again” lie."""
        side = self._theme.px(28)
        right = row.right() - self._theme.px(Space.XS)
        top = row.center().y() - side // 2
        return QRect(right - 2 * side - self._theme.px(2), top, side, side), QRect(right - side, top, side, side)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Qt: paint a row."""
        row = index.data(Qt.ItemDataRole.UserRole)
        if not isinstance(row, EventRow):
            return
        theme = self._theme
        rect: QRect = option.rect
        state = option.state
        is_chosen, is_lit = bool(state & QStyle.StateFlag.State_Selected), bool(state & QStyle.StateFlag.State_MouseOver)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if is_chosen or is_lit:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("selection" if is_chosen else "raised"))
            painter.drawRoundedRect(QRectF(rect).adjusted(2, 1, -2, -1), theme.px(6), theme.px(6))
        if is_chosen and state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(theme.colour("accent_text"))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(rect).adjusted(2, 1, -2, -1), theme.px(6), theme.px(6))
        self._paint_icon(painter, rect, row)
        self._paint_words(painter, rect, row, is_chosen=is_chosen)
        self._paint_buttons(painter, rect, row, index.row())
        painter.restore()

    def _paint_icon(self, painter: QPainter, rect: QRect, row: EventRow) -> None:
        theme = self._theme
        tone = "muted" if row.is_acknowledged else _TONES.get(group_of(row.kind), "info")
        side = theme.px(20)
        theme.icon(icon_of(row.kind), tone).paint(painter, rect.left() + theme.px(Space.M), rect.top() + theme.px(10), side, side)

    def _paint_words(self, painter: QPainter, rect: QRect, row: EventRow, *, is_chosen: bool) -> None:
        theme = self._theme
        x = rect.left() + theme.px(44)
        right = self.buttons(rect)[0].left() - theme.px(Space.S)
        laid = self._laid_out(row, right - x, is_chosen=is_chosen)
        ink = theme.colour("muted" if row.is_acknowledged else "text")
        colours = theme.colours
        ground = colours.selection if is_chosen else colours.raised
        name = ink if row.is_acknowledged else QColor(name_colour(row.author_id or row.name, ground))
        tall, low = (QFontMetrics(theme.font(role)).height() for role in (TextRole.STRONG, TextRole.SMALL))
        middle = rect.top() + theme.px(8) + tall / 2
        laid.name.paint(painter, x, middle - laid.name.height / 2, name)
        x_words = x + laid.name.width + (theme.px(5) if row.name else 0)
        laid.words.paint(painter, x_words, middle - laid.words.height / 2, ink)
        painter.setOpacity(_FADED if row.is_acknowledged else 1.0)
        laid.badges.paint(painter, x_words + laid.words.width + theme.px(Space.S), middle - tall / 2, tall)
        painter.setOpacity(1.0)
        middle = rect.bottom() - theme.px(8) - low / 2
        tone = "ok" if row.is_answered and not row.is_acknowledged else "muted"
        text = theme.colour("muted" if row.is_acknowledged or row.is_removed else "text")
        laid.text.paint(painter, x, middle - laid.text.height / 2, text)
        x_time = right - laid.time.width
        laid.time.paint(painter, x_time, middle - laid.time.height / 2, theme.colour("muted"))
        x_reaction = x_time - theme.px(Space.S) - laid.reaction.width
        laid.reaction.paint(painter, x_reaction, middle - laid.reaction.height / 2, theme.colour(tone))

    def _paint_buttons(self, painter: QPainter, rect: QRect, row: EventRow, number: int) -> None:
        theme = self._theme
        side = theme.px(16)
        first, second = self.buttons(rect)
        shown = ((second, "redo", False),) if row.is_acknowledged else ((first, "check", True), (second, "redo", False))
        for box, icon, is_first in shown:
            is_hovered = self.hovered == (number, is_first)
            if is_hovered:
                painter.setPen(theme.colour("accent_text"))
                painter.setBrush(theme.colour("surface"))
                painter.drawRoundedRect(QRectF(box).adjusted(0.5, 0.5, -0.5, -0.5), theme.px(6), theme.px(6))
            place = (box.center().x() - side // 2 + 1, box.center().y() - side // 2 + 1, side, side)
            theme.icon(icon, "text" if is_hovered else "muted").paint(painter, *place)

    def _laid_out(self, row: EventRow, room: int, *, is_chosen: bool) -> _Laid:
        """Return a row's texts, laid out once: it is painted far more often than it changes."""
        key = (row, room, is_chosen)
        found = self._laid.get(key)
        if found is None:
            found = self._made(row, room)
            self._laid[key] = found
            if len(self._laid) > _CACHE:
                self._laid.popitem(last=False)
        return found

    def _made(self, row: EventRow, room: int) -> _Laid:
        theme = self._theme
        small = theme.font(TextRole.SMALL)
        time = TextBlock(row.time, small, 1000)
        amount = (Badge(row.amount, row.amount, _TONES.get(group_of(row.kind), "info")),) if row.amount else ()
        badges = BadgeStrip((*amount, *row.badges), room * _BADGE_SHARE)
        left = room - badges.width - theme.px(Space.S)
        name = shortened(isolated(row.name) if row.name else "", theme.font(TextRole.STRONG), left * _NAME_SHARE)
        words = shortened(row.words, theme.font(), max(theme.px(40), left - name.width - theme.px(5)))
        low = room - time.width - theme.px(Space.S)
        reaction = shortened(row.reaction, small, low * (_REACTION_SHARE if row.text else 1))
        text = shortened(isolated(row.text) if row.text else "", small, low - reaction.width - theme.px(Space.M))
        return _Laid(name, words, badges, text, reaction, time)
