"""What happened on the channels: each event once, with what she made of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import structlog
from sqlalchemy import ColumnElement, Connection, RowMapping, and_, select, update

from voxelle.contracts.storage import ChannelEventStore
from voxelle.domain.chat import Author, ChannelEvent, KeptEvent, Retraction, Role, StreamEvent
from voxelle.storage.inserts import insert_for
from voxelle.storage.reader import Reader
from voxelle.storage.tables import channel_events
from voxelle.storage.writer import Writer

log = structlog.get_logger("store")


class ChannelEvents(ChannelEventStore):
    """Implements the contract on the two databases."""

    def __init__(self, writer: Writer, reader: Reader, dialect: str) -> None:
        self._writer = writer
        self._reader = reader
        self._add = insert_for(dialect)(channel_events).on_conflict_do_nothing()

    async def append_event(self, kept: KeptEvent) -> None:
        """Keep an event. A second write of the same id changes nothing."""
        event = kept.channel_event
        row = {
            "id": event.id,
            "event": event.event.value,
            "author_id": event.author.id,
            "author_name": event.author.name,
            "author_platform": event.author.platform,
            "author_roles": ",".join(sorted(event.author.roles)),
            "received_at": event.received_at,
            "source": event.source,
            "text": event.text,
            "amount": event.amount,
            "fields": [list(field) for field in event.fields],
            "is_anonymous": event.is_anonymous,
            "is_shared": event.is_shared,
            "is_test": event.is_test,
            "is_spoken": event.is_spoken,
            "reaction": kept.reaction,
            "is_answered": kept.is_answered,
            "acknowledged_at": kept.acknowledged_at,
        }
        await self._writer.append(self._add, row)

    async def recent_events(self, limit: int) -> Sequence[KeptEvent]:
        """Return the newest events, newest first. One that can't be read is left out and logged."""
        if limit <= 0:
            return ()
        newest = select(channel_events).order_by(channel_events.c.received_at.desc(), channel_events.c.id.desc()).limit(limit)

        def read(connection: Connection) -> list[KeptEvent]:
            found = (_kept(row) for row in connection.execute(newest).mappings())
            return [kept for kept in found if kept is not None]

        return await self._reader.read(read)

    async def acknowledge_event(self, event_id: str, at: datetime) -> None:
        """Note that the streamer has seen to it. The first time counts; an unknown id is no error."""
        is_open = and_(channel_events.c.id == event_id, channel_events.c.acknowledged_at.is_(None))
        statement = update(channel_events).where(is_open).values(acknowledged_at=at)
        await self._writer.perform(lambda connection: connection.execute(statement).rowcount)

    async def retract_events(self, retraction: Retraction) -> None:
        """Blank what viewers wrote with events that were taken back. A cleared chat takes back no event."""
        table = channel_events.c
        condition: ColumnElement[bool]
        if retraction.stimulus_ids:
            condition = table.id.in_(retraction.stimulus_ids)
        elif retraction.author_id:
            condition = and_(table.author_platform == retraction.platform, table.author_id == retraction.author_id)
        else:
            return
        statement = update(channel_events).where(condition, table.text != "").values(text="")
        await self._writer.perform(lambda connection: connection.execute(statement).rowcount)


def _kept(row: RowMapping) -> KeptEvent | None:
    try:
        roles = frozenset(Role(role) for role in row["author_roles"].split(",") if role)
        event = ChannelEvent(
            id=row["id"],
            event=StreamEvent(row["event"]),
            author=Author(row["author_id"], row["author_name"], row["author_platform"], roles),
            received_at=row["received_at"],
            source=row["source"],
            text=row["text"],
            amount=row["amount"],
            fields=tuple((str(name), str(value)) for name, value in row["fields"]),
            is_anonymous=row["is_anonymous"],
            is_shared=row["is_shared"],
            is_test=row["is_test"],
            is_spoken=row["is_spoken"],
        )
    except (ValueError, TypeError) as error:
        # A word of a newer or older Voxelle.
        log.warning("store.event_unreadable", kind=type(error).__name__)
        return None
    return KeptEvent(event, row["reaction"], row["is_answered"], row["acknowledged_at"])
