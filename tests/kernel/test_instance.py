"""One running instance for each data folder."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from voxelle.domain.errors import SetupError
from voxelle.kernel import instance
from voxelle.kernel.control import InstanceLock

_OTHER_INSTANCE = """
import sys
from pathlib import Path
from voxelle.kernel.instance import InstanceLock
lock = InstanceLock()
print(lock.acquire(Path(sys.argv[1])), flush=True)
sys.stdin.read()
"""


def _start_other(path: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", _OTHER_INSTANCE, str(path)]
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environ)


def test_the_second_instance_is_told_and_the_lock_is_free_again_after_release(tmp_path: Path) -> None:
    first, second = InstanceLock(), InstanceLock()
    path = tmp_path / "data" / "instance.lock"
    assert first.acquire(path)
    assert not second.acquire(path)
    assert path.read_text().strip() == str(os.getpid())
    first.release()
    first.release()
    assert second.acquire(path)
    second.release()


def test_the_system_frees_the_lock_when_its_owner_is_killed(tmp_path: Path) -> None:
    path = tmp_path / "instance.lock"
    with _start_other(path) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "True\n"
        lock = InstanceLock()
        assert not lock.acquire(path)
        other.kill()
        other.wait()
        assert lock.acquire(path)
        lock.release()


def test_a_lock_is_taken_once(tmp_path: Path) -> None:
    lock = InstanceLock()
    assert lock.acquire(tmp_path / "lock")
    with pytest.raises(RuntimeError, match="already held"):
        lock.acquire(tmp_path / "lock")
    lock.release()


def test_a_file_that_can_not_be_opened_is_said(tmp_path: Path) -> None:
    (tmp_path / "lock").mkdir()
    with pytest.raises(SetupError, match="can't be opened"):
        InstanceLock().acquire(tmp_path / "lock")


def test_a_disk_without_locks_is_said_and_nothing_stays_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[int] = []

    def refuse(descriptor: int) -> None:
        opened.append(descriptor)
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(instance, "_lock", refuse)
    with pytest.raises(SetupError, match="can't be locked"):
        InstanceLock().acquire(tmp_path / "lock")
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(opened[0])
