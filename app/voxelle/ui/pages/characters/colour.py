"""Chooses a character's colour: a few good ones, any other by code or from the colour dialog."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QColorDialog, QLineEdit, QPushButton, QWidget

from voxelle.ui.pages.characters.fields import Field
from voxelle.ui.pages.controls import folding_row, row
from voxelle.ui.theme import Space, current_theme

SWATCHES = ("#7c5cff", "#ff5c8a", "#ff8a4c", "#f2c14e", "#3ecf8e", "#2fb5d9", "#4c7dff", "#a3a8b8")
NARROW = 420


class Swatch(QAbstractButton):
    """One colour to press."""

    def __init__(self, colour: str) -> None:
        super().__init__()
        self.colour = colour
        self.setCheckable(True)
        self.setAccessibleName(self.tr("Colour {code}").format(code=colour))
        self.setToolTip(colour)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        current_theme().changed.connect(self._fit)
        self._fit()

    def _fit(self) -> None:
        side = current_theme().px(26)
        self.setFixedSize(side, side)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Qt: a disc; a ring around the chosen one, another for the focus."""
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect())
        edge = theme.px(4)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self.colour))
        painter.drawEllipse(box.adjusted(edge, edge, -edge, -edge))
        if self.isChecked() or self.hasFocus():
            pen = painter.pen()
            pen.setStyle(Qt.PenStyle.SolidLine if self.isChecked() else Qt.PenStyle.DotLine)
            pen.setColor(theme.colour("accent_text" if self.hasFocus() else "text"))
            pen.setWidthF(theme.px(2))
            painter.setPen(pen)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(box.adjusted(1.5, 1.5, -1.5, -1.5))
        painter.end()


class ColourRow(QWidget):
    """Swatches, a code field and a button for the dialog."""

    chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        theme = current_theme()
        layout = folding_row(self, NARROW, is_layout_of=True)
        layout.setContentsMargins(0, 0, 0, 0)
        self.swatches = tuple(Swatch(colour) for colour in SWATCHES)
        for swatch in self.swatches:
            swatch.clicked.connect(lambda _checked=False, colour=swatch.colour: self.chosen.emit(colour))
        self.code = QLineEdit()
        self.code.setMaxLength(7)
        self.code.setAccessibleName(self.tr("Colour code"))
        self.code.textEdited.connect(self.chosen)
        self.more = QPushButton(self.tr("More …"))
        self.more.clicked.connect(self._on_more)
        layout.addLayout(row(*self.swatches, None, spacing=Space.XXS))
        layout.addLayout(row(self.code, self.more, None))
        layout.addStretch(1)
        theme.changed.connect(self._fit)
        self._fit()
        self.setFocusProxy(self.code)

    def minimumSizeHint(self) -> QSize:
        """Qt: it can be narrow, whatever its present layout."""
        return QSize(current_theme().px(160), super().minimumSizeHint().height())

    def show_colour(self, colour: str) -> None:
        """Show a colour without announcing it."""
        if self.code.text() != colour:
            with QSignalBlocker(self.code):
                self.code.setText(colour)
        for swatch in self.swatches:
            swatch.setChecked(swatch.colour == colour.lower())

    def _fit(self) -> None:
        self.code.setFixedWidth(self.code.fontMetrics().horizontalAdvance("#MMMMMM") + current_theme().px(24))

    def _on_more(self) -> None:
        dialog = QColorDialog(QColor(self.code.text()), self.window())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.colorSelected.connect(lambda colour: self.chosen.emit(colour.name()))
        dialog.open()


class ColourField(Field[ColourRow]):
    """The colour with its title and problem. `edited(code)` by the streamer only."""

    edited = Signal(str)

    def __init__(self, title: str, help_text: str = "") -> None:
        super().__init__(title, help_text, ColourRow())
        self.editor.chosen.connect(self.edited)
