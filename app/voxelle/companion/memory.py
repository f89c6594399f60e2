"""What she remembers: the turns as they were heard, and what happened, kept in the store and at hand for the prompt."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Any

import structlog

from voxelle.companion.retraction import redacted
from voxelle.domain.errors import VoxelleError
from voxelle.domain.events import NoticeLevel, NoticeRaised

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence
    from datetime import datetime

    from voxelle.companion.ports import CompanionPorts
    from voxelle.companion.retraction import Retractions
    from voxelle.domain.chat import Decision, KeptEvent, Retraction, Stimulus
    from voxelle.domain.speech import TurnRecord
    from voxelle.kernel.tasks import TaskScope

log = structlog.get_logger("store")
KEPT_AT_HAND = 100
_BACKLOG = 4_096


class Memory:
    """The conversation of the character on stage, backed by the store."""

    def __init__(self, ports: CompanionPorts, retractions: Retractions, scope: TaskScope) -> None:
        self._store = ports.conversations
        self._events = ports.channel_events
        self._bus = ports.bus
        self._clock = ports.clock
        self._retractions = retractions
        self._scope = scope
        self._turns: deque[TurnRecord] = deque(maxlen=KEPT_AT_HAND)
        self._character_id = ""
        self._writing: set[asyncio.Task[None]] = set()
        self._is_failing = False

    async def recall(self, character_id: str) -> None:
        """Load a character's newest turns. A store that can't be read costs the past, not the show."""
        self._character_id = character_id
        self._turns.clear()
        try:
            turns = await self._store.recent_turns(character_id, KEPT_AT_HAND)
        except VoxelleError as error:
            self._complain(error)
            return
        if self._character_id == character_id:
            newer = [turn for turn in self._turns if turn.id not in {known.id for known in turns}]
            turns = [redacted(turn, self._is_taken_back) for turn in turns]
            self._turns = deque([*turns, *newer], maxlen=KEPT_AT_HAND)

    def recent(self, limit: int) -> Sequence[TurnRecord]:
        """Return the newest turns at hand, oldest first."""
        return tuple(self._turns)[len(self._turns) - min(limit, len(self._turns)) :]

    def keep_turn(self, record: TurnRecord) -> None:
        """Remember a turn and hand it to the store; the show does not wait for the disk."""
        record = redacted(record, self._is_taken_back)
        if record.character_id == self._character_id:
            self._turns.append(record)
        self._write(self._write_turn(record), "keep turn")

    async def keep_message(self, stimulus: Stimulus, decision: Decision) -> None:
        """Hand a message to the store without waiting for the disk, unless too much is on its way."""
        writing = self._write(self._write_message(stimulus, decision), "keep message")
        if len(self._writing) > _BACKLOG:
            await asyncio.wait({writing})

    def _write(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        writing = self._scope.start(work, name=name)
        self._writing.add(writing)
        writing.add_done_callback(self._writing.discard)
        return writing

    def retract(self, retraction: Retraction, is_concerned: Callable[[Stimulus], bool], since: datetime) -> list[str]:
        """Forget the words of what was taken back, here and in the store; returns the ids of those at hand."""
        taken = [stimulus.id for turn in self._turns for stimulus in turn.stimuli if stimulus.text and is_concerned(stimulus)]
        self._turns = deque((redacted(turn, is_concerned) for turn in self._turns), maxlen=KEPT_AT_HAND)
        # After everything that was handed over before: the store writes in order.
        self._write(self._write_retraction(retraction, since), "retract")
        return taken

    def _is_taken_back(self, stimulus: Stimulus) -> bool:
        """Whether a stimulus was taken back while its turn was on its way here."""
        return self._retractions.covers(stimulus, self._clock.monotonic())

    def keep_event(self, kept: KeptEvent) -> None:
        """Hand an event to the store; the show does not wait for the disk."""
        self._write(self._write_event(kept), "keep event")

    async def recent_events(self, limit: int) -> Sequence[KeptEvent]:
        """Return the newest kept events, newest first. A store that can't be read costs the past, not the show."""
        try:
            return await self._events.recent_events(limit)
        except VoxelleError as error:
            self._complain(error)
            return ()

    async def acknowledge_event(self, event_id: str, at: datetime) -> None:
        """Note in the store that the streamer has seen to an event. Raises what the store raises."""
        await self._events.acknowledge_event(event_id, at)

    async def _write_retraction(self, retraction: Retraction, since: datetime) -> None:
        try:
            await self._store.retract(retraction, since)
            await self._events.retract_events(retraction)
        except VoxelleError as error:
            self._complain(error)

    async def _write_event(self, kept: KeptEvent) -> None:
        try:
            await self._events.append_event(kept)
        except VoxelleError as error:
            self._complain(error)

    async def _write_turn(self, record: TurnRecord) -> None:
        try:
            await self._store.append_turn(record)
        except VoxelleError as error:
            self._complain(error)
        else:
            self._is_failing = False

    async def settle(self) -> None:
        """Wait until everything handed over is durable."""
        while self._writing:
            await asyncio.wait(self._writing)

    async def _write_message(self, stimulus: Stimulus, decision: Decision) -> None:
        try:
            await self._store.append_message(stimulus, decision)
        except VoxelleError as error:
            self._complain(error)

    def _complain(self, error: VoxelleError) -> None:
        """Tell the streamer once that something was not kept."""
        log.error("store.write_failed", error_kind=type(error).__name__)
        if not self._is_failing:
            self._is_failing = True
            self._bus.announce(NoticeRaised(NoticeLevel.ERROR, error.sentence))
