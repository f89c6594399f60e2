"""Engine processes are killed in mid-sentence: every turn still ends, the next one works, no process is left behind."""

from __future__ import annotations

import asyncio
import random
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from voxelle.benches import Figure
from voxelle.domain.events import ClausePassed, ReplyGrown, TurnEnded, TurnStarted
from voxelle.domain.speech import TurnOutcome, TurnRecord
from voxelle.headless import Show, ShowOptions, open_show, run_show
from voxelle.kernel.packs import open_packs
from voxelle.kernel.paths import Paths
from voxelle.kernel.tasks import TaskScope
from voxelle.providers.catalogue import EngineSet
from voxelle.providers.llm.llama_cpp import SMALL_PACK

if TYPE_CHECKING:
    from voxelle.domain.events import Event

KILLS = 100
_SEED = 5
_PATIENCE_S = 120.0
"""A turn that has not ended by then counts as never ended."""
_REPLY_TOKENS = 48
_FAREWELL_S = 5.0
"""An engine's process that still runs so long after the show was closed is an orphan."""


@dataclass(slots=True)
class Counts:
    """What was seen."""

    kills: int = 0
    unended: int = 0
    failed_next: int = 0
    fallback: int = 0


def measure(paths: Paths) -> tuple[Figure, ...]:
    """Kill the model's and the voice's process in turn, in the middle of a reply."""
    workers: set[psutil.Process] = set()
    with tempfile.TemporaryDirectory(prefix="voxelle-bench-") as name:
        profile = replace(Paths.find(Path(name), environ={}), packs=paths.packs)
        counts = asyncio.run(_perform(profile, workers))
    _, orphans = psutil.wait_procs(workers, timeout=_FAREWELL_S)
    return (
        Figure("kills", counts.kills, "count", f"== {KILLS}"),
        Figure("unended_turns", counts.unended, "count", "== 0"),
        Figure("failed_next_turns", counts.failed_next, "count", "== 0"),
        Figure("answers_by_fallback", counts.fallback, "count"),
        Figure("processes", len(workers), "count", f">= {KILLS}"),
        Figure("orphans", len(orphans), "count", "== 0"),
    )


async def _perform(profile: Paths, workers: set[psutil.Process]) -> Counts:
    """Kill and ask again; stops early at a turn that never ends. Notes every process of an engine in `workers`."""
    chance = random.Random(_SEED)
    counts = Counts()
    # A process dies alike with either model; the small one is soon back.
    engine_set = EngineSet.SMALL if open_packs(profile).is_installed(SMALL_PACK) else EngineSet.SETTINGS
    options = ShowOptions(engine_set, profile.data / "voice.wav", speed=0.0, is_greeting=False, has_control=False)
    started: set[str] = set()
    ended: dict[str, TurnRecord] = {}
    async with open_show(profile, options) as show, TaskScope("bench") as scope:
        show.bus.subscribe(TurnStarted, lambda event: started.add(event.turn_id))
        show.bus.subscribe(TurnEnded, lambda event: ended.update({event.record.id: event.record}))
        scope.start(run_show(show), name="show")
        await show.settings.change("language_model.max_reply_tokens", _REPLY_TOKENS)
        try:
            while counts.kills < KILLS:
                await _bring_back(show)
                workers.update(psutil.Process().children(recursive=True))
                engine = "llama_cpp" if counts.kills % 2 else "hibari"
                counts.kills += await _kill_in_mid_sentence(show, engine, chance.randrange(1, 6))
                before = set(ended)
                await _tell(show, "Are you still there?")
                _note(counts, [record for turn_id, record in ended.items() if turn_id not in before])
        except TimeoutError:
            counts.unended += 1
    counts.unended += len(started - set(ended))
    return counts


async def _bring_back(show: Show) -> None:
    """Load what was killed and let it serve at once: by itself it would come back only when it was steady for a while."""
    async with asyncio.timeout(_PATIENCE_S):
        for engine_id in ("llama_cpp", "hibari"):
            await show.engines.room.load(engine_id)
    show.engines.model.reset()
    show.engines.voice.reset()


def _note(counts: Counts, answers: list[TurnRecord]) -> None:
    """Judge the turn after a kill."""
    counts.failed_next += not any(record.outcome is TurnOutcome.COMPLETED and record.heard_text for record in answers)
    engines = [record.trace.engines for record in answers]
    counts.fallback += any(each.get("llm") == "prepared" or each.get("tts") != "hibari" for each in engines)


async def _tell(show: Show, text: str) -> None:
    async with asyncio.timeout(_PATIENCE_S):
        await show.companion.tell(text)
        await show.companion.settle()


async def _kill_in_mid_sentence(show: Show, engine: str, pieces: int) -> bool:
    """Begin a turn and kill an engine's process after so many pieces of the reply. False if there was nothing to kill."""
    reached: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
    seen = 0

    def decide(*, is_speaking: bool) -> None:
        if not reached.done():
            reached.set_result(is_speaking)

    def count(_event: Event) -> None:
        nonlocal seen
        seen += 1
        if seen >= pieces:
            decide(is_speaking=True)

    ends = [
        show.bus.subscribe(ReplyGrown, count),
        show.bus.subscribe(ClausePassed, count),
        show.bus.subscribe(TurnEnded, lambda _: decide(is_speaking=False)),
    ]
    async with asyncio.timeout(_PATIENCE_S):
        await show.companion.tell("Tell me a story about a dragon and a cake.")
        is_speaking = await reached
        pid = show.engines.pid(engine)
        if is_speaking and pid is not None:
            psutil.Process(pid).kill()
        for end in ends:
            end()
        await show.companion.settle()
    return is_speaking and pid is not None
