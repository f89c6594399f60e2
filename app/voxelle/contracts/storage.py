"""What must survive a restart."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import datetime

from voxelle.domain.chat import Decision, KeptEvent, Retraction, Stimulus
from voxelle.domain.persona import Character
from voxelle.domain.speech import TurnRecord


class ConversationStore(ABC):
    """Turns and messages. Every write returns when it is durable: what was acknowledged is never lost."""

    @abstractmethod
    async def append_message(self, stimulus: Stimulus, decision: Decision) -> None:
        """Keep a stimulus and what triage decided. A second write of the same id changes nothing."""

    @abstractmethod
    async def append_turn(self, record: TurnRecord) -> None:
        """Keep a whole turn with its trace, in one transaction."""

    @abstractmethod
    async def recent_turns(self, character_id: str, limit: int) -> Sequence[TurnRecord]:
        """Return the newest turns of a character, oldest first."""

    @abstractmethod
    async def retract(self, retraction: Retraction, since: datetime) -> None:
        """Blank the texts of what was taken back: of the messages, and of the turns that answered one of them.

        Who wrote and when stays. A cleared chat takes what was written from `since` on; messages that were
        deleted, and those of an author, are blanked however old they are. Copies of the database that were
        taken before keep the texts until newer ones have replaced them, within days: a chat is moderated
        far too often to renew all copies each time.
        """

    @abstractmethod
    async def count_messages(self) -> int:
        """Return how many messages are kept."""

    @abstractmethod
    async def forget_character(self, character_id: str) -> int:
        """Delete a character's turns for good; returns how many."""


class ChannelEventStore(ABC):
    """What happened on the channels, and what became of it."""

    @abstractmethod
    async def append_event(self, kept: KeptEvent) -> None:
        """Keep an event. A second write of the same id changes nothing."""

    @abstractmethod
    async def recent_events(self, limit: int) -> Sequence[KeptEvent]:
        """Return the newest events, newest first."""

    @abstractmethod
    async def acknowledge_event(self, event_id: str, at: datetime) -> None:
        """Note that the streamer has seen to it. The first time counts; an unknown id is no error."""

    @abstractmethod
    async def retract_events(self, retraction: Retraction) -> None:
        """Blank what viewers wrote with events that were taken back. A cleared chat takes back no event."""


class CharacterStore(ABC):
    """Characters, samples included."""

    @abstractmethod
    async def characters(self) -> Sequence[Character]:
        """Return all characters, samples first, then by name."""

    @abstractmethod
    async def save_character(self, character: Character) -> None:
        """Create or replace a character; a changed sample is kept as the streamer's own version."""

    @abstractmethod
    async def delete_character(self, character_id: str) -> None:
        """Delete a character of the streamer's own, or bring a changed sample back as shipped."""


class SettingsHistory(ABC):
    """Every change of a setting, for the time machine."""

    @abstractmethod
    async def append_change(self, path: str, old: str, new: str, at: datetime) -> None:
        """Keep one change; values are JSON."""

    @abstractmethod
    async def changes(self, limit: int) -> Sequence[tuple[datetime, str, str, str]]:
        """Return the newest changes first: time, path, old, new."""
