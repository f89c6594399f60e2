"""How a row of the conversation looks: laid out once for a width, then painted as often as needed."""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import lru_cache
from hashlib import blake2b

from PySide6.QtCore import QCoreApplication, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter

from voxelle.domain.chat import StimulusKind, Verdict
from voxelle.domain.speech import TurnOutcome
from voxelle.ui.models.event_kinds import icon_of
from voxelle.ui.models.rows import DividerRow, MessageRow, PieceState, ReplyRow, Row, reply_text
from voxelle.ui.text import ELLIPSIS, isolated
from voxelle.ui.theme import Space, TextRole, Theme, readable
from voxelle.ui.widgets.badges import BadgeStrip
from voxelle.ui.widgets.text_block import Mark, TextBlock

_READING_WIDTH = 860
"""Longer lines are hard to read: the text of a wide window stays this wide."""
_SKIPPED_LIMIT = 160
"""A line that is not answered gets no more room than this."""
_BADGE_SHARE = 0.6
"""So much of a line may be badges; those that don't fit are in the tooltip."""
_NAME_COLOURS = ("#d9480f", "#2b8a3e", "#1971c2", "#9c36b5", "#c2255c", "#0c8599", "#b08900", "#5f3dc4", "#e8590c", "#087f5b")


class RowLayout(ABC):
    """A row at a width: `height` pixels high."""

    __slots__ = ("height", "row", "width")

    def __init__(self, row: Row, width: float) -> None:
        self.row = row
        self.width = width
        self.height = 0.0

    @abstractmethod
    def paint(self, painter: QPainter, y: float) -> None:
        """Paint with the top at `y`."""


def lay_out(row: Row, width: float, theme: Theme) -> RowLayout:
    """Return the layout for a row of any kind."""
    match row:
        case MessageRow():
            return MessageLayout(row, width, theme)
        case ReplyRow():
            return ReplyLayout(row, width, theme)
        case DividerRow():
            return DividerLayout(row, width, theme)


@lru_cache(maxsize=4096)
def name_colour(author_id: str, background: str) -> str:
    """Return an author's own colour, the same in every session, readable on the background."""
    digest = blake2b(author_id.encode("utf-8", "replace"), digest_size=2).digest()
    return readable(_NAME_COLOURS[int.from_bytes(digest) % len(_NAME_COLOURS)], background)


@lru_cache(maxsize=64)
def _time_block(text: str, font: str) -> TextBlock:
    """Return the time of a line: many lines of a lively minute have the same."""
    made = QFont()
    made.fromString(font)
    return TextBlock(text, made, 1000)


class MessageLayout(RowLayout):
    """Time, badges, name and what they said; events on a tinted card with their icon."""

    __slots__ = ("_badges", "_body", "_icon", "_is_event", "_theme", "_time", "_x")

    def __init__(self, row: MessageRow, width: float, theme: Theme) -> None:
        super().__init__(row, width)
        self._theme = theme
        self._is_event = row.kind is StimulusKind.EVENT
        self._icon = theme.icon(icon_of(row.event), "accent_text") if self._is_event else None
        margin = theme.px(Space.M)
        time_text = row.at.astimezone().strftime("%H:%M")
        self._time = _time_block(time_text, theme.font(TextRole.SMALL).toString())
        self._x = margin + theme.px(44)
        room = min(width - self._x - margin, theme.px(_READING_WIDTH))
        self._badges = BadgeStrip(row.badges, room * _BADGE_SHARE)
        self._body = self._laid_out_body(row, room)
        self.height = self._body.height + theme.px(Space.S if not self._is_event else Space.XL - 4)

    def _laid_out_body(self, row: MessageRow, width: float) -> TextBlock:
        colours = self._theme.colours
        background = colours.surface if self._is_event else colours.sunken
        name = QCoreApplication.translate("Conversation", "You") if row.kind is StimulusKind.TYPED else row.author
        shown = isolated(name) if name else ""
        divider = "" if not name else " " if self._is_event else ":  "
        is_faint = row.is_removed or (row.verdict is Verdict.DROPPED and row.kind is not StimulusKind.TYPED)
        said = row.text[:_SKIPPED_LIMIT] + ELLIPSIS if is_faint and len(row.text) > _SKIPPED_LIMIT else row.text
        text = f"{shown}{divider}{isolated(said)}"
        colour = colours.accent_text if row.kind is StimulusKind.TYPED else name_colour(row.author_id, background)
        tone = colours.muted if is_faint else colours.text
        marks = [Mark(0, len(shown), colour, is_bold=True), Mark(len(shown), len(text), tone, is_italic=row.is_removed)]
        return TextBlock(text, self._theme.font(), width, marks, indent=self._badges.width)

    def paint(self, painter: QPainter, y: float) -> None:
        """Paint the line."""
        theme = self._theme
        row = self.row
        pad = (self.height - self._body.height) / 2
        if self._is_event:
            card = QRectF(theme.px(Space.S), y + 3, self.width - 2 * theme.px(Space.S), self.height - 6)
            _paint_card(painter, card, theme.colour("surface"), theme.colour("border"), theme.px(8))
        if self._icon is not None:
            side = theme.px(18)
            self._icon.paint(painter, theme.px(Space.L) + 2, round(y + pad), side, side)
        else:
            self._time.paint(painter, theme.px(Space.M), y + pad + theme.px(1), theme.colour("muted"))
        self._badges.paint(painter, self._x, y + pad, self._body.line_height)
        self._body.paint(painter, self._x, y + pad, theme.colour("text"))
        if isinstance(row, MessageRow) and row.is_waited_for:
            tick = QRectF(theme.px(Space.XS), y + pad, theme.px(3), self._body.height)
            _paint_card(painter, tick, theme.colour("accent_text"), None, theme.px(1))


class ReplyLayout(RowLayout):
    """Her answer: a card in her colour; what comes is dim, what is heard is clear, the word of the moment is lit."""

    __slots__ = ("_accent", "_body", "_head", "_tag", "_tag_tone", "_theme", "_to", "_word")

    def __init__(self, row: ReplyRow, width: float, theme: Theme) -> None:
        super().__init__(row, width)
        self._theme = theme
        colours = theme.colours
        self._accent = readable(row.accent, colours.surface)
        x = theme.px(Space.M + Space.L)
        room = min(width - x - theme.px(Space.XL), theme.px(_READING_WIDTH))
        self._head = TextBlock(isolated(row.name), theme.font(TextRole.STRONG), room, max_lines=1)
        self._to = TextBlock(_to_whom(row), theme.font(TextRole.SMALL), room, max_lines=1)
        tag, self._tag_tone = _tag(row)
        self._tag = TextBlock(tag, theme.font(TextRole.SMALL), room, max_lines=1)
        text, spans, self._word = reply_text(row)
        tones = {PieceState.COMING: colours.muted, PieceState.BLOCKED: colours.warning}
        marks = [Mark(span.start, span.end, tones.get(span.state, colours.text)) for span in spans]
        body_font = theme.font()
        body_font.setPointSizeF(body_font.pointSizeF() * 1.08)
        self._body = TextBlock(text or _without_words(row), body_font, room, marks, spacing=1.12)
        self.height = self._head.height + self._body.height + theme.px(Space.XL + Space.S)

    def paint(self, painter: QPainter, y: float) -> None:
        """Paint the card."""
        theme = self._theme
        card = QRectF(theme.px(Space.S), y + theme.px(3), self.width - 2 * theme.px(Space.S), self.height - theme.px(6))
        _paint_card(painter, card, theme.colour("surface"), theme.colour("border"), theme.px(10))
        bar = QRectF(card.left() + theme.px(6), card.top() + theme.px(8), theme.px(4), card.height() - theme.px(16))
        _paint_card(painter, bar, QColor(self._accent), None, theme.px(2))
        x = theme.px(Space.M + Space.L)
        top = card.top() + theme.px(Space.S)
        self._head.paint(painter, x, top, QColor(self._accent))
        small = top + (self._head.height - self._to.height) / 2
        self._to.paint(painter, x + self._head.width + theme.px(Space.S), small, theme.colour("muted"))
        self._tag.paint(painter, card.right() - self._tag.width - theme.px(Space.M), small, theme.colour(self._tag_tone))
        body_y = top + self._head.height + theme.px(Space.XS)
        is_empty = isinstance(self.row, ReplyRow) and not self.row.pieces
        self._body.paint(painter, x, body_y, theme.colour("muted" if is_empty else "text"))
        if self._word is not None:
            self._body.paint_word(painter, x, body_y, self._word, theme.colour("accent"), theme.colour("on_accent"))


class DividerLayout(RowLayout):
    """A thin line with a word in its middle."""

    __slots__ = ("_text", "_theme")

    def __init__(self, row: DividerRow, width: float, theme: Theme) -> None:
        super().__init__(row, width)
        self._theme = theme
        self._text = TextBlock(row.text, theme.font(TextRole.SMALL), width)
        self.height = self._text.height + theme.px(Space.XL)

    def paint(self, painter: QPainter, y: float) -> None:
        """Paint line and word."""
        theme = self._theme
        left = (self.width - self._text.width) / 2
        middle = round(y + self.height / 2)
        gap = theme.px(Space.M)
        painter.setPen(theme.colour("border"))
        painter.drawLine(gap, middle, round(left - gap), middle)
        painter.drawLine(round(left + self._text.width + gap), middle, round(self.width - gap), middle)
        self._text.paint(painter, left, y + (self.height - self._text.height) / 2, theme.colour("muted"))


def _paint_card(painter: QPainter, rect: QRectF, fill: QColor, edge: QColor | None, radius: float) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(fill)
    painter.setPen(Qt.PenStyle.NoPen if edge is None else edge)
    painter.drawRoundedRect(rect, radius, radius)


def _to_whom(row: ReplyRow) -> str:
    time = row.at.astimezone().strftime("%H:%M")
    if not row.to:
        return time
    return QCoreApplication.translate("Conversation", "to {name}").format(name=isolated(row.to)) + f" · {time}"


def _tag(row: ReplyRow) -> tuple[str, str]:
    """Return the note at the right of a reply and its colour."""
    translate = QCoreApplication.translate
    match row.outcome:
        case TurnOutcome.CUT:
            return translate("Conversation", "✂ cut off here"), "warning"
        case TurnOutcome.BLOCKED:
            return translate("Conversation", "⛨ held back"), "warning"
        case TurnOutcome.FAILED:
            return translate("Conversation", "✕ no answer"), "danger"
        case _:
            return row.emotion, "muted"


def _without_words(row: ReplyRow) -> str:
    translate = QCoreApplication.translate
    match row.outcome:
        case None:
            return translate("Conversation", "thinking …")
        case TurnOutcome.CUT:
            return translate("Conversation", "Stopped before the first word.")
        case TurnOutcome.BLOCKED:
            return translate("Conversation", "Nothing of this answer passed the safety gate.")
        case TurnOutcome.FAILED:
            return translate("Conversation", "No engine could answer. The Engines page says what to do.")
        case _:
            return translate("Conversation", "She had nothing to say.")
