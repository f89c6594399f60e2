"""How loud the microphone is, at this moment."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from voxelle.ui.theme import current_theme

_BARS = 20
_HOT = 0.9
"""From here on it is close to clipping: -6 dB of full scale."""


class LevelMeter(QWidget):
    """A row of small bars: grey for sound, green for speech, amber where it is too loud."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self._lit = 0
        self._is_speech = False
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Microphone level"))
        self._theme.changed.connect(self._on_theme_changed)

    @property
    def lit(self) -> int:
        """How many of the bars are lit."""
        return self._lit

    def show_level(self, level: float, *, is_speech: bool) -> None:
        """Show a level, 0..1; painted anew only when another bar is lit."""
        lit = round(min(1.0, max(0.0, level)) * _BARS)
        if (lit, is_speech) != (self._lit, self._is_speech):
            self._lit, self._is_speech = lit, is_speech
            self.update()

    def sizeHint(self) -> QSize:
        """Qt: wide enough to see a step."""
        return QSize(self._theme.px(112), self._theme.px(16))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Qt: paint the bars."""
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        step = self.width() / _BARS
        for index in range(_BARS):
            painter.setBrush(theme.colour(self._tone(index)))
            painter.drawRoundedRect(QRectF(index * step, 0, step * 0.6, self.height()), 1, 1)
        painter.end()

    def _tone(self, index: int) -> str:
        if index >= self._lit:
            return "border"
        if index >= _HOT * _BARS:
            return "warning"
        return "ok" if self._is_speech else "muted"

    def _on_theme_changed(self) -> None:
        self.updateGeometry()
        self.update()
