"""Stores that live in memory and can be made to fail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from voxelle.contracts.storage import CharacterStore, ConversationStore
from voxelle.domain.chat import Decision, Stimulus
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

    async def count_messages(self) -> int:
        return len(self.messages)

    async def forget_character(self, character_id: str) -> int:
        before = len(self.turns)
        self.turns = [turn for turn in self.turns if turn.character_id != character_id]
        return before - len(self.turns)


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
