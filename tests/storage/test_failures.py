"""Errors of databases have a meaning."""

from __future__ import annotations

import sqlite3

import pytest
from sqlalchemy.exc import InterfaceError, OperationalError, ProgrammingError

from voxelle.domain.errors import AuthError, InputError, SetupError, TemporaryError, VoxelleError
from voxelle.storage.failures import explain


def sqlite_error(code: int) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("words of SQLite")
    error.sqlite_errorcode = code
    return error


class ServerError(Exception):
    def __init__(self, words: str = "", sqlstate: str | None = None) -> None:
        super().__init__(words)
        self.sqlstate = sqlstate


@pytest.mark.parametrize(
    "code, expected",
    [
        (sqlite3.SQLITE_FULL, TemporaryError),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, TemporaryError),
        (sqlite3.SQLITE_IOERR_FSYNC, TemporaryError),
        (sqlite3.SQLITE_READONLY_DBMOVED, SetupError),
        (sqlite3.SQLITE_CANTOPEN, SetupError),
        (sqlite3.SQLITE_CORRUPT_INDEX, SetupError),
        (sqlite3.SQLITE_CONSTRAINT_NOTNULL, InputError),
    ],
)
def test_sqlite_codes_have_a_meaning(code: int, expected: type[VoxelleError]) -> None:
    for error in (sqlite_error(code), OperationalError("INSERT", {}, sqlite_error(code))):
        meaning = explain(error)
        assert type(meaning) is expected
        assert "words of SQLite" not in meaning.sentence


@pytest.mark.parametrize(
    "error, expected",
    [
        (OperationalError("", {}, ServerError(sqlstate="53100")), TemporaryError),
        (OperationalError("", {}, ServerError(sqlstate="40P01")), TemporaryError),
        (OperationalError("", {}, ServerError(sqlstate="57P01")), TemporaryError),
        (OperationalError("", {}, ServerError("connection refused")), TemporaryError),
        (OperationalError("", {}, ServerError("password authentication failed")), AuthError),
        (OperationalError("", {}, ServerError("database x does not exist")), SetupError),
        (InterfaceError("", {}, ServerError("gone"), connection_invalidated=True), TemporaryError),
        (ProgrammingError("", {}, ServerError(sqlstate="42P01")), SetupError),
        (ProgrammingError("", {}, ServerError(sqlstate="22003")), InputError),
        (InterfaceError("", {}, ServerError()), InputError),
        (OverflowError(), InputError),
    ],
)
def test_server_codes_have_a_meaning(error: Exception, expected: type[VoxelleError]) -> None:
    assert type(explain(error)) is expected


def test_an_error_of_ours_means_itself() -> None:
    own = InputError("Wrong.")
    assert explain(own) is own
