"""A thousand frames of Twitch's a second, and five thousand in a burst: none lost, none handled twice, the window smooth, memory flat.

Ten minutes of real time; `VOXELLE_BENCH_SECONDS` makes it shorter or longer. Every line comes as a frame of a real web socket, from a
process of its own on this computer, and takes the road of one from Twitch: it is read and checked, told from its repetitions (one in a
hundred comes twice), translated, judged, kept and shown. `in_core` is the time from when a frame was due until it was decided what
becomes of it, waiting behind others included. Whatever else keeps both cores busy shows as stalls: measure on a quiet computer.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import tempfile
import time
from array import array
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from voxelle.benches import Figure, percentile
from voxelle.benches.chatter import Chatter
from voxelle.benches.flood_line import far_end
from voxelle.benches.frames import CHANNEL, Pace, frame, message_id, prepared
from voxelle.domain.errors import InputError
from voxelle.kernel.clock import Ids, Randomness, SystemClock
from voxelle.kernel.paths import Paths

if TYPE_CHECKING:
    from voxelle.headless import ShowOptions

PER_S = 1_000
IN_BURST_PER_S = 5_000
SECONDS = 600.0
SECONDS_VARIABLE = "VOXELLE_BENCH_SECONDS"
WARM_UP_S = 10.0
_SAMPLE_S = 0.5
_STEADY = 10
"""Samples of memory at either end whose median counts."""
_MB = 1024 * 1024
_FLAT_MB = 20.0
"""Hundreds of thousands of lines come after the warm-up. One forgotten line with its author and decision holds about 1 kB,
so keeping them would show as hundreds of MB; below 20 MB is what an allocator's arenas move by themselves."""
_PARSED = 5_000


@dataclass(slots=True)
class Flooded:
    """What was seen while the lines came in."""

    offered: int = 0
    repeated: int = 0
    """Delivered a second time."""
    handled: bytearray = field(default_factory=bytearray)
    """How often each line reached the companion."""
    in_core_s: array[float] = field(default_factory=lambda: array("d"))
    """How long each took from the line to the decision."""
    took_s: float = 0.0
    late_s: Sequence[float] = ()
    """How late the beats of the window's thread were."""
    rss_mb: list[tuple[float, float]] = field(default_factory=list)
    """Seconds since the beginning and memory."""

    def growth_mb(self, warm_up_s: float = WARM_UP_S) -> float:
        """Return by how much memory grew after the warm-up; nan if it was too short to say."""
        steady = [rss_mb for at_s, rss_mb in self.rss_mb if at_s >= warm_up_s]
        return percentile(steady[-_STEADY:], 0.5) - percentile(steady[:_STEADY], 0.5)

    def lost(self, kept: set[str]) -> int:
        """Return how many lines are not among those that were kept."""
        return sum(f"twitch:{message_id(number)}" not in kept for number in range(self.offered))

    @property
    def handled_twice(self) -> int:
        """How many lines reached the companion more than once."""
        return sum(times > 1 for times in self.handled)


def measure(paths: Paths) -> tuple[Figure, ...]:
    """Flood a show with a real store and the real window."""
    from voxelle.benches.window import perform

    pace = Pace(PER_S, IN_BURST_PER_S, wanted_seconds())
    parse_s = parse_times()
    with tempfile.TemporaryDirectory(prefix="voxelle-bench-") as name:
        profile = Paths.find(Path(name), environ={})
        flooded = perform(flood_window(profile, pace))
        kept = kept_ids(profile.database_file)
    return (
        Figure("seconds", pace.seconds, "s of real time"),
        Figure("offered_per_s", flooded.offered / flooded.took_s, "1/s", f">= {pace.total / pace.seconds * 0.99:g}"),
        Figure("offered", flooded.offered, "count", f"== {pace.total}"),
        Figure("delivered_twice", flooded.repeated, "count", ">= 1"),
        Figure("lost", flooded.lost(kept), "count", "== 0"),
        Figure("duplicates_handled_twice", flooded.handled_twice, "count", "== 0"),
        Figure("parse_p50_us", percentile(parse_s, 0.5) * 1e6, "us", "<= 25"),
        Figure("in_core_p50_ms", percentile(flooded.in_core_s, 0.5) * 1000, "ms"),
        Figure("in_core_p99_ms", percentile(flooded.in_core_s, 0.99) * 1000, "ms"),
        Figure("gui_stall_p50_ms", percentile(flooded.late_s, 0.5) * 1000, "ms"),
        Figure("gui_stall_p99_ms", percentile(flooded.late_s, 0.99) * 1000, "ms", "<= 16"),
        Figure("gui_stall_max_ms", percentile(flooded.late_s, 1.0) * 1000, "ms"),
        Figure("rss_mb", percentile([rss_mb for _, rss_mb in flooded.rss_mb], 1.0), "MB"),
        Figure("rss_growth_mb", flooded.growth_mb(), "MB", f"<= {_FLAT_MB:g}"),
    )


def wanted_seconds() -> float:
    """Return how long the flood lasts. InputError for what is no time."""
    text = os.environ.get(SECONDS_VARIABLE, "")
    try:
        seconds = float(text or SECONDS)
    except ValueError:
        seconds = 0.0
    if not 1.0 <= seconds <= 86_400.0:
        msg = f"{SECONDS_VARIABLE} must be a number of seconds, from 1 to 86400."
        raise InputError(msg)
    return seconds


def parse_times() -> list[float]:
    """Measure reading, checking and translating, frame by frame."""
    from voxelle.integrations.twitch.mapping import Context
    from voxelle.integrations.twitch.messages import Notification, read_frame, to_domain

    clock = SystemClock()
    context, now = Context(CHANNEL, names=("Hibari",)), clock.now()
    pieces = prepared(Chatter(Ids(Randomness(1), clock), clock), _PARSED)
    times: list[float] = []
    for number, each in enumerate(pieces):
        raw = frame(each, number)
        began = time.perf_counter()
        read = read_frame(raw)
        if isinstance(read, Notification):
            to_domain(read, context, now)
        times.append(time.perf_counter() - began)
    return times


async def flood_window(profile: Paths, pace: Pace) -> Flooded:
    """Open the show and its window, let the lines come, and close both. Runs on the window's loop."""
    from voxelle.benches.flooded_ear import hear
    from voxelle.benches.heartbeat import Heartbeat
    from voxelle.benches.window import close
    from voxelle.kernel.limits import return_memory, settle_heap
    from voxelle.main import ShowThread, open_window

    flooded = Flooded(handled=bytearray(pace.total), in_core_s=array("d", bytes(8 * pace.total)))
    thread = ShowThread(profile, lambda: _options(profile))
    show = await thread.open()
    window = open_window(thread, show)
    window.show()
    settle_heap()
    return_memory()
    heartbeat = Heartbeat()
    try:
        with far_end(pace) as end:
            work = hear(show, end.address, pace, flooded)
            began_s = show.clock.monotonic()
            heartbeat.start()
            hearing = asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, show_loop(thread.loop)))
            while not hearing.done():
                flooded.rss_mb.append((show.clock.monotonic() - began_s, psutil.Process().memory_info().rss / _MB))
                await asyncio.wait({hearing}, timeout=_SAMPLE_S)
            hearing.result()
            heartbeat.stop()
            said = end.last_word()
        flooded.offered, flooded.repeated = said["offered"], said["repeated"]
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
