"""Fixtures of the tests of packs."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.packs import Hub, make_pack
from voxelle.kernel.packs import Pack, PackStore


@pytest.fixture
def wheels(tmp_path: Path) -> Path:
    return tmp_path / "wheels"


@pytest.fixture
def pack(wheels: Path) -> Pack:
    return make_pack(wheels)


@pytest.fixture
def make_store(tmp_path: Path) -> Callable[..., PackStore]:
    def make(*of: Pack, **options: Any) -> PackStore:
        return PackStore({each.id: each for each in of}, tmp_path / "packs", tmp_path / "cache", **options)

    return make


@pytest.fixture
def hub() -> Iterator[tuple[type[Hub], str]]:
    kind = type("ThisHub", (Hub,), {"ranges": []})
    with http.server.HTTPServer(("127.0.0.1", 0), kind) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield kind, f"http://127.0.0.1:{server.server_port}/model.bin"
        server.shutdown()
        thread.join()
