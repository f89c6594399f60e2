"""Where everything lies."""

from __future__ import annotations

import errno
import os
import stat
import sys
import tempfile
from pathlib import Path

import pytest

import voxelle
from voxelle.domain.errors import SetupError
from voxelle.kernel.paths import Paths, make_private, resource


def test_everything_lies_below_a_chosen_data_folder(tmp_path: Path) -> None:
    paths = Paths.find(tmp_path, environ={})
    assert paths.data == tmp_path
    for folder in (paths.config, paths.cache, paths.logs, paths.runtime, paths.packs):
        assert folder.parent == tmp_path
    for file in (paths.settings_file, paths.database_file, paths.log_file, paths.lock_file):
        assert file.is_relative_to(tmp_path)


def test_the_environment_chooses_like_the_option(tmp_path: Path) -> None:
    assert Paths.find(environ={"VOXELLE_DATA_DIR": str(tmp_path)}) == Paths.find(tmp_path, environ={})


def test_single_folders_go_where_the_environment_says(tmp_path: Path) -> None:
    environ = {f"VOXELLE_{name}_DIR": str(tmp_path / name) for name in ("CONFIG", "CACHE", "LOG", "RUNTIME", "PACKS")}
    paths = Paths.find(tmp_path / "data", environ)
    assert (paths.config, paths.cache, paths.logs, paths.runtime, paths.packs) == tuple(
        tmp_path / name for name in ("CONFIG", "CACHE", "LOG", "RUNTIME", "PACKS")
    )
    assert paths.data == tmp_path / "data"


def test_otherwise_folders_lie_where_the_system_keeps_such_things() -> None:
    paths = Paths.find(environ={})
    assert "voxelle" in paths.data.parts
    assert "voxelle" in paths.config.parts
    assert paths.packs == paths.data / "packs"
    assert paths.runtime == paths.data / "runtime"


def test_an_option_may_begin_with_home_or_be_relative(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert Paths.find(Path("here"), {}).data == tmp_path / "here"
    assert Paths.find(Path("~/there"), {}).data == Path.home() / "there"


def test_create_makes_folders_that_only_this_user_can_enter(tmp_path: Path) -> None:
    paths = Paths.find(tmp_path / "new" / "data", environ={})
    paths.create()
    paths.create()
    for folder in (paths.data, paths.config, paths.cache, paths.logs, paths.runtime, paths.packs):
        assert folder.is_dir()
        if sys.platform != "win32":
            assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert [each.name for each in folder.iterdir() if each.is_file()] == []


def test_a_file_in_the_way_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(SetupError, match="a file is in the way"):
        make_private(tmp_path / "file")
    with pytest.raises(SetupError, match="a file is in the way"):
        make_private(tmp_path / "file" / "below")


@pytest.mark.parametrize(
    "code, sentence",
    [(errno.ENOSPC, "The disk is full"), (errno.EROFS, "can't be written"), (errno.EACCES, "can't be written")],
)
def test_a_folder_that_can_not_be_written_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, sentence: str) -> None:
    def refuse(**_: object) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    with pytest.raises(SetupError, match=sentence) as caught:
        make_private(tmp_path)
    assert str(tmp_path) in caught.value.sentence


@pytest.mark.skipif(not Path("/proc/version").exists(), reason="needs a folder that nobody can write")
def test_a_folder_that_really_is_read_only_is_said() -> None:
    with pytest.raises(SetupError, match="can't be written"):
        make_private(Path("/proc/voxelle"))


def test_the_control_socket_is_short_enough_for_a_socket(tmp_path: Path) -> None:
    deep = tmp_path.joinpath(*["very-long-folder-name"] * 10)
    near = Paths.find(Path("/d"), {}).control_socket
    far = Paths.find(deep, {}).control_socket
    assert near.parent == Path("/d/runtime").absolute()
    assert len(os.fsencode(far)) < 104
    assert far != Paths.find(deep / "other", {}).control_socket
    assert far == Paths.find(deep, {}).control_socket


def test_the_control_socket_has_an_owner_even_without_user_ids(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "getuid", raising=False)
    deep = tmp_path.joinpath(*["very-long-folder-name"] * 10)
    assert Paths.find(deep, {}).control_socket.parent.name.startswith("voxelle-user-")


def test_resources_come_from_the_source_tree() -> None:
    assert resource().is_dir()
    assert resource("a", "b.json") == resource() / "a" / "b.json"
    assert Paths.find(environ={}).resources == resource()


def test_resources_of_a_wheel_and_of_the_frozen_program_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "site-packages" / "voxelle"
    (package / "_resources").mkdir(parents=True)
    monkeypatch.setattr(voxelle, "__path__", [str(package)])
    assert resource("x") == package / "_resources" / "x"

    frozen = tmp_path / "frozen"
    (frozen / "voxelle" / "_resources").mkdir(parents=True)
    monkeypatch.setattr(sys, "_MEIPASS", str(frozen), raising=False)
    assert resource("x") == frozen / "voxelle" / "_resources" / "x"
