"""The history of settings."""

from __future__ import annotations

from datetime import timedelta

from tests.storage.samples import NOON
from voxelle.storage.database import Database


async def test_the_newest_changes_come_first(database: Database) -> None:
    history = database.settings_history
    await history.append_change("voice.volume", "0.9", "0.5", NOON)
    await history.append_change("general.theme", '"system"', '"dark"', NOON)
    await history.append_change("voice.volume", "0.5", "0.1", NOON - timedelta(hours=1))
    assert await history.changes(9) == [
        (NOON, "general.theme", '"system"', '"dark"'),
        (NOON, "voice.volume", "0.9", "0.5"),
        (NOON - timedelta(hours=1), "voice.volume", "0.5", "0.1"),
    ]
    assert len(await history.changes(1)) == 1
    assert await history.changes(0) == ()
