"""The streamer's voice, recorded once, so that she hears nobody else."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from voxelle.domain.errors import VoxelleError
from voxelle.domain.events import SettingsChanged
from voxelle.ui.bridge import Bridge

ENROL_S = 10.0


class VoicePrintModel(QObject):
    """Whether a voice was recorded, and the recording of one."""

    changed = Signal()

    def __init__(self, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self.enrolled_at = ""
        """ISO 8601, UTC; empty without a recorded voice."""
        self.is_recording = False
        self.problem = ""
        """Why the last recording was of no use."""
        bridge.subscribe(SettingsChanged, lambda _event: self.changed.emit())

    @property
    def is_on(self) -> bool:
        """Whether she is to hear nobody else."""
        return self._bridge.settings.current.hearing.only_me

    @property
    def can_record(self) -> bool:
        """Whether there is a microphone to record with."""
        return self._bridge.sound is not None and not self.is_recording

    def load(self) -> None:
        """Ask whether there is a recorded voice."""
        companion = self._bridge.companion

        async def date() -> str:
            return companion.voice_print_date()

        self._bridge.run(date, self._on_date)

    def record(self) -> None:
        """Record the streamer and let her learn the voice."""
        desk, companion = self._bridge.sound, self._bridge.companion
        if desk is None or self.is_recording:
            return

        async def learn() -> str:
            was_deaf = companion.hearing().is_deaf
            if not was_deaf:  # what is read aloud is not said to her
                await companion.set_deaf(True)
            try:
                recording = await desk.record(ENROL_S)
            finally:
                if not was_deaf:
                    await companion.set_deaf(False)
            await companion.enrol_voice(recording.samples)
            return companion.voice_print_date()

        self.is_recording, self.problem = True, ""
        self.changed.emit()
        self._bridge.run(learn, self._on_learned, self._on_failed)

    def forget(self) -> None:
        """Delete the recorded voice."""
        self.problem = ""
        self._bridge.run(self._bridge.companion.forget_voice, lambda _done: self._on_learned(""), self._on_failed)

    def _on_learned(self, enrolled_at: str) -> None:
        self.is_recording, self.enrolled_at = False, enrolled_at
        self.changed.emit()

    def _on_date(self, enrolled_at: str) -> None:
        if enrolled_at != self.enrolled_at:
            self.enrolled_at = enrolled_at
            self.changed.emit()

    def _on_failed(self, error: VoxelleError) -> None:
        self.is_recording, self.problem = False, error.sentence
        self.changed.emit()
