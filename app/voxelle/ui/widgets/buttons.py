"""Buttons with an icon that follows the theme."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QPushButton, QWidget

from voxelle.ui.theme import current_theme

_ON_FILL = {"primary": "on_accent", "danger": "on_danger"}


class IconButton(QPushButton):
    """An icon and a word; in a narrow place the word goes into the tooltip and stays the accessible name."""

    def __init__(self, icon: str, text: str, kind: str = "", shortcut: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self._icon = icon
        self._kind = kind
        self._words = text
        self._shortcut = shortcut
        self._is_compact = False
        self.setAutoDefault(False)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        if kind:
            self._theme.style_as(self, kind)
        self._theme.changed.connect(self._show)
        self._show()

    @property
    def words(self) -> str:
        """What the button says, shown or not."""
        return self._words

    def set_face(self, icon: str, text: str) -> None:
        """Show another icon and word."""
        if (icon, text) != (self._icon, self._words):
            self._icon, self._words = icon, text
            self._show()

    def set_compact(self, *, is_compact: bool) -> None:
        """Show the icon alone, or with its word."""
        if is_compact is not self._is_compact:
            self._is_compact = is_compact
            self._show()

    def _show(self) -> None:
        side = self._theme.px(18)
        self.setIconSize(QSize(side, side))
        self.setIcon(self._theme.icon(self._icon, _ON_FILL.get(self._kind, "text")))
        self.setText("" if self._is_compact else f" {self._words}")  # Fusion leaves no room beside the icon
        self.setAccessibleName(self._words)
        keys = QKeySequence(self._shortcut).toString(QKeySequence.SequenceFormat.NativeText)
        self.setToolTip(f"{self._words} ({keys})" if keys else self._words)
