"""Turns and messages: every stimulus with triage's decision, and every turn exactly as it was heard."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import msgspec
import structlog
from sqlalchemy import Connection, RowMapping, delete, func, select, update

from voxelle.contracts.storage import ConversationStore
from voxelle.domain.chat import Author, Decision, Retraction, Role, Stimulus, StimulusKind, StreamEvent
from voxelle.domain.speech import HeardClause, TurnOutcome, TurnRecord, TurnTrace
from voxelle.storage.inserts import insert_for
from voxelle.storage.reader import Reader
from voxelle.storage.retraction import concerned
from voxelle.storage.tables import messages, turn_stimuli, turns
from voxelle.storage.writer import Writer

log = structlog.get_logger("store")


class Conversations(ConversationStore):
    """Implements the contract on the two databases; `on_forgotten` runs in a thread after turns were deleted for good."""

    def __init__(self, writer: Writer, reader: Reader, dialect: str, on_forgotten: Callable[[], None]) -> None:
        insert = insert_for(dialect)
        self._writer = writer
        self._reader = reader
        self._on_forgotten = on_forgotten
        self._add_message = insert(messages).on_conflict_do_nothing()
        self._add_turn = insert(turns).on_conflict_do_nothing()
        self._add_stimulus = insert(turn_stimuli).on_conflict_do_nothing()

    async def append_message(self, stimulus: Stimulus, decision: Decision) -> None:
        """Keep a stimulus and what triage decided; a second one of the same id changes nothing."""
        row = {
            "id": stimulus.id,
            **_stimulus_row(stimulus),
            "verdict": decision.verdict.value,
            "score": decision.score,
            "reason": decision.reason,
            "merged_into": decision.merged_into,
        }
        await self._writer.append(self._add_message, row)

    async def append_turn(self, record: TurnRecord) -> None:
        """Keep a turn with its stimuli and trace, all or nothing."""
        turn = {
            "id": record.id,
            "character_id": record.character_id,
            "started_at": record.started_at,
            "ended_at": record.ended_at,
            "outcome": record.outcome.value,
            "prompt_line": record.prompt_line,
            "heard": msgspec.to_builtins(record.heard),
            "trace": msgspec.to_builtins(record.trace),
        }
        stimuli = [
            {"turn_id": record.id, "position": position, "stimulus_id": stimulus.id, **_stimulus_row(stimulus)}
            for position, stimulus in enumerate(record.stimuli)
        ]

        def add(connection: Connection) -> None:
            connection.execute(self._add_turn, [turn])
            if stimuli:
                connection.execute(self._add_stimulus, stimuli)

        await self._writer.perform(add)

    async def recent_turns(self, character_id: str, limit: int) -> Sequence[TurnRecord]:
        """Return the newest turns of a character, oldest first. One that can't be read is left out and logged."""
        if limit <= 0:
            return ()
        theirs = select(turns).where(turns.c.character_id == character_id)
        newest = theirs.order_by(turns.c.started_at.desc(), turns.c.id.desc()).limit(limit)

        def read(connection: Connection) -> list[TurnRecord]:
            found = connection.execute(newest).mappings().all()
            causes = select(turn_stimuli).where(turn_stimuli.c.turn_id.in_([turn["id"] for turn in found]))
            stimuli: dict[str, list[RowMapping]] = {}
            for row in connection.execute(causes.order_by(turn_stimuli.c.position)).mappings():
                stimuli.setdefault(row["turn_id"], []).append(row)
            records = (_turn(row, stimuli.get(row["id"], [])) for row in reversed(found))
            return [record for record in records if record is not None]

        return await self._reader.read(read)

    async def retract(self, retraction: Retraction, since: datetime) -> None:
        """Blank the texts of what was taken back, in messages and in the turns that answered one of them.

        Copies of the file keep the texts for some days, until newer ones have replaced them: unlike a character's turns,
        which are forgotten once in a while, messages are taken back at any moment of a stream.
        """
        is_message = concerned(messages, messages.c.id, retraction, since)
        is_cause = concerned(turn_stimuli, turn_stimuli.c.stimulus_id, retraction, since)
        causes = select(turn_stimuli.c.turn_id).where(is_cause)

        def blank(connection: Connection) -> None:
            connection.execute(update(messages).where(is_message, messages.c.text != "").values(text=""))
            connection.execute(update(turns).where(turns.c.id.in_(causes), turns.c.prompt_line != "").values(prompt_line=""))
            connection.execute(update(turn_stimuli).where(is_cause, turn_stimuli.c.text != "").values(text=""))

        await self._writer.perform(blank)

    async def count_messages(self) -> int:
        """Return how many messages are kept."""
        return await self._reader.read(lambda connection: connection.execute(select(func.count()).select_from(messages)).scalar_one())

    async def forget_character(self, character_id: str) -> int:
        """Delete a character's turns for good, from the copies as well; returns how many."""
        forget = delete(turns).where(turns.c.character_id == character_id)
        count = await self._writer.perform(lambda connection: connection.execute(forget).rowcount)
        if count:
            await self._reader.run(self._on_forgotten)
        return count


def _stimulus_row(stimulus: Stimulus) -> dict[str, Any]:
    author = stimulus.author
    return {
        "kind": stimulus.kind.value,
        "author_id": author.id,
        "author_name": author.name,
        "author_platform": author.platform,
        "author_roles": ",".join(sorted(author.roles)),
        "text": stimulus.text,
        "received_at": stimulus.received_at,
        "source": stimulus.source,
        "event": stimulus.event.value,
        "amount": stimulus.amount,
        "is_mention": stimulus.is_mention,
    }


def _stimulus(row: RowMapping) -> Stimulus:
    roles = frozenset(Role(role) for role in row["author_roles"].split(",") if role)
    return Stimulus(
        id=row["stimulus_id"],
        kind=StimulusKind(row["kind"]),
        author=Author(row["author_id"], row["author_name"], row["author_platform"], roles),
        text=row["text"],
        received_at=row["received_at"],
        source=row["source"],
        event=StreamEvent(row["event"]),
        amount=row["amount"],
        is_mention=row["is_mention"],
    )


def _turn(row: RowMapping, stimuli: Sequence[RowMapping]) -> TurnRecord | None:
    try:
        return TurnRecord(
            id=row["id"],
            character_id=row["character_id"],
            started_at=row["started_at"],
            ended_at=row["ended_at"],
            outcome=TurnOutcome(row["outcome"]),
            stimuli=tuple(_stimulus(stimulus) for stimulus in stimuli),
            prompt_line=row["prompt_line"],
            heard=msgspec.convert(row["heard"], tuple[HeardClause, ...]),
            trace=msgspec.convert(row["trace"], TurnTrace),
        )
    except (ValueError, TypeError) as error:
        # A word of a newer or older Voxelle. msgspec.ValidationError is a ValueError.
        log.warning("store.turn_unreadable", turn_id=row["id"], kind=type(error).__name__)
        return None
