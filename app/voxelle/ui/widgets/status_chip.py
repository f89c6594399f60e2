"""A state as sign, word and colour in a small pill: none of the three stands alone."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from voxelle.ui.theme import TextRole, current_theme, readable

_TINT = 0.16
SIGNS = {"ok": "check", "info": "clock", "warning": "warning", "danger": "error", "muted": "off"}
"""The sign of each tone, a name in `resources/icons`."""


class StatusChip(QWidget):
    """`show_state(word, tone)`: the sign follows from the tone unless another is named."""

    def __init__(self, word: str = "", tone: str = "muted", icon: str = "") -> None:
        super().__init__()
        self._theme = current_theme()
        self._word, self._tone, self._icon = word, tone, icon
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(word)
        self._theme.changed.connect(self._on_theme_changed)

    @property
    def word(self) -> str:
        """What it says."""
        return self._word

    @property
    def tone(self) -> str:
        """A tone of the theme: ok, info, warning, danger or muted."""
        return self._tone

    def show_state(self, word: str, tone: str = "muted", icon: str = "") -> None:
        """Show another state."""
        if (word, tone, icon) == (self._word, self._tone, self._icon):
            return
        self._word, self._tone, self._icon = word, tone, icon
        self.setAccessibleName(word)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Qt: room for sign and word."""
        metrics = QFontMetrics(self._theme.font(TextRole.SMALL))
        return QSize(metrics.horizontalAdvance(self._word) + self._theme.px(34), metrics.height() + self._theme.px(6))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Qt: paint the pill, its sign and its word."""
        theme = self._theme
        shade, ground = theme.colour(self._tone), theme.colour("surface")
        tint = QColor.fromRgbF(
            *(getattr(shade, each)() * _TINT + getattr(ground, each)() * (1 - _TINT) for each in ("redF", "greenF", "blueF"))
        )
        ink = readable(shade.name(), tint.name())
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(tint)
        painter.drawRoundedRect(QRectF(self.rect()), self.height() / 2, self.height() / 2)
        side = theme.px(14)
        sign = theme.icon(self._icon or SIGNS.get(self._tone, "info"), ink)
        sign.paint(painter, theme.px(8), (self.height() - side) // 2, side, side)
        painter.setPen(QColor(ink))
        painter.setFont(theme.font(TextRole.SMALL))
        room = QRectF(theme.px(8) + side + theme.px(4), 0, self.width(), self.height())
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self._word)
        painter.end()

    def _on_theme_changed(self) -> None:
        self.updateGeometry()
        self.update()
