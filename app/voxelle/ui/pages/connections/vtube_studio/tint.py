"""A colour over the whole model."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QColorDialog, QSizePolicy, QWidget

from voxelle.ui.pages.controls import row
from voxelle.ui.theme import TextRole, current_theme
from voxelle.ui.widgets.buttons import IconButton
from voxelle.ui.widgets.card import Card
from voxelle.ui.widgets.labels import label

WHITE = QColor(255, 255, 255)
_SIDE = 22
Chosen = Callable[[QColor], None]


def choose_colour(parent: QWidget, now: QColor, chosen: Chosen) -> None:
    """Let the streamer choose; nothing is told when they change their mind."""
    dialog = QColorDialog(now, parent)
    dialog.setWindowTitle(parent.tr("Tint of the model"))
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.colorSelected.connect(chosen)
    dialog.open()


class Swatch(QWidget):
    """Shows a colour."""

    def __init__(self) -> None:
        super().__init__()
        self.colour = WHITE
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_colour(self, colour: QColor, words: str) -> None:
        """Show another one, and say so."""
        self.colour = colour
        self.setAccessibleName(words)
        self.setToolTip(words)
        self.update()

    def sizeHint(self) -> QSize:
        """Qt: a small square."""
        side = current_theme().px(_SIDE)
        return QSize(side, side)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Qt: paint it with an edge, for it may be the colour of the card."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(current_theme().colour("outline"))
        painter.setBrush(self.colour)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        painter.end()


class TintCard(Card):
    """`apply(colour, done)` is asked to tint the model, and calls `done` once it is so."""

    def __init__(self, apply: Callable[[Mapping[str, int], Callable[[], None]], None]) -> None:
        super().__init__()
        self._apply = apply
        self.ask_colour: Callable[[QWidget, QColor, Chosen], None] = choose_colour
        self.set_title(self.tr("Tint"))
        self.swatch = Swatch()
        self.words = label(tone="muted")
        self.choose_button = IconButton("edit", self.tr("Choose a colour …"))
        self.choose_button.clicked.connect(lambda: self.ask_colour(self, self.swatch.colour, self.tint))
        self.off_button = IconButton("undo", self.tr("Take the tint off"))
        self.off_button.clicked.connect(lambda: self.tint(WHITE))
        self.body.addWidget(
            label(
                self.tr("A colour over the whole model. It can only darken: with white she looks as she is."),
                TextRole.SMALL,
                "muted",
                wraps=True,
            )
        )
        self.body.addLayout(row(self.swatch, self.words, None))
        self.body.addLayout(row(self.choose_button, self.off_button, None))
        self._show(WHITE)

    def enable(self, *, is_ready: bool) -> None:
        """Let it be used, or not."""
        self.choose_button.setEnabled(is_ready)
        self.off_button.setEnabled(is_ready and self.swatch.colour != WHITE)

    def tint(self, colour: QColor) -> None:
        """Have the model tinted."""
        values = {"r": colour.red(), "g": colour.green(), "b": colour.blue(), "a": 255}
        self._apply(values, lambda: self._show(QColor(colour.red(), colour.green(), colour.blue())))

    def _show(self, colour: QColor) -> None:
        words = self.tr("No tint") if colour == WHITE else colour.name()
        self.words.setText(words)
        self.swatch.show_colour(colour, self.tr("Tint: {colour}").format(colour=words))
        self.off_button.setEnabled(self.choose_button.isEnabled() and colour != WHITE)
