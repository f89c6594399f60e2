"""The mouth as it was sent last: how far it is open, and how much of each vowel is in it."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from voxelle.domain.avatar import MouthShape
from voxelle.ui.models.avatar import AvatarModel
from voxelle.ui.theme import Space, TextRole, current_theme
from voxelle.ui.widgets.card import Card

_HEIGHT = 72
_BAR = 18


class MouthMeter(QWidget):
    """One bar for openness, five for A I U E O; each has its letter below."""

    def __init__(self) -> None:
        super().__init__()
        self._theme = current_theme()
        self._shape = MouthShape()
        self._bars = (self.tr("Open"), "A", "I", "U", "E", "O")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Mouth"))
        self._theme.changed.connect(self._on_theme_changed)

    @property
    def shape(self) -> MouthShape:
        """What it shows."""
        return self._shape

    def show_shape(self, shape: MouthShape) -> None:
        """Show another mouth."""
        if shape != self._shape:
            self._shape = shape
            self.update()

    def sizeHint(self) -> QSize:
        """Qt: room for bars and letters."""
        return QSize(self._theme.px(240), self._theme.px(_HEIGHT))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Qt: paint the bars."""
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.font(TextRole.SMALL))
        letters = painter.fontMetrics().height()
        room = self.height() - letters - theme.px(Space.XS)
        step = min(self.width() / len(self._bars), float(theme.px(56)))
        width = min(float(theme.px(_BAR)), step * 0.7)
        for number, (name, value) in enumerate(zip(self._bars, self._shape[: len(self._bars)], strict=True)):
            left = number * step + (step - width) / 2
            painter.setPen(theme.colour("outline"))
            painter.setBrush(theme.colour("sunken"))
            painter.drawRoundedRect(QRectF(left, 0.5, width, room - 1), 3, 3)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("accent"))
            high = (room - 3) * max(0.0, min(1.0, value))
            painter.drawRoundedRect(QRectF(left + 1, room - 1 - high, width - 2, high), 2, 2)
            painter.setPen(theme.colour("muted"))
            below = QRectF(number * step, room + theme.px(Space.XS), step, letters)
            painter.drawText(below, Qt.AlignmentFlag.AlignCenter, name)
        painter.end()

    def _on_theme_changed(self) -> None:
        self.updateGeometry()
        self.update()


class MouthCard(Card):
    """The meter, at rest while she is silent."""

    def __init__(self, avatar: AvatarModel) -> None:
        super().__init__()
        self._avatar = avatar
        self.set_title(self.tr("Mouth"))
        self.meter = MouthMeter()
        self.body.addWidget(self.meter)
        self.body.addStretch(1)
        avatar.mouth_moved.connect(self._show)
        avatar.changed.connect(self._show)

    def _show(self) -> None:
        self.meter.show_shape(self._avatar.mouth if self._avatar.is_ready else MouthShape())
