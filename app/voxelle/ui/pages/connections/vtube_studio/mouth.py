"""What moves now: the mouth with its vowels, how loud she is, and her mood, as they were sent last."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from voxelle.domain.avatar import CLOSED_MOUTH, MouthShape
from voxelle.ui.models.avatar import AvatarModel
from voxelle.ui.theme import Space, TextRole, current_theme
from voxelle.ui.widgets.card import Card

_HEIGHT: Final = 72
_BAR: Final = 18
_WIDEST: Final = 56


class Meters(QWidget):
    """A bar for each value with its name below; that of the mood grows from the middle, up when she is happy."""

    def __init__(self) -> None:
        super().__init__()
        self._theme = current_theme()
        self._shape = CLOSED_MOUTH
        self._mood = 0.0
        self._names = (self.tr("Open"), "A", "I", "U", "E", "O", self.tr("Energy"), self.tr("Mood"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Mouth, vowels, energy and mood, as they are sent"))
        self._theme.changed.connect(self._on_theme_changed)

    @property
    def shape(self) -> MouthShape:
        """The mouth it shows."""
        return self._shape

    @property
    def mood(self) -> float:
        """The mood it shows."""
        return self._mood

    def show_values(self, shape: MouthShape, mood: float) -> None:
        """Show other values."""
        if (shape, mood) != (self._shape, self._mood):
            self._shape, self._mood = shape, mood
            self.update()

    def sizeHint(self) -> QSize:
        """Qt: room for bars and names."""
        return QSize(self._theme.px(240), self._theme.px(_HEIGHT))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Qt: paint the bars."""
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.font(TextRole.SMALL))
        letters = painter.fontMetrics().height()
        room = self.height() - letters - theme.px(Space.XS)
        left = 0.0
        for name, step, value in zip(self._names, self._steps(painter.fontMetrics()), (*self._shape, self._mood), strict=True):
            width = min(float(theme.px(_BAR)), step * 0.7)
            box = QRectF(left + (step - width) / 2, 0.5, width, room - 1)
            painter.setPen(theme.colour("outline"))
            painter.setBrush(theme.colour("sunken"))
            painter.drawRoundedRect(box, 3, 3)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("accent"))
            inner = box.adjusted(1, 1, -1, -1)
            painter.drawRoundedRect(_grown(inner, value, is_signed=name == self._names[-1]), 2, 2)
            painter.setPen(theme.colour("muted"))
            painter.drawText(QRectF(left, room + theme.px(Space.XS), step, letters), Qt.AlignmentFlag.AlignCenter, name)
            left += step
        painter.end()

    def _steps(self, metrics: QFontMetrics) -> list[float]:
        """Return how wide each bar stands: as its name wants, and more where there is room."""
        wanted = [metrics.horizontalAdvance(name) + self._theme.px(Space.S) for name in self._names]
        spare = max(0.0, (self.width() - sum(wanted)) / len(wanted))
        widest = self._theme.px(_WIDEST)
        return [max(float(each), min(each + spare, widest)) for each in wanted]

    def _on_theme_changed(self) -> None:
        self.updateGeometry()
        self.update()


def _grown(box: QRectF, value: float, *, is_signed: bool) -> QRectF:
    """Return how much of a bar is filled."""
    if not is_signed:
        high = box.height() * max(0.0, min(1.0, value))
        return QRectF(box.left(), box.bottom() - high, box.width(), high)
    high = box.height() / 2 * max(-1.0, min(1.0, value))
    middle = box.center().y()
    return QRectF(box.left(), middle - max(0.0, high), box.width(), max(1.0, abs(high)))


class MouthCard(Card):
    """The meters, at rest while she is silent."""

    def __init__(self, avatar: AvatarModel) -> None:
        super().__init__()
        self._avatar = avatar
        self.set_title(self.tr("What moves"))
        self.meter = Meters()
        self.body.addWidget(self.meter)
        self.body.addStretch(1)
        avatar.mouth_moved.connect(self._show)
        avatar.changed.connect(self._show)

    def _show(self) -> None:
        avatar = self._avatar
        self.meter.show_values(*((avatar.mouth, avatar.mood) if avatar.is_ready else (CLOSED_MOUTH, 0.0)))
