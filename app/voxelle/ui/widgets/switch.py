"""A switch that slides: on or off, like a check box in every other way."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QCheckBox

from voxelle.ui.theme import current_theme


class Switch(QCheckBox):
    """Has no text of its own: give it an accessible name."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._theme = current_theme()
        self.setAccessibleName(name)
        self.setToolTip(name)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._theme.changed.connect(self.updateGeometry)

    def sizeHint(self) -> QSize:
        """Qt: a pill, and room for its focus ring."""
        return QSize(self._theme.px(44), self._theme.px(26))

    def minimumSizeHint(self) -> QSize:
        """Qt: it is never smaller."""
        return self.sizeHint()

    def hitButton(self, position: QPoint) -> bool:
        """Qt: all of it can be pressed."""
        return self.rect().contains(position)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Qt: paint pill and knob; the knob's place tells the state without colour."""
        theme, is_on = self._theme, self.isChecked()
        ground, edge, knob = ("raised", "outline", "muted") if not is_on else ("accent", "accent", "on_accent")
        if not self.isEnabled():
            ground, edge, knob = "surface", "border", "border"
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pill = QRectF(self.rect()).adjusted(3, 3, -3, -3)
        painter.setPen(QPen(theme.colour(edge), 1.5))
        painter.setBrush(theme.colour(ground))
        painter.drawRoundedRect(pill, pill.height() / 2, pill.height() / 2)
        inset = theme.px(4)
        side = pill.height() - 2 * inset
        left = pill.right() - inset - side if is_on else pill.left() + inset
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour(knob))
        painter.drawEllipse(QRectF(left, pill.top() + inset, side, side))
        if self.hasFocus():
            painter.setPen(QPen(theme.colour("accent_text"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            ring = QRectF(self.rect()).adjusted(1, 1, -1, -1)
            painter.drawRoundedRect(ring, ring.height() / 2, ring.height() / 2)
        painter.end()
