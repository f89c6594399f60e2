"""What every process of ours loads before it does anything."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest


def loaded(*arguments: str) -> set[str]:
    """Return the modules that a process with these arguments has after it loaded the package and its log."""
    script = "import voxelle, structlog, sys; sys.stdout.write(' '.join(name for name, module in sys.modules.items() if module))"
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", script, *arguments], env=environ, capture_output=True, text=True, timeout=60, check=True)
    return set(done.stdout.split())


def test_no_process_loads_what_only_colours_tracebacks() -> None:
    assert not {"rich", "pygments"} & loaded()


def test_an_engine_process_does_without_tls() -> None:
    assert "ssl" in loaded()
    assert "ssl" not in loaded("engine-worker")


@pytest.mark.parametrize("name", ["rich", "ssl"])
def test_what_was_left_out_can_still_be_loaded(name: str) -> None:
    script = f"import voxelle, {name}"
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run([sys.executable, "-c", script, "engine-worker"], env=environ, timeout=60, check=True)


def test_qt_reads_no_source_of_what_is_imported_after_the_first_paint() -> None:
    script = "import linecache, voxelle.main as main; main._spare_sources(); import mailbox; assert mailbox.__file__ not in linecache.cache"
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run([sys.executable, "-c", script], env=environ, timeout=60, check=True)
    without = script.replace("main._spare_sources(); ", "")
    assert subprocess.run([sys.executable, "-c", without], env=environ, timeout=60, check=False, capture_output=True).returncode == 1
