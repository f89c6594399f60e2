"""Copies of the SQLite file: taken before it is changed and once a day, used when it is damaged."""

from __future__ import annotations

import re
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog

log = structlog.get_logger("store")

_STAMP = "%Y%m%d-%H%M%S"
_EVERY = timedelta(days=1)
_KEPT = 3
_SIDE_FILES = ("-wal", "-shm", "-journal")


class Copies:
    """The copies of one database file, in a folder beside it: `daily` ones, and `before-<revision>` ones."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.folder = file.with_name(f"{file.stem}-copies")

    def take(self, reason: str, now: datetime) -> Path:
        """Copy the whole database in one consistent step, while others may write. Raises OSError, sqlite3.Error."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        target = self.folder / f"{now.strftime(_STAMP)}-{reason}.db"
        unfinished = target.with_suffix(".part")
        unfinished.unlink(missing_ok=True)
        try:
            with closing(sqlite3.connect(self._file)) as source, closing(sqlite3.connect(unfinished)) as copy:
                source.backup(copy)
                copy.execute("PRAGMA journal_mode=DELETE").close()
            unfinished.replace(target)
        finally:
            unfinished.unlink(missing_ok=True)
        self._prune(reason)
        return target

    def take_daily(self, now: datetime) -> Path | None:
        """Take a copy unless there is one of the last day. A copy that fails is only logged."""
        newest = max(self._taken("daily"), default=None)
        if newest is not None and now - newest < _EVERY:
            return None
        return self._take_quietly(now)

    def renew(self, now: datetime) -> None:
        """Replace all copies by one of today: what was forgotten must not live on in them."""
        for copy in self._all():
            copy.unlink(missing_ok=True)
        self._take_quietly(now)

    def _take_quietly(self, now: datetime) -> Path | None:
        try:
            return self.take("daily", now)
        except (OSError, sqlite3.Error) as error:
            log.warning("store.copy_failed", kind=type(error).__name__)
            return None

    def restore_newest(self) -> datetime | None:
        """Put the newest sound copy in the place of the database; returns its date, None if there is none."""
        for copy in reversed(self._all()):
            if is_sound(copy):
                unfinished = self._file.with_suffix(".part")
                shutil.copyfile(copy, unfinished)
                unfinished.replace(self._file)
                return _date_of(copy)
        return None

    def set_aside(self, now: datetime) -> Path:
        """Rename a damaged database, with what belongs to it, and return its new name. Nothing is deleted."""
        aside = self._file.with_name(f"{self._file.stem}.damaged-{now.strftime(_STAMP)}{self._file.suffix}")
        number = 1
        while aside.exists():
            number += 1
            aside = aside.with_name(f"{self._file.stem}.damaged-{now.strftime(_STAMP)}-{number}{self._file.suffix}")
        self._file.replace(aside)
        for ending in _SIDE_FILES:
            side = self._file.with_name(self._file.name + ending)
            if side.exists():
                side.replace(aside.with_name(aside.name + ending))
        return aside

    def _all(self) -> list[Path]:
        """Return the copies, oldest first."""
        return sorted(path for path in self.folder.glob("*.db") if _date_of(path) is not None)

    def _taken(self, reason: str) -> list[datetime]:
        dates = (_date_of(copy) for copy in self._all() if copy.stem.endswith(f"-{reason}"))
        return [date for date in dates if date is not None]

    def _prune(self, reason: str) -> None:
        kind = reason.partition("-")[0]
        of_kind = [copy for copy in self._all() if copy.stem.split("-")[2] == kind]
        for copy in of_kind[:-_KEPT]:
            copy.unlink(missing_ok=True)


def is_sound(file: Path) -> bool:
    """Check a database file's structure, about a second a gigabyte. An empty file is sound.

    Raises sqlite3.Error when the file can't be judged (locked, not readable).
    """
    try:
        with closing(sqlite3.connect(file)) as connection:
            row = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.DatabaseError as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}:
            return False
        raise
    return bool(row[0] == "ok")


def _date_of(copy: Path) -> datetime | None:
    match = re.match(r"\d{8}-\d{6}(?=-)", copy.name)
    return None if match is None else datetime.strptime(match[0], _STAMP).replace(tzinfo=UTC)
