"""Her ears for a face: what they are doing, how loud it is, and what the streamer can do about it at once."""

from __future__ import annotations

import math
from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from voxelle.domain.errors import VoxelleError
from voxelle.domain.events import HearingChanged, MicrophoneHeard, UtteranceDropped
from voxelle.domain.hearing import EarState, HearingSnapshot, ListeningMode
from voxelle.ui.bridge import Bridge

FLOOR_DB = -60.0
"""What is quieter shows as nothing."""


_RESTING = {EarState.RECOGNISING, EarState.LISTENING, EarState.WAITING, EarState.CLOSED}


class HearingModel(QObject):
    """The snapshot of her ears, the level of the microphone, and the commands."""

    changed = Signal()
    level_changed = Signal()

    def __init__(self, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self.snapshot = HearingSnapshot()
        self.level = 0.0
        """0..1 on a scale of decibels from FLOOR_DB to full."""
        self.is_speech = False
        """What is heard now sounds like speech."""
        self.dropped = ""
        """Why the last thing that was said did not reach her; empty once somebody speaks again."""
        bridge.subscribe(HearingChanged, self._on_changed)
        bridge.subscribe(UtteranceDropped, self._on_dropped)
        bridge.subscribe(MicrophoneHeard, self._on_heard)

    def load(self) -> None:
        """Ask for the state as it is now."""

        async def now() -> HearingSnapshot:
            return self._bridge.companion.hearing()

        self._bridge.run(now, self._take)

    @property
    def is_listening(self) -> bool:
        """Whether the streamer wants her to hear, deaf or not."""
        return self.snapshot.state is not EarState.OFF

    def set_enabled(self, is_enabled: bool, failed: Callable[[VoxelleError], None] | None = None) -> None:  # noqa: FBT001 - a switch
        """Open the microphone from now on, or never; kept in the settings."""
        self._bridge.run(lambda: self._bridge.settings.change("hearing.is_enabled", is_enabled), None, failed)

    def toggle_deaf(self) -> None:
        """Make her deaf, or let her hear again."""
        is_deaf = not self.snapshot.is_deaf
        self._bridge.run(lambda: self._bridge.companion.set_deaf(is_deaf))

    def press(self) -> None:
        """The key to talk went down."""
        self._bridge.run(self._bridge.companion.press_to_talk)

    def release(self) -> None:
        """The key to talk went up."""
        self._bridge.run(self._bridge.companion.release_to_talk)

    def choose_mode(self, mode: ListeningMode) -> None:
        """Choose when what is said reaches her."""
        self._bridge.run(lambda: self._bridge.companion.set_listening_mode(mode))

    def _take(self, snapshot: HearingSnapshot) -> None:
        self.snapshot = snapshot
        if snapshot.state not in _RESTING:
            self.dropped = ""
        if snapshot.state in {EarState.OFF, EarState.DEAF, EarState.LOST} and self.level:
            self.level, self.is_speech = 0.0, False
            self.level_changed.emit()
        self.changed.emit()

    def _on_changed(self, event: HearingChanged) -> None:
        self._take(event.hearing)

    def _on_dropped(self, event: UtteranceDropped) -> None:
        self.dropped = event.reason
        self.changed.emit()

    def _on_heard(self, event: MicrophoneHeard) -> None:
        self.level = loudness(event.level)
        self.is_speech = event.speech >= 0.5  # noqa: PLR2004 - for the colour of a meter alone
        self.level_changed.emit()


def loudness(level: float) -> float:
    """Return where a level, RMS 0..1, stands between FLOOR_DB (0) and full scale (1)."""
    decibels = 20 * math.log10(max(level, 1e-6))
    return min(1.0, max(0.0, 1 - decibels / FLOOR_DB))
