"""Her voice: its device, where else it goes, how loud it is, and a tone to hear it."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import QCheckBox, QSizePolicy, QSlider, QVBoxLayout, QWidget

from voxelle.ui.models.sound import SoundModel, Test
from voxelle.ui.pages.controls import column, row
from voxelle.ui.pages.sound.device_box import DeviceBox
from voxelle.ui.text import one_line
from voxelle.ui.theme import Space, TextRole
from voxelle.ui.widgets.buttons import IconButton
from voxelle.ui.widgets.card import Card
from voxelle.ui.widgets.labels import label

_FURTHER = 3


class VoiceCard(Card):
    """The way out."""

    def __init__(self, model: SoundModel) -> None:
        super().__init__()
        self._model = model
        self.set_title(self.tr("Her voice"))
        self.where = label(role=TextRole.SMALL, tone="muted", wraps=True)
        self.device = DeviceBox(self.tr("Output device"), lambda name: model.change("voice.output_device", name))
        self.loud = label(role=TextRole.SMALL, tone="muted")
        self.volume = QSlider(Qt.Orientation.Horizontal)
        self.volume.setRange(0, 100)
        self.volume.setAccessibleName(self.tr("Volume of her voice in percent"))
        self.volume.setTracking(False)
        self.volume.valueChanged.connect(self._on_volume)
        self.volume.sliderMoved.connect(lambda percent: self.loud.setText(f"{percent} %"))
        self.tone = IconButton("sound", self.tr("Play a test tone"))
        self.tone.clicked.connect(model.play_tone)
        self.gaps = label(role=TextRole.SMALL, tone="muted", wraps=True)
        self._further = QVBoxLayout()
        self._boxes: dict[str, QCheckBox] = {}
        self._none = label(self.tr("There is no other device."), TextRole.SMALL, "muted")
        body = column(spacing=Space.S)
        body.addWidget(label(self.tr("Device"), TextRole.STRONG))
        body.addWidget(self.device)
        body.addWidget(self.where)
        body.addWidget(label(self.tr("Volume"), TextRole.STRONG))
        body.addLayout(row(self.volume, self.loud))
        body.addLayout(row(self.tone, None))
        body.addWidget(label(self.tr("Also play it on"), TextRole.STRONG))
        hint = self.tr("A virtual device for OBS, or your headphones. Takes effect at the next start.")
        body.addWidget(label(hint, TextRole.SMALL, "muted", wraps=True))
        body.addWidget(self._none)
        body.addLayout(self._further)
        body.addWidget(self.gaps)
        body.addStretch(1)
        self.body.addLayout(body)
        model.changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        model, voice = self._model, self._model.settings.voice
        self.device.show_devices(model.outputs, voice.output_device)
        self.where.setText(model.output_sentence)
        self.where.setVisible(bool(model.output_sentence))
        if not self.volume.isSliderDown():
            with QSignalBlocker(self.volume):
                self.volume.setValue(round(voice.volume * 100))
            self.loud.setText(f"{self.volume.value()} %")
        self.tone.setEnabled(model.has_desk and model.test is Test.NONE)
        self.gaps.setText(
            self.tr("Her voice had {count} gaps since the start.").format(count=model.underruns)
            if model.underruns
            else self.tr("No gaps in her voice since the start.")
        )
        self._show_further()

    def _show_further(self) -> None:
        voice = self._model.settings.voice
        chosen = voice.output_device or next((each.name for each in self._model.outputs if each.is_default), "")
        titles = {each.name: each.title for each in self._model.outputs if each.name != chosen}
        titles |= {name: self.tr("{title} (not connected)").format(title=name) for name in voice.further_outputs if name not in titles}
        for name in set(self._boxes) - set(titles):
            self._boxes.pop(name).deleteLater()
        for name, title in titles.items():
            if name not in self._boxes:
                self._boxes[name] = self._further_box(name)
            box = self._boxes[name]
            box.setText(one_line(title, 48).replace("&", "&&"))
            box.setChecked(name in voice.further_outputs)
            box.setEnabled(box.isChecked() or len(voice.further_outputs) < _FURTHER)
        self._none.setVisible(not titles)

    def _further_box(self, name: str) -> QCheckBox:
        box = QCheckBox()
        box.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        box.clicked.connect(lambda: self._on_further(name))
        self._further.addWidget(box)
        return box

    def _on_further(self, name: str) -> None:
        others = tuple(each for each in self._model.settings.voice.further_outputs if each != name)
        self._model.change("voice.further_outputs", (*others, name) if self._boxes[name].isChecked() else others)

    def _on_volume(self, percent: int) -> None:
        self.loud.setText(f"{percent} %")
        self._model.change("voice.volume", percent / 100)

    def first_control(self) -> QWidget:
        """Return what takes the focus first."""
        return self.device
