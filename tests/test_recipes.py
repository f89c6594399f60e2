"""The recipes of CONTRIBUTING.md, followed word for word in a copy of the tree."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
_BLOCK = re.compile(r"^```python\n# (?P<path>\S+)\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL)
_FOLLOWED = ("pyproject.toml", "README.md", "LICENSE", "NOTICE")


def recipe(title: str) -> dict[str, str]:
    """Return the files of one recipe by their paths."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    section = text.split(f"## {title}\n")[1].split("\n## ")[0]
    return {match["path"]: match["code"] for match in _BLOCK.finditer(section)}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the source tree with the guards of the tests."""
    forgotten = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "app", tmp_path / "app", ignore=forgotten)
    shutil.copytree(ROOT / "resources", tmp_path / "resources", ignore=forgotten)
    (tmp_path / "tests").mkdir()
    for name in ("__init__.py", "conftest.py", "guards.py"):
        shutil.copy(ROOT / "tests" / name, tmp_path / "tests" / name)
    (tmp_path / "tests" / "fakes").mkdir()
    for name in ("__init__.py", "ports.py"):
        shutil.copy(ROOT / "tests" / "fakes" / name, tmp_path / "tests" / "fakes" / name)
    for name in _FOLLOWED:
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def follow(tree: Path, files: dict[str, str]) -> list[Path]:
    """Write a recipe's files, and the empty files that make packages of test folders."""
    written = []
    for name, code in files.items():
        path = tree / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(code, encoding="utf-8")
        written.append(path)
        if name.startswith("tests/"):
            for folder in path.relative_to(tree).parents[:-1]:
                (tree / folder / "__init__.py").touch()
    return written


def run(tree: Path, *command: str) -> None:
    """Run a tool in the tree; its output is the failure's message."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=tree,
        env={**environ, "PYTHONPATH": str(tree / "app")},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("title", ["Add a voice", "Add an integration"])
def test_the_recipe_gives_what_it_promises(tree: Path, title: str) -> None:
    files = recipe(title)
    written = [str(path) for path in follow(tree, files)]
    run(tree, "ruff", "format", "--check", "--quiet", *written)
    run(tree, "ruff", "check", "--quiet", *written)
    run(tree, "pytest", "-q", "-p", "no:cacheprovider", *(path for path in written if "test_" in path))


def test_the_recipes_come_first_and_name_all_their_files() -> None:
    headings = re.findall(r"^## (.+)$", (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert headings[:2] == ["Add a voice", "Add an integration"]
    assert [Path(name).name for name in recipe("Add a voice")] == ["whistle.py", "test_whistle.py"]
    assert [Path(name).name for name in recipe("Add an integration")] == [
        "__init__.py",
        "settings.py",
        "messages.py",
        "service.py",
        "test_doorbell.py",
    ]
