"""Fields of the mapping editor that leave the mouse wheel to the tab they stand in."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QDoubleSpinBox, QWidget

from voxelle.ui.theme import Space, current_theme

_COARSE: Final = 0.5


class NoWheel(QObject):
    """Keeps the mouse wheel scrolling the tab instead of changing a value under it."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Qt: refuse the wheel, so that the scroll area takes it."""
        if isinstance(event, QWheelEvent):
            event.ignore()
            return True
        return super().eventFilter(watched, event)


def number_box(name: str, highest: float, step: float, value: float, parent: QWidget, *, lowest: float = 0.0) -> QDoubleSpinBox:
    """Return a field for a number."""
    box = QDoubleSpinBox()
    box.setRange(lowest, highest)
    box.setSingleStep(step)
    box.setDecimals(2 if step < _COARSE else 1)
    box.lineEdit().setTextMargins(current_theme().px(Space.S), 0, 0, 0)  # the style's padding does not reach it
    box.setValue(value)
    box.setAccessibleName(name)
    box.setToolTip(name)
    box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    box.installEventFilter(NoWheel(parent))
    return box
