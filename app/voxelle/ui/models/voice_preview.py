"""Lets the streamer hear a voice while designing it."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from voxelle.domain.errors import VoxelleError
from voxelle.domain.persona import Character
from voxelle.ui.bridge import Bridge


class VoicePreviewModel(QObject):
    """One preview at a time. `changed`: it speaks, is done, or failed with `error`."""

    changed = Signal()

    def __init__(self, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self.is_speaking = False
        self.error = ""

    def hear(self, character: Character, text: str) -> None:
        """Say the text with the character's voice, unless one still speaks."""
        if self.is_speaking:
            return
        said = text.strip() or self.tr("Hi, I'm {name}, and this is how I sound.").format(name=character.name)
        self.is_speaking, self.error = True, ""
        self.changed.emit()
        self._bridge.run(lambda: self._bridge.companion.preview_voice(character, said), self._on_done, self._on_failed)

    def _on_done(self, _nothing: None) -> None:
        self.is_speaking = False
        self.changed.emit()

    def _on_failed(self, error: VoxelleError) -> None:
        self.is_speaking, self.error = False, error.sentence
        self.changed.emit()
