"""Reads in threads, so that a slow disk never holds up the show loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from voxelle.storage.failures import explain

T = TypeVar("T")


class Reader:
    """Runs queries in its own threads; each sees one consistent state of the database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._threads = ThreadPoolExecutor(2, "voxelle-reader")

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Run `work` on a connection. Raises VoxelleError children."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._read, work)

    def _read(self, work: Callable[[Connection], T]) -> T:
        try:
            with self._engine.connect() as connection:
                return work(connection)
        except SQLAlchemyError as error:
            raise explain(error) from error

    async def run(self, chore: Callable[[], None]) -> None:
        """Run a chore that brings its own connection, like a copy, beside the reads."""
        await asyncio.get_running_loop().run_in_executor(self._threads, chore)

    def start(self, chore: Callable[[], object]) -> None:
        """Run a chore beside the reads without waiting for it; it logs its own failure."""
        self._threads.submit(chore)

    async def close(self) -> None:
        """Wait for reads under way and end the threads."""
        await asyncio.to_thread(self._threads.shutdown)
