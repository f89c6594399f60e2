"""Labels on the theme's type scale: always plain text, wrapped or cut off with an ellipsis."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from voxelle.ui.text import tooltip
from voxelle.ui.theme import TextRole, current_theme


def label(text: str = "", role: TextRole = TextRole.BODY, tone: str = "text", *, wraps: bool = False) -> QLabel:
    """Return a plain-text label; what looks like markup stays letters."""
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setWordWrap(wraps)
    current_theme().style_text(made, role, tone)
    return made


class ElidedLabel(QLabel):
    """One line that gives way: too long a text ends in an ellipsis, or begins with it, and is whole in the tooltip."""

    def __init__(self, text: str = "", role: TextRole = TextRole.BODY, tone: str = "text", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.elide = Qt.TextElideMode.ElideRight
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        current_theme().style_text(self, role, tone)

    def minimumSizeHint(self) -> QSize:
        """Let it shrink to nothing."""
        return QSize(0, super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint what fits."""
        painter = QPainter(self)
        shown = self.fontMetrics().elidedText(self.text(), self.elide, self.width())
        self.setToolTip(tooltip(self.text()) if shown != self.text() else "")
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(self.rect(), int(self.alignment() | Qt.AlignmentFlag.AlignVCenter), shown)
