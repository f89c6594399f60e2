"""Badges painted in a row: a word in a small tinted box each."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter

from voxelle.ui.models.badges import Badge
from voxelle.ui.theme import TextRole, current_theme, readable

_TINT = 0.2


class BadgeStrip:
    """Laid out once; those that don't fit into `room` are left out. `width` includes the gap behind the last."""

    __slots__ = ("_boxes", "_colours", "width")

    def __init__(self, badges: Sequence[Badge], room: float = float("inf")) -> None:
        self._boxes: list[tuple[Badge, float, float]] = []
        self._colours: list[tuple[QColor, QColor]] = []
        self.width = 0.0
        if not badges:
            return
        theme = current_theme()
        metrics, gap, pad = QFontMetricsF(theme.font(TextRole.SMALL)), theme.px(4), theme.px(10)
        for badge in badges:
            width = metrics.horizontalAdvance(badge.mark) + pad
            if self.width + width + gap > room and self._boxes:
                break
            self._boxes.append((badge, self.width, width))
            self._colours.append(_colours_of(theme.colour(badge.tone).name(), theme.colour("surface").name()))
            self.width += width + gap
        self.width += theme.px(2)

    def paint(self, painter: QPainter, x: float, y: float, height: float) -> None:
        """Paint with the top left corner of a line of text at a point."""
        if not self._boxes:
            return
        theme = current_theme()
        font = theme.font(TextRole.SMALL)
        tall = min(height, QFontMetricsF(font).height() + theme.px(1))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(font)
        for (badge, left, width), (tint, ink) in zip(self._boxes, self._colours, strict=True):
            box = QRectF(x + left, y + (height - tall) / 2, width, tall)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(tint)
            painter.drawRoundedRect(box, theme.px(4), theme.px(4))
            painter.setPen(ink)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, badge.mark)


@lru_cache(maxsize=64)
def _colours_of(tone: str, surface: str) -> tuple[QColor, QColor]:
    """Return the tint and the ink of a badge."""
    shade, ground = QColor(tone), QColor(surface)
    tint = QColor.fromRgbF(
        *(getattr(shade, each)() * _TINT + getattr(ground, each)() * (1 - _TINT) for each in ("redF", "greenF", "blueF"))
    )
    return tint, QColor(readable(tone, tint.name()))
