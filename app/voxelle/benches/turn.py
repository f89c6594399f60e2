"""The road's own share of the time to the first sample, and seeded cancels: nothing stale heard, history true.

Spoken turns too: how soon after the end of speech she is heard with engines of fixed delay, and never too soon.
"""

from __future__ import annotations

import asyncio
import random
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from voxelle.benches import Figure, percentile
from voxelle.benches.stage import CLAUSES, LETTER_S, Delays, Stage, open_stage
from voxelle.contracts.audio import OUTPUT_RATE
from voxelle.domain.speech import TurnOutcome
from voxelle.kernel.clock import LoopClock, SystemClock
from voxelle.kernel.virtual_loop import run_virtual

if TYPE_CHECKING:
    from voxelle.kernel.paths import Paths

TURNS = 300
CANCELS = 10_000
_SEED = 20_261_123
_LONGEST_S = 5.2
"""Cuts fall anywhere between the question and a little after the end of the reply: some come too late to be one."""
SHORT_DELAYS: Delays = {"first_token_s": 0.02, "per_token_s": 0.0, "first_sample_s": 0.01}
"""Delays of the stub engines where only what lies between them is measured."""
_PATIENCE_S = 30.0


def measure(paths: Paths) -> tuple[Figure, ...]:
    """Measure headless, with a busy window, and through seeded cancels on virtual time."""
    from voxelle.benches.voice_turn import SHARES, SOON_S, SPOKEN_TURNS, voice_orchestration, voice_turns
    from voxelle.benches.window import orchestration_with_window
    from voxelle.main import new_loop

    with tempfile.TemporaryDirectory(prefix="voxelle-bench-") as name:
        folder = Path(name)
        with asyncio.Runner(loop_factory=new_loop) as runner:
            shares = runner.run(orchestration(folder / "real", TURNS))
            voice_shares = runner.run(voice_orchestration(folder / "voice", SHARES))
        window_shares = orchestration_with_window(folder / "window", TURNS)
        cancels, stale, wrong = run_virtual(cancelled_turns(folder / "virtual", CANCELS))
        spoken = run_virtual(voice_turns(folder / "spoken", SPOKEN_TURNS))
    soon = sum(took_s <= SOON_S for took_s in spoken.first_audio_s)
    return (
        Figure("orchestration_p50_ms", percentile(shares, 0.5) * 1000, "ms"),
        Figure("orchestration_p99_ms", percentile(shares, 0.99) * 1000, "ms", "<= 5"),
        Figure("orchestration_window_p50_ms", percentile(window_shares, 0.5) * 1000, "ms"),
        Figure("orchestration_window_p99_ms", percentile(window_shares, 0.99) * 1000, "ms", "<= 10"),
        Figure("cancels", cancels, "count", f">= {CANCELS}"),
        Figure("stale_samples", stale, "count", "== 0"),
        Figure("history_mismatches", wrong, "count", "== 0"),
        Figure("voice_turns", len(spoken.first_audio_s), "count", f"== {SPOKEN_TURNS}"),
        Figure("within_220_ms_percent", 100 * soon / len(spoken.first_audio_s), "%", ">= 90"),
        Figure("first_audio_p50_ms", percentile(spoken.first_audio_s, 0.5) * 1000, "ms"),
        Figure("first_audio_p90_ms", percentile(spoken.first_audio_s, 0.9) * 1000, "ms", "<= 220"),
        Figure("first_audio_p95_ms", percentile(spoken.first_audio_s, 0.95) * 1000, "ms"),
        *(Figure(f"{kind}_first_audio_p95_ms", percentile(took, 0.95) * 1000, "ms") for kind, took in sorted(spoken.by_kind.items())),
        Figure("speculated_heard", spoken.speculated_heard, "count", "== 0"),
        Figure("wrong_ends_heard", spoken.wrong_ends_heard, "count"),
        Figure("misunderstood", spoken.misunderstood, "count", "== 0"),
        Figure("voice_orchestration_p50_ms", percentile(voice_shares, 0.5) * 1000, "ms"),
        Figure("voice_orchestration_p99_ms", percentile(voice_shares, 0.99) * 1000, "ms", "<= 5"),
    )


async def orchestration(folder: Path, turns: int) -> list[float]:
    """Return the road's own share of every turn, in seconds, on the real clock with short stub delays."""
    async with open_stage(folder, SystemClock(), **SHORT_DELAYS) as stage:
        return [await own_share(stage) for _ in range(turns)]


async def own_share(stage: Stage) -> float:
    """Perform one turn up to its first sample and return what was spent outside the engines."""
    asked_s = stage.clock.monotonic()
    turns = len(stage.model.calls)
    clauses = len(stage.voice.calls)
    stage.output.has_played.clear()
    async with asyncio.timeout(_PATIENCE_S):
        await stage.companion.tell("hello")
        await stage.output.has_played.wait()
    played_s = stage.output.first_play_s[max(stage.output.first_play_s)]
    await stage.companion.stop_talking()
    model, voice = stage.model.calls[turns], stage.voice.calls[clauses]
    return played_s - asked_s - (model.answered_s - model.asked_s) - (voice.answered_s - voice.asked_s)


async def cancelled_turns(folder: Path, cancels: int) -> tuple[int, int, int]:
    """Cut so many turns at seeded moments; returns how many were cut, stale samples, and turns whose history is not what was audible."""
    chance = random.Random(_SEED)
    cuts = turns = 0
    async with open_stage(folder, LoopClock()) as stage:
        while cuts < cancels and turns < 2 * cancels:
            turns += 1
            await stage.companion.tell("hello")
            await stage.clock.sleep(chance.uniform(0.0, _LONGEST_S))
            await stage.companion.stop_talking()
            await stage.companion.settle()
            cuts += stage.store.turns[-1].outcome is TurnOutcome.CUT
        return cuts, stage.output.stale_samples, mismatches(stage, turns)


def mismatches(stage: Stage, turns: int) -> int:
    """Return how many of so many turns are not in the history as they were audible; one kept never or twice counts too."""
    kept = stage.store.turns
    wrong = sum(record.heard_text != _audible_text(stage, generation) for generation, record in enumerate(kept, start=1))
    return wrong + abs(turns - len(kept))


def _audible_text(stage: Stage, generation: int) -> str:
    """Say, from the output's own notes and the stub voice's pace alone, which words were audible in a turn."""
    words: list[str] = []
    for clause, frames in sorted(stage.output.audible.get(generation, {}).items()):
        at = 0.0
        for word in CLAUSES[clause].split():
            length = len(word) * LETTER_S
            if round((at + length / 2) * OUTPUT_RATE) <= frames:
                words.append(word)
            at += length
    return " ".join(words)
