"""A companion, engines and a rehearsal that only note what the window asks of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from voxelle.companion.companion import Companion
from voxelle.companion.prompt import PromptPreview
from voxelle.contracts.audio import Samples
from voxelle.contracts.engines import EngineRoom
from voxelle.domain.chat import (
    Author,
    ChannelEvent,
    Decision,
    KeptEvent,
    QueueSnapshot,
    Retraction,
    Stimulus,
    StimulusKind,
    Verdict,
)
from voxelle.domain.errors import VoxelleError
from voxelle.domain.events import ChannelEventReceived, EngineStatus, MessageReceived, MessagesRetracted, ShowChanged, ShowSnapshot
from voxelle.domain.hearing import HearingSnapshot, ListeningMode
from voxelle.domain.persona import Character
from voxelle.domain.speech import TurnRecord
from voxelle.kernel.bus import Bus

MIRA = Character(
    "mira", "Mira", "A cheerful fox.", "Her studio.", "viewer: hi\nher: [joy] Hello!", "Hello!", accent="#7c5cff", is_sample=True
)


class FakeCompanion(Companion):
    """Answers from its fields; `calls` holds what was asked, `error` is raised by every command while set."""

    def __init__(self, bus: Bus) -> None:
        self.bus = bus
        self.calls: list[tuple[object, ...]] = []
        self.error: VoxelleError | Exception | None = None
        self.cast: list[Character] = [MIRA]
        self.turns: list[TurnRecord] = []
        self.happened: list[KeptEvent] = []
        """What happened on the channels, oldest first."""
        self.show = ShowSnapshot(character=MIRA, sound="Built-in speakers")
        self.waiting = QueueSnapshot()
        self.ears_state = HearingSnapshot()
        self.voice_print = ""
        """When a voice was recorded."""
        self.preview = PromptPreview((), 4096)
        self.decision = Decision("s1", Verdict.QUEUED, 1.0, "the streamer asks")

    def _note(self, *call: object) -> None:
        self.calls.append(call)
        if self.error is not None:
            raise self.error

    async def submit(self, stimulus: Stimulus) -> Decision:
        self._note("submit", stimulus.id)
        self.bus.announce(MessageReceived(stimulus, self.decision))
        return self.decision

    async def tell(self, text: str) -> Decision:
        self._note("tell", text)
        author = Author("streamer", "Streamer")
        stimulus = Stimulus(f"typed {len(self.calls)}", StimulusKind.TYPED, author, text, datetime.now(UTC))
        self.bus.announce(MessageReceived(stimulus, self.decision))
        return self.decision

    async def stop_talking(self) -> None:
        self._note("stop_talking")

    async def panic(self) -> None:
        self._note("panic")

    async def set_muted(self, is_muted: bool) -> None:
        self._note("set_muted", is_muted)

    async def set_chat_paused(self, is_paused: bool) -> None:
        self._note("set_chat_paused", is_paused)

    async def set_listening(self, is_listening: bool) -> None:
        self._note("set_listening", is_listening)
        self.show = replace(self.show, is_listening=is_listening)
        self.bus.announce(ShowChanged(self.show))

    async def set_deaf(self, is_deaf: bool) -> None:
        self._note("set_deaf", is_deaf)

    async def press_to_talk(self) -> None:
        self._note("press_to_talk")

    async def release_to_talk(self) -> None:
        self._note("release_to_talk")

    async def set_listening_mode(self, mode: ListeningMode) -> None:
        self._note("set_listening_mode", mode)

    def voice_print_date(self) -> str:
        return self.voice_print

    async def enrol_voice(self, samples: Samples) -> None:
        self._note("enrol_voice", samples.size)
        self.voice_print = "2026-03-01T12:00:00+00:00"

    async def forget_voice(self) -> None:
        self._note("forget_voice")
        self.voice_print = ""

    async def play_check(self, samples: Samples) -> None:
        self._note("play_check", samples.size)

    def hearing(self) -> HearingSnapshot:
        return self.ears_state

    async def tell_event(self, channel_event: ChannelEvent) -> None:
        self._note("tell_event", channel_event.id)
        self.happened.append(KeptEvent(channel_event, "she answers", is_answered=True))
        self.bus.announce(ChannelEventReceived(channel_event, "she answers", is_answered=True))

    async def retract(self, retraction: Retraction) -> None:
        self._note("retract", retraction)
        self.bus.announce(MessagesRetracted(retraction, retraction.stimulus_ids))

    async def react_again(self, event_id: str) -> Decision:
        self._note("react_again", event_id)
        return self.decision

    async def acknowledge(self, event_id: str) -> None:
        self._note("acknowledge", event_id)
        now = datetime.now(UTC)
        self.happened = [replace(kept, acknowledged_at=now) if kept.channel_event.id == event_id else kept for kept in self.happened]

    async def channel_events(self, limit: int) -> Sequence[KeptEvent]:
        return tuple(reversed(self.happened))[:limit]

    def names(self) -> tuple[str, ...]:
        return (MIRA.name, *MIRA.aliases)

    async def drop_queued(self, stimulus_id: str) -> None:
        self._note("drop_queued", stimulus_id)

    async def choose_character(self, character_id: str) -> None:
        self._note("choose_character", character_id)

    async def characters(self) -> Sequence[Character]:
        return tuple(self.cast)

    async def save_character(self, character: Character) -> None:
        self._note("save_character", character)
        self.cast = [*(each for each in self.cast if each.id != character.id), character]

    async def delete_character(self, character_id: str) -> None:
        self._note("delete_character", character_id)
        self.cast = [each for each in self.cast if each.id != character_id]

    async def preview_prompt(self, character: Character) -> PromptPreview:
        self._note("preview_prompt", character)
        return self.preview

    async def preview_voice(self, character: Character, text: str) -> None:
        self._note("preview_voice", character, text)

    async def recent_turns(self, limit: int) -> Sequence[TurnRecord]:
        return tuple(self.turns[-limit:])

    def snapshot(self) -> ShowSnapshot:
        return self.show

    def queue(self) -> QueueSnapshot:
        return self.waiting


class FakeEngineRoom(EngineRoom):
    """Shows the statuses it was given."""

    def __init__(self, *statuses: EngineStatus) -> None:
        self.kept = list(statuses)
        self.calls: list[tuple[str, str]] = []
        self.error: VoxelleError | None = None

    def statuses(self) -> Sequence[EngineStatus]:
        return tuple(self.kept)

    def _note(self, verb: str, engine_id: str) -> None:
        self.calls.append((verb, engine_id))
        if self.error is not None:
            raise self.error

    async def load(self, engine_id: str) -> None:
        self._note("load", engine_id)

    async def unload(self, engine_id: str) -> None:
        self._note("unload", engine_id)

    async def install(self, engine_id: str) -> None:
        self._note("install", engine_id)


class FakeRehearsal:
    """A sample stream that plays until it is told otherwise."""

    def __init__(self) -> None:
        self.is_playing = False
        self.speeds: list[float] = []
        self.error: VoxelleError | None = None

    async def start(self, speed: float) -> None:
        if self.error is not None:
            raise self.error
        self.speeds.append(speed)
        self.is_playing = True

    async def stop(self) -> None:
        self.is_playing = False
