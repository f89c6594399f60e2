"""Designs a character's voice by ear: four sliders, their numbers, and a button to hear it."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QDoubleSpinBox, QGridLayout, QLineEdit, QSlider, QWidget

from voxelle.domain.persona import Character, VoiceDesign
from voxelle.ui.models.character_check import VOICE_BOUNDS
from voxelle.ui.models.voice_preview import VoicePreviewModel
from voxelle.ui.pages.controls import Notice, column, row
from voxelle.ui.theme import Space, TextRole, current_theme
from voxelle.ui.widgets.buttons import IconButton
from voxelle.ui.widgets.labels import label

STEPS = 100


class VoicePanel(QWidget):
    """`edited(name, value)`: the streamer moved one of the four."""

    edited = Signal(str, float)
    reset_asked = Signal()

    def __init__(self, preview: VoicePreviewModel) -> None:
        super().__init__()
        self._preview = preview
        self._character: Character | None = None
        self.sliders: dict[str, QSlider] = {}
        self.numbers: dict[str, QDoubleSpinBox] = {}
        texts = {
            "pitch": (self.tr("Pitch"), self.tr("Lower or higher. 1.00 is the voice as recorded.")),
            "formant": (self.tr("Formant"), self.tr("A bigger or a smaller body. Above 1 sounds younger.")),
            "speed": (self.tr("Speed"), self.tr("Slower or faster.")),
            "pitch_range": (self.tr("Liveliness"), self.tr("0 speaks on one note, 2 sings her sentences.")),
        }
        grid = QGridLayout()
        theme = current_theme()
        grid.setHorizontalSpacing(theme.px(Space.L))
        grid.setVerticalSpacing(theme.px(Space.XS))
        grid.setColumnStretch(0, 1)
        for position, (name, (title, help_text)) in enumerate(texts.items()):
            self._add_row(grid, position * 3, name, title, help_text)
        self.problem = label(role=TextRole.SMALL, tone="danger", wraps=True)
        self.reset_button = IconButton("undo", self.tr("Voice as recorded"), "quiet")
        self.reset_button.clicked.connect(self.reset_asked)
        self.line = QLineEdit()
        self.line.setMaxLength(200)
        self.line.setAccessibleName(self.tr("What she says to try the voice"))
        self.line.setPlaceholderText(self.tr("Something for her to say"))
        self.line.returnPressed.connect(self._on_hear)
        self.hear_button = IconButton("play", self.tr("Hear it"))
        self.hear_button.clicked.connect(self._on_hear)
        self.notice = Notice()
        layout = column(self, spacing=Space.M)
        layout.addLayout(grid)
        layout.addWidget(self.problem)
        layout.addLayout(row(self.line, self.hear_button))
        layout.addWidget(self.notice)
        layout.addLayout(row(self.reset_button, None))
        preview.changed.connect(self._on_preview_changed)

    def _add_row(self, grid: QGridLayout, at: int, name: str, title: str, help_text: str) -> None:
        low, high = VOICE_BOUNDS[name]
        slider = QSlider(Qt.Orientation.Horizontal)
        slider.setRange(round(low * STEPS), round(high * STEPS))
        slider.setSingleStep(1)
        slider.setPageStep(10)
        slider.setAccessibleName(title)
        slider.setAccessibleDescription(help_text)
        slider.valueChanged.connect(lambda value: self._on_moved(name, value / STEPS))
        number = QDoubleSpinBox()
        number.setRange(low, high)
        number.setDecimals(2)
        number.setSingleStep(0.05)
        number.setAlignment(Qt.AlignmentFlag.AlignCenter)
        number.setKeyboardTracking(False)
        number.setAccessibleName(self.tr("{title} as a number").format(title=title))
        number.valueChanged.connect(lambda value: self._on_moved(name, value))
        heading = label(title, TextRole.STRONG, wraps=True)
        heading.setBuddy(slider)
        grid.addWidget(heading, at, 0)
        grid.addWidget(slider, at + 1, 0)
        grid.addWidget(number, at + 1, 1)
        grid.addWidget(label(help_text, TextRole.SMALL, "muted", wraps=True), at + 2, 0, 1, 2)
        grid.setRowMinimumHeight(at, current_theme().px(Space.XL))
        self.sliders[name], self.numbers[name] = slider, number

    def show_character(self, character: Character, problem: str) -> None:
        """Show a character's voice without announcing it."""
        self._character = character
        for name, slider in self.sliders.items():
            value: float = getattr(character.voice, name)
            number = self.numbers[name]
            with QSignalBlocker(slider), QSignalBlocker(number):
                slider.setValue(round(value * STEPS))
                number.setValue(value)
        self.problem.setText(problem)
        self.problem.setVisible(bool(problem))
        self.reset_button.setEnabled(character.voice != VoiceDesign(voice=character.voice.voice))
        self.hear_button.setEnabled(not self._preview.is_speaking and not problem)

    def _on_moved(self, name: str, value: float) -> None:
        self.edited.emit(name, round(value, 2))

    def _on_hear(self) -> None:
        if self._character is not None and self.hear_button.isEnabled():
            self._preview.hear(self._character, self.line.text())

    def _on_preview_changed(self) -> None:
        is_speaking = self._preview.is_speaking
        self.hear_button.setEnabled(not is_speaking)
        self.hear_button.setText(self.tr("Speaking …") if is_speaking else self.tr("Hear it"))
        self.notice.say(self._preview.error)
