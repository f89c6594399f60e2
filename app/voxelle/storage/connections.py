"""How a database is reached: an engine for a SQLite file or for a PostgreSQL address.

SQLite runs in WAL mode with synchronous=FULL: every commit is flushed to the disk before it is
acknowledged, so it survives a killed program and a power cut (as far as the disk tells the truth).
synchronous=NORMAL would survive the killed program as well, but lose the last seconds in a power
cut; since the writer commits many rows at once, the flush is paid once a batch and costs little.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

from voxelle.domain.errors import SetupError

_BUSY_TIMEOUT_S = 5.0
_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA checkpoint_fullfsync=ON",  # macOS: F_FULLFSYNC, elsewhere without effect
    "PRAGMA foreign_keys=ON",
    "PRAGMA secure_delete=ON",  # what is forgotten is overwritten
    "PRAGMA journal_size_limit=67108864",
)
WRITES = "voxelle_writes"
"""Execution option of a connection whose transactions write: they take the lock at their beginning."""


def parse(location: Path | str) -> Path | URL:
    """Tell a file from an address. Raises SetupError for an address of another kind of database."""
    if isinstance(location, Path):
        return location.expanduser().absolute()
    if "://" not in location:
        return Path(location).expanduser().absolute()
    try:
        url = make_url(location)
    except (ArgumentError, ValueError) as error:
        msg = "The database address can't be understood. It looks like postgresql+psycopg://user@host/name."
        raise SetupError(msg) from error
    kind = url.get_backend_name()
    if kind == "sqlite" and url.database:
        return Path(url.database).expanduser().absolute()
    if kind in {"postgresql", "postgres"}:
        return url.set(drivername="postgresql+psycopg")
    msg = "Only SQLite files and PostgreSQL addresses (postgresql+psycopg://user@host/name) can be used as database."
    raise SetupError(msg)


def sqlite_engine(path: Path) -> Engine:
    """Return an engine for a file. Opens nothing yet. What is kept never shows up in an error's text."""
    engine = create_engine(URL.create("sqlite", database=str(path)), connect_args={"timeout": _BUSY_TIMEOUT_S}, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def set_up(connection: sqlite3.Connection, _record: Any) -> None:
        connection.isolation_level = None  # transactions are begun below, so that DDL is part of them
        for pragma in _PRAGMAS:
            connection.execute(pragma).close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        does_write = connection.get_execution_options().get(WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if does_write else "BEGIN")

    return engine


def postgres_engine(url: URL, password: str | None) -> Engine:
    """Return an engine for a server. `password` goes beside the address, which is kept in a file and has none."""
    return create_engine(
        url if password is None else url.set(password=password),
        pool_size=4,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args={"connect_timeout": 10, "application_name": "Voxelle", "keepalives_idle": 30},
    )
