"""The control that plays the sample stream."""

from __future__ import annotations

from PySide6.QtWidgets import QComboBox, QHBoxLayout, QWidget

from voxelle.ui.models.rehearsal import SPEEDS, RehearsalModel
from voxelle.ui.theme import Space, current_theme
from voxelle.ui.widgets.buttons import IconButton


class RehearsalBar(QWidget):
    """Play or stop, and how many times as fast."""

    def __init__(self, model: RehearsalModel, kind: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._is_wanted = True
        self.play = IconButton("play", "", kind)
        self.play.clicked.connect(self._on_clicked)
        self.speed = QComboBox()
        self.speed.setAccessibleName(self.tr("Speed of the sample stream"))
        self.speed.setToolTip(self.tr("Speed of the sample stream"))
        for speed in SPEEDS:
            self.speed.addItem(f"{speed}×", speed)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(current_theme().px(Space.S))
        row.addWidget(self.play, 1)
        row.addWidget(self.speed)
        model.changed.connect(self._show)
        self._show()

    def set_wanted(self, *, is_wanted: bool) -> None:
        """Hide it where another place offers the same."""
        self._is_wanted = is_wanted
        self._show()

    def _show(self) -> None:
        is_shown = self._model.is_available and self._is_wanted
        if self.parentWidget() is not None or not is_shown:  # shown without a parent it would be a window of its own
            self.setVisible(is_shown)
        self.speed.setEnabled(not self._model.is_playing)
        if self._model.is_playing:
            self.play.set_face("stop", self.tr("Stop the sample stream"))
        else:
            self.play.set_face("play", self.tr("Play sample stream"))

    def _on_clicked(self) -> None:
        if self._model.is_playing:
            self._model.stop()
        else:
            self._model.start(float(self.speed.currentData()))
