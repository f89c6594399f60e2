"""Stores that live in memory and can be made to fail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from voxelle.contracts.storage import ChannelEventStore, CharacterStore, ConversationStore
from voxelle.domain.chat import Decision, KeptEvent, Retraction, Stimulus, StimulusKind
from voxelle.domain.errors import VoxelleError
from voxelle.domain.persona import Character
from voxelle.domain.speech import TurnRecord


class FakeConversations(ConversationStore):
    """Keeps turns and messages in lists."""

    def __init__(self) -> None:
        self.turns: list[TurnRecord] = []
        self.messages: dict[str, tuple[Stimulus, Decision]] = {}
        self.error: VoxelleError | None = None

    async def append_message(self, stimulus: Stimulus, decision: Decision) -> None:
        if self.error is not None:
            raise self.error
        self.messages.setdefault(stimulus.id, (stimulus, decision))

    async def append_turn(self, record: TurnRecord) -> None:
        if self.error is not None:
            raise self.error
        self.turns.append(record)

    async def recent_turns(self, character_id: str, limit: int) -> Sequence[TurnRecord]:
        if self.error is not None:
            raise self.error
        return [turn for turn in self.turns if turn.character_id == character_id][-limit:]

    async def retract(self, retraction: Retraction, since: datetime) -> None:
        if self.error is not None:
            raise self.error

        def blank(stimulus: Stimulus) -> Stimulus:
            return replace(stimulus, text="", cue="") if _concerns(retraction, stimulus, since) else stimulus

        self.messages = {key: (blank(stimulus), decision) for key, (stimulus, decision) in self.messages.items()}
        for number, turn in enumerate(self.turns):
            if any(_concerns(retraction, stimulus, since) for stimulus in turn.stimuli):
                self.turns[number] = replace(turn, prompt_line="", stimuli=tuple(blank(stimulus) for stimulus in turn.stimuli))

    async def count_messages(self) -> int:
        return len(self.messages)

    async def forget_character(self, character_id: str) -> int:
        before = len(self.turns)
        self.turns = [turn for turn in self.turns if turn.character_id != character_id]
        return before - len(self.turns)


def _concerns(retraction: Retraction, stimulus: Stimulus, since: datetime) -> bool:
    if retraction.stimulus_ids:
        return stimulus.id in retraction.stimulus_ids
    if stimulus.author.platform != retraction.platform:
        return False
    if retraction.author_id:
        return stimulus.author.id == retraction.author_id
    return stimulus.kind is StimulusKind.CHAT and stimulus.received_at >= since


class FakeChannelEvents(ChannelEventStore):
    """Keeps events in a dictionary."""

    def __init__(self) -> None:
        self.kept: dict[str, KeptEvent] = {}
        self.error: VoxelleError | None = None

    async def append_event(self, kept: KeptEvent) -> None:
        if self.error is not None:
            raise self.error
        self.kept.setdefault(kept.channel_event.id, kept)

    async def recent_events(self, limit: int) -> Sequence[KeptEvent]:
        if self.error is not None:
            raise self.error
        return sorted(self.kept.values(), key=lambda kept: kept.channel_event.received_at, reverse=True)[:limit]

    async def acknowledge_event(self, event_id: str, at: datetime) -> None:
        if self.error is not None:
            raise self.error
        if event_id in self.kept:
            self.kept[event_id] = replace(self.kept[event_id], acknowledged_at=self.kept[event_id].acknowledged_at or at)

    async def retract_events(self, retraction: Retraction) -> None:
        for event_id, kept in self.kept.items():
            event = kept.channel_event
            author = (event.author.platform, event.author.id)
            by_author = not retraction.stimulus_ids and author == (retraction.platform, retraction.author_id)
            if event_id in retraction.stimulus_ids or by_author:
                self.kept[event_id] = replace(kept, channel_event=replace(event, text=""))


class FakeCharacters(CharacterStore):
    """Keeps characters in a dictionary; samples come back when deleted."""

    def __init__(self, *characters: Character) -> None:
        self._samples = {character.id: character for character in characters if character.is_sample}
        self.kept = {character.id: character for character in characters}

    async def characters(self) -> Sequence[Character]:
        return sorted(self.kept.values(), key=lambda character: (not character.is_sample, character.name))

    async def save_character(self, character: Character) -> None:
        self.kept[character.id] = replace(character, is_sample=character.id in self._samples)

    async def delete_character(self, character_id: str) -> None:
        self.kept.pop(character_id, None)
        if character_id in self._samples:
            self.kept[character_id] = self._samples[character_id]
