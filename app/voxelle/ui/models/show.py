"""The state of the show, what the streamer can do about it at once, and the caption of this moment."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from PySide6.QtCore import QObject, Signal

from voxelle.domain.chat import Decision, Verdict
from voxelle.domain.errors import VoxelleError
from voxelle.domain.events import (
    CharacterSaved,
    ClauseHeard,
    ShowChanged,
    ShowSnapshot,
    TurnEnded,
    TurnStarted,
    TurnStateChanged,
    WordHeard,
)
from voxelle.domain.persona import Character
from voxelle.domain.speech import TurnState
from voxelle.ui.bridge import Bridge
from voxelle.ui.models.rows import Word, safe_clause


class Light(StrEnum):
    """What the state light shows."""

    IDLE = "idle"
    THINKING = "thinking"
    SPEAKING = "speaking"
    INTERRUPTED = "interrupted"
    STOPPED = "stopped"
    MUTED = "muted"
    PAUSED = "paused"


class ShowModel(QObject):
    """Muted, paused, who is on stage; and the commands of the live page."""

    changed = Signal()

    def __init__(self, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self.snapshot = ShowSnapshot()
        self.state = TurnState.IDLE
        bridge.subscribe(ShowChanged, self._on_show_changed)
        bridge.subscribe(TurnStateChanged, self._on_state_changed)
        bridge.subscribe(CharacterSaved, self._on_character_saved)

    def load(self) -> None:
        """Ask for the state as it is now."""

        async def now() -> ShowSnapshot:
            return self._bridge.companion.snapshot()

        self._bridge.run(now, self._take)

    @property
    def character(self) -> Character | None:
        """Who is on stage."""
        return self.snapshot.character

    @property
    def is_busy(self) -> bool:
        """Whether there is something to stop."""
        return self.state in {TurnState.THINKING, TurnState.SPEAKING}

    @property
    def light(self) -> Light:
        """What she does; while she does nothing, what keeps her from it."""
        if self.state is not TurnState.IDLE:
            return Light(self.state.value)
        if self.snapshot.is_muted:
            return Light.MUTED
        return Light.PAUSED if self.snapshot.is_chat_paused else Light.IDLE

    def tell(self, text: str, done: Callable[[], None], failed: Callable[[str], None]) -> None:
        """Say something to her as the streamer. `failed` gets a sentence when it can't be taken."""

        def decided(decision: Decision) -> None:
            if decision.verdict is Verdict.DROPPED:
                failed(decision.reason)
            else:
                done()

        def refused(error: VoxelleError) -> None:
            failed(error.sentence)

        self._bridge.run(lambda: self._bridge.companion.tell(text), decided, refused)

    def stop(self) -> None:
        """Cut what she is saying."""
        self._bridge.run(self._bridge.companion.stop_talking)

    def toggle_muted(self) -> None:
        """Mute her, or give her voice back."""
        is_muted = not self.snapshot.is_muted
        self._bridge.run(lambda: self._bridge.companion.set_muted(is_muted))

    def toggle_chat_paused(self) -> None:
        """Let her ignore chat, or listen to it again."""
        is_paused = not self.snapshot.is_chat_paused
        self._bridge.run(lambda: self._bridge.companion.set_chat_paused(is_paused))

    def panic(self) -> None:
        """Stop, clear the queue, mute and pause, all at once."""
        self._bridge.run(self._bridge.companion.panic)

    def _take(self, snapshot: ShowSnapshot) -> None:
        self.snapshot = snapshot
        self.state = snapshot.state
        self.changed.emit()

    def _on_show_changed(self, event: ShowChanged) -> None:
        self._take(event.show)

    def _on_state_changed(self, event: TurnStateChanged) -> None:
        self.state = event.state
        self.changed.emit()

    def _on_character_saved(self, event: CharacterSaved) -> None:
        if self.character is not None and event.character.id == self.character.id:
            self.load()


class CaptionModel(QObject):
    """The clause being heard and its word."""

    changed = Signal()

    def __init__(self, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.text = ""
        self.word: Word | None = None
        self.is_live = False
        """Whether it is being heard now; else it is the last thing that was."""
        self._turn_id = ""
        self._index = -1
        bridge.subscribe(TurnStarted, self._on_turn_started)
        bridge.subscribe(ClauseHeard, self._on_clause_heard)
        bridge.subscribe(WordHeard, self._on_word_heard)
        bridge.subscribe(TurnEnded, self._on_turn_ended)

    def _on_turn_started(self, event: TurnStarted) -> None:
        self._turn_id = event.turn_id

    def _on_clause_heard(self, event: ClauseHeard) -> None:
        self._turn_id, self._index = event.clause.turn_id, event.clause.index
        self.text = safe_clause(event.clause.text)
        self.word = None
        self.is_live = True
        self.changed.emit()

    def _on_word_heard(self, event: WordHeard) -> None:
        if (event.turn_id, event.clause_index) == (self._turn_id, self._index) and self.is_live:
            self.word = Word(event.clause_index, event.start, event.end)
            self.changed.emit()

    def _on_turn_ended(self, event: TurnEnded) -> None:
        if event.record.id == self._turn_id:
            self.word = None
            self.is_live = False
            self.changed.emit()
