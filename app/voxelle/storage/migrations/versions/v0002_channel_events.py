"""What happened on the channels; and indexes to find what was taken back."""

from __future__ import annotations

import sqlalchemy as sa

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the table and the indexes."""
    from alembic import op

    op.create_table(
        "channel_events",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("event", sa.String, nullable=False),
        sa.Column("author_id", sa.Text, nullable=False),
        sa.Column("author_name", sa.Text, nullable=False),
        sa.Column("author_platform", sa.Text, nullable=False),
        sa.Column("author_roles", sa.String, nullable=False),
        sa.Column("received_at", sa.BigInteger, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("fields", sa.Text, nullable=False),
        sa.Column("is_anonymous", sa.Boolean, nullable=False),
        sa.Column("is_shared", sa.Boolean, nullable=False),
        sa.Column("is_test", sa.Boolean, nullable=False),
        sa.Column("is_spoken", sa.Boolean, nullable=False),
        sa.Column("reaction", sa.Text, nullable=False),
        sa.Column("is_answered", sa.Boolean, nullable=False),
        sa.Column("acknowledged_at", sa.BigInteger, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_channel_events"),
    )
    op.create_index("ix_channel_events_received_at", "channel_events", ["received_at"])
    op.create_index("ix_messages_author_id", "messages", ["author_id"])
    op.create_index("ix_turn_stimuli_stimulus_id", "turn_stimuli", ["stimulus_id"])
    op.create_index("ix_turn_stimuli_author_id", "turn_stimuli", ["author_id"])
