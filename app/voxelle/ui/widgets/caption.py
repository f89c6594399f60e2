"""The caption: the clause being heard, large, with its word lit."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from voxelle.ui.models.show import CaptionModel
from voxelle.ui.theme import Space, TextRole, current_theme
from voxelle.ui.widgets.text_block import TextBlock

_STEPS = (1.0, 0.85, 0.72, 0.6, 0.5)
"""Factors on the display size, tried until the clause fits."""


class CaptionView(QWidget):
    """Centred, as large as fits. What was said last stays, dimmed, until she speaks again."""

    def __init__(self, model: CaptionModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._theme = current_theme()
        self._block: TextBlock | None = None
        self._text = ""
        self._is_hint = True
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(self.tr("Caption"))
        model.changed.connect(self._on_changed)
        self._theme.changed.connect(self._on_theme_changed)
        self._on_changed()

    def sizeHint(self) -> QSize:
        """The page decides about the height."""
        return QSize(self._theme.px(400), self._theme.px(Space.XXL))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the clause in the middle."""
        painter = QPainter(self)
        if self._block is None:
            self._block = self._fitted()
        pad = self._theme.px(Space.L)
        y = (self.height() - self._block.height) / 2
        tone = "text" if self._model.is_live else "muted"
        self._block.paint(painter, pad, y, self._theme.colour(tone))
        word = self._model.word
        if word is not None and word.end <= len(self._model.text) and word.start < word.end:
            self._block.paint_word(painter, pad, y, (word.start, word.end), self._theme.colour("accent"), self._theme.colour("on_accent"))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the text anew."""
        super().resizeEvent(event)
        self._block = None

    def _fitted(self) -> TextBlock:
        pad = self._theme.px(Space.L)
        block = None
        for step in _STEPS if not self._is_hint else (0.5,):
            font = self._theme.font(TextRole.DISPLAY)
            font.setPointSizeF(font.pointSizeF() * step)
            if not self._is_hint:
                font.setWeight(font.Weight.DemiBold)
            block = TextBlock(self._text, font, self.width() - 2 * pad, alignment=Qt.AlignmentFlag.AlignHCenter, spacing=1.08)
            if block.height <= self.height():
                break
        assert block is not None  # noqa: S101  # there are steps
        return block

    def _on_changed(self) -> None:
        self._is_hint = not self._model.text
        text = self._model.text or self.tr("What she says appears here, word by word, as it is heard.")
        if text != self._text:
            self._text = text
            self._block = None
            self.setAccessibleDescription(text)
            if self._model.is_live and QAccessible.isActive():
                QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, text))
        self.update()

    def _on_theme_changed(self) -> None:
        self._block = None
        self.updateGeometry()
        self.update()
