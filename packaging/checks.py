"""Every check of the project, one after the other, the quick ones first. Run by packaging/bootstrap.py test.

python packaging/checks.py [format lint imports types dead tests coverage freeze] [-- ARGUMENTS FOR PYTEST]
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from surroundings import MissingProgramError, surroundings

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"
CORE_GATE, GATE = 95, 90
CORE = ("domain", "kernel", "contracts", "settings", "companion")
_CLOSING = re.compile(r"=+ .*(passed|failed|error|no tests ran).* in .* =+")
_GUESS = re.compile(r"unused (variable|attribute) .*\(60% confidence\)")
_FREEZE_SMOKE_S = 180


class Failed(Exception):  # noqa: N818 the message goes to the terminal
    """A check found something."""


class Checks:
    """The steps, in the order in which they run."""

    def __init__(self, pytest_arguments: list[str]) -> None:
        self._pytest_arguments = pytest_arguments
        self.closing = ""
        """pytest's last line, said again at the very end."""

    def format(self) -> None:
        """Say which files the formatter would change."""
        _run("ruff", "format", "--check", "--output-format", "concise", ".")

    def lint(self) -> None:
        """Look for what the rules of pyproject.toml forbid; complexity is among them."""
        _run("ruff", "check", "--output-format", "concise", ".")

    def imports(self) -> None:
        """Keep the directions of imports."""
        _run("lint-imports", "--no-logo")

    def types(self) -> None:
        """Check types strictly."""
        _run("mypy")

    def dead(self) -> None:
        """Look for code that nothing uses. Fields of data are read by name, so guesses about those are left out."""
        found = subprocess.run([_tool("vulture")], cwd=ROOT, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
        dead = [line for line in found.stdout.splitlines() if not _GUESS.search(line)]
        if found.stderr or dead:
            msg = "\n".join(["nothing uses:", *dead, found.stderr])
            raise Failed(msg)

    def tests(self) -> None:
        """Run the tests with branch coverage, in surroundings of their own."""
        shutil.rmtree(BUILD / "coverage", ignore_errors=True)
        (BUILD / "coverage").mkdir(parents=True)
        marks = [] if sys.platform.startswith("linux") else ["-m", "not sound and not keyring"]
        # Two at a time, even on many cores: more would disturb those that play sound and load engines.
        together = ["--numprocesses=2", "--dist=loadgroup"]
        command = [sys.executable, "-m", "coverage", "run", "-m", "pytest", *together, *marks, *self._pytest_arguments]
        with surroundings({**os.environ, **_coverage_file(), "VOXELLE_PACKS_DIR": _packs_folder()}) as environ:
            process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=environ,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                text=True,
                encoding="utf-8",
                errors="replace",
            )
            assert process.stdout is not None  # noqa: S101 for mypy
            for line in process.stdout:
                sys.stdout.write(line)
                if _CLOSING.match(line.strip()):
                    self.closing = line.strip()
            if process.wait() != 0:
                msg = "a test failed"
                raise Failed(msg)

    def coverage(self) -> None:
        """Hold both gates: the packages that decide, and everything."""
        environ = {**os.environ, **_coverage_file()}
        _run("coverage", "combine", "--quiet", environ=environ)
        core = ",".join(f"*/voxelle/{package}/*" for package in CORE)
        _run("coverage", "report", f"--include={core}", f"--fail-under={CORE_GATE}", environ=environ)
        _run("coverage", "report", f"--fail-under={GATE}", environ=environ)

    def freeze(self) -> None:
        """Freeze the program and start what came out."""
        where = ["--distpath", str(BUILD / "dist"), "--workpath", str(BUILD / "work")]
        _run("pyinstaller", "--noconfirm", "--log-level", "ERROR", *where, "build.spec")
        program = BUILD / "dist" / "voxelle" / ("voxelle.exe" if os.name == "nt" else "voxelle")
        with tempfile.TemporaryDirectory(prefix="voxelle-frozen-", ignore_cleanup_errors=True) as folder:
            environ = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "VOXELLE_PACKS_DIR": _packs_folder(), "VOXELLE_DATA_DIR": folder}
            for arguments in (["--version"], ["self-test"]):
                _run_program([str(program), *arguments], environ, timeout=_FREEZE_SMOKE_S)


def _coverage_file() -> dict[str, str]:
    return {"COVERAGE_FILE": str(BUILD / "coverage" / "data")}


def _packs_folder() -> str:
    sys.path.insert(0, str(ROOT / "app"))
    from voxelle.kernel.paths import Paths

    return str(Paths.find().packs)


def _run(tool: str, *arguments: str, environ: dict[str, str] | None = None) -> None:
    """Run a tool of the environment this script runs in."""
    found = shutil.which(tool, path=str(Path(sys.executable).parent))
    if found is None:
        msg = f"{tool} is not installed here: run packaging/bootstrap.py test"
        raise Failed(msg)
    _run_program(
        [found, *arguments], {**(environ or os.environ), "PYTHONPATH": os.pathsep.join([str(ROOT / "app"), str(ROOT / "packaging")])}
    )


def _tool(name: str) -> str:
    found = shutil.which(name, path=str(Path(sys.executable).parent))
    if found is None:
        msg = f"{name} is not installed here: run packaging/bootstrap.py test"
        raise Failed(msg)
    return found


def _run_program(command: list[str], environ: dict[str, str], timeout: float | None = None) -> None:
    try:
        code = subprocess.run(command, cwd=ROOT, env=environ, stdin=subprocess.DEVNULL, check=False, timeout=timeout).returncode
    except subprocess.TimeoutExpired as error:
        msg = f"{Path(command[0]).name} {' '.join(command[1:])} did not end within {timeout:g} seconds"
        raise Failed(msg) from error
    if code != 0:
        msg = f"{Path(command[0]).name} ended with code {code}"
        raise Failed(msg)


def main(arguments: list[str]) -> int:
    """Run all steps, or those named; stop at the first that finds something."""
    border = arguments.index("--") if "--" in arguments else len(arguments)
    checks = Checks(arguments[border + 1 :])
    steps: dict[str, Callable[[], None]] = {
        step.__name__: step
        for step in (
            checks.format,
            checks.lint,
            checks.imports,
            checks.types,
            checks.dead,
            checks.tests,
            checks.coverage,
            checks.freeze,
        )
    }
    unknown = set(arguments[:border]) - steps.keys()
    if unknown:
        print(f"There is no step {', '.join(sorted(unknown))}; there are {', '.join(steps)}.", file=sys.stderr)
        return 2
    begun = time.monotonic()
    for name in arguments[:border] or steps:
        print(f"=== {name}", flush=True)
        started = time.monotonic()
        try:
            steps[name]()
        except (Failed, MissingProgramError) as failure:
            print(f"=== {name} FAILED after {time.monotonic() - started:.0f} s: {failure}", checks.closing, sep="\n", flush=True)
            return 1
        print(f"    ok, {time.monotonic() - started:.1f} s", flush=True)
    print(f"=== all checks passed in {time.monotonic() - begun:.0f} s", checks.closing, sep="\n", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
