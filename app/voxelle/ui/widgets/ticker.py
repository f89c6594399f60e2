"""Lets times on screen go on, and rests while nobody sees them."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

_INTERVAL_MS = 1000


class Ticker(QObject):
    """`ticked`: about once a second while its widget is shown, and at once when it comes back."""

    ticked = Signal()

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self._timer = QTimer(self)
        self._timer.setInterval(_INTERVAL_MS)
        self._timer.timeout.connect(self.ticked)
        widget.installEventFilter(self)

    @property
    def is_running(self) -> bool:
        """Whether time goes on."""
        return self._timer.isActive()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Qt: follow the widget."""
        if event.type() is QEvent.Type.Show:
            self._timer.start()
            self.ticked.emit()
        elif event.type() is QEvent.Type.Hide:
            self._timer.stop()
        return super().eventFilter(watched, event)
