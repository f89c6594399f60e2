"""The prompt a character would get, by parts with token counts; asked for again a moment after an edit."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

from voxelle.companion.prompt import PromptPreview
from voxelle.domain.errors import VoxelleError
from voxelle.domain.persona import Character
from voxelle.ui.bridge import Bridge
from voxelle.ui.models.answers import for_owner

WAIT_MS = 350


class PromptPreviewModel(QObject):
    """The newest preview. `changed`: preview, error or being asked for."""

    changed = Signal()

    def __init__(self, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._character: Character | None = None
        self._asked = 0
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(WAIT_MS)
        self._timer.timeout.connect(self._ask)
        self.preview: PromptPreview | None = None
        self.error = ""
        self.is_asking = False

    def show(self, character: Character | None, *, is_edit: bool) -> None:
        """Preview this character; after an edit only once the typing pauses."""
        self._asked += 1
        self._character = character
        if character is None:
            self._timer.stop()
            self.preview, self.error, self.is_asking = None, "", False
            self.changed.emit()
            return
        if not is_edit:
            self.preview, self.error = None, ""
        self.is_asking = True
        self._timer.start(WAIT_MS if is_edit else 0)
        self.changed.emit()

    def _ask(self) -> None:
        character, number = self._character, self._asked
        if character is None:
            return

        def on_done(preview: PromptPreview) -> None:
            if number == self._asked:
                self.preview, self.error, self.is_asking = preview, "", False
                self.changed.emit()

        def on_failed(error: VoxelleError) -> None:
            if number == self._asked:
                self.error, self.is_asking = error.sentence, False
                self.changed.emit()

        self._bridge.run(lambda: self._bridge.companion.preview_prompt(character), for_owner(self, on_done), for_owner(self, on_failed))
