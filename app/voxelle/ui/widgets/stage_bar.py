"""The top of the live page: who is on stage, what she does, and what stops her."""

from __future__ import annotations

from PySide6.QtCore import QMargins, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from voxelle.ui.models.show import ShowModel
from voxelle.ui.text import one_line
from voxelle.ui.theme import Space, TextRole, current_theme
from voxelle.ui.widgets.buttons import IconButton
from voxelle.ui.widgets.labels import ElidedLabel
from voxelle.ui.widgets.portrait import Portrait
from voxelle.ui.widgets.state_light import StateLight

STOP_KEYS = "Esc"
MUTE_KEYS = "Ctrl+M"
PAUSE_KEYS = "Ctrl+P"
PANIC_KEYS = "Ctrl+Shift+X"


class StageBar(QFrame):
    """Buttons lose their words where the window is narrow, never their names."""

    def __init__(self, model: ShowModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._theme = current_theme()
        self._theme.style_as(self, "bar")
        self._portrait = Portrait()
        self._name = ElidedLabel("", TextRole.HEADING)
        self._sound = ElidedLabel("", TextRole.SMALL, "muted")
        self.light = StateLight()
        self.mute = IconButton("sound", "", "", MUTE_KEYS)
        self.mute.setCheckable(True)
        self.mute.clicked.connect(model.toggle_muted)
        self.pause = IconButton("pause", "", "", PAUSE_KEYS)
        self.pause.setCheckable(True)
        self.pause.clicked.connect(model.toggle_chat_paused)
        self.stop = IconButton("stop", self.tr("Stop"), "primary", STOP_KEYS)
        self.stop.clicked.connect(model.stop)
        self.panic = IconButton("panic", self.tr("Panic"), "danger", PANIC_KEYS)
        self.panic.setAccessibleDescription(self.tr("Stops her, clears the queue, mutes her and pauses chat."))
        self.panic.setToolTip(self.tr("Stops her, clears the queue, mutes her and pauses chat. ({keys})").format(keys=PANIC_KEYS))
        self.panic.clicked.connect(model.panic)
        self._names = QWidget()
        names = QVBoxLayout(self._names)
        names.setContentsMargins(QMargins())
        names.setSpacing(0)
        names.addStretch()
        names.addWidget(self._name)
        names.addWidget(self._sound)
        names.addStretch()
        row = QHBoxLayout(self)
        row.setContentsMargins(*(self._theme.px(each) for each in (Space.L, Space.S, Space.L, Space.S)))
        row.setSpacing(self._theme.px(Space.S))
        row.addWidget(self._portrait)
        row.addWidget(self._names, 1)
        row.addStretch()
        row.addWidget(self.light)
        row.addSpacing(self._theme.px(Space.S))
        for button in (self.mute, self.pause, self.stop, self.panic):
            row.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)
        model.changed.connect(self._show)
        self._theme.changed.connect(self._fit)
        self._show()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Drop the words when narrow."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        is_narrow = self.width() < self._theme.px(820)
        has_room = self.width() >= self._theme.px(480)
        self._portrait.setVisible(has_room)
        self._names.setVisible(has_room)
        for button in (self.mute, self.pause, self.stop, self.panic):
            button.set_compact(is_compact=is_narrow)

    def _show(self) -> None:
        show = self._model.snapshot
        self._portrait.show_character(show.character)
        self._name.setText(one_line(show.character.name, 60) if show.character else self.tr("Getting ready …"))
        self._sound.setText(show.sound)
        self._sound.setVisible(bool(show.sound))
        self.light.show_light(self._model.light)
        self.mute.setChecked(show.is_muted)
        self.mute.set_face("muted" if show.is_muted else "sound", self.tr("Unmute") if show.is_muted else self.tr("Mute"))
        self.pause.setChecked(show.is_chat_paused)
        self.pause.set_face(
            "play" if show.is_chat_paused else "pause", self.tr("Resume chat") if show.is_chat_paused else self.tr("Pause chat")
        )
        self.stop.setEnabled(self._model.is_busy)
