"""No engine process outlives its host, however the host ends, and nothing of it lies about."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from voxelle.kernel.spawn import worker_command, worker_environment

GONE_S = 10


def _host(folder: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.kernel.dying_host", "tests.kernel.worker_engines:TestEngine"]
    environment = worker_environment() | dict.fromkeys(("TMPDIR", "XDG_RUNTIME_DIR", "VOXELLE_RUNTIME_DIR"), str(folder))
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX's")
@pytest.mark.parametrize("_round", range(3))
def test_a_host_killed_with_9_leaves_no_process_and_no_file(_round: int, tmp_path: Path) -> None:
    with _host(tmp_path) as host:
        assert host.stdout is not None
        workers = [psutil.Process(int(pid)) for pid in host.stdout.readline().split()]
        assert len(workers) == 2
        host.kill()
    _, alive = psutil.wait_procs(workers, timeout=GONE_S)
    assert not alive
    assert not list(tmp_path.iterdir())


def test_a_worker_ends_when_its_line_is_cut() -> None:
    with subprocess.Popen(
        worker_command(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=worker_environment()
    ) as worker:
        assert worker.stdin is not None
        worker.stdin.close()
        assert worker.wait(GONE_S) == 0
