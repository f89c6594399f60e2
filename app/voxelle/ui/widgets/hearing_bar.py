"""Her ears on the live page: the microphone's level, what she does, what she understood so far, and the key to talk."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QMargins, Qt
from PySide6.QtGui import QHideEvent, QResizeEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from voxelle.domain.hearing import BargeInState, EarState, ListeningMode
from voxelle.ui.models.hearing import HearingModel
from voxelle.ui.text import one_line
from voxelle.ui.theme import Space, TextRole, current_theme
from voxelle.ui.widgets.buttons import IconButton
from voxelle.ui.widgets.labels import ElidedLabel, label
from voxelle.ui.widgets.level_meter import LevelMeter
from voxelle.ui.widgets.status_chip import StatusChip

DEAF_KEYS = "Ctrl+Shift+M"
_MOST = 400
"""Characters of what was understood that are shown."""
_TONES: Final = {
    EarState.OFF: ("muted", "off"),
    EarState.DEAF: ("danger", "deaf"),
    EarState.LOST: ("danger", "error"),
    EarState.STARTING: ("info", "clock"),
    EarState.CLOSED: ("muted", "microphone"),
    EarState.WAITING: ("info", "microphone"),
    EarState.LISTENING: ("ok", "microphone"),
    EarState.HEARING: ("ok", "on_air"),
    EarState.RECOGNISING: ("info", "on_air"),
}


class HearingBar(QWidget):
    """Controls in a row, and a line of words below. Off, it offers to listen; on, it shows and steers her ears."""

    def __init__(self, model: HearingModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._theme = current_theme()
        self.setAccessibleName(self.tr("Hearing"))
        self.listen = IconButton("microphone", self.tr("Listen to me"))
        self.listen.clicked.connect(lambda: model.set_enabled(True))
        self.deafen = IconButton("deaf", self.tr("Deafen"), shortcut=DEAF_KEYS)
        self.deafen.setCheckable(True)
        self.deafen.clicked.connect(model.toggle_deaf)
        self.talk = IconButton("microphone", self.tr("Hold to talk"))
        self.talk.pressed.connect(self._on_pressed)
        self.talk.released.connect(self._on_released)
        self.meter = LevelMeter()
        self.chip = StatusChip()
        self.words = ElidedLabel()
        self.words.elide = Qt.TextElideMode.ElideLeft  # the newest words are the last ones
        self.sentence = label(role=TextRole.BODY, tone="muted", wraps=True)
        self.modes = QComboBox()
        self.modes.setAccessibleName(self.tr("When she listens"))
        for mode, title in self._titles().items():
            self.modes.addItem(title, mode)
        self.modes.activated.connect(lambda index: model.choose_mode(self.modes.itemData(index)))
        self.modes.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.modes.setMinimumContentsLength(12)
        self.modes.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._is_held = False
        row = QHBoxLayout()
        row.setSpacing(self._theme.px(Space.S))
        for control in (self.listen, self.deafen, self.talk, self.meter, self.chip):
            row.addWidget(control)
        row.addStretch()
        row.addWidget(self.modes)
        column = QVBoxLayout(self)
        column.setContentsMargins(QMargins())
        column.setSpacing(self._theme.px(Space.XS))
        column.addLayout(row)
        column.addWidget(self.words)
        column.addWidget(self.sentence)
        model.changed.connect(self._show)
        model.level_changed.connect(self._show_level)
        self._theme.changed.connect(self._fit)
        self._show()
        self._show_level()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt: drop words where it is narrow."""
        super().resizeEvent(event)
        self._fit()

    def hideEvent(self, event: QHideEvent) -> None:
        """Qt: a key that is held while the bar goes away is let go."""
        self._on_released()
        super().hideEvent(event)

    def _fit(self) -> None:
        is_narrow = self.width() < self._theme.px(620)
        self.deafen.set_compact(is_compact=is_narrow)
        self.meter.setVisible(self._model.is_listening and self.width() >= self._theme.px(520))

    def _show(self) -> None:
        hearing = self._model.snapshot
        is_on = self._model.is_listening
        self.listen.setVisible(not is_on)
        for control in (self.deafen, self.modes, self.chip):
            control.setVisible(is_on)
        self.deafen.setChecked(hearing.is_deaf)
        self.deafen.set_face("deaf", self.tr("Let her hear") if hearing.is_deaf else self.tr("Deafen"))
        by_key = hearing.mode in {ListeningMode.PUSH_TO_TALK, ListeningMode.TOGGLE}
        self.talk.setVisible(is_on and by_key and not hearing.is_deaf)
        self.talk.set_face("microphone", self._talk_words())
        self.modes.setCurrentIndex(self.modes.findData(hearing.mode))
        tone, icon = ("warning", "on_air") if hearing.barge_in is BargeInState.PAUSED else _TONES[hearing.state]
        self.chip.show_state(self._state_words(), tone, icon)
        self.words.setText(one_line(hearing.interim, _MOST))
        self.words.setVisible(bool(hearing.interim))
        self.sentence.setText(self._sentence())
        self.sentence.setVisible(not hearing.interim)
        self._fit()

    def _show_level(self) -> None:
        self.meter.show_level(self._model.level, is_speech=self._model.is_speech)

    def _sentence(self) -> str:
        """Return where she hears from, or what is in the way."""
        hearing = self._model.snapshot
        if hearing.state is EarState.OFF:
            return self.tr("She does not hear you: the microphone is closed.")
        if hearing.state is EarState.STARTING:
            return self.tr("In a moment she hears you: the microphone and what understands you are being made ready.")
        if self._model.dropped:
            return self.tr("What was said last did not reach her: {reason}.").format(reason=self._model.dropped)
        return hearing.sentence

    def _talk_words(self) -> str:
        hearing = self._model.snapshot
        if hearing.mode is ListeningMode.PUSH_TO_TALK:
            return self.tr("Hold to talk")
        return self.tr("Stop talking to her") if hearing.is_key_down else self.tr("Talk to her")

    def _on_pressed(self) -> None:
        self._is_held = True
        self._model.press()

    def _on_released(self) -> None:
        if self._is_held:
            self._is_held = False
            self._model.release()

    def _titles(self) -> dict[ListeningMode, str]:
        return {
            ListeningMode.OPEN: self.tr("Always"),
            ListeningMode.PUSH_TO_TALK: self.tr("While I hold a key"),
            ListeningMode.TOGGLE: self.tr("When I switch it on"),
            ListeningMode.WAKE_NAME: self.tr("When I say her name"),
        }

    def _state_words(self) -> str:
        hearing = self._model.snapshot
        if hearing.barge_in is BargeInState.PAUSED:
            return self.tr("Interrupted")
        if hearing.state is EarState.HEARING and hearing.speaker:
            return self.tr("Hears {name}").format(name=one_line(hearing.speaker, 24))
        if hearing.state is EarState.LISTENING and hearing.open_for_s:
            return self.tr("Listening for {seconds:.0f} s").format(seconds=hearing.open_for_s)
        words = {
            EarState.OFF: self.tr("Off"),
            EarState.DEAF: self.tr("Deaf"),
            EarState.LOST: self.tr("No microphone"),
            EarState.STARTING: self.tr("Getting ready"),
            EarState.CLOSED: self.tr("Waits for the key"),
            EarState.WAITING: self.tr("Waits for her name"),
            EarState.LISTENING: self.tr("Listening"),
            EarState.HEARING: self.tr("Hearing you"),
            EarState.RECOGNISING: self.tr("Understanding"),
        }
        return words[hearing.state]
