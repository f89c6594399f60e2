"""The button over the conversation that leads back to its newest line."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QWidget

from voxelle.ui.theme import Space, current_theme


class JumpButton(QPushButton):
    """Lies above the lower edge of its parent while there is something to jump to."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._view = parent
        self._theme = current_theme()
        self._theme.style_as(self, "primary")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.hide()

    def show_for(self, unseen: int) -> None:
        """Show itself, with how many lines came in meanwhile."""
        text = self.tr("Jump to newest") if not unseen else self.tr("{count} new: jump to newest").format(count=unseen)
        if text != self.text():
            self.setText(text)
            self.setAccessibleName(text)
            self.setIcon(self._theme.icon("down", "on_accent"))
        self.adjustSize()
        self.move((self._view.width() - self.width()) // 2, self._view.height() - self.height() - self._theme.px(Space.M))
        self.show()
        self.raise_()
