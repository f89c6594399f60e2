"""The sample stream: playing it, how fast, and whether it still runs."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import QObject, QTimer, Signal

from voxelle.domain.errors import VoxelleError
from voxelle.domain.events import NoticeLevel
from voxelle.ui.bridge import Bridge

SPEEDS = (1, 2, 5, 10, 20)
_LOOK_EVERY_MS = 500


class Rehearsal(Protocol):
    """Feeds a shipped sample stream to the companion. Both methods run on the show loop and return at once."""

    @property
    def is_playing(self) -> bool:
        """Whether the stream is running; read from any thread."""

    async def start(self, speed: float) -> None:
        """Play from the beginning, `speed` times as fast as it was."""

    async def stop(self) -> None:
        """End it."""


class RehearsalModel(QObject):
    """What the control of the live page shows. Without a rehearsal (None) it is not available."""

    changed = Signal()

    def __init__(self, bridge: Bridge, rehearsal: Rehearsal | None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._rehearsal = rehearsal
        self.is_playing = False
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_EVERY_MS)
        self._timer.timeout.connect(self._look)

    @property
    def is_available(self) -> bool:
        """Whether there is a stream to play."""
        return self._rehearsal is not None

    def start(self, speed: float) -> None:
        """Play at a speed, 1..20."""
        rehearsal = self._rehearsal
        if rehearsal is not None and not self.is_playing:
            self._set(is_playing=True)
            self._bridge.run(lambda: rehearsal.start(speed), lambda _: self._timer.start(), self._on_failed)

    def stop(self) -> None:
        """End it before its time."""
        rehearsal = self._rehearsal
        if rehearsal is not None and self.is_playing:
            self._bridge.run(rehearsal.stop, lambda _: self._set(is_playing=False), self._on_failed)

    def _on_failed(self, error: VoxelleError) -> None:
        self._set(is_playing=False)
        self._bridge.notice(NoticeLevel.ERROR, error.sentence)

    def _look(self) -> None:
        if self._rehearsal is not None and not self._rehearsal.is_playing:
            self._set(is_playing=False)

    def _set(self, *, is_playing: bool) -> None:
        if not is_playing:
            self._timer.stop()
        if is_playing is not self.is_playing:
            self.is_playing = is_playing
            self.changed.emit()
