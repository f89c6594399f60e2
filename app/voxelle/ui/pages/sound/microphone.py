"""The microphone: whether and when she listens, through which device, how loud it is, and a recording to try it."""

from __future__ import annotations

from PySide6.QtWidgets import QCheckBox

from voxelle.domain.hearing import EarState
from voxelle.ui.models.hearing import HearingModel
from voxelle.ui.models.sound import RECORD_S, SoundModel, Test
from voxelle.ui.models.voice_print import VoicePrintModel
from voxelle.ui.pages.controls import column, row
from voxelle.ui.pages.sound.device_box import DeviceBox
from voxelle.ui.pages.sound.only_me import OnlyMeGroup
from voxelle.ui.theme import Space, TextRole, Theme
from voxelle.ui.widgets.buttons import IconButton
from voxelle.ui.widgets.card import Card
from voxelle.ui.widgets.labels import label
from voxelle.ui.widgets.level_meter import LevelMeter


class MicrophoneCard(Card):
    """The way in."""

    def __init__(self, model: SoundModel, hearing: HearingModel, voice_print: VoicePrintModel) -> None:
        super().__init__()
        self._model = model
        self._hearing = hearing
        self.set_title(self.tr("Your microphone"))
        self.listens = self._switch(self.tr("She listens to me"), "hearing.is_enabled")
        self.device = DeviceBox(self.tr("Microphone"), lambda name: model.change("hearing.input_device", name))
        self.where = label(role=TextRole.SMALL, tone="muted", wraps=True)
        self.meter = LevelMeter()
        self.still = label(self.tr("moves while she listens"), TextRole.SMALL, "muted")
        self.record = IconButton("microphone", self.tr("Record a test"))
        self.record.clicked.connect(model.record)
        self.progress = label(role=TextRole.SMALL, wraps=True)
        self.echo = self._switch(self.tr("Take her own voice out (loudspeakers)"), "hearing.cancel_echo")
        self.noise = self._switch(self.tr("Take hiss and fans out"), "hearing.suppress_noise")
        self.interrupts = self._switch(self.tr("Speaking to her stops her"), "hearing.is_interruptible")
        self.gaps = label(role=TextRole.SMALL, tone="muted", wraps=True)
        body = column(spacing=Space.S)
        body.addWidget(self.listens)
        body.addWidget(label(self.tr("Device"), TextRole.STRONG))
        body.addWidget(self.device)
        body.addWidget(self.where)
        body.addLayout(row(label(self.tr("Level"), TextRole.STRONG), self.meter, self.still, None))
        body.addLayout(row(self.record, None))
        body.addWidget(self.progress)
        for box in (self.echo, self.noise, self.interrupts):
            body.addWidget(box)
        self.only_me = OnlyMeGroup(voice_print, lambda is_on: model.change("hearing.only_me", is_on))
        body.addWidget(self.only_me)
        hint = self.tr("Nothing of a test is recognised or kept. When she listens, waits and languages: Settings, Hearing.")
        body.addWidget(label(hint, TextRole.SMALL, "muted", wraps=True))
        body.addWidget(self.gaps)
        body.addStretch(1)
        self.body.addLayout(body)
        model.changed.connect(self._show)
        hearing.changed.connect(self._show)
        hearing.level_changed.connect(self._show_level)
        self._show()
        self._show_level()

    def _switch(self, title: str, path: str) -> QCheckBox:
        box = QCheckBox(title)
        box.clicked.connect(lambda is_on: self._model.change(path, is_on))
        return box

    def _show(self) -> None:
        model, hearing = self._model, self._model.settings.hearing
        self.listens.setChecked(hearing.is_enabled)
        self.device.show_devices(model.inputs, hearing.input_device)
        state = self._hearing.snapshot.state
        self.still.setVisible(state in {EarState.OFF, EarState.DEAF, EarState.LOST})
        is_starting = state is EarState.STARTING
        self.where.setText(self.tr("She is getting ready to hear you.") if is_starting else model.input_sentence)
        self.where.setVisible(bool(self.where.text()) and hearing.is_enabled)
        Theme.style_text(self.where, TextRole.SMALL, "danger" if state is EarState.LOST else "muted")
        self.echo.setChecked(hearing.cancel_echo)
        self.noise.setChecked(hearing.suppress_noise)
        self.interrupts.setChecked(hearing.is_interruptible)
        self.record.setEnabled(model.has_desk and model.test is Test.NONE)
        self.progress.setText(self._progress())
        self.progress.setVisible(bool(self.progress.text()))
        self.gaps.setText(self.tr("The microphone lost sound {count} times.").format(count=model.overruns) if model.overruns else "")
        self.gaps.setVisible(bool(model.overruns))

    def _progress(self) -> str:
        match self._model.test:
            case Test.RECORDING:
                return self.tr("Speak now: recording for {seconds:g} seconds …").format(seconds=RECORD_S)
            case Test.PLAYING:
                return self.tr("{verdict} This is how you sound.").format(verdict=self._model.verdict)
            case _:
                return self._model.verdict

    def _show_level(self) -> None:
        self.meter.show_level(self._hearing.level, is_speech=self._hearing.is_speech)
