"""The inside of a scroll area that never makes it scroll sideways."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QWidget

from voxelle.ui.theme import current_theme

_LEAST = 160


class Yielding(QWidget):
    """Can be made narrow whatever stands in it: rows fold and words wrap once they feel it."""

    def minimumSizeHint(self) -> QSize:
        """Qt: the height its layout needs, and hardly any width."""
        return QSize(current_theme().px(_LEAST), super().minimumSizeHint().height())
