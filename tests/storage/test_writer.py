"""The one who writes: together, in order, whatever fails."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import Connection, Engine, event, insert, select
from sqlalchemy.exc import OperationalError

from tests.storage import postgres
from tests.storage.samples import decision, stimulus, turn
from voxelle.domain.errors import InputError, SetupError, TemporaryError
from voxelle.kernel.clock import SystemClock
from voxelle.kernel.tasks import TaskScope
from voxelle.storage.database import Database
from voxelle.storage.tables import messages, settings_changes
from voxelle.storage.writer import Writer, WriterLimits

QUICK = WriterLimits(batch=50, waiting=200, first_retry_s=0.01, longest_retry_s=0.02)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "voxelle.db"


@pytest_asyncio.fixture
async def database(file: Path, notices: list[str]) -> AsyncIterator[Database]:
    opened = Database.open(file, clock=SystemClock(), on_notice=notices.append, limits=QUICK)
    yield opened
    await opened.close()


async def keep(database: Database, number: int, amount: int = 0) -> None:
    await database.conversations.append_message(stimulus(number, amount=amount), decision(stimulus(number)))


@contextmanager
def held(file: Path) -> Iterator[None]:
    """Let another program hold the database's write lock."""
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("COMMIT")


class Disk:
    """Decides how many pages the database may have, on every connection. SQLite then reports a full disk."""

    def __init__(self, engine: Engine) -> None:
        self.is_full = False
        event.listen(engine, "checkout", self._on_checkout)

    def _on_checkout(self, connection: Any, *_: Any) -> None:
        connection.execute(f"PRAGMA max_page_count={1 if self.is_full else 2**30}")


async def many(database: Database, numbers: range) -> list[BaseException | None]:
    return await asyncio.gather(*(keep(database, number) for number in numbers), return_exceptions=True)


async def test_what_comes_together_is_committed_together(database: Database, file: Path) -> None:
    commits: list[Any] = []
    event.listen(database._engine, "commit", commits.append)
    with held(file):
        waiting = asyncio.gather(*(keep(database, number) for number in range(120)))
        await asyncio.sleep(0)
    await waiting
    assert await database.conversations.count_messages() == 120
    assert len(commits) <= 4


async def test_a_refused_row_leaves_the_others_alone(database: Database, file: Path) -> None:
    with held(file):
        waiting = asyncio.gather(
            keep(database, 1),
            keep(database, 2, amount=2**70),
            database.conversations.append_turn(turn(1)),
            database._writer.append(insert(messages), {"id": "without the rest"}),
            keep(database, 3),
            return_exceptions=True,
        )
        await asyncio.sleep(0)
    outcomes = await waiting
    assert [type(outcome) for outcome in outcomes] == [type(None), InputError, type(None), InputError, type(None)]
    assert await database.conversations.count_messages() == 2
    assert await database.conversations.recent_turns("mira", 1) == [turn(1)]


async def test_work_that_is_refused_halfway_leaves_nothing(database: Database) -> None:
    row = {"token": "a", "at": turn(1).started_at, "path": "p", "old": "1", "new": "2"}

    def half(connection: Connection) -> None:
        connection.execute(insert(settings_changes), row)
        msg = "That was wrong."
        raise InputError(msg)

    outcomes = await asyncio.gather(database._writer.perform(half), keep(database, 1), return_exceptions=True)
    assert [str(outcome) for outcome in outcomes] == ["That was wrong.", "None"]
    assert await database.settings_history.changes(9) == []


async def test_a_bug_in_one_batch_reaches_its_callers_and_the_writer_goes_on(database: Database) -> None:
    def broken(_connection: Connection) -> None:
        raise ZeroDivisionError

    def stumbling(_connection: Connection) -> None:
        raise LookupError

    with pytest.raises(InputError):
        await database._writer.perform(broken)
    with pytest.raises(LookupError):
        await database._writer.perform(stumbling)
    await keep(database, 1)
    assert await database.conversations.count_messages() == 1


async def test_a_disk_that_fills_up_between_two_tries_loses_nothing(database: Database) -> None:
    full = sqlite3.OperationalError()
    full.sqlite_errorcode = sqlite3.SQLITE_FULL
    errors = iter([InputError("Wrong."), OperationalError("", {}, full)])

    def stumbling(_connection: Connection) -> str:
        error = next(errors, None)
        if error is not None:
            raise error
        return "done"

    assert await database._writer.perform(stumbling) == "done"


async def test_a_full_disk_keeps_rows_in_memory_until_there_is_room(database: Database, notices: list[str]) -> None:
    disk = Disk(database._engine)
    await keep(database, 0)
    disk.is_full = True
    told = asyncio.Event()
    database._writer._on_notice = lambda sentence: (notices.append(sentence), told.set())  # type: ignore[assignment,func-returns-value]
    waiting = asyncio.gather(*(keep(database, number) for number in range(1, 150)))
    await told.wait()
    assert notices == ["The disk is full and the conversation can't be saved. Make room: until then it waits in memory."]
    assert not waiting.done()
    disk.is_full = False
    await waiting
    await asyncio.sleep(0)
    assert await database.conversations.count_messages() == 150
    assert notices[-1] == "Saving works again: nothing was lost."


async def test_closing_while_the_disk_is_full_tells_every_caller(file: Path) -> None:
    told = asyncio.Event()
    database = Database.open(file, clock=SystemClock(), on_notice=lambda _sentence: told.set(), limits=QUICK)
    disk = Disk(database._engine)
    disk.is_full = True
    waiting = asyncio.gather(*(many(database, range(each, each + 100)) for each in (0, 100, 200)))
    await told.wait()
    await database.close()
    outcomes = [outcome for group in await waiting for outcome in group]
    assert {type(outcome) for outcome in outcomes} <= {TemporaryError, type(None)}
    assert sum(isinstance(outcome, TemporaryError) for outcome in outcomes) > 200


async def test_a_database_that_became_read_only_is_told_at_once(database: Database) -> None:
    event.listen(database._engine, "checkout", lambda connection, *_: connection.execute("PRAGMA query_only=ON"))
    with pytest.raises(SetupError, match="can't be written"):
        await keep(database, 1)


async def test_more_than_fits_into_memory_waits_outside(file: Path) -> None:
    limits = WriterLimits(batch=10, waiting=20)
    database = Database.open(file, clock=SystemClock(), on_notice=print, limits=limits)
    with held(file):
        waiting = asyncio.gather(*(keep(database, number) for number in range(100)))
        await asyncio.sleep(0)
        assert len(database._writer._waiting) + len(database._writer._batch) <= 20
    await waiting
    assert await database.conversations.count_messages() == 100
    await database.close()


async def test_a_cancelled_append_harms_nobody_and_is_written_whole(database: Database, file: Path) -> None:
    async with TaskScope("test") as scope:
        with held(file):
            cut = scope.start(database.conversations.append_turn(turn(1)), name="cut")
            await asyncio.sleep(0)
            cut.cancel()
            await asyncio.wait([cut])
        await keep(database, 2)
    assert await database.conversations.recent_turns("mira", 1) == [turn(1)]
    assert database._writer._room._value == QUICK.waiting


async def test_closing_writes_what_was_handed_over(file: Path) -> None:
    database = Database.open(file, clock=SystemClock(), on_notice=print)
    waiting = asyncio.gather(*(keep(database, number) for number in range(1000)))
    await asyncio.sleep(0)
    await database.close()
    await waiting
    await database.close()
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("select count(*) from messages").fetchone() == (1000,)


async def test_a_closed_writer_takes_nothing_more(file: Path) -> None:
    database = Database.open(file, clock=SystemClock(), on_notice=print)
    await database.close()
    with pytest.raises(TemporaryError, match="closing"):
        await keep(database, 1)


def test_a_loop_that_ended_meanwhile_loses_no_row(file: Path) -> None:
    with asyncio.Runner() as runner:
        database = Database.open(file, clock=SystemClock(), on_notice=print)

        async def hand_over() -> None:
            async with asyncio.timeout(0):
                await keep(database, 1)

        with held(file), pytest.raises(TimeoutError):
            runner.run(hand_over())
        runner.close()
    with asyncio.Runner() as runner:
        assert runner.run(database.conversations.count_messages()) in {0, 1}
        runner.run(database.close())
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("select count(*) from messages").fetchone() == (1,)


@pytest.mark.postgres
async def test_rows_survive_a_server_that_goes_away_and_comes_back(server: postgres.Server) -> None:
    told = asyncio.Event()
    database = Database.open(
        server.new_database(), clock=SystemClock(), on_notice=lambda _sentence: told.set(), password=postgres.PASSWORD, limits=QUICK
    )
    await keep(database, 0)
    await asyncio.to_thread(server.stop)
    waiting = asyncio.gather(*(keep(database, number) for number in range(100)))
    await told.wait()
    with pytest.raises(TemporaryError):
        await database.conversations.count_messages()
    await asyncio.to_thread(server.start)
    await waiting
    assert await database.conversations.count_messages() == 100
    await database.close()


@pytest.mark.postgres
async def test_postgres_refuses_one_row_and_keeps_the_others(server: postgres.Server) -> None:
    database = Database.open(server.new_database(), clock=SystemClock(), on_notice=print, password=postgres.PASSWORD)
    outcomes = await asyncio.gather(keep(database, 1), keep(database, 2, amount=2**70), keep(database, 3), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [type(None), InputError, type(None)]
    assert await database.conversations.count_messages() == 2
    await database.close()


async def test_a_writer_can_stand_alone(sqlite: Database) -> None:
    writer = Writer(sqlite._engine, print)
    assert await writer.perform(lambda connection: connection.execute(select(1)).scalar_one()) == 1
    await writer.close()


async def test_after_many_rows_the_next_ones_are_waited_for(file: Path) -> None:
    database = Database.open(file, clock=SystemClock(), on_notice=print, limits=WriterLimits(gather_s=60.0))
    commits: list[Any] = []
    event.listen(database._engine, "commit", commits.append)
    assert await many(database, range(12)) == [None] * 12
    commits.clear()
    async with TaskScope("test") as scope:
        later = [scope.start(keep(database, number), name="later") for number in range(12, 30)]
        await asyncio.sleep(0)
        await database.close()  # which does not wait for more
        await asyncio.wait(later)
    assert len(commits) == 1
