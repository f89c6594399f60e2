"""Only me: the streamer records a voice once, and no other reaches her."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QDateTime, QLocale, Qt
from PySide6.QtWidgets import QCheckBox, QWidget

from voxelle.ui.models.voice_print import ENROL_S, VoicePrintModel
from voxelle.ui.pages.controls import column, row
from voxelle.ui.theme import Space, TextRole
from voxelle.ui.widgets.buttons import IconButton
from voxelle.ui.widgets.labels import label


class OnlyMeGroup(QWidget):
    """`switch` is called when the streamer turns it on or off."""

    def __init__(self, model: VoicePrintModel, switch: Callable[[bool], None]) -> None:
        super().__init__()
        self._model = model
        self.setAccessibleName(self.tr("Only me"))
        self.is_on = QCheckBox(self.tr("Only me: she hears no other voice"))
        self.is_on.clicked.connect(switch)
        self.state = label(role=TextRole.SMALL, tone="muted", wraps=True)
        self.sentence = label(self._words(), TextRole.BODY, wraps=True)
        self.problem = label(role=TextRole.SMALL, tone="danger", wraps=True)
        self.record = IconButton("microphone", self.tr("Record my voice ({seconds:g} s)").format(seconds=ENROL_S))
        self.record.clicked.connect(model.record)
        self.forget = IconButton("delete", self.tr("Forget my voice"))
        self.forget.clicked.connect(model.forget)
        hint = self.tr(
            "What is kept is a print of your voice, on this computer alone. She then needs about a second of your voice to stop."
        )
        body = column(self, spacing=Space.S)
        body.addWidget(self.is_on)
        body.addWidget(self.state)
        body.addWidget(self.sentence)
        body.addLayout(row(self.record, self.forget, None))
        body.addWidget(self.problem)
        body.addWidget(label(hint, TextRole.SMALL, "muted", wraps=True))
        model.changed.connect(self._show)
        self._show()

    def _words(self) -> str:
        """Return what is read aloud: ten seconds of everything that a voice can do."""
        return self.tr(
            "“Hello, this is me at my desk. When I play, I talk fast, I laugh, and sometimes I whisper. "
            "Whoever else is in the room, or in a video, you need not listen to them: this is how I sound.”"
        )

    def _show(self) -> None:
        model = self._model
        self.is_on.setChecked(model.is_on)
        self.state.setText(self._state())
        self.sentence.setVisible(model.is_recording or not model.enrolled_at)
        self.record.setEnabled(model.can_record)
        self.forget.setVisible(bool(model.enrolled_at) and not model.is_recording)
        self.problem.setText(model.problem)
        self.problem.setVisible(bool(model.problem))

    def _state(self) -> str:
        model = self._model
        if model.is_recording:
            return self.tr("Recording: read this aloud until it ends.")
        if model.enrolled_at:
            then = QDateTime.fromString(model.enrolled_at, Qt.DateFormat.ISODate).toLocalTime()
            date = QLocale().toString(then, QLocale.FormatType.ShortFormat)
            return self.tr("Your voice was recorded on {date}.").format(date=date)
        if model.is_on:
            return self.tr("She still hears everybody: your voice was not recorded yet. Press Record and read this aloud:")
        return self.tr("Press Record and read this aloud:")
