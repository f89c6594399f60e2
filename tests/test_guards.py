"""The guards that every test runs under do catch what is left behind."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

_ROOT = Path(__file__).parent.parent
_LEAVES = """
import asyncio, os, socket, subprocess, sys, threading
from pathlib import Path
import pytest

go_on = threading.Event()

async def test_task():
    asyncio.get_running_loop().create_task(asyncio.Event().wait())

async def test_timer():
    asyncio.get_running_loop().call_later(3600, print)

@pytest.mark.virtual_time
async def test_virtual_task():
    asyncio.get_running_loop().create_task(asyncio.Event().wait())

def test_thread():
    threading.Thread(target=go_on.wait, args=(5,), daemon=True).start()

def test_process():
    test_process.left = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)

def test_widget():
    from PySide6.QtWidgets import QApplication, QLabel
    test_widget.left = (QApplication.instance() or QApplication([]), QLabel("left"))

def test_qt_timer(qtbot):
    from PySide6.QtCore import QTimer
    test_qt_timer.left = QTimer()
    test_qt_timer.left.start(100_000)

def test_clean_qt(qtbot):
    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QWidget
    widget = QWidget()
    qtbot.addWidget(widget)
    timer = QTimer(widget)
    timer.start(100_000)
    widget.show()

def test_every_network():
    try:
        socket.create_server(("", 0))
    except AssertionError:
        pass

def test_host():
    try:
        socket.create_connection(("192.0.2.1", 80), timeout=0.1)
    except AssertionError:
        pass

def test_name():
    socket.getaddrinfo("example.org", 80)

def test_warning():
    import warnings
    warnings.warn("something odd")

@pytest.mark.engines
def test_weights():
    pass

def test_clean(tmp_path, paths, ids, bus, randomness, packs_dir):
    assert Path.home() != Path(os.environ["TRUE_HOME"])
    assert paths.data.is_relative_to(Path.home())
    assert paths.packs != packs_dir == Path(os.environ["TRUE_PACKS"])
    assert "VOXELLE_SETTING__VOICE__VOLUME" not in os.environ
    assert "null" in os.environ["PYTHON_KEYRING_BACKEND"]
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()):
        pass

@pytest.mark.keyring
def test_keyring():
    assert "PYTHON_KEYRING_BACKEND" not in os.environ

async def test_clean_loop():
    await asyncio.to_thread(print)
    server = await asyncio.start_server(print, "localhost", 0)
    server.close()
    await server.wait_closed()
"""


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Run a set of careless tests under the guards and return what pytest said."""
    folder = tmp_path_factory.mktemp("careless")
    (folder / "test_leaves.py").write_text(_LEAVES)
    environ = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(_ROOT), str(_ROOT / "app")]),
        "COLUMNS": "500",
        "TRUE_HOME": str(Path.home()),
        "TRUE_PACKS": str(folder / "packs"),
        "VOXELLE_PACKS_DIR": str(folder / "packs"),
        "VOXELLE_SETTING__VOICE__VOLUME": "0.5",
    }
    command = [sys.executable, "-m", "pytest", "-c", str(_ROOT / "pyproject.toml"), "--rootdir", str(folder), str(folder)]
    done = subprocess.run(
        [*command, "-q", "-rA", "-p", "no:cacheprovider", "-p", "tests.conftest"],
        cwd=folder,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr


@pytest.mark.parametrize(
    "test, said",
    [
        ("task", "Left behind on the loop: .*Event.wait"),
        ("timer", "Left behind on the loop: .*TimerHandle"),
        ("virtual_task", "Left behind on the loop: .*Event.wait"),
        ("thread", "Left behind: threads: Thread-"),
        ("process", r"Left behind: processes: \d+: .*python"),
        ("widget", "Left behind: widgets: QLabel"),
        ("qt_timer", "Left behind: timers: a timer of 100000 ms"),
        ("every_network", "Left behind: hosts reached for: every network"),
        ("host", r"Left behind: hosts reached for: 192\.0\.2\.1"),
        ("name", "only this machine may be talked to"),
        ("warning", "something odd"),
        ("weights", "No weights of llm-small and minilm and ears and speaker and stt-tiny in .*bootstrap.py test"),
    ],
)
def test_what_a_test_leaves_behind_fails_it(outcome: str, test: str, said: str) -> None:
    assert re.search(rf"^(ERROR|FAILED) \S+::test_{test} - .*{said}", outcome, re.MULTILINE), outcome


@pytest.mark.parametrize("test", ["clean", "keyring", "clean_loop", "clean_qt"])
def test_a_test_that_cleans_up_passes(outcome: str, test: str) -> None:
    assert re.search(rf"^PASSED \S+::test_{test}$", outcome, re.MULTILINE), outcome
    assert not re.search(rf"^ERROR \S+::test_{test}\b(?!_)", outcome, re.MULTILINE), outcome
