"""Opening: damaged files, copies, servers that refuse."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.storage import postgres
from tests.storage.samples import NOON, turn
from voxelle.domain.errors import AuthError, SetupError, TemporaryError, VoxelleError
from voxelle.kernel.clock import Clock, SystemClock
from voxelle.storage.connections import parse
from voxelle.storage.copies import Copies
from voxelle.storage.database import Database


class Calendar(SystemClock):
    """A clock whose date is set."""

    def __init__(self, now: datetime = NOON) -> None:
        self.today = now

    def now(self) -> datetime:
        return self.today


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "data" / "voxelle.db"


@pytest.fixture
def calendar() -> Calendar:
    return Calendar()


async def use(file: Path, clock: Clock, notices: list[str], number: int | None = None) -> list[str]:
    """Open, keep a turn, close; returns the ids of all turns."""
    database = Database.open(file, clock=clock, on_notice=notices.append)
    notices.extend(database.notices)
    if number is not None:
        await database.conversations.append_turn(turn(number))
    found = await database.conversations.recent_turns("mira", 99)
    await database.close()
    return [each.id for each in found]


def copies_of(file: Path) -> list[str]:
    return sorted(path.name for path in Copies(file).folder.glob("*"))


def inode(file: Path) -> int:
    return file.stat().st_ino


def as_garbage(file: Path) -> None:
    file.write_bytes(b"this was a database" * 500)


def with_a_broken_page(file: Path) -> None:
    size = file.stat().st_size
    with file.open("r+b") as stream:
        stream.seek(8192)
        stream.write(os.urandom(size - 8192))


def cut_short(file: Path) -> None:
    os.truncate(file, file.stat().st_size // 2)


async def test_the_file_is_in_wal_mode_flushed_at_every_commit_with_foreign_keys(sqlite: Database) -> None:
    def pragmas(name: str) -> object:
        with sqlite._engine.connect() as connection:
            return connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()

    found = [pragmas(name) for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout", "secure_delete")]
    assert found == ["wal", 2, 1, 5000, 1]


async def test_a_clean_end_leaves_one_file(file: Path, calendar: Calendar, notices: list[str]) -> None:
    await use(file, calendar, notices, 1)
    assert [path.name for path in file.parent.iterdir()] == ["voxelle.db"]


@pytest.mark.parametrize("damage", [as_garbage, with_a_broken_page, cut_short])
async def test_a_damaged_file_is_set_aside_and_a_new_one_begun(
    file: Path, calendar: Calendar, notices: list[str], damage: Callable[[Path], None]
) -> None:
    await use(file, calendar, notices, 1)
    damage(file)
    number = inode(file)
    assert await use(file, calendar, notices, 2) == ["t-000002"]
    assert inode(file.with_name("voxelle.damaged-20260301-120000.db")) == number
    assert notices == ["The conversation file was damaged and is kept as voxelle.damaged-20260301-120000.db. A new one was begun."]


async def test_a_damaged_file_is_replaced_by_the_newest_sound_copy(file: Path, calendar: Calendar, notices: list[str]) -> None:
    await use(file, calendar, notices, 1)
    for number in (2, 3, 4):
        calendar.today += timedelta(days=2)
        await use(file, calendar, notices, number)
    as_garbage(Copies(file).folder / copies_of(file)[-1])
    as_garbage(file)
    assert await use(file, calendar, notices) == ["t-000001", "t-000002"]
    [notice] = notices
    assert notice.endswith("is kept as voxelle.damaged-20260307-120000.db. The copy of 2026-03-05 12:00 UTC took its place.")


async def test_two_damaged_files_of_one_second_are_both_kept(file: Path, calendar: Calendar, notices: list[str]) -> None:
    for _ in range(3):
        file.parent.mkdir(exist_ok=True)
        as_garbage(file)
        await use(file, calendar, notices)
    names = {path.name for path in file.parent.glob("*damaged*")}
    assert names == {f"voxelle.damaged-20260301-120000{number}.db" for number in ("", "-2", "-3")}


def test_what_belongs_to_a_damaged_file_goes_aside_with_it(file: Path) -> None:
    file.parent.mkdir()
    for ending in ("", "-wal", "-shm"):
        file.with_name(file.name + ending).write_text(ending)
    aside = Copies(file).set_aside(NOON)
    assert sorted(path.name.removeprefix(aside.name) for path in file.parent.iterdir()) == ["", "-shm", "-wal"]


async def test_a_copy_is_taken_once_a_day_and_three_are_kept(file: Path, calendar: Calendar, notices: list[str]) -> None:
    await use(file, calendar, notices, 1)
    assert copies_of(file) == []  # nothing was in it when it was opened
    for hours in (1, 2, 25, 50, 75, 100):
        calendar.today = NOON + timedelta(hours=hours)
        await use(file, calendar, notices, hours)
    assert copies_of(file) == ["20260303-140000-daily.db", "20260304-150000-daily.db", "20260305-160000-daily.db"]


async def test_a_copy_that_fails_does_not_keep_her_from_starting(file: Path, calendar: Calendar, notices: list[str]) -> None:
    await use(file, calendar, notices, 1)
    Copies(file).folder.write_text("in the way")
    assert await use(file, calendar, notices, 2) == ["t-000001", "t-000002"]


async def test_what_is_forgotten_is_gone_from_the_copies_too(file: Path, calendar: Calendar, notices: list[str]) -> None:
    await use(file, calendar, notices, 1)
    await use(file, calendar, notices)
    assert len(copies_of(file)) == 1
    calendar.today += timedelta(hours=1)
    database = Database.open(file, clock=calendar, on_notice=notices.append)
    await database.conversations.forget_character("mira")
    await database.close()
    assert copies_of(file) == ["20260301-130000-daily.db"]
    for path in (file, Copies(file).folder / copies_of(file)[0]):
        assert b"Oh, hello Ann!" not in path.read_bytes()


def test_a_folder_that_is_a_file_is_told_in_a_sentence(tmp_path: Path, notices: list[str]) -> None:
    (tmp_path / "data").write_text("in the way")
    with pytest.raises(SetupError, match="has to be a folder"):
        Database.open(tmp_path / "data" / "voxelle.db", clock=SystemClock(), on_notice=notices.append)


def test_a_database_that_is_a_folder_is_told_in_a_sentence(tmp_path: Path, notices: list[str]) -> None:
    (tmp_path / "voxelle.db").mkdir()
    with pytest.raises(SetupError, match="can't be opened"):
        Database.open(tmp_path / "voxelle.db", clock=SystemClock(), on_notice=notices.append)


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_a_folder_that_cannot_be_written_is_told_in_a_sentence(file: Path, notices: list[str]) -> None:
    file.parent.mkdir()
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE a (b)")
    file.chmod(0o444)
    file.parent.chmod(0o555)
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    with pytest.raises(SetupError, match="can't be written"):
        Database.open(file, clock=SystemClock(), on_notice=notices.append)


def test_a_damaged_file_that_cannot_be_replaced_is_told_in_a_sentence(
    file: Path, notices: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file.parent.mkdir()
    as_garbage(file)

    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(SetupError, match="is damaged and can't be replaced"):
        Database.open(file, clock=SystemClock(), on_notice=notices.append)
    assert file.exists()


def test_places_are_told_apart(tmp_path: Path) -> None:
    assert parse(tmp_path / "a.db") == tmp_path / "a.db"
    assert parse(str(tmp_path / "a.db")) == tmp_path / "a.db"
    assert parse(f"sqlite:///{(tmp_path / 'a.db').as_posix()}") == tmp_path / "a.db"
    assert str(parse("postgresql://ann@host/db")) == "postgresql+psycopg://ann@host/db"
    assert str(parse("postgres://ann@host/db")) == "postgresql+psycopg://ann@host/db"
    for wrong in ("mysql://host/db", "sqlite://", "postgresql://host:port/db"):
        with pytest.raises(SetupError):
            parse(wrong)


def open_server(address: str, password: str | None = postgres.PASSWORD) -> Database:
    return Database.open(address, clock=SystemClock(), on_notice=print, password=password)


@pytest.mark.postgres
@pytest.mark.parametrize(
    "change, password, expected",
    [
        (lambda address: address, "wrong", AuthError),
        (lambda address: address, None, AuthError),
        (lambda address: address + "_missing", postgres.PASSWORD, SetupError),
        (lambda address: address.rpartition(":")[0] + ":1/x", postgres.PASSWORD, TemporaryError),
    ],
    ids=["wrong password", "no password", "no such database", "nobody answers"],
)
def test_a_server_that_refuses_is_told_in_a_sentence(
    server: postgres.Server, change: Callable[[str], str], password: str | None, expected: type[VoxelleError]
) -> None:
    with pytest.raises(expected) as caught:
        open_server(change(server.new_database()), password)
    assert "wrong" not in str(caught.value)


@pytest.mark.postgres
def test_a_server_where_tables_may_not_be_made_is_told_in_a_sentence(server: postgres.Server) -> None:
    with pytest.raises(SetupError, match="can only be read"):
        open_server(server.new_database() + "?options=-cdefault_transaction_read_only=on")


async def test_reads_do_not_hold_up_the_loop(sqlite: Database) -> None:
    """While a read is held in its thread, the loop goes on and other reads are served."""
    import threading

    gate = threading.Event()
    slow = asyncio.gather(sqlite._reader.read(lambda _connection: gate.wait()))
    assert await sqlite.conversations.count_messages() == 0
    assert not slow.done()
    gate.set()
    assert list(await slow) == [True]
