"""What the app costs while nothing happens, and how much memory it takes with all embedded engines loaded."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from voxelle.benches import Figure
from voxelle.benches.programs import command, environment
from voxelle.domain.errors import SetupError, TemporaryError, VoxelleError
from voxelle.kernel.control import call
from voxelle.kernel.packs import open_packs
from voxelle.kernel.paths import Paths

IDLE_S = 20.0
_SETTLE_S = 5.0
_POLL_S = 0.5
_PATIENCE_S = 180.0
_MB = 1024 * 1024
_QUESTION = "Tell me in two sentences what you like about this evening."
_GOALS_MB = {"llm-default": 2200, "llm-small": 1300}
_ENGINES = 3
"""Processes of embedded engines: the model, the voice, and one for emotion and embeddings."""


@dataclass(frozen=True, slots=True)
class Memory:
    """What processes hold. `pss_mb` counts shared pages once; None where the system does not tell."""

    processes: int
    rss_mb: float
    pss_mb: float | None


def measure(paths: Paths) -> tuple[Figure, ...]:
    """Measure without engines, then with each of the two models that is installed; the one of the settings comes first."""
    installed = [pack_id for pack_id in _GOALS_MB if open_packs(paths).is_installed(pack_id)]
    if not installed:
        msg = "No embedded model is installed, so its memory can't be measured. Install one with: voxelle packs install llm-small"
        raise SetupError(msg)
    return (
        *_idle(),
        *(figure for number, pack_id in enumerate(installed) for figure in _with_engines(paths.packs, pack_id, is_first=number == 0)),
    )


def _idle() -> tuple[Figure, ...]:
    """Measure the app and its sound process, as at every start but the very first, which makes the database."""
    with _profile() as profile:
        with _running(profile):
            pass
        return _idle_again(profile)


def _idle_again(profile: Paths) -> tuple[Figure, ...]:
    with _running(profile) as app:
        time.sleep(_SETTLE_S)
        share = _cpu_share(app, IDLE_S)
        memory = look(app)
    return (
        Figure("processes", memory.processes, "count", "== 2"),
        Figure("rss_mb", memory.rss_mb, "MB", "<= 180"),
        *_told("pss_mb", memory.pss_mb),
        Figure("cpu_percent", share * 100, "%", "< 1"),
    )


def _with_engines(packs: Path, pack_id: str, *, is_first: bool) -> tuple[Figure, ...]:
    """Measure after a spoken turn, so that everything is not only loaded but used."""
    name = "engines" if is_first else f"engines_{pack_id.removeprefix('llm-')}"
    with _profile() as profile, _running(profile, packs, pack_id) as app:
        engines = _converse(profile)
        time.sleep(_SETTLE_S)
        memory = look(app)
    return (
        Figure(f"{name}_processes", memory.processes, "count", f"== {2 + _ENGINES}"),
        Figure(f"{name}_embedded", sum(engine in ("llama_cpp", "hibari") for engine in engines.values()), "count", "== 2"),
        Figure(f"{name}_rss_mb", memory.rss_mb, "MB", f"<= {_GOALS_MB[pack_id]}"),
        *_told(f"{name}_pss_mb", memory.pss_mb),
    )


def _told(name: str, value: float | None) -> tuple[Figure, ...]:
    return () if value is None else (Figure(name, value, "MB"),)


@contextmanager
def _profile() -> Iterator[Paths]:
    with tempfile.TemporaryDirectory(prefix="voxelle-bench-") as name:
        yield Paths.find(Path(name), environ={})


@contextmanager
def _running(profile: Paths, packs: Path | None = None, pack_id: str = "") -> Iterator[psutil.Process]:
    """Run our app with its window; without `packs` it loads no engine."""
    environ = environment()
    if pack_id:
        environ["VOXELLE_SETTING__LANGUAGE_MODEL__EMBEDDED_PACK"] = pack_id
    arguments = command("idle", str(profile.data), str(packs or ""))
    with subprocess.Popen(
        arguments, env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as child:
        try:
            if child.stdout is None or not child.stdout.readline():
                msg = "The window could not be opened."
                raise SetupError(msg)
            yield psutil.Process(child.pid)
        finally:
            if child.stdin is not None:
                child.stdin.close()  # it ends when its input ends
            try:
                child.wait(_PATIENCE_S)
            except subprocess.TimeoutExpired:
                child.kill()


def look(app: psutil.Process) -> Memory:
    """Add up what an app and all its processes hold."""
    full = [info for process in [app, *app.children(recursive=True)] if (info := _held(process)) is not None]
    shares = [getattr(each, "pss", None) for each in full]
    is_told = all(share is not None for share in shares)
    return Memory(len(full), sum(each.rss for each in full) / _MB, sum(share or 0 for share in shares) / _MB if is_told else None)


def _held(process: psutil.Process) -> Any:
    """Return what a process holds, None if it has just ended: the sound process asks small programs for the devices."""
    try:
        return process.memory_full_info()
    except psutil.NoSuchProcess:
        return None


def _cpu_share(app: psutil.Process, seconds: float) -> float:
    """Return how much of one core an app and its processes use, those included that came and went."""
    family = [app, *app.children(recursive=True)]
    before, began_s = [_cpu_s(process) for process in family], time.monotonic()
    time.sleep(seconds)
    after = [_cpu_s(process) for process in family]
    spent = (end - start for start, end in zip(before, after, strict=True) if start is not None and end is not None)
    return sum(spent) / (time.monotonic() - began_s)


def _cpu_s(process: psutil.Process) -> float | None:
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return None  # where the system tells it, its time is its parent's now
    ended = getattr(times, "children_user", 0.0) + getattr(times, "children_system", 0.0)
    return float(times.user + times.system + ended)


def _converse(profile: Paths) -> dict[str, str]:
    """Tell her something once she is ready, wait until she has answered, and return which engines did it."""
    _wait_for(lambda: _is_resting(profile))
    asyncio.run(call(profile.control_socket, "tell", {"text": _QUESTION}))
    _wait_for(lambda: bool(_answered_by(profile.database_file)) and _is_resting(profile))
    return _answered_by(profile.database_file)


def _wait_for(condition: Callable[[], bool]) -> None:
    """Look into another process until something is so."""
    until_s = time.monotonic() + _PATIENCE_S
    while not condition():
        if time.monotonic() > until_s:
            msg = "She did not answer, so her memory can't be measured. `voxelle doctor` may know why."
            raise TemporaryError(msg)
        time.sleep(_POLL_S)


def _is_resting(profile: Paths) -> bool:
    try:
        status = asyncio.run(call(profile.control_socket, "status", {}))
    except VoxelleError:
        return False  # not open yet
    return bool(status["character"]) and status["state"] == "idle" and not status["waiting"]


def _answered_by(database: Path) -> dict[str, str]:
    """Return the engines of the newest turn that a model answered, as the store has them."""
    with closing(sqlite3.connect(database)) as connection:
        traces = [json.loads(trace) for (trace,) in connection.execute("SELECT trace FROM turns ORDER BY id DESC")]
    found: dict[str, str] = next((trace["engines"] for trace in traces if "llm" in trace["engines"]), {})
    return found
