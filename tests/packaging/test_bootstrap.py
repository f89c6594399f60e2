"""The bootstrap: what it says, asks, skips and starts. Programs it calls are recorded, except where the real one is cheap."""

from __future__ import annotations

import argparse
import ast
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import bootstrap
import system_packages

SCRIPTS = Path(bootstrap.__file__).parent


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A source tree with the files the bootstrap reads, and an environment that is this interpreter."""
    (tmp_path / "requirements.lock").write_text("a==1\n")
    (tmp_path / "requirements-dev.lock").write_text("a==1\nb==2\n")
    (tmp_path / "pyproject.toml").write_text("[project]\n")
    (tmp_path / bootstrap.SOURCES).parent.mkdir()
    (tmp_path / bootstrap.SOURCES).write_text("c==3\n")
    packs = tmp_path / "resources" / "packs"
    packs.mkdir(parents=True)
    (tmp_path / bootstrap.NODE_FOLDER).mkdir(parents=True)
    (tmp_path / bootstrap.NODE_FOLDER / "package-lock.json").write_text("{}")
    sizes = {"llm-default": 1_117_320_768, "llm-small": 491_400_064, "minilm": 23_394_866}
    for pack, size in (sizes | {"ears": 11_006_706, "speaker": 17_090_379, "stt-base": 147_882_941, "stt-tiny": 78_090_594}).items():
        (packs / f"{pack}.json").write_text(json.dumps({"files": [{"size": size}]}))
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)

    def find_nothing(*, for_tests: bool) -> system_packages.Missing:
        return system_packages.Missing()

    monkeypatch.setattr(system_packages, "find_missing", find_nothing)
    return tmp_path


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Every program the bootstrap calls; all of them succeed."""
    recorded: list[list[str]] = []

    def call(command: list[str], **_options: object) -> int:
        recorded.append(command)
        if command[1:3] == ["-m", "venv"]:
            Path(command[-1]).mkdir(exist_ok=True)
        return 0

    monkeypatch.setattr(subprocess, "call", call)
    return recorded


def put_environment(root: Path, *profiles: str) -> None:
    python = bootstrap.python_of_environment()
    python.parent.mkdir(parents=True, exist_ok=True)
    python.write_text("")
    (root / ".venv" / "voxelle-stamp.json").write_text(json.dumps({profile: bootstrap.wanted_stamp(profile) for profile in profiles}))


def options(command: str, *arguments: str) -> argparse.Namespace:
    return bootstrap._parser().parse_args([command, *arguments])


@pytest.mark.parametrize("script", ["bootstrap.py", "system_packages.py"])
def test_it_imports_the_standard_library_only(script: str) -> None:
    names = {
        (node.module or "").partition(".")[0] if isinstance(node, ast.ImportFrom) else node.names[0].name.partition(".")[0]
        for node in ast.walk(ast.parse((SCRIPTS / script).read_text(encoding="utf-8")))
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    assert names <= sys.stdlib_module_names | {"system_packages"}


def test_an_old_python_can_read_it_and_gets_a_sentence(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    ast.parse((SCRIPTS / "bootstrap.py").read_text(encoding="utf-8"), feature_version=(3, 8))
    monkeypatch.setattr(sys, "version_info", (3, 8, 10))
    monkeypatch.setattr("shutil.which", lambda _name: None)
    assert bootstrap.main(["run"]) == 1
    assert "it needs Python 3.11 to 3.13, and this is Python 3.8" in capsys.readouterr().err


def test_a_python_that_is_too_new_hands_over_to_one_that_suits(monkeypatch: pytest.MonkeyPatch, calls: list[list[str]]) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 15, 0))
    monkeypatch.setattr(os, "name", "posix")
    monkeypatch.setattr("shutil.which", lambda name: f"/usr/bin/{name}" if name == "python3.12" else None)
    assert bootstrap.main(["run", "--small", "--", "--version"]) == 0
    assert calls == [["python3.12", "-c", ""], ["python3.12", str(SCRIPTS / "bootstrap.py"), "run", "--small", "--", "--version"]]


def test_the_first_run_says_what_it_brings_and_brings_it(root: Path, calls: list[list[str]], capsys: pytest.CaptureFixture[str]) -> None:
    bootstrap.prepare(options("run"), {"VOXELLE_DATA_DIR": "her-folder"})
    said = capsys.readouterr().out
    assert "Python packages, about 910 MB" in said
    assert "1,298 MB unless already there: in her-folder" in said
    venv, lock, own, packs = calls
    assert venv[1:4] == ["-m", "venv", "--clear"]
    assert lock[-2:] == ["-r", str(root / "requirements.lock")]
    assert {"--require-hashes", "--only-binary"} <= set(lock)
    assert own[-4:] == ["--no-deps", "--no-build-isolation", "--editable", str(root)]
    assert packs[1:] == ["-m", "voxelle", "packs", "install", "llm-default", "minilm", "ears", "stt-base"]


def test_the_small_set_is_fetched_when_asked_for_and_for_tests(root: Path, node: None, calls: list[list[str]]) -> None:
    bootstrap.prepare(options("run", "--small"), {})
    assert calls[-1][-4:] == ["llm-small", "minilm", "ears", "stt-tiny"]
    bootstrap.prepare(options("test"), {})
    assert calls[-1][-5:] == ["llm-small", "minilm", "ears", "speaker", "stt-tiny"]
    lock, source, _own, _packs = calls[-4:]
    assert str(root / "requirements-dev.lock") in lock
    assert source[-4:] == ["--no-build-isolation", "--require-hashes", "-r", str(root / bootstrap.SOURCES)]


@pytest.fixture
def listing(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Set what `voxelle packs list --json` prints."""

    def prints(text: str) -> None:
        python = [sys.executable, "-c", f"print({text!r})"]
        run = subprocess.run
        monkeypatch.setattr(subprocess, "run", lambda _command, **options: run(python, **options))

    return prints


def test_the_second_run_brings_nothing_and_says_nothing(
    root: Path, calls: list[list[str]], listing: Callable[[str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    put_environment(root, "run")
    listing(json.dumps([{"id": pack, "is_installed": True} for pack in bootstrap.PACKS["run"]]))
    bootstrap.prepare(options("run"), dict(os.environ))
    assert calls == []
    assert capsys.readouterr().out == ""


def test_only_the_missing_pack_is_announced(
    root: Path, calls: list[list[str]], listing: Callable[[str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    put_environment(root, "run")
    listing(json.dumps([{"id": pack, "is_installed": pack != "minilm"} for pack in bootstrap.PACKS["run"]]))
    bootstrap.prepare(options("run"), dict(os.environ))
    assert "weights of the embedded engines, 23 MB" in capsys.readouterr().out
    assert calls[0][1:] == ["-m", "voxelle", "packs", "install", "llm-default", "minilm", "ears", "stt-base"]


def test_a_listing_that_can_not_be_read_counts_as_nothing_there(listing: Callable[[str], None]) -> None:
    listing("Traceback")
    assert bootstrap.absent_packs(["minilm"], dict(os.environ)) == ["minilm"]


@pytest.mark.parametrize("changed", ["requirements.lock", "pyproject.toml"])
def test_a_changed_lock_or_project_renews_the_environment(root: Path, changed: str) -> None:
    put_environment(root, "run")
    assert bootstrap.is_current("run")
    assert not bootstrap.is_current("test")
    (root / changed).write_text("changed")
    assert not bootstrap.is_current("run")


def test_the_environment_of_the_tests_serves_running_too(root: Path, calls: list[list[str]]) -> None:
    put_environment(root)
    bootstrap.make_environment("test")
    assert bootstrap.is_current("run")
    assert bootstrap.is_current("test")
    assert not any("venv" in call for call in calls)


def test_a_broken_stamp_counts_as_none(root: Path) -> None:
    put_environment(root, "run")
    (root / ".venv" / "voxelle-stamp.json").write_text("{")
    assert not bootstrap.is_current("run")


def test_a_no_installs_nothing(root: Path, calls: list[list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "is_agreed", lambda: False)
    with pytest.raises(bootstrap.Trouble, match="nothing was installed"):
        bootstrap.prepare(options("run"), {})
    assert calls == []
    bootstrap.prepare(options("run", "--yes"), {})
    assert calls


@pytest.mark.parametrize("answer,is_agreed", [("", True), ("y", True), (" YES ", True), ("n", False), ("what", False)])
def test_it_asks_on_a_terminal_only(monkeypatch: pytest.MonkeyPatch, answer: str, is_agreed: bool) -> None:
    monkeypatch.setattr("builtins.input", lambda _prompt: answer)
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    assert bootstrap.is_agreed() is is_agreed
    monkeypatch.setattr(sys.stdin, "isatty", lambda: False, raising=False)
    assert bootstrap.is_agreed()


def test_missing_weights_stop_the_tests_but_not_a_run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(subprocess, "call", lambda _command, **_options: 1)
    bootstrap.fetch_packs(["minilm"], {}, is_needed=False)
    assert "Voxelle starts anyway" in capsys.readouterr().out
    with pytest.raises(bootstrap.Trouble, match="weights"):
        bootstrap.fetch_packs(["minilm"], {}, is_needed=True)


def test_a_failed_installation_leaves_no_stamp(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put_environment(root, "run")
    (root / "requirements.lock").write_text("changed")
    monkeypatch.setattr(subprocess, "call", lambda command, **_options: int("--require-hashes" in command))
    with pytest.raises(bootstrap.Trouble, match="Python packages could not be fetched"):
        bootstrap.make_environment("run")
    assert not (root / ".venv" / "voxelle-stamp.json").exists()


def test_what_stands_after_two_dashes_goes_to_voxelle_with_its_exit_code(
    root: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    put_environment(root, "run")
    monkeypatch.setattr(bootstrap, "absent_packs", lambda _packs, _environ: [])
    monkeypatch.setattr(bootstrap, "python_of_environment", lambda: Path(sys.executable))
    (root / "voxelle.py").write_text(
        "import os, sys; sys.exit(7 if sys.argv[1:] == ['say', 'hi'] and os.environ['VOXELLE_DATA_DIR'] else 1)"
    )
    monkeypatch.setenv("PYTHONPATH", str(root))
    monkeypatch.setattr(bootstrap, "is_current", lambda _profile: True)
    assert bootstrap.main(["run", "--data-dir", str(tmp_path / "data"), "--", "say", "hi"]) == 7


def test_ctrl_c_says_that_nothing_is_lost(root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupt(_options: argparse.Namespace, _environ: dict[str, str]) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(bootstrap, "prepare", interrupt)
    assert bootstrap.main(["run"]) == 130
    assert "run the same command again to go on" in capsys.readouterr().err


# -- packages for Node.js ------------------------------------------------------------------------------------------


@pytest.fixture
def node(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine with Node.js."""
    monkeypatch.setattr("shutil.which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(bootstrap, "node_version", lambda _node: 18)


def test_the_tests_bring_packages_for_node_once_and_again_when_their_lock_changed(root: Path, node: None, calls: list[list[str]]) -> None:
    bootstrap.prepare(options("test"), {})
    assert calls[0] == ["/usr/bin/npm", "--prefix", str(root / bootstrap.NODE_FOLDER), "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    assert bootstrap.is_node_current()
    (root / bootstrap.NODE_FOLDER / "package-lock.json").write_text('{"changed": true}')
    assert not bootstrap.is_node_current()


@pytest.mark.parametrize("there,version", [("node npm", 16), ("node npm", 0), ("node", 20), ("", 0)])
def test_without_a_node_that_suits_the_tests_say_what_to_install(
    root: Path, monkeypatch: pytest.MonkeyPatch, calls: list[list[str]], there: str, version: int
) -> None:
    monkeypatch.setattr("shutil.which", lambda name: f"/usr/bin/{name}" if name in there.split() else None)
    monkeypatch.setattr(bootstrap, "node_version", lambda _node: version)
    with pytest.raises(bootstrap.Trouble, match=r"Node\.js 18 or newer with npm.*brew install node"):
        bootstrap.fetch_node_packages()
    assert calls == []
    assert not bootstrap.is_node_current()


@pytest.mark.parametrize("said,version", [("v18.20.4", 18), ("v20.20.2", 20), ("what?", 0)])
def test_the_version_of_node_is_read(monkeypatch: pytest.MonkeyPatch, said: str, version: int) -> None:
    run = subprocess.run
    monkeypatch.setattr(subprocess, "run", lambda _command, **given: run([sys.executable, "-c", f"print({said!r})"], **given))
    assert bootstrap.node_version("node") == version


# -- system packages -----------------------------------------------------------------------------------------------


@pytest.fixture
def apt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """A machine with an apt of our own: it installs what it is asked for, except `refused`."""

    def make(installed: str, refused: str = "none") -> Path:
        programs = tmp_path / "programs"
        programs.mkdir()
        done = tmp_path / "apt.log"
        listing = "".join(f"echo '{name} installed'\n" for name in installed.split())
        (programs / "dpkg-query").write_text(f"#!/bin/sh\n{listing}exit 1\n")
        (programs / "apt-get").write_text(f'#!/bin/sh\necho "$@" >> {done}\ncase "$*" in *{refused}*) exit 100;; esac\n')
        for program in programs.iterdir():
            program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{programs}{os.pathsep}/usr/bin{os.pathsep}/bin")
        monkeypatch.setattr(system_packages, "is_apt_system", lambda: True)
        monkeypatch.setattr(os, "geteuid", lambda: 0, raising=False)
        return done

    return make


pytestmark_posix = pytest.mark.skipif(os.name == "nt", reason="apt is a matter of Linux")


@pytestmark_posix
def test_only_missing_packages_are_named(apt: Callable[..., Path]) -> None:
    names = [*system_packages.WINDOW, *system_packages.SOUND, "fonts-noto-cjk"]
    names[names.index("libglib2.0-0")] = "libglib2.0-0t64"
    apt(" ".join(name for name in names if name != "libportaudio2"))
    missing = system_packages.find_missing(for_tests=False)
    assert list(missing.required) == ["libportaudio2"]
    assert list(missing.optional) == ["espeak-ng", "fonts-noto-color-emoji"]
    assert missing.describe() == "system packages, about 16 MB, by apt: espeak-ng, fonts-noto-color-emoji, libportaudio2"
    assert {"xvfb", "gnome-keyring", "espeak-ng"} <= set(system_packages.find_missing(for_tests=True).required)


@pytestmark_posix
@pytest.mark.parametrize("there,missing", [("", ["nodejs", "npm"]), ("node", ["npm"]), ("node npm", [])])
def test_node_is_named_only_where_its_programs_are_not_there_by_whatever_package(
    apt: Callable[..., Path], monkeypatch: pytest.MonkeyPatch, there: str, missing: list[str]
) -> None:
    apt("")
    monkeypatch.setattr("shutil.which", lambda name: f"/usr/bin/{name}" if name in there.split() else None)
    required = system_packages.find_missing(for_tests=True).required
    assert [name for name in system_packages.NODE if name in required] == missing
    assert not system_packages.NODE.keys() & system_packages.find_missing(for_tests=False).required.keys()


@pytestmark_posix
def test_a_missing_last_fallback_voice_is_a_warning(apt: Callable[..., Path], capsys: pytest.CaptureFixture[str]) -> None:
    done = apt("", refused="espeak-ng")
    assert system_packages.install(system_packages.Missing({"libportaudio2": 0}, {"espeak-ng": 5})) == ""
    assert "espeak-ng could not be installed. Voxelle works without it." in capsys.readouterr().out
    assert [line.split()[0] for line in done.read_text().splitlines()] == ["update", "install", "install"]


@pytestmark_posix
def test_a_required_package_that_can_not_be_had_is_a_sentence(apt: Callable[..., Path]) -> None:
    apt("", refused="libportaudio2")
    assert "apt could not install libportaudio2" in system_packages.install(system_packages.Missing({"libportaudio2": 0}))


@pytestmark_posix
def test_without_the_rights_of_root_the_command_is_told(apt: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    done = apt("")
    monkeypatch.setattr(os, "geteuid", lambda: 1000, raising=False)
    monkeypatch.setattr("shutil.which", lambda _name: None)
    sentence = system_packages.install(system_packages.Missing({"libportaudio2": 0}, {"espeak-ng": 5}))
    assert sentence.endswith("Run as root: apt-get install libportaudio2")
    assert not done.exists()


def test_where_there_is_no_apt_nothing_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system_packages, "is_apt_system", lambda: False)
    assert not system_packages.find_missing(for_tests=True)
