"""The program with its window, as a process: opened, asked, started a second time, closed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

COMMAND = [sys.executable, "-m", "voxelle"]


def voxelle(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the program to its end."""
    return subprocess.run(
        [*COMMAND, *arguments, "--data-dir", str(folder)], env=environ(), capture_output=True, text=True, timeout=100, check=False
    )


def environ() -> dict[str, str]:
    """Return an environment without a screen or an engine to load."""
    mine = {name: value for name, value in os.environ.items() if not (name.startswith("VOXELLE_") and name.endswith("_DIR"))}
    chains = {"VOXELLE_SETTING__VOICE__CHAIN": '["espeak"]', "VOXELLE_SETTING__LANGUAGE_MODEL__CHAIN": "[]"}
    return {**mine, **chains, "QT_QPA_PLATFORM": "offscreen"}


@contextmanager
def opened(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Open the window in a process and wait until it answers."""
    with subprocess.Popen(
        [*COMMAND, "--data-dir", str(folder)], env=environ(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            while voxelle(folder, "ctl", "show").returncode:
                assert process.poll() is None, process.communicate()[0]
            yield process
        finally:
            process.kill()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return an empty data folder."""
    return tmp_path / "data"


def test_the_window_opens_answers_and_quits_when_asked(folder: Path) -> None:
    with opened(folder) as process:
        status = json.loads(voxelle(folder, "ctl", "status", "--json").stdout)
        assert status["character"] == "Mira"
        second = voxelle(folder)
        assert second.returncode == 0, second.stderr
        assert process.poll() is None
        assert voxelle(folder, "ctl", "quit").returncode == 0
        assert process.wait(60) == 0
        assert process.stdout is not None
        assert "Traceback" not in process.stdout.read()
    assert (folder / "voxelle.db").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM to send to a window")
def test_a_farewell_of_the_system_closes_it_cleanly(folder: Path) -> None:
    with opened(folder) as process:
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
