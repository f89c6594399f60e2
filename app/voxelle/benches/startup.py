"""How soon the first paint comes, beside a bare Qt window started in the same way, and what is imported before it."""

from __future__ import annotations

import json
import subprocess
import tempfile
import time
from typing import TYPE_CHECKING

from voxelle.benches import Figure, percentile
from voxelle.benches.programs import command, environment
from voxelle.domain.errors import SetupError

if TYPE_CHECKING:
    from voxelle.kernel.paths import Paths

ROUNDS = 7
_PATIENCE_S = 60.0


def measure(paths: Paths) -> tuple[Figure, ...]:
    """Start both windows in turn, warm, several times; the medians count."""
    bare, first, ready = [], [], []
    heavy = 0.0
    _start("bare")
    _start("app")
    for _ in range(ROUNDS):
        bare.append(_start("bare")["first_paint_ms"])
        app = _start("app")
        first.append(app["first_paint_ms"])
        ready.append(app["ready_ms"])
        heavy = max(heavy, app["heavy_imports"])
    return (
        Figure("first_paint_ms", percentile(first, 0.5), "ms"),
        Figure("bare_window_ms", percentile(bare, 0.5), "ms"),
        Figure("bare_ratio", percentile(first, 0.5) / percentile(bare, 0.5), "ratio", "<= 2.5"),
        Figure("ready_ms", percentile(ready, 0.5), "ms"),
        Figure("heavy_imports_before_paint", heavy, "count", "== 0"),
    )


def _start(kind: str) -> dict[str, float]:
    """Start a process that paints a window, and return what it measured from its own start."""
    with tempfile.TemporaryDirectory(prefix="voxelle-bench-") as folder:
        arguments = command(f"startup-{kind}", folder, str(time.monotonic()))
        done = subprocess.run(arguments, env=environment(), capture_output=True, text=True, timeout=_PATIENCE_S, check=False)
    if done.returncode:
        msg = f"The {kind} window could not be started: {done.stderr.strip().splitlines()[-1:]}"
        raise SetupError(msg)
    measured: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return measured
