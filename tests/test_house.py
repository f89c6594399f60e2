"""The rules of the house that no linter knows."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "app" / "voxelle"
LONGEST = 400
HEAVY = (
    "PySide6",
    "alembic",
    "anthropic",
    "hibari",
    "keyring",
    "numpy",
    "onnxruntime",
    "openai",
    "psycopg",
    "qasync",
    "sounddevice",
    "soxr",
    "sqlalchemy",
    "tokenizers",
    "xllamacpp",
)


@cache
def own_files() -> tuple[Path, ...]:
    """Every file that is, or would be, in the repository."""
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    return tuple(path for path in (ROOT / name for name in listing.split("\0") if name) if path.is_file())


def python_files(*folders: str) -> list[Path]:
    return [path for path in own_files() if path.suffix == ".py" and path.relative_to(ROOT).parts[0] in folders]


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def calls(path: Path) -> Iterator[str]:
    """The last name of everything a file calls."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield node.func.attr


def test_qt_keeps_its_references_to_none() -> None:
    """PySide6 6.12.0 gives one back at every call, and Python 3.11 aborts after a few thousand."""
    repro = "from PySide6.QtCore import QObject; o = QObject(); [o.setObjectName('x') for _ in range(200_000)]; print('alive')"
    assert subprocess.run([sys.executable, "-c", repro], capture_output=True, text=True, check=False).stdout == "alive\n"


def test_no_file_is_longer_than_two() -> None:
    long = {
        str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines())
        for path in python_files("app", "packaging", "tests")
    }
    assert {path: lines for path, lines in long.items() if lines > LONGEST} == {}


def test_a_function_lives_with_its_subject() -> None:
    homeless = {"utils", "util", "helpers", "helper", "common", "misc", "managers", "core", "base"}
    named = [path.relative_to(ROOT) for path in python_files("app", "packaging", "tests")]
    assert [str(path) for path in named if homeless & {*path.with_suffix("").parts}] == []


def test_classes_say_what_they_are() -> None:
    empty = re.compile(r"^\s*class \w*(?:Manager|Handler|Helper|Base|Impl)\b(?!\(logging\.Handler\))", re.MULTILINE)
    assert {str(path): found for path in python_files("app") if (found := empty.findall(path.read_text(encoding="utf-8")))} == {}


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in python_files("app", "packaging", "tests")
        if path.stat().st_size and not ast.get_docstring(tree(path))
    ]
    assert silent == []


def test_no_file_names_a_machine_or_a_registry() -> None:
    hosts = ["files.python" + "hosted.org", "py" + "pi.org/simple", "registry.npm" + "js.org", "deb.debian" + ".org"]
    folders = ["wo" + "rk", "ho" + "me", "ro" + "ot", "Us" + "ers"]
    names = re.compile("|".join([*map(re.escape, hosts), rf"(?<![\w./~-])/(?:{'|'.join(folders)})/\w"]))
    found = {}
    for path in own_files():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        if hit := names.search(text):
            found[str(path.relative_to(ROOT))] = hit[0]
    assert found == {}


def test_every_task_has_an_owner() -> None:
    """Lint bans asyncio.create_task; this finds the same through a loop."""
    owners = {PACKAGE / "kernel" / "tasks.py", PACKAGE / "kernel" / "supervisor.py"}
    assert [str(path) for path in python_files("app") if path not in owners and "create_task" in calls(path)] == []


def test_only_the_speech_step_asks_for_sound() -> None:
    """Nothing reaches a voice around the safety gate: not even from a composition root. Benches and the doctor play nothing."""
    allowed = [PACKAGE / place for place in ("companion/speech.py", "companion/speech", "providers", "contracts", "benches", "doctor.py")]
    speaking = [path for path in python_files("app") if "synthesize" in calls(path)]
    assert [str(path) for path in speaking if not any(path.is_relative_to(place) for place in allowed)] == []


@pytest.mark.parametrize("module,needed", [("voxelle.cli", set()), ("voxelle.__main__", set()), ("voxelle.kernel.worker", {"numpy"})])
def test_starting_stays_light(module: str, needed: set[str]) -> None:
    question = f"import sys, {module}; print(*sorted(set(sys.modules) & {set(HEAVY)!r}))"
    answer = subprocess.run(
        [sys.executable, "-c", question], env={**os.environ, "PYTHONPATH": str(ROOT / "app")}, capture_output=True, text=True, check=True
    )
    assert {*answer.stdout.split()} <= needed


def test_the_check_run_is_the_readmes_test_command() -> None:
    command = "python3 packaging/bootstrap.py test"
    assert command in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert command in (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_licence_of_every_pack_lies_beside() -> None:
    named = re.findall(r'"licence": "([^"]+)"', "".join(path.read_text() for path in (ROOT / "resources" / "packs").glob("*.json")))
    licences = {licence for each in named for licence in each.split(" AND ")}
    assert licences
    assert all((ROOT / "LICENSES" / f"{licence}.txt").is_file() for licence in licences)
