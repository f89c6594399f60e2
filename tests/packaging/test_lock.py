"""Both locks: they hold every dependency of pyproject.toml, pinned and hashed, and no address."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]


def pins(lock: str) -> dict[str, list[Requirement]]:
    """Return a lock's requirements by name; a package may have one version a system."""
    entries = re.split(r"\n(?=[a-zA-Z0-9])", (ROOT / lock).read_text(encoding="utf-8").strip())
    found: dict[str, list[Requirement]] = {}
    for entry in entries:
        line, *hashes = entry.split("\n")
        assert hashes, line
        assert all(re.fullmatch(r"\s+--hash=sha256:[0-9a-f]{64}( \\)?", each) for each in hashes), line
        requirement = Requirement(line.rstrip(" \\"))
        found.setdefault(canonicalize_name(requirement.name), []).append(requirement)
    return found


def wanted(lock: str) -> list[Requirement]:
    direct = [*PROJECT["dependencies"], *EXTRAS["build"], *(EXTRAS["dev"] if "dev" in lock else [])]
    return [Requirement(each) for each in direct]


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_every_dependency_is_pinned_to_a_version_that_the_project_allows(lock: str) -> None:
    pinned = pins(lock)
    for requirement in wanted(lock):
        versions = [next(iter(each.specifier)).version for each in pinned.get(canonicalize_name(requirement.name), [])]
        assert any(version in requirement.specifier for version in versions), f"{requirement}: run packaging/lock.py"


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_no_address_stands_in_a_lock(lock: str) -> None:
    assert not re.search(r"https?:|file:|--index|--find-links| @ ", (ROOT / lock).read_text(encoding="utf-8"))


def versions(requirements: list[Requirement]) -> set[str]:
    """Return the versions; for which systems may differ, since the tests need more of a package than running does."""
    return {str(each.specifier) for each in requirements}


def test_running_and_testing_use_the_same_versions() -> None:
    run, test = pins("requirements.lock"), pins("requirements-dev.lock")
    assert {name: versions(each) for name, each in run.items()} == {name: versions(test[name]) for name in run}
