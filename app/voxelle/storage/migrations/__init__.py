"""Brings a database to the present tables, with Alembic.

The versions are modules of this package, imported by name: nothing is looked for in folders, so
the same code runs from the source tree, an installed wheel and the frozen program. A new version
is a file in `versions` named after its revision, added to `versions.ALL`.
"""

from __future__ import annotations

from sqlalchemy import Connection, column, inspect, select, table

from voxelle.storage.migrations import versions

_REVISIONS = table("alembic_version", column("version_num"))


def present_revision(connection: Connection) -> str | None:
    """Return the revision a database stands at, None for an empty one."""
    if not inspect(connection).has_table(_REVISIONS.name):
        return None
    revision: str | None = connection.execute(select(_REVISIONS.c.version_num)).scalar_one_or_none()
    return revision


def newest_revision() -> str:
    """Return the revision this program expects."""
    revision: str = versions.ALL[-1].revision
    return revision


def upgrade(connection: Connection) -> None:
    """Apply what is missing, in the transaction of the connection: all of it or nothing.

    Raises SetupError if a newer program wrote the database.
    """
    from voxelle.storage.migrations.steps import apply

    apply(connection)
