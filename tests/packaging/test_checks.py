"""The checks themselves: a failure stops them, and their last lines say what happened."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import checks
import surroundings

WINDOW = """
from PySide6.QtWidgets import QApplication, QWidget
app = QApplication([])
window = QWidget()
window.resize(300, 200)
window.show()
app.processEvents()
print(app.platformName(), window.grab().width() >= 300)
"""


def test_an_unknown_step_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert checks.main(["spell"]) == 2
    assert "There is no step spell; there are format, lint, imports" in capsys.readouterr().err


def test_the_first_failure_stops_with_its_name_and_the_tests_last_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    done: list[str] = []

    def run_tests(self: checks.Checks) -> None:
        self.closing = "=== 5 passed in 0.1s ==="

    def find_too_little(_self: checks.Checks) -> None:
        msg = "coverage ended with code 2"
        raise checks.Failed(msg)

    run_tests.__name__, find_too_little.__name__ = "tests", "coverage"
    monkeypatch.setattr(checks.Checks, "tests", run_tests)
    monkeypatch.setattr(checks.Checks, "coverage", find_too_little)
    monkeypatch.setattr(checks.Checks, "freeze", lambda _self: done.append("freeze"))
    assert checks.main(["tests", "coverage"]) == 1
    last = capsys.readouterr().out.splitlines()[-2:]
    assert last == ["=== coverage FAILED after 0 s: coverage ended with code 2", "=== 5 passed in 0.1s ==="]
    assert done == []


def test_a_program_that_fails_or_hangs_is_a_failure() -> None:
    with pytest.raises(checks.Failed, match="ended with code 3"):
        checks._run_program([sys.executable, "-c", "raise SystemExit(3)"], dict(os.environ))
    with pytest.raises(checks.Failed, match="did not end within"):
        checks._run_program([sys.executable, "-c", "import time; time.sleep(60)"], dict(os.environ), timeout=0.2)
    with pytest.raises(checks.Failed, match="is not installed here"):
        checks._run("no-such-tool")


@pytest.mark.parametrize(
    "line",
    [
        "=== 3 passed in 1.20s ===",
        "== 1 failed, 2 passed, 1 warning in 61.00s (0:01:01) ==",
        "=== no tests ran in 0.01s ===",
        "= 1 error in 2.0s =",
    ],
)
def test_the_last_line_of_pytest_is_known(line: str) -> None:
    assert checks._CLOSING.match(line)


@pytest.mark.sound
@pytest.mark.keyring
def test_the_surroundings_have_a_screen_a_sound_server_and_an_unlocked_keyring_and_leave_nothing() -> None:
    secret = "import keyring; keyring.set_password('a', 'b', 'c'); print(keyring.get_password('a', 'b'))"
    with surroundings.surroundings(dict(os.environ)) as environ:
        ask = [sys.executable, "-W", "error", "-c", secret]
        assert (
            subprocess.run(
                ask,
                env={**environ, "PYTHON_KEYRING_BACKEND": "keyring.backends.SecretService.Keyring"},
                capture_output=True,
                text=True,
                check=True,
            ).stdout
            == "c\n"
        )
        sinks = subprocess.run(["pactl", "list", "short", "sinks"], env=environ, capture_output=True, text=True, check=True).stdout
        assert "voxelle_out" in sinks
        assert "DISPLAY" not in environ
        on_screen = {**environ, "DISPLAY": environ["TEST_DISPLAY"], "QT_QPA_PLATFORM": "xcb"}
        assert (
            subprocess.run([sys.executable, "-c", WINDOW], env=on_screen, capture_output=True, text=True, check=True).stdout == "xcb True\n"
        )
        runtime = Path(environ["XDG_RUNTIME_DIR"])
    assert not runtime.exists()


def test_a_missing_program_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr("shutil.which", lambda name: None if name == "Xvfb" else name)
    with pytest.raises(surroundings.MissingProgramError, match="Xvfb is not installed"), surroundings.surroundings({}):
        pass


def test_elsewhere_than_on_linux_nothing_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    with surroundings.surroundings({"A": "1"}) as environ:
        assert environ == {"A": "1"}
