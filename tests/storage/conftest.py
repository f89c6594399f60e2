"""Databases to test with: a SQLite file, and a real PostgreSQL server where one is installed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.storage import postgres
from tests.storage.samples import CAST
from voxelle.kernel.clock import Clock
from voxelle.storage.database import Database


def pytest_configure(config: pytest.Config) -> None:
    """Name the marker of tests that start a PostgreSQL server."""
    config.addinivalue_line("markers", "postgres: starts a real PostgreSQL server, where one is installed")


@pytest.fixture(scope="session")
def server() -> Iterator[postgres.Server]:
    """One server for all tests; skips where none is installed."""
    if postgres.binaries() is None:
        pytest.skip("PostgreSQL is not installed (Debian: postgresql)")
    with postgres.running() as running:
        yield running


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def location(request: pytest.FixtureRequest, tmp_path: Path) -> Path | str:
    """An empty database of each kind."""
    if request.param == "sqlite":
        return tmp_path / "data" / "voxelle.db"
    running: postgres.Server = request.getfixturevalue("server")
    return running.new_database()


@pytest.fixture
def notices() -> list[str]:
    """What the streamer was told."""
    return []


@pytest_asyncio.fixture
async def database(location: Path | str, clock: Clock, notices: list[str]) -> AsyncIterator[Database]:
    """An open database of each kind, with two sample characters."""
    opened = Database.open(location, clock=clock, samples=CAST, on_notice=notices.append, password=postgres.PASSWORD)
    yield opened
    await opened.close()


@pytest_asyncio.fixture
async def sqlite(tmp_path: Path, clock: Clock, notices: list[str]) -> AsyncIterator[Database]:
    """An open SQLite database."""
    opened = Database.open(tmp_path / "voxelle.db", clock=clock, samples=CAST, on_notice=notices.append)
    yield opened
    await opened.close()
