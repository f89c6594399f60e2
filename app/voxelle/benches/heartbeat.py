"""How long the window's thread keeps its events waiting."""

from __future__ import annotations

import time
from array import array

from PySide6.QtCore import QObject, Qt, QTimer

_STEP_S = 0.004


class Heartbeat(QObject):
    """Beats every 4 ms on the window's thread and notes how late every beat was.

    A stall of 100 ms makes all the 25 beats late that were due in it: what a click at any moment would have waited.
    """

    def __init__(self) -> None:
        super().__init__()
        self.late_s = array("d")
        self._due_s = 0.0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)

    def start(self) -> None:
        """Begin to beat."""
        self._due_s = time.monotonic() + _STEP_S
        self._timer.start(round(_STEP_S * 1000))

    def stop(self) -> None:
        """Take the last note."""
        self._beat()
        self._timer.stop()

    def _beat(self) -> None:
        now_s = time.monotonic()
        while self._due_s <= now_s:
            self.late_s.append(now_s - self._due_s)
            self._due_s += _STEP_S
