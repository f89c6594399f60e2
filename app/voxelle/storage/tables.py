"""The tables as they are now. `migrations` brings a database here; a test compares the two."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Float, ForeignKey, Index, Integer, MetaData, String, Table

from voxelle.storage.columns import Document, Moment, Prose

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
    }
)


def _stimulus_columns() -> list[Column[Any]]:
    """Return the columns that hold a stimulus, but for its id."""
    return [
        Column("kind", String, nullable=False),
        Column("author_id", Prose, nullable=False),
        Column("author_name", Prose, nullable=False),
        Column("author_platform", Prose, nullable=False),
        Column("author_roles", String, nullable=False),
        Column("text", Prose, nullable=False),
        Column("received_at", Moment, nullable=False),
        Column("source", Prose, nullable=False),
        Column("event", String, nullable=False),
        Column("amount", BigInteger, nullable=False),
        Column("is_mention", Boolean, nullable=False),
    ]


messages = Table(
    "messages",
    metadata,
    Column("id", Prose, primary_key=True),
    *_stimulus_columns(),
    Column("verdict", String, nullable=False),
    Column("score", Float(53), nullable=False),
    Column("reason", Prose, nullable=False),
    Column("merged_into", Prose, nullable=True),
)

Index("ix_messages_author_id", messages.c.author_id)

turns = Table(
    "turns",
    metadata,
    Column("id", Prose, primary_key=True),
    Column("character_id", Prose, nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("ended_at", Moment, nullable=False),
    Column("outcome", String, nullable=False),
    Column("prompt_line", Prose, nullable=False),
    Column("heard", Document, nullable=False),
    Column("trace", Document, nullable=False),
    Index("ix_turns_character_id", "character_id", "started_at", "id"),
)

turn_stimuli = Table(
    "turn_stimuli",
    metadata,
    Column("turn_id", Prose, ForeignKey("turns.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("stimulus_id", Prose, nullable=False),
    *_stimulus_columns(),
    Index("ix_turn_stimuli_stimulus_id", "stimulus_id"),
    Index("ix_turn_stimuli_author_id", "author_id"),
)

channel_events = Table(
    "channel_events",
    metadata,
    Column("id", Prose, primary_key=True),
    Column("event", String, nullable=False),
    Column("author_id", Prose, nullable=False),
    Column("author_name", Prose, nullable=False),
    Column("author_platform", Prose, nullable=False),
    Column("author_roles", String, nullable=False),
    Column("received_at", Moment, nullable=False),
    Column("source", Prose, nullable=False),
    Column("text", Prose, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("fields", Document, nullable=False),
    Column("is_anonymous", Boolean, nullable=False),
    Column("is_shared", Boolean, nullable=False),
    Column("is_test", Boolean, nullable=False),
    Column("is_spoken", Boolean, nullable=False),
    Column("reaction", Prose, nullable=False),
    Column("is_answered", Boolean, nullable=False),
    Column("acknowledged_at", Moment, nullable=True),
    Index("ix_channel_events_received_at", "received_at"),
)

characters = Table(
    "characters",
    metadata,
    Column("id", Prose, primary_key=True),
    Column("content", Document, nullable=False),
    Column("saved_at", Moment, nullable=False),
)

settings_changes = Table(
    "settings_changes",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("token", String, nullable=False, unique=True),
    Column("at", Moment, nullable=False, index=True),
    Column("path", Prose, nullable=False),
    Column("old", Prose, nullable=False),
    Column("new", Prose, nullable=False),
)
