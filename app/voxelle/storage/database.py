"""Opens a database, brings it up to date, and hands out its stores."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from voxelle.contracts.storage import ChannelEventStore, CharacterStore, ConversationStore, SettingsHistory
from voxelle.domain.errors import SetupError
from voxelle.domain.persona import Character
from voxelle.kernel.clock import Clock
from voxelle.kernel.paths import make_private
from voxelle.storage import migrations
from voxelle.storage.channel_events import ChannelEvents
from voxelle.storage.characters import Characters
from voxelle.storage.connections import parse, postgres_engine, sqlite_engine
from voxelle.storage.conversations import Conversations
from voxelle.storage.copies import Copies, is_sound
from voxelle.storage.failures import explain
from voxelle.storage.reader import Reader
from voxelle.storage.settings_changes import SettingsChanges
from voxelle.storage.writer import Writer, WriterLimits

log = structlog.get_logger("store")


class Database:
    """All that survives a restart. `open` it, use its stores on one asyncio loop, `close` it."""

    conversations: ConversationStore
    channel_events: ChannelEventStore
    characters: CharacterStore
    settings_history: SettingsHistory
    notices: tuple[str, ...] = ()
    """What the streamer should know of the opening: that a file was damaged, and what took its place."""

    def __init__(
        self,
        engine: Engine,
        copies: Copies | None,
        *,
        clock: Clock,
        samples: Sequence[Character] = (),
        on_notice: Callable[[str], None],
        limits: WriterLimits | None = None,
    ) -> None:
        self._engine = engine
        self._writer = Writer(engine, on_notice, limits)
        self._reader = Reader(engine)
        dialect = engine.dialect.name
        self.conversations = Conversations(self._writer, self._reader, dialect, partial(_renew, copies, clock))
        self.channel_events = ChannelEvents(self._writer, self._reader, dialect)
        self.characters = Characters(self._writer, self._reader, dialect, clock, samples)
        self.settings_history = SettingsChanges(self._writer, self._reader, dialect)

    @classmethod
    def open(
        cls,
        location: Path | str,
        *,
        clock: Clock,
        samples: Sequence[Character] = (),
        on_notice: Callable[[str], None],
        password: str | None = None,
        limits: WriterLimits | None = None,
    ) -> Database:
        """Open a SQLite file or a PostgreSQL address (without the password, which comes from the keyring).

        Blocks: call it before the loop runs or in a thread. A damaged file is set aside and the
        newest sound copy, or an empty database, takes its place; `notices` says so. `on_notice` is
        called later, on the loop, when saving has trouble and when it works again.
        Raises SetupError, AuthError or TemporaryError.
        """
        place = parse(location)
        copies, notice = None, None
        if isinstance(place, Path):
            copies = Copies(place)
            make_private(place.parent)
            notice = _repair(place, copies, clock)
            engine = sqlite_engine(place)
        else:
            engine = postgres_engine(place, password)
        try:
            is_new = _upgrade(engine, copies, clock)
        except BaseException:
            engine.dispose()
            raise
        log.info("store.opened", database=engine.dialect.name, revision=migrations.newest_revision())
        database = cls(engine, copies, clock=clock, samples=samples, on_notice=on_notice, limits=limits)
        if notice is not None:
            database.notices = (notice,)
        if copies is not None and not is_new:
            database._reader.start(partial(copies.take_daily, clock.now()))
        return database

    async def close(self) -> None:
        """Write everything that was handed over, then close. Closing twice is harmless."""
        await self._writer.close()
        await self._reader.close()
        self._engine.dispose()
        log.info("store.closed")


def _repair(file: Path, copies: Copies, clock: Clock) -> str | None:
    """Replace a damaged file and return a sentence about it. Nothing of it is deleted."""
    if not file.exists():
        return None
    try:
        if is_sound(file):
            return None
        aside = copies.set_aside(clock.now())
        date = copies.restore_newest()
    except sqlite3.Error as error:
        raise explain(error) from error
    except OSError as error:
        msg = f"The conversation file {file} is damaged and can't be replaced: check the folder's permissions and the room on the disk."
        raise SetupError(msg) from error
    log.error("store.damaged", restored=date is not None)
    outcome = "A new one was begun." if date is None else f"The copy of {date:%Y-%m-%d %H:%M} UTC took its place."
    return f"The conversation file was damaged and is kept as {aside.name}. {outcome}"


def _upgrade(engine: Engine, copies: Copies | None, clock: Clock) -> bool:
    """Bring the tables up to date; a SQLite file is copied before it is changed. Returns whether it was empty before."""
    try:
        with engine.connect() as connection:
            present = migrations.present_revision(connection)
        newest = migrations.newest_revision()
        if present == newest:
            return False
        if copies is not None and present is not None:
            copies.take(f"before-{newest}", clock.now())
        with engine.begin() as connection:
            migrations.upgrade(connection)
        return present is None
    except (SQLAlchemyError, sqlite3.Error) as error:
        raise explain(error) from error
    except OSError as error:
        msg = "Before this version changes the conversation file, it makes a copy, and that failed: make room, then start again."
        raise SetupError(msg) from error


def _renew(copies: Copies | None, clock: Clock) -> None:
    if copies is not None:
        copies.renew(clock.now())
