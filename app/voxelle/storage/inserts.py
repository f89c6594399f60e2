"""Inserts that say what to do about a row that is there already: each database has a form of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from sqlalchemy import Table
from sqlalchemy.dialects.sqlite import Insert, insert

InsertInto = Callable[[Table], Insert]


def insert_for(dialect: str) -> InsertInto:
    """Return the form of a dialect. PostgreSQL's has the same methods; it is loaded only where it is used."""
    if dialect != "postgresql":
        return insert
    from sqlalchemy.dialects.postgresql import insert as insert_into_postgres

    return cast("InsertInto", insert_into_postgres)
