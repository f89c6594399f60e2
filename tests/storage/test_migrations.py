"""Tables are brought up to date, or left alone."""

from __future__ import annotations

import pkgutil
from pathlib import Path
from types import ModuleType

import pytest
import sqlalchemy as sa
from alembic import op
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from tests.storage import postgres
from tests.storage.samples import turn
from voxelle.domain.errors import SetupError
from voxelle.kernel.clock import SystemClock
from voxelle.storage import migrations
from voxelle.storage.copies import Copies, is_sound
from voxelle.storage.database import Database
from voxelle.storage.migrations import versions
from voxelle.storage.tables import metadata


class NextVersion(ModuleType):
    """A version that could follow: it adds a column."""

    revision = "0003"
    down_revision = "0002"
    is_broken = False

    def upgrade(self) -> None:
        op.add_column("turns", sa.Column("mood", sa.Text))
        if self.is_broken:
            msg = "no such thing"
            raise sa.exc.OperationalError(msg, None, Exception(msg))


def opened(location: Path | str) -> Database:
    return Database.open(location, clock=SystemClock(), on_notice=print, password=postgres.PASSWORD)


async def test_the_versions_lead_to_the_present_tables(database: Database) -> None:
    with database._engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata) == []
        assert migrations.present_revision(connection) == migrations.newest_revision()


def test_every_file_of_a_version_is_in_the_list() -> None:
    files = {module.name for module in pkgutil.iter_modules(versions.__path__)}
    assert files == {module.__name__.rpartition(".")[2] for module in versions.ALL}


async def test_a_copy_is_made_before_a_file_is_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "voxelle.db"
    database = opened(file)
    await database.conversations.append_turn(turn(1))
    await database.close()
    monkeypatch.setattr(versions, "ALL", (*versions.ALL, NextVersion("next")))
    database = opened(file)
    assert await database.conversations.recent_turns("mira", 1) == [turn(1)]
    await database.close()
    [copy] = Copies(file).folder.glob("*-before-0003.db")
    assert is_sound(copy)
    with database._engine.connect() as connection:
        assert migrations.present_revision(connection) == "0003"
        assert "mood" in {column["name"] for column in sa.inspect(connection).get_columns("turns")}
    database._engine.dispose()


async def test_a_step_that_fails_changes_nothing(location: Path | str, monkeypatch: pytest.MonkeyPatch) -> None:
    await opened(location).close()
    broken = NextVersion("next")
    broken.is_broken = True
    with monkeypatch.context() as patch:
        patch.setattr(versions, "ALL", (*versions.ALL, broken))
        with pytest.raises(Exception, match=r"."):
            opened(location)
    database = opened(location)
    with database._engine.connect() as connection:
        assert migrations.present_revision(connection) == "0002"
        assert "mood" not in {column["name"] for column in sa.inspect(connection).get_columns("turns")}
    await database.close()


async def test_a_database_of_a_newer_program_is_left_alone(location: Path | str, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(versions, "ALL", (*versions.ALL, NextVersion("next")))
        await opened(location).close()
    with pytest.raises(SetupError, match="newer Voxelle"):
        opened(location)


async def test_without_room_for_the_copy_nothing_is_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "voxelle.db"
    await opened(file).close()
    Copies(file).folder.write_text("in the way")
    monkeypatch.setattr(versions, "ALL", (*versions.ALL, NextVersion("next")))
    with pytest.raises(SetupError, match="makes a copy"):
        opened(file)


async def test_a_file_of_the_first_version_gets_the_events_and_keeps_what_it_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "voxelle.db"
    with monkeypatch.context() as patch:
        patch.setattr(versions, "ALL", versions.ALL[:1])
        old = opened(file)
        await old.conversations.append_turn(turn(1))
        await old.close()
    database = opened(file)
    assert await database.conversations.recent_turns("mira", 1) == [turn(1)]
    assert await database.channel_events.recent_events(1) == []
    await database.close()
    assert list(Copies(file).folder.glob("*-before-0002.db"))
