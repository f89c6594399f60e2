"""The first tables: messages, turns with their stimuli, characters and changes of settings."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create all tables."""
    from alembic import op

    op.create_table(
        "messages",
        sa.Column("id", sa.Text, nullable=False),
        *_stimulus_columns(),
        sa.Column("verdict", sa.String, nullable=False),
        sa.Column("score", sa.Float(53), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("merged_into", sa.Text, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_messages"),
    )
    op.create_table(
        "turns",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("character_id", sa.Text, nullable=False),
        sa.Column("started_at", sa.BigInteger, nullable=False),
        sa.Column("ended_at", sa.BigInteger, nullable=False),
        sa.Column("outcome", sa.String, nullable=False),
        sa.Column("prompt_line", sa.Text, nullable=False),
        sa.Column("heard", sa.Text, nullable=False),
        sa.Column("trace", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_turns"),
    )
    op.create_index("ix_turns_character_id", "turns", ["character_id", "started_at", "id"])
    op.create_table(
        "turn_stimuli",
        sa.Column("turn_id", sa.Text, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("stimulus_id", sa.Text, nullable=False),
        *_stimulus_columns(),
        sa.PrimaryKeyConstraint("turn_id", "position", name="pk_turn_stimuli"),
        sa.ForeignKeyConstraint(["turn_id"], ["turns.id"], name="fk_turn_stimuli_turn_id", ondelete="CASCADE"),
    )
    op.create_table(
        "characters",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("saved_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_characters"),
    )
    op.create_table(
        "settings_changes",
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("token", sa.String, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("old", sa.Text, nullable=False),
        sa.Column("new", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_settings_changes"),
        sa.UniqueConstraint("token", name="uq_settings_changes_token"),
    )
    op.create_index("ix_settings_changes_at", "settings_changes", ["at"])


def _stimulus_columns() -> list[sa.Column[Any]]:
    return [
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("author_id", sa.Text, nullable=False),
        sa.Column("author_name", sa.Text, nullable=False),
        sa.Column("author_platform", sa.Text, nullable=False),
        sa.Column("author_roles", sa.String, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("received_at", sa.BigInteger, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("event", sa.String, nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("is_mention", sa.Boolean, nullable=False),
    ]
