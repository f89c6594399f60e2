"""Where the time of the last answer went, stage by stage."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from voxelle.ui.models.latency import LatencyModel, Stage
from voxelle.ui.text import tooltip
from voxelle.ui.theme import Space, TextRole, current_theme

_ROOM_AFTER = 1.25
"""The axis ends this much after the first sound: longer bars are cut off with an arrow."""
_LEAST_STAGES = 9
"""Room for an answer to a line of chat, also before there is any."""
_AFTERWARDS = {"llm_done", "last_sample"}


def stage_word(mark: str) -> str:
    """Return what a stage is called."""
    translate = QCoreApplication.translate
    words = {
        "endpointed": translate("Waterfall", "Waiting for you"),
        "recognised": translate("Waterfall", "Understanding"),
        "dequeued": translate("Waterfall", "In line"),
        "prompt": translate("Waterfall", "Prompt"),
        "first_token": translate("Waterfall", "First word"),
        "first_clause": translate("Waterfall", "First clause"),
        "gated": translate("Waterfall", "Safety"),
        "first_sample": translate("Waterfall", "Voice"),
        "audible": translate("Waterfall", "Sound device"),
        "llm_done": translate("Waterfall", "Writing"),
        "last_sample": translate("Waterfall", "Speaking"),
    }
    return words.get(mark, mark)


def improvement(mark: str) -> str:
    """Return a hint for the stage that usually takes longest; an empty text where there is none."""
    translate = QCoreApplication.translate
    hints = {
        "endpointed": translate(
            "Waterfall", "Waiting for you to finish takes most of the time: shorten the longest wait under Settings, Hearing."
        ),
        "recognised": translate(
            "Waterfall", "Understanding you takes most of the time: choose the quicker recogniser under Settings, Hearing."
        ),
        "dequeued": translate("Waterfall", "Lines wait in line most of the time: let her answer fewer, or more shortly."),
        "prompt": translate("Waterfall", "Putting the prompt together takes most of the time: other programs may need the processor."),
        "first_token": translate(
            "Waterfall", "Thinking takes most of the time: choose a smaller model, or a server, under Settings, Thinking."
        ),
        "first_clause": translate(
            "Waterfall", "Writing takes most of the time: choose a smaller model, or a server, under Settings, Thinking."
        ),
        "gated": translate("Waterfall", "Checking her words takes most of the time: other programs may need the processor."),
        "first_sample": translate("Waterfall", "Her voice takes most of the time: choose a quicker one under Settings, Voice."),
        "audible": translate("Waterfall", "The sound device takes most of the time: choose one with a cable on the Sound page."),
    }
    return hints.get(mark, "")


def duration(seconds: float) -> str:
    """Return a duration as the window shows it: 8 ms, 340 ms, 1.24 s."""
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.2f} s"


class Waterfall(QWidget):
    """One row a stage, in order: name, bar, length. A line marks the first sound."""

    def __init__(self, model: LatencyModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._theme = current_theme()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Stages of the last answer"))
        model.changed.connect(self._on_changed)
        self._theme.changed.connect(self._on_changed)

    def sizeHint(self) -> QSize:
        """One line a stage."""
        return QSize(self._theme.px(220), max(_LEAST_STAGES, len(self._model.stages)) * self._line())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the bars."""
        stages = self._model.stages
        if not stages:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font = self._theme.font(TextRole.SMALL)
        painter.setFont(font)
        metrics = painter.fontMetrics()
        left = max(metrics.horizontalAdvance(stage_word(each.mark)) for each in stages) + self._theme.px(Space.S)
        right = self.width() - metrics.horizontalAdvance("00.00 s") - self._theme.px(Space.S)
        axis = QRectF(left, 0, max(10, right - left), self.height())
        end_s = self._axis_end()
        if self._model.audible_s is not None:
            x = axis.left() + axis.width() * self._model.audible_s / end_s
            painter.setPen(self._theme.colour("ok"))
            painter.drawLine(round(x), 0, round(x), self.height())
        for number, stage in enumerate(stages):
            self._paint_stage(painter, stage, number * self._line(), axis, end_s)

    def _paint_stage(self, painter: QPainter, stage: Stage, y: float, axis: QRectF, end_s: float) -> None:
        line = self._line()
        theme = self._theme
        painter.setPen(theme.colour("muted"))
        painter.drawText(
            QRectF(0, y, axis.left(), line), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, stage_word(stage.mark)
        )
        painter.setPen(theme.colour("text"))
        value = QRectF(axis.right(), y, self.width() - axis.right(), line)
        painter.drawText(value, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, duration(stage.length_s))
        start = axis.left() + axis.width() * min(1.0, stage.start_s / end_s)
        end = axis.left() + axis.width() * min(1.0, stage.end_s / end_s)
        thickness = theme.px(8)
        bar = QRectF(start, y + (line - thickness) / 2, max(2.0, end - start), thickness)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("info" if stage.mark in _AFTERWARDS else "accent_text"))
        painter.drawRoundedRect(bar, 2, 2)
        if stage.end_s > end_s:  # goes on beyond the axis
            painter.setBrush(theme.colour("surface"))
            for gap in (0.0, theme.px(5)):
                painter.drawRect(QRectF(axis.right() - theme.px(6) - gap, bar.top() - 1, theme.px(2), bar.height() + 2))

    def _axis_end(self) -> float:
        to_sound = [each.end_s for each in self._model.stages if each.mark not in _AFTERWARDS]
        longest = max(to_sound or [each.end_s for each in self._model.stages])
        return max(0.001, longest * _ROOM_AFTER)

    def _line(self) -> int:
        return self._theme.px(16)

    def _on_changed(self) -> None:
        said = [f"{stage_word(each.mark)} {duration(each.length_s)}" for each in self._model.stages]
        self.setAccessibleDescription(", ".join(said))
        usual = [
            self.tr("{stage}: usual {usual}, slow {slow}").format(
                stage=stage_word(each.mark), usual=duration(each.p50_s), slow=duration(each.p95_s)
            )
            for each in self._model.usual
        ]
        self.setToolTip(tooltip("\n".join(usual)).replace("\n", "<br>"))
        self.updateGeometry()
        self.update()
