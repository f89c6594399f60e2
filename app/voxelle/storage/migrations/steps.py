"""What Alembic does with the versions. Imported only when there is something to do: it costs memory and half of the start."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from types import ModuleType

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext, RevisionStep
from alembic.script import Script, ScriptDirectory
from alembic.script.revision import ResolutionError
from alembic.util import CommandError
from sqlalchemy import Connection

from voxelle.domain.errors import SetupError
from voxelle.storage.migrations import versions
from voxelle.storage.tables import metadata


class _Versions(ScriptDirectory):
    """Alembic's view of modules that were imported already."""

    def __init__(self, modules: Sequence[ModuleType]) -> None:
        super().__init__(os.sep)  # it wants a folder that exists; nothing is read from it
        self._modules = tuple(modules)

    def _load_revisions(self) -> Iterator[Script]:
        for module in self._modules:
            yield Script(module, module.revision, module.__name__)


def apply(connection: Connection) -> None:
    """Apply what is missing, in the transaction of the connection: all of it or nothing.

    Raises SetupError if a newer program wrote the database.
    """
    scripts = _Versions(versions.ALL)

    def missing(present: str | tuple[str, ...], _context: MigrationContext) -> list[RevisionStep]:
        return list(scripts._upgrade_revs("heads", present))  # type: ignore[arg-type]  # noqa: SLF001 -- what Alembic's own command calls

    with EnvironmentContext(Config(), scripts, fn=missing) as environment:
        environment.configure(connection=connection, target_metadata=metadata, render_as_batch=True, transactional_ddl=True)
        try:
            with environment.begin_transaction():
                environment.run_migrations()
        except (CommandError, ResolutionError) as error:
            msg = "The conversation was kept by a newer Voxelle. Install that version again, or choose another data folder."
            raise SetupError(msg) from error
