"""What a database's error means: wait, correct something, or leave that one row out."""

from __future__ import annotations

import sqlite3

from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError

from voxelle.domain.errors import AuthError, InputError, SetupError, TemporaryError, VoxelleError

ROW_ERRORS = (SQLAlchemyError, ArithmeticError, TypeError, ValueError)
"""What executing a statement can raise: drivers let OverflowError and the like of a strange value through."""

_DAMAGED = "The conversation file is damaged. Start Voxelle again: it sets the file aside and goes on with the last good copy."
_UNWRITABLE = "The conversation file can't be written: check its permissions, or choose another data folder."
_SQLITE: dict[int, VoxelleError] = {
    sqlite3.SQLITE_FULL: TemporaryError("The disk is full and the conversation can't be saved. Make room: until then it waits in memory."),
    sqlite3.SQLITE_BUSY: TemporaryError("Another program holds the conversation file; saving goes on as soon as it lets go."),
    sqlite3.SQLITE_LOCKED: TemporaryError("The conversation file is locked for a moment; saving goes on soon."),
    sqlite3.SQLITE_NOMEM: TemporaryError("There is not enough memory to save the conversation; it is tried again soon."),
    sqlite3.SQLITE_IOERR: TemporaryError("The disk with the conversation has trouble. Check it: saving is tried again until it works."),
    sqlite3.SQLITE_READONLY: SetupError(_UNWRITABLE),
    sqlite3.SQLITE_PERM: SetupError(_UNWRITABLE),
    sqlite3.SQLITE_CANTOPEN: SetupError("The conversation file can't be opened: check the data folder and its permissions."),
    sqlite3.SQLITE_CORRUPT: SetupError(_DAMAGED),
    sqlite3.SQLITE_NOTADB: SetupError(_DAMAGED),
}

_UNREACHABLE = "The database server can't be reached. Check that it runs and that the address in the settings is right."
_POSTGRES: dict[str, VoxelleError] = {
    "53100": TemporaryError("The database server's disk is full. Make room: the conversation is kept in memory until then."),
    "53": TemporaryError("The database server has too much to do; saving is tried again soon."),
    "40": TemporaryError("The database was busy with something else; saving is tried again at once."),
    "55": TemporaryError("The database was busy with something else; saving is tried again at once."),
    "57": TemporaryError("The database server was stopped; saving goes on when it runs again."),
    "58": TemporaryError("The database server has trouble with its disk; saving is tried again soon."),
    "08": TemporaryError(_UNREACHABLE),
    "25006": SetupError("The database can only be read: give Voxelle's user the right to write."),
    "28": AuthError("The database refused the sign-in: check the user name in its address and save the password again."),
    "3D": SetupError("There is no such database on the server: create it, or correct the address in the settings."),
    "42501": SetupError("The database user may not do this: give it the right to create and change tables."),
    "42": SetupError("The database does not have the tables that Voxelle expects: choose another database, or start Voxelle again."),
    "XX": SetupError("The database server reports damaged data: ask who looks after it."),
}
_REFUSED = "The database could not take one entry, so it was left out."


def explain(error: Exception) -> VoxelleError:
    """Return what a failed statement means. A fresh error each time; the caller raises it `from` the cause."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, VoxelleError):
        return cause
    if isinstance(cause, sqlite3.Error):
        found = _SQLITE.get(getattr(cause, "sqlite_errorcode", 0) & 0xFF)
    elif isinstance(error, DBAPIError):
        found = _explain_postgres(error, str(getattr(cause, "sqlstate", None) or ""))
    else:
        found = None
    return InputError(_REFUSED) if found is None else type(found)(found.sentence)


def _explain_postgres(error: DBAPIError, code: str) -> VoxelleError | None:
    """Look up a SQLSTATE (https://www.postgresql.org/docs/current/errcodes-appendix.html), the whole code before its class."""
    if not code and isinstance(error, OperationalError):
        # libpq gives a failed connection no code, only the server's words.
        words = str(error.orig)
        code = "28" if "authentication failed" in words or "no password supplied" in words else "3D" if "does not exist" in words else "08"
    if error.connection_invalidated:
        code = "08"
    return _POSTGRES.get(code) or _POSTGRES.get(code[:2])
