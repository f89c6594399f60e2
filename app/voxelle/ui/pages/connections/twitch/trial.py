"""Trying the road before going live: test events, and a line into the chat."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QComboBox, QLineEdit, QWidget

from voxelle.domain.chat import StreamEvent
from voxelle.domain.errors import VoxelleError
from voxelle.ui.models.channel import ChannelModel
from voxelle.ui.pages.connections.twitch.wording import kind_title
from voxelle.ui.pages.controls import column, folding_row, scrolling
from voxelle.ui.theme import Space, TextRole, Theme
from voxelle.ui.widgets.buttons import IconButton
from voxelle.ui.widgets.card import Card
from voxelle.ui.widgets.labels import label
from voxelle.ui.widgets.yielding import Yielding

LONGEST_LINE = 2000
_FOLDS_AT = 400
_NOT_OF_TWITCH = {StreamEvent.TOUCH}


class TrialCard(Card):
    """A control, a button, and what came of it."""

    def __init__(self, title: str, explanation: str, control: QWidget, button: IconButton) -> None:
        super().__init__()
        self.set_title(title)
        self.outcome = label(role=TextRole.SMALL, wraps=True)
        self.outcome.hide()
        self.body.addWidget(label(explanation, tone="muted", wraps=True))
        line = folding_row(self, _FOLDS_AT)
        line.addWidget(control, 1)
        line.addWidget(button)
        self.body.addLayout(line)
        self.body.addWidget(self.outcome)

    def say(self, sentence: str, tone: str) -> None:
        """Say what came of it."""
        self.outcome.setText(sentence)
        Theme.style_text(self.outcome, TextRole.SMALL, tone)
        self.outcome.setVisible(bool(sentence))


class TrialTab(QWidget):
    """Send a test event; write into the chat."""

    def __init__(self, channel: ChannelModel) -> None:
        super().__init__()
        self._channel = channel
        self.kinds = QComboBox()
        self.kinds.setAccessibleName(self.tr("Kind of event"))
        for kind in StreamEvent:
            if kind not in _NOT_OF_TWITCH:
                self.kinds.addItem(kind_title(kind), kind.value)
        self.test_button = IconButton("play", self.tr("Send a test event"), "primary")
        self.test_button.clicked.connect(self._on_test)
        self.test_card = TrialCard(
            self.tr("Test event"),
            self.tr("It takes the whole road as a real one would, marked TEST: she may answer it aloud."),
            self.kinds,
            self.test_button,
        )
        self.line = QLineEdit()
        self.line.setMaxLength(LONGEST_LINE)
        self.line.setPlaceholderText(self.tr("Hello from behind the scenes"))
        self.line.setAccessibleName(self.tr("Line for the chat"))
        self.line.textChanged.connect(self._show)
        self.line.returnPressed.connect(self._on_write)
        self.write_button = IconButton("send", self.tr("Write"))
        self.write_button.clicked.connect(self._on_write)
        self.write_card = TrialCard(
            self.tr("Write to the chat"),
            self.tr("Everybody in the chat sees it. Tells whether she may write there."),
            self.line,
            self.write_button,
        )
        content = Yielding()
        cards = column(content, spacing=Space.M)
        cards.addWidget(self.test_card)
        cards.addWidget(self.write_card)
        cards.addStretch(1)
        column(self).addWidget(scrolling(content))
        channel.changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        is_on = self._channel.card.is_on
        self.test_button.setEnabled(is_on)
        self.write_button.setEnabled(is_on and bool(self.line.text().strip()))

    def _on_test(self) -> None:
        kind = StreamEvent(self.kinds.currentData())
        self.test_card.say("", "muted")
        sent = self.tr("Sent: {kind}. See the Live page for what she makes of it.").format(kind=kind_title(kind))
        self._channel.test_event(kind, lambda _answer: self.test_card.say(sent, "ok"), lambda error: self._refuse(self.test_card, error))

    def _on_write(self) -> None:
        if not self.write_button.isEnabled():
            return
        self.write_card.say("", "muted")
        self._channel.write(self.line.text().strip(), self._on_written, lambda error: self._refuse(self.write_card, error))

    def _on_written(self, _answer: Any) -> None:
        self.line.clear()
        self.write_card.say(self.tr("Written."), "ok")

    @staticmethod
    def _refuse(card: TrialCard, error: VoxelleError) -> None:
        card.say(error.sentence, "danger")
