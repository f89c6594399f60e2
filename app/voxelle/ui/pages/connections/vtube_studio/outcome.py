"""What came of a command, in one line that is not there while there is nothing to say."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel

from voxelle.domain.errors import VoxelleError
from voxelle.ui.text import one_line
from voxelle.ui.theme import TextRole, Theme
from voxelle.ui.widgets.labels import label


class Outcome:
    """Put `label` below the control."""

    def __init__(self) -> None:
        self.label: QLabel = label(role=TextRole.SMALL, wraps=True)
        self.label.hide()

    def say(self, sentence: str, tone: str = "ok") -> None:
        """Say it, or nothing."""
        self.label.setText(one_line(sentence))
        Theme.style_text(self.label, TextRole.SMALL, tone)
        self.label.setVisible(bool(sentence))

    def refuse(self, error: VoxelleError) -> None:
        """Say why it did not work."""
        self.say(error.sentence, "danger")
