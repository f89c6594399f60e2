"""A thousand chat lines a second: none is lost from the store, the window stays smooth, memory stays flat."""

from __future__ import annotations

import asyncio
import sqlite3
import tempfile
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from voxelle.benches import Figure, percentile
from voxelle.benches.chatter import Chatter, flood
from voxelle.kernel.paths import Paths

if TYPE_CHECKING:
    from voxelle.headless import ShowOptions

PER_S = 1_000
SECONDS = 60.0
WARM_UP_S = 10.0
_SAMPLE_S = 0.5
_STEADY = 10
"""Samples of memory at either end whose median counts."""
_MB = 1024 * 1024
_FLAT_MB = 20.0
"""50,000 lines come after the warm-up. One forgotten line with its author and decision holds about 1 kB,
so keeping them all would show as 50 MB; below 20 MB is what an allocator's arenas move by themselves."""


@dataclass(slots=True)
class Flooded:
    """What was seen while the lines came in."""

    taken: list[str] = field(default_factory=list)
    """Ids of the lines that were handed over."""
    took_s: float = 0.0
    late_s: list[float] = field(default_factory=list)
    """How late the beats of the window's thread were."""
    rss_mb: list[tuple[float, float]] = field(default_factory=list)
    """Seconds since the beginning and memory."""

    def growth_mb(self, warm_up_s: float = WARM_UP_S) -> float:
        """Return by how much memory grew after the warm-up; nan if it was too short to say."""
        steady = [rss_mb for at_s, rss_mb in self.rss_mb if at_s >= warm_up_s]
        return percentile(steady[-_STEADY:], 0.5) - percentile(steady[:_STEADY], 0.5)


def measure(paths: Paths) -> tuple[Figure, ...]:
    """Flood a show with a real store and the real window."""
    from voxelle.benches.window import perform

    with tempfile.TemporaryDirectory(prefix="voxelle-bench-") as name:
        profile = Paths.find(Path(name), environ={})
        flooded = perform(flood_window(profile, PER_S, SECONDS))
        kept = kept_ids(profile.database_file)
    return (
        Figure("offered_per_s", len(flooded.taken) / flooded.took_s, "1/s", f">= {PER_S * 0.99:g}"),
        Figure("offered", len(flooded.taken), "count", f"== {PER_S * SECONDS:g}"),
        Figure("lost", len(set(flooded.taken) - kept), "count", "== 0"),
        Figure("gui_stall_p50_ms", percentile(flooded.late_s, 0.5) * 1000, "ms"),
        Figure("gui_stall_p99_ms", percentile(flooded.late_s, 0.99) * 1000, "ms", "<= 16"),
        Figure("gui_stall_max_ms", percentile(flooded.late_s, 1.0) * 1000, "ms"),
        Figure("rss_mb", percentile([rss_mb for _, rss_mb in flooded.rss_mb], 1.0), "MB"),
        Figure("rss_growth_mb", flooded.growth_mb(), "MB", f"<= {_FLAT_MB:g}"),
    )


async def flood_window(profile: Paths, per_second: int, seconds: float) -> Flooded:
    """Open the show and its window, let the lines come, and close both. Runs on the window's loop."""
    from voxelle.benches.heartbeat import Heartbeat
    from voxelle.benches.window import close
    from voxelle.main import ShowThread, open_window

    thread = ShowThread(profile, lambda: _options(profile))
    show = await thread.open()
    window = open_window(thread, show)
    window.show()
    heartbeat, flooded = Heartbeat(), Flooded()
    clock = show.clock
    work = flood(show.companion.submit, Chatter(show.ids, clock), clock, per_second, seconds)
    try:
        began_s = clock.monotonic()
        heartbeat.start()
        flooding = asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, show_loop(thread.loop)))
        while not flooding.done():
            flooded.rss_mb.append((clock.monotonic() - began_s, psutil.Process().memory_info().rss / _MB))
            await asyncio.wait({flooding}, timeout=_SAMPLE_S)
        flooded.taken = flooding.result()
        flooded.took_s = clock.monotonic() - began_s
        heartbeat.stop()
    finally:
        await close(window)
        await thread.join()
    flooded.late_s = heartbeat.late_s
    return flooded


def show_loop(loop: asyncio.AbstractEventLoop | None) -> asyncio.AbstractEventLoop:
    """Return the loop of an open show."""
    if loop is None:
        msg = "the show is not open"
        raise RuntimeError(msg)
    return loop


def _options(profile: Paths) -> ShowOptions:
    from voxelle.headless import ShowOptions
    from voxelle.providers.catalogue import EngineSet

    return ShowOptions(EngineSet.STUB, profile.data / "voice.wav", is_greeting=False, has_control=False)


def kept_ids(database: Path) -> set[str]:
    """Return the ids of all messages in a database file, read past our own storage."""
    with closing(sqlite3.connect(database)) as connection:
        return {message_id for (message_id,) in connection.execute("SELECT id FROM messages")}
