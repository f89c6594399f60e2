"""Which rows a retraction concerns."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Column, ColumnElement, Table, and_, false

from voxelle.domain.chat import Retraction, StimulusKind


def concerned(table: Table, own_id: Column[str], retraction: Retraction, since: datetime) -> ColumnElement[bool]:
    """Return the condition for rows that hold a stimulus, of messages or of turns; `own_id` holds the stimulus' id."""
    if retraction.stimulus_ids:
        return own_id.in_(retraction.stimulus_ids)
    of_platform = table.c.author_platform == retraction.platform
    if retraction.author_id:
        return and_(of_platform, table.c.author_id == retraction.author_id)
    if retraction.is_everything:
        return and_(of_platform, table.c.kind == StimulusKind.CHAT.value, table.c.received_at >= since)
    return false()
