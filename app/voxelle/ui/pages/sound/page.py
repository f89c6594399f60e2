"""The sound page."""

from __future__ import annotations

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget

from voxelle.ui.bridge import Bridge
from voxelle.ui.models.hearing import HearingModel
from voxelle.ui.models.sound import SoundModel
from voxelle.ui.models.voice_print import VoicePrintModel
from voxelle.ui.pages.controls import column, folding_row, row, scrolling
from voxelle.ui.pages.sound.microphone import MicrophoneCard
from voxelle.ui.pages.sound.voice import VoiceCard
from voxelle.ui.theme import Space, TextRole
from voxelle.ui.widgets.buttons import IconButton
from voxelle.ui.widgets.labels import label

_FOLDS_AT = 720


class SoundPage(QWidget):
    """Hear her, and let her hear you."""

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Sound"))
        self.model = SoundModel(bridge, self)
        self.hearing = HearingModel(bridge, self)
        self.voice = VoiceCard(self.model)
        self.voice_print = VoicePrintModel(bridge, self)
        self.microphone = MicrophoneCard(self.model, self.hearing, self.voice_print)
        self.again = IconButton("refresh", self.tr("Look for devices again"))
        self.again.clicked.connect(self.model.load)
        self.problem = label(role=TextRole.BODY, tone="danger", wraps=True)
        content = QWidget()
        body = column(content, margin=Space.L, spacing=Space.M)
        body.addLayout(row(label(self.tr("Sound"), TextRole.TITLE), None, self.again))
        body.addWidget(self.problem)
        cards = folding_row(self, _FOLDS_AT)
        cards.addWidget(self.voice, 1)
        cards.addWidget(self.microphone, 1)
        body.addLayout(cards)
        body.addStretch(1)
        column(self).addWidget(scrolling(content))
        self.model.changed.connect(self._show)
        self.setFocusProxy(self.voice.first_control())
        self.hearing.load()
        self._show()

    def showEvent(self, event: QShowEvent) -> None:
        """Qt: look what is plugged in whenever the page is seen."""
        super().showEvent(event)
        self.model.load()
        self.voice_print.load()

    def _show(self) -> None:
        problem = self.model.problem
        if not self.model.has_desk:
            problem = self.tr("This show writes her voice into a file: there are no devices to choose.")
        self.problem.setText(problem)
        self.problem.setVisible(bool(problem))
