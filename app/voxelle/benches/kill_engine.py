"""Engine processes are killed in mid-sentence: every turn still ends, the next one works, no process is left behind."""

from __future__ import annotations

import asyncio
import random
import tempfile
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from voxelle.benches import Figure
from voxelle.domain.events import ClausePassed, ReplyGrown, TurnEnded, TurnStarted
from voxelle.domain.speech import TurnOutcome
from voxelle.headless import Show, ShowOptions, open_show, run_show
from voxelle.kernel.paths import Paths
from voxelle.kernel.tasks import TaskScope

if TYPE_CHECKING:
    from voxelle.domain.events import Event

KILLS = 100
_SEED = 5
_PATIENCE_S = 120.0
"""A turn that has not ended by then counts as never ended."""


def measure(paths: Paths) -> tuple[Figure, ...]:
    """Kill the model's and the voice's process in turn, in the middle of a reply."""
    with tempfile.TemporaryDirectory(prefix="voxelle-bench-") as name:
        profile = replace(Paths.find(Path(name), environ={}), packs=paths.packs)
        counts = asyncio.run(_perform(profile))
    orphans = sum("engine-worker" in " ".join(_command(process)) for process in psutil.Process().children(recursive=True))
    return (
        Figure("kills", counts["kills"], "count", f"== {KILLS}"),
        Figure("unended_turns", counts["unended"], "count", "== 0"),
        Figure("failed_next_turns", counts["failed_next"], "count", "== 0"),
        Figure("answers_by_fallback", counts["fallback"], "count"),
        Figure("orphans", orphans, "count", "== 0"),
    )


def _command(process: psutil.Process) -> Iterable[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return ()


async def _perform(profile: Paths) -> dict[str, int]:
    chance = random.Random(_SEED)  # noqa: S311 - a seed, not a secret
    counts = dict.fromkeys(("kills", "unended", "failed_next", "fallback"), 0)
    options = ShowOptions(wav=profile.data / "voice.wav", speed=0.0, is_greeting=False, has_control=False)
    async with open_show(profile, options) as show, TaskScope("bench") as scope:
        scope.start(run_show(show), name="show")
        await show.companion.settle()
        started, ended = set(), {}
        show.bus.subscribe(TurnStarted, lambda event: started.add(event.turn_id))
        show.bus.subscribe(TurnEnded, lambda event: ended.update({event.record.id: event.record}))
        for number in range(KILLS):
            await _kill_in_mid_sentence(show, "llama_cpp" if number % 2 else "hibari", chance.randrange(1, 6))
            counts["kills"] += 1
            before = set(ended)
            await show.companion.tell("Are you still there?")
            async with asyncio.timeout(_PATIENCE_S):
                await show.companion.settle()
            answers = [record for turn_id, record in ended.items() if turn_id not in before]
            counts["failed_next"] += not any(record.outcome is TurnOutcome.COMPLETED and record.heard_text for record in answers)
            counts["fallback"] += any(record.trace.engines.get("llm") == "prepared" or record.trace.engines.get("tts") != "hibari" for record in answers)
        counts["unended"] = len(started - set(ended))
    return counts


async def _kill_in_mid_sentence(show: Show, engine: str, pieces: int) -> None:
    """Begin a turn and kill an engine's process after so many pieces of the reply."""
    reached = asyncio.Event()
    seen = 0

    def count(_event: Event) -> None:
        nonlocal seen
        seen += 1
        if seen >= pieces:
            reached.set()

    ends = [show.bus.subscribe(ReplyGrown, count), show.bus.subscribe(ClausePassed, count), show.bus.subscribe(TurnEnded, lambda _: reached.set())]
    await show.companion.tell("Tell me a long story about a dragon and a cake.")
    async with asyncio.timeout(_PATIENCE_S):
        await reached.wait()
        pid = show.engines.pid(engine)
        if pid is not None:
            psutil.Process(pid).kill()
        for end in ends:
            end()
        await show.companion.settle()
