"""The first thing painted: the window's place and name, while the show opens behind it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QCloseEvent, QPaintEvent

_SIZE = QSize(1280, 800)


class OpeningWindow(QWidget):
    """Shown at once; makes way for the real window, or says why there will be none."""

    def __init__(self, on_painted: Callable[[], None]) -> None:
        super().__init__()
        self._on_painted = on_painted
        self.setWindowTitle("Voxelle")
        self.resize(_SIZE)
        self.has_painted = False
        self._is_dismissed: asyncio.Future[None] | None = None
        self._label = QLabel(self.tr("Voxelle is opening …"))
        self._label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._label.setWordWrap(True)
        self._label.setTextFormat(Qt.TextFormat.PlainText)
        self._close = QPushButton(self.tr("Close"))
        self._close.setAccessibleName(self.tr("Close"))
        self._close.clicked.connect(self.close)
        self._close.hide()
        layout = QVBoxLayout(self)
        layout.addStretch()
        layout.addWidget(self._label)
        layout.addWidget(self._close, alignment=Qt.AlignmentFlag.AlignCenter)
        layout.addStretch()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Tell the first paint."""
        super().paintEvent(event)
        if not self.has_painted:
            self.has_painted = True
            self._on_painted()

    def hand_over(self, window: QWidget) -> None:
        """Show the real window, then go."""
        window.show()
        self.hide()
        self.deleteLater()

    async def fail(self, sentence: str) -> None:
        """Say why the show can't open, and wait until that was read."""
        self._is_dismissed = asyncio.get_running_loop().create_future()
        self._label.setText(sentence)
        self._close.show()
        self._close.setFocus()
        await self._is_dismissed

    def closeEvent(self, event: QCloseEvent) -> None:
        """Closing it ends the wait of `fail`."""
        super().closeEvent(event)
        if self._is_dismissed is not None and not self._is_dismissed.done():
            self._is_dismissed.set_result(None)
