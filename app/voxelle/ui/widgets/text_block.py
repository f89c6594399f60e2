"""A paragraph laid out for painting: wrapped, bounded, with marked stretches and a highlighted word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QTextCharFormat, QTextLayout, QTextOption

from voxelle.ui.text import utf16_position

_MOST_INDENT = 0.75
"""A quarter of the first line is the text's at least."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A stretch of the text (Python characters) with a colour of its own."""

    start: int
    end: int
    colour: str
    is_bold: bool = False
    is_struck: bool = False
    is_italic: bool = False


class TextBlock:
    """Plain text only: what looks like markup stays letters. Lay out once, paint often.

    `indent` leaves room before the first line.
    """

    __slots__ = ("_indent", "_layout", "_text", "height", "width")

    def __init__(
        self,
        text: str,
        font: QFont,
        width: float,
        marks: Sequence[Mark] = (),
        *,
        alignment: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
        max_lines: int = 0,
        spacing: float = 1.0,
        indent: float = 0.0,
    ) -> None:
        self._text = text.replace("\n", "\u2028")
        self._layout = QTextLayout(self._text, font)
        option = QTextOption(alignment)
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self._layout.setTextOption(option)
        self._layout.setCacheEnabled(True)
        self._layout.setFormats([_format(self._text, mark) for mark in marks])
        self._indent = indent
        self.width = 0.0
        self.height = self._wrap(max(1.0, width), max_lines, spacing)

    @property
    def line_count(self) -> int:
        """How many lines the text takes."""
        return self._layout.lineCount()

    @property
    def line_height(self) -> float:
        """How high its first line is."""
        return self._layout.lineAt(0).height() if self._layout.lineCount() else 0.0

    def paint(self, painter: QPainter, x: float, y: float, colour: QColor) -> None:
        """Paint with the top left corner at a point; unmarked text in `colour`."""
        painter.setPen(colour)
        self._layout.draw(painter, QPointF(x, y))

    def paint_word(self, painter: QPainter, x: float, y: float, word: tuple[int, int], fill: QColor, text: QColor) -> None:
        """Paint a word on a rounded background, over the painted text."""
        for rect in self.word_rects(word):
            box = rect.translated(x, y)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(fill)
            radius = box.height() * 0.22
            pad = box.height() * 0.07
            rounded = box.adjusted(-pad, 0, pad, 0)
            painter.drawRoundedRect(rounded, radius, radius)
            painter.save()
            painter.setClipRect(box.adjusted(-1, 0, 1, 0))
            start, end = (utf16_position(self._text, position) for position in word)
            over = QTextLayout.FormatRange()
            over.start, over.length = start, end - start
            over.format.setForeground(text)
            painter.setPen(text)
            self._layout.draw(painter, QPointF(x, y), [over])
            painter.restore()

    def word_rects(self, word: tuple[int, int]) -> list[QRectF]:
        """Return where a word lies, one rectangle a line it touches."""
        start, end = (utf16_position(self._text, position) for position in word)
        rects = []
        for number in range(self._layout.lineCount()):
            line = self._layout.lineAt(number)
            first, last = max(start, line.textStart()), min(end, line.textStart() + line.textLength())
            if first < last:
                edges = [_cursor_x(line.cursorToX(position)) for position in (first, last)]
                rects.append(QRectF(min(edges), line.y(), max(edges) - min(edges), line.height()))
        return rects

    def _wrap(self, width: float, max_lines: int, spacing: float) -> float:
        y = 0.0
        indent = min(self._indent, width * _MOST_INDENT)
        self._layout.beginLayout()
        while True:
            line = self._layout.createLine()
            if not line.isValid():
                break
            line.setLineWidth(width - indent)
            line.setPosition(QPointF(indent, y))
            y += line.height() * spacing
            self.width = max(self.width, indent + line.naturalTextWidth())
            indent = 0.0
            if max_lines and self._layout.lineCount() == max_lines:
                break
        self._layout.endLayout()
        return y


def shortened(text: str, font: QFont, width: float) -> TextBlock:
    """Lay out text in one line, with an ellipsis where it is longer."""
    return TextBlock(QFontMetricsF(font).elidedText(text, Qt.TextElideMode.ElideRight, width), font, 100_000, max_lines=1)


def _cursor_x(result: object) -> float:
    """PySide returns the position, or a pair of it and the cursor."""
    return float(result[0]) if isinstance(result, tuple) else float(result)  # type: ignore[arg-type]


def _format(text: str, mark: Mark) -> QTextLayout.FormatRange:
    span = QTextLayout.FormatRange()
    span.start = utf16_position(text, mark.start)
    span.length = utf16_position(text, mark.end) - span.start
    span.format = _style(mark.colour, is_bold=mark.is_bold, is_struck=mark.is_struck, is_italic=mark.is_italic)
    return span


@lru_cache(maxsize=256)
def _style(colour: str, *, is_bold: bool, is_struck: bool, is_italic: bool) -> QTextCharFormat:
    """Return how marked text looks; never changed once made."""
    style = QTextCharFormat()
    style.setForeground(QColor(colour))
    if is_bold:
        style.setFontWeight(QFont.Weight.DemiBold)
    style.setFontStrikeOut(is_struck)
    style.setFontItalic(is_italic)
    return style
