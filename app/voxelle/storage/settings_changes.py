"""Every change of a setting, newest first when asked for."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, select

from voxelle.contracts.storage import SettingsHistory
from voxelle.storage.inserts import insert_for
from voxelle.storage.reader import Reader
from voxelle.storage.tables import settings_changes
from voxelle.storage.writer import Writer


class SettingsChanges(SettingsHistory):
    """Implements the contract. A token makes a repeated write harmless."""

    def __init__(self, writer: Writer, reader: Reader, dialect: str) -> None:
        insert = insert_for(dialect)
        self._add = insert(settings_changes).on_conflict_do_nothing(index_elements=["token"])
        self._writer = writer
        self._reader = reader

    async def append_change(self, path: str, old: str, new: str, at: datetime) -> None:
        """Keep one change; values are JSON."""
        await self._writer.append(self._add, {"token": uuid.uuid4().hex, "at": at, "path": path, "old": old, "new": new})

    async def changes(self, limit: int) -> Sequence[tuple[datetime, str, str, str]]:
        """Return the newest changes first: time, path, old, new."""
        if limit <= 0:
            return ()
        table = settings_changes.c
        newest = select(table.at, table.path, table.old, table.new).order_by(table.at.desc(), table.number.desc()).limit(limit)

        def read(connection: Connection) -> list[tuple[datetime, str, str, str]]:
            return [(row.at, row.path, row.old, row.new) for row in connection.execute(newest)]

        return await self._reader.read(read)
