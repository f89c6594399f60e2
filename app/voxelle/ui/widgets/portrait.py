"""The one on stage, as a disc in her colour with her initial."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from voxelle.domain.persona import Character
from voxelle.ui.theme import TextRole, contrast, current_theme

_LARGE_TEXT = 3.0
"""Contrast that a letter of this size needs."""


class Portrait(QWidget):
    """Decoration: her name stands beside it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self._character: Character | None = None
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._theme.changed.connect(self.updateGeometry)

    def show_character(self, character: Character | None) -> None:
        """Show somebody else."""
        self._character = character
        self.update()

    def sizeHint(self) -> QSize:
        """A small disc."""
        side = self._theme.px(40)
        return QSize(side, side)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint disc and initial."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        disc = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        if self._character is None:
            painter.setPen(QPen(self._theme.colour("outline"), 1.5, Qt.PenStyle.DashLine))
            painter.drawEllipse(disc)
            return
        accent = self._character.accent if QColor.isValidColorName(self._character.accent) else self._theme.colours.accent
        accent = QColor(accent).name()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(accent))
        painter.drawEllipse(disc)
        painter.setPen(QColor("#ffffff" if contrast("#ffffff", accent) >= _LARGE_TEXT else "#000000"))
        painter.setFont(self._theme.font(TextRole.HEADING))
        painter.drawText(disc, Qt.AlignmentFlag.AlignCenter, self._character.name[:1].upper())
