"""The strip at the foot of the window: which engine serves each stage, and whether it is ready."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QSizePolicy, QWidget

from voxelle.domain.events import EngineState
from voxelle.ui.models.engine_lights import EngineLight, EngineLightsModel
from voxelle.ui.text import tooltip
from voxelle.ui.theme import Space, TextRole, current_theme
from voxelle.ui.widgets.labels import label

_TONES = {
    EngineState.READY: "ok",
    EngineState.LOADING: "info",
    EngineState.INSTALLING: "info",
    EngineState.RESTARTING: "warning",
    EngineState.FAILED: "danger",
    EngineState.UNLOADED: "muted",
    EngineState.ABSENT: "muted",
}


def _stage_word(stage: str) -> str:
    translate = QCoreApplication.translate
    words = {
        "hearing": translate("EngineLights", "Hearing"),
        "llm": translate("EngineLights", "Thinking"),
        "tts": translate("EngineLights", "Voice"),
        "emotion": translate("EngineLights", "Feeling"),
        "sound": translate("EngineLights", "Sound"),
    }
    return words.get(stage, stage)


def _state_word(light: EngineLight) -> str:
    translate = QCoreApplication.translate
    words = {
        EngineState.READY: translate("EngineLights", "ready"),
        EngineState.LOADING: translate("EngineLights", "loading"),
        EngineState.INSTALLING: translate("EngineLights", "installing"),
        EngineState.RESTARTING: translate("EngineLights", "restarting"),
        EngineState.FAILED: translate("EngineLights", "failed"),
        EngineState.UNLOADED: translate("EngineLights", "not loaded"),
        EngineState.ABSENT: translate("EngineLights", "not installed"),
    }
    word = words[light.status.state]
    progress = light.status.progress
    return word if progress is None or light.status.state is EngineState.READY else f"{word} {progress:.0%}"


class _LightButton(QPushButton):
    """One stage: a dot (filled when ready, a ring on the way, a cross when failed) and words."""

    def __init__(self, light: EngineLight) -> None:
        super().__init__()
        self._theme = current_theme()
        self._light = light
        self._theme.style_as(self, "quiet")
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.set_light(light)

    def set_light(self, light: EngineLight) -> None:
        """Show another state."""
        self._light = light
        words = f"{_stage_word(light.stage)}: {_state_word(light)}"
        self.setAccessibleName(f"{words}. {light.status.title}. {light.status.sentence}")
        self.setToolTip(tooltip(" — ".join(each for each in (light.status.title, light.status.sentence) if each)))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Room for dot and words."""
        metrics = self.fontMetrics()
        return QSize(
            metrics.horizontalAdvance(self._words()) + self._theme.px(Space.XL + Space.S), metrics.height() + self._theme.px(Space.S)
        )

    def minimumSizeHint(self) -> QSize:
        """Room for the dot and the stage."""
        words = self.fontMetrics().horizontalAdvance(_stage_word(self._light.stage))
        return QSize(words + self._theme.px(Space.XL + Space.S), self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the button's ground, then dot and words."""
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour = QColor(self._theme.colour(_TONES[self._light.status.state]))
        side = self._theme.px(9)
        dot = QRectF(self._theme.px(Space.S), (self.height() - side) / 2, side, side)
        pen = painter.pen()
        pen.setColor(colour)
        pen.setWidthF(max(1.5, side / 6))
        painter.setPen(pen)
        if self._light.status.state is EngineState.FAILED:
            painter.drawLine(dot.topLeft(), dot.bottomRight())
            painter.drawLine(dot.topRight(), dot.bottomLeft())
        else:
            if self._light.status.state is EngineState.READY:
                painter.setBrush(colour)
            painter.drawEllipse(dot)
        painter.setPen(self._theme.colour("muted"))
        room = QRectF(dot.right() + self._theme.px(6), 0, self.width() - dot.right() - self._theme.px(8), self.height())
        words = self._words()
        if self.fontMetrics().horizontalAdvance(words) > room.width():
            words = self.fontMetrics().elidedText(_stage_word(self._light.stage), Qt.TextElideMode.ElideRight, round(room.width()))
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, words)

    def _words(self) -> str:
        if self._light.status.state is EngineState.READY:
            return f"{_stage_word(self._light.stage)}: {self._light.status.title}"
        return f"{_stage_word(self._light.stage)}: {_state_word(self._light)}"


class EngineLights(QFrame):
    """A light a stage; pressing one asks for the Engines page."""

    chosen = Signal()

    def __init__(self, model: EngineLightsModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        theme = current_theme()
        theme.style_as(self, "foot")
        self.setAccessibleName(self.tr("Engines"))
        self._buttons: dict[str, _LightButton] = {}
        self._waiting = label(self.tr("Starting …"), TextRole.SMALL, "muted")
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(theme.px(Space.S), theme.px(Space.XXS), theme.px(Space.S), theme.px(Space.XXS))
        self._row.setSpacing(theme.px(Space.XS))
        self._row.addWidget(self._waiting)
        self._row.addStretch()
        model.changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        lights = self._model.lights
        self._waiting.setVisible(not lights)
        shown = {light.stage for light in lights}
        for stage in [stage for stage in self._buttons if stage not in shown]:
            gone = self._buttons.pop(stage)
            self._row.removeWidget(gone)
            gone.hide()
            gone.deleteLater()
        for number, light in enumerate(lights):
            button = self._buttons.get(light.stage)
            if button is None:
                button = _LightButton(light)
                button.clicked.connect(self.chosen)
                self._buttons[light.stage] = button
                self._row.insertWidget(1 + number, button)
            else:
                button.set_light(light)
