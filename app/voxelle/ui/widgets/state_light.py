"""What she is doing, in one word with a shape of its own: colour is never the only sign."""

from __future__ import annotations

import math

from PySide6.QtCore import QCoreApplication, QPointF, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from voxelle.ui.models.show import Light
from voxelle.ui.theme import Space, TextRole, current_theme

_TONES = {
    Light.IDLE: "muted",
    Light.THINKING: "info",
    Light.SPEAKING: "ok",
    Light.INTERRUPTED: "warning",
    Light.STOPPED: "warning",
    Light.MUTED: "warning",
    Light.PAUSED: "warning",
}
_FRAME_MS = 66


def light_word(light: Light) -> str:
    """Return the word of a light."""
    translate = QCoreApplication.translate
    words = {
        Light.IDLE: translate("StateLight", "Ready"),
        Light.THINKING: translate("StateLight", "Thinking"),
        Light.SPEAKING: translate("StateLight", "Speaking"),
        Light.INTERRUPTED: translate("StateLight", "Interrupted"),
        Light.STOPPED: translate("StateLight", "Stopped"),
        Light.MUTED: translate("StateLight", "Muted"),
        Light.PAUSED: translate("StateLight", "Chat paused"),
    }
    return words[light]


class StateLight(QWidget):
    """Ring: listening. Dots: thinking. Waves: speaking. Bars: paused. Slash: muted. Broken wave: interrupted."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self._light = Light.IDLE
        self._phase = 0.0
        self._timer = QTimer(self)
        self._timer.setInterval(_FRAME_MS)
        self._timer.timeout.connect(self._on_frame)
        self._theme.changed.connect(self._on_theme_changed)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(light_word(self._light))

    @property
    def light(self) -> Light:
        """What it shows."""
        return self._light

    def show_light(self, light: Light) -> None:
        """Show another state."""
        if light is self._light:
            return
        self._light = light
        self.setAccessibleName(light_word(light))
        self._animate()
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Room for shape and word."""
        font = self._theme.font(TextRole.STRONG)
        self.setFont(font)
        width = self._side() + self._theme.px(Space.S) + self.fontMetrics().horizontalAdvance(light_word(self._light))
        return QSize(width + 2 * self._theme.px(Space.M), self._theme.px(30))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint a pill with shape and word."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour = self._theme.colour(_TONES[self._light])
        tint = QColor(colour)
        tint.setAlphaF(0.14)
        painter.setBrush(tint)
        painter.setPen(QPen(colour, 1))
        pill = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(pill, pill.height() / 2, pill.height() / 2)
        side = self._side()
        box = QRectF(self._theme.px(Space.M), (self.height() - side) / 2, side, side)
        self._paint_shape(painter, box, colour)
        painter.setFont(self._theme.font(TextRole.STRONG))
        painter.setPen(self._theme.colour("text"))
        text = QRectF(box.right() + self._theme.px(Space.S), 0, self.width(), self.height())
        painter.drawText(text, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, light_word(self._light))

    def _paint_shape(self, painter: QPainter, box: QRectF, colour: QColor) -> None:
        pen = QPen(colour, max(1.5, box.width() / 7), Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        match self._light:
            case Light.IDLE:
                painter.drawEllipse(box.adjusted(2, 2, -2, -2))
            case Light.THINKING:
                self._paint_dots(painter, box, colour)
            case Light.SPEAKING | Light.INTERRUPTED:
                self._paint_wave(painter, box)
                if self._light is Light.INTERRUPTED:
                    painter.drawLine(box.topLeft(), box.bottomRight())
            case Light.STOPPED:
                painter.setBrush(colour)
                painter.drawRect(box.adjusted(3, 3, -3, -3))
            case Light.PAUSED:
                for share in (0.32, 0.68):
                    x = box.left() + box.width() * share
                    painter.drawLine(QPointF(x, box.top() + 2), QPointF(x, box.bottom() - 2))
            case Light.MUTED:
                horn = [
                    QPointF(0.1, 0.35),
                    QPointF(0.35, 0.35),
                    QPointF(0.65, 0.1),
                    QPointF(0.65, 0.9),
                    QPointF(0.35, 0.65),
                    QPointF(0.1, 0.65),
                ]
                painter.drawPolygon(QPolygonF([box.topLeft() + each * box.width() for each in horn]))
                painter.drawLine(box.topLeft(), box.bottomRight())

    def _paint_dots(self, painter: QPainter, box: QRectF, colour: QColor) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        radius = box.width() / 7
        for number in range(3):
            shade = QColor(colour)
            shade.setAlphaF(0.45 + 0.55 * (0.5 + 0.5 * math.sin(self._phase - number)))
            painter.setBrush(shade)
            painter.drawEllipse(QPointF(box.left() + box.width() * (1 + 2 * number) / 6, box.center().y()), radius, radius)

    def _paint_wave(self, painter: QPainter, box: QRectF) -> None:
        for number, height in enumerate((0.35, 0.8, 1.0, 0.6)):
            sway = 0.75 + 0.25 * math.sin(self._phase * 1.7 + number * 1.9) if self._timer.isActive() else 1.0
            half = box.height() / 2 * height * sway
            x = box.left() + box.width() * (1 + 2 * number) / 8
            painter.drawLine(QPointF(x, box.center().y() - half), QPointF(x, box.center().y() + half))

    def _side(self) -> int:
        return self._theme.px(16)

    def _animate(self) -> None:
        moves = self._light in {Light.THINKING, Light.SPEAKING} and not self._theme.is_motion_reduced
        if moves:
            self._timer.start()
        else:
            self._timer.stop()

    def _on_frame(self) -> None:
        self._phase += 0.45
        self.update()

    def _on_theme_changed(self) -> None:
        self._animate()
        self.updateGeometry()
        self.update()
