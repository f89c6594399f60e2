"""What the tests talk to on Linux: a screen of their own, a sound server, a keyring. Started before them, stopped after them."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

PROGRAMS = ("Xvfb", "pulseaudio", "dbus-daemon", "gnome-keyring-daemon")
_SINK = "sink_name=voxelle_out rate=48000 channels=2 norewinds=1"  # without norewinds the first stream stalls for seconds
_PATIENCE_S = 15.0


class MissingProgramError(Exception):
    """A program the tests need is not installed."""


@contextlib.contextmanager
def surroundings(environ: dict[str, str]) -> Iterator[dict[str, str]]:
    """Start everything and give the environment in which tests find it. Elsewhere than on Linux nothing is started.

    The screen is in `TEST_DISPLAY`: windows are drawn off screen, where no window manager and no prompt comes between.
    """
    if not sys.platform.startswith("linux"):
        yield environ
        return
    absent = [program for program in PROGRAMS if shutil.which(program) is None]
    if absent:
        msg = f"{', '.join(absent)} is not installed: run packaging/bootstrap.py test once."
        raise MissingProgramError(msg)
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="voxelle-tests-", ignore_cleanup_errors=True)))
        runtime = folder / "run"
        runtime.mkdir(mode=0o700)
        theirs = {**environ, "HOME": str(folder), "XDG_RUNTIME_DIR": str(runtime)}
        for name in ("DISPLAY", "WAYLAND_DISPLAY", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "PULSE_SERVER"):
            theirs.pop(name, None)
        ours = {"XDG_RUNTIME_DIR": str(runtime)}
        ours["TEST_DISPLAY"] = stack.enter_context(_screen(theirs))
        ours["DBUS_SESSION_BUS_ADDRESS"] = theirs["DBUS_SESSION_BUS_ADDRESS"] = stack.enter_context(_session_bus(theirs))
        _unlock_keyring(theirs)
        ours["PULSE_SERVER"] = stack.enter_context(_sound_server(theirs, runtime))
        ours["PULSE_SINK"] = "voxelle_out"
        yield {**{name: value for name, value in environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}, **ours}


@contextlib.contextmanager
def _running(command: list[str], environ: dict[str, str], **options: object) -> Iterator[subprocess.Popen[bytes]]:
    process: subprocess.Popen[bytes] = subprocess.Popen(
        command, env=environ, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options
    )  # type: ignore[call-overload]
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextlib.contextmanager
def _screen(environ: dict[str, str]) -> Iterator[str]:
    """Start Xvfb on a display number of its own choice."""
    read, write = os.pipe()
    command = ["Xvfb", "-displayfd", str(write), "-screen", "0", "1600x1000x24", "-nolisten", "tcp"]
    with _running(command, environ, stdout=subprocess.DEVNULL, pass_fds=[write]), open(read, "rb") as answer:  # noqa: PTH123 a descriptor, no path
        os.close(write)
        yield f":{answer.readline().decode().strip()}"


@contextlib.contextmanager
def _session_bus(environ: dict[str, str]) -> Iterator[str]:
    command = ["dbus-daemon", "--session", "--nofork", "--nopidfile", "--print-address=1"]
    with _running(command, environ, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None  # noqa: S101 for mypy
        with process.stdout as answer:
            yield answer.readline().decode().strip()


def _unlock_keyring(environ: dict[str, str]) -> None:
    """Start the real Secret Service with an unlocked keyring; it ends with its bus."""
    command = ["gnome-keyring-daemon", "--unlock", "--components=secrets"]
    subprocess.run(command, env=environ, input=b"for the tests only", capture_output=True, check=True)
    question = ["dbus-send", "--session", "--print-reply=literal", "--dest=org.freedesktop.DBus", "/", "org.freedesktop.DBus.NameHasOwner"]
    question.append("string:org.freedesktop.secrets")
    _wait_until(lambda: b"true" in subprocess.run(question, env=environ, capture_output=True, check=False).stdout)


@contextlib.contextmanager
def _sound_server(environ: dict[str, str], runtime: Path) -> Iterator[str]:
    """Start PulseAudio with a sink that swallows sound at the speed of a real device."""
    command = ["pulseaudio", "-n", "--daemonize=yes", "--exit-idle-time=-1", "--log-target=file:/dev/null"]
    for module in ("module-native-protocol-unix", f"module-null-sink {_SINK}", "module-always-sink"):
        command += ["-L", module]
    subprocess.run(command, env=environ, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    try:
        yield f"unix:{runtime / 'pulse' / 'native'}"
    finally:
        subprocess.run(["pulseaudio", "--kill"], env=environ, capture_output=True, check=False)


def _wait_until(is_ready: Callable[[], bool]) -> None:
    """Ask until it is ready; for programs that do not tell."""
    end = time.monotonic() + _PATIENCE_S
    while not is_ready():
        if time.monotonic() > end:
            msg = "the keyring of the tests did not start"
            raise TimeoutError(msg)
        time.sleep(0.05)
