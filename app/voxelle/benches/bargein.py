"""Seeded interruptions of the real road on a virtual clock: how soon she gets quieter and stops, and whether her history is true."""

from __future__ import annotations

import asyncio
import math
import random
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from voxelle.benches import Figure
from voxelle.benches.interruptions import FRAME_S, SILENCE_S, Sound, sounds
from voxelle.benches.stage import CLAUSES, LETTER_S, Act, Stage, open_stage
from voxelle.benches.turn import mismatches
from voxelle.companion.hearing.barge_in import BargeIn
from voxelle.contracts.audio import OUTPUT_RATE
from voxelle.domain.events import TurnEnded
from voxelle.domain.speech import TurnOutcome
from voxelle.kernel.clock import LoopClock
from voxelle.kernel.tasks import TaskScope
from voxelle.kernel.virtual_loop import run_virtual

if TYPE_CHECKING:
    from voxelle.kernel.paths import Paths

INTERRUPTIONS = 10_000
_SEED = 20_261_124
_LONGEST_S = 5.6
"""Sounds begin anywhere between the question and a little after the end of the reply: some come too late to matter."""
_RATHER_SURE = 0.9
_HOLE_S = 0.2 + 1e-9
_TICK_S = 1e-5
"""The virtual clock may wake somebody so much too early."""
_LETTER_FRAMES = round(LETTER_S * OUTPUT_RATE)


@dataclass(slots=True)
class Findings:
    """What was seen over all turns; times in seconds."""

    interruptions: int = 0
    duck_max_s: float = 0.0
    stop_over_guard_max_s: float = 0.0
    resumed: int = 0
    cut: int = 0
    too_late: int = 0
    """She had finished before she had to stop."""
    wrong_endings: int = 0
    """Cut by a cough, or not by words."""
    wrong_stops: int = 0
    """Stopped by what was shorter than the guard."""
    torn_words: int = 0
    """Resumed in the middle of a word."""
    lost_samples: int = 0
    stale_samples: int = 0
    history_mismatches: int = 0


def measure(paths: Paths) -> tuple[Figure, ...]:
    """Interrupt her INTERRUPTIONS times."""
    with tempfile.TemporaryDirectory(prefix="voxelle-bench-") as name:
        return figures(run_virtual(interrupted_turns(Path(name), INTERRUPTIONS)), INTERRUPTIONS)


def figures(found: Findings, interruptions: int) -> tuple[Figure, ...]:
    """Say what was found, with its goals."""
    return (
        Figure("interruptions", found.interruptions, "count", f">= {interruptions}"),
        Figure("duck_max_ms", found.duck_max_s * 1000, "ms", "<= 10"),
        Figure("stop_over_guard_max_ms", found.stop_over_guard_max_s * 1000, "ms", "<= 10"),
        Figure("stale_samples", found.stale_samples, "count", "== 0"),
        Figure("history_mismatches", found.history_mismatches, "count", "== 0"),
        Figure("lost_samples", found.lost_samples, "count", "== 0"),
        Figure("torn_words", found.torn_words, "count", "== 0"),
        Figure("wrong_endings", found.wrong_endings, "count", "== 0"),
        Figure("wrong_stops", found.wrong_stops, "count", "== 0"),
        Figure("resumed", found.resumed, "count"),
        Figure("cut", found.cut, "count"),
        Figure("too_late", found.too_late, "count"),
    )


async def interrupted_turns(folder: Path, interruptions: int) -> Findings:
    """Let her be interrupted so often, once a turn."""
    chance, found = random.Random(_SEED), Findings()
    async with open_stage(folder, LoopClock()) as stage, TaskScope("interruptions") as scope:
        hearing = stage.settings.current.hearing
        mouth = stage.companion._stage  # noqa: SLF001 -- what her ears are given inside
        barge_in = BargeIn(mouth, lambda: stage.settings.current.hearing, stage.bus, stage.clock, scope)
        for _ in range(interruptions):
            heard = sounds(chance, hearing.interrupt_after_s)
            judge = Judge(stage, found, hearing.interrupt_after_s)
            await stage.companion.tell("hello")
            await stage.clock.sleep(chance.uniform(0.0, _LONGEST_S))
            await asyncio.gather(*(make(sound, stage, barge_in, judge) for sound in heard))
            await stage.companion.settle()
            judge.conclude(heard)
            found.interruptions += 1
        barge_in.close()
        found.stale_samples = stage.output.stale_samples
        found.lost_samples = stage.output.lost_samples
        found.history_mismatches = mismatches(stage, interruptions)
    return found


async def make(sound: Sound, stage: Stage, barge_in: BargeIn, judge: Judge) -> None:
    """Let a sound be heard frame by frame, and what is understood of it come when it is there."""
    began_s = stage.clock.monotonic()
    texts, is_over = list(sound.texts), False
    frame = 0
    while True:
        frame += 1
        at_s = frame * FRAME_S
        while texts and texts[0].at_s <= at_s:
            text = texts.pop(0)
            await stage.clock.sleep(began_s + text.at_s - stage.clock.monotonic())
            await barge_in.on_text(text.text, is_final=text.is_final)
        await stage.clock.sleep(began_s + at_s - stage.clock.monotonic())
        is_voiced = any(start < at_s <= end + 1e-9 for start, end in sound.voiced)
        if is_voiced:
            judge.on_voiced(began_s + at_s)
        barge_in.on_frame(_RATHER_SURE if is_voiced else 0.0, began_s + at_s)
        if not is_over and at_s >= sound.ends_s + SILENCE_S:
            is_over = True
            barge_in.on_silence()
        if at_s >= sound.over_s and not texts:
            return


@dataclass(slots=True)
class Voice:
    """A stretch of voice, however many speakers it has, holes in words included."""

    began_s: float
    was_sounding: bool
    """She was audible when it began."""
    frames_s: list[float]

    def stops_her_s(self, guard_s: float) -> float:
        """Return when she has to stop: after the guard, at the first frame that shows that the voice lasts; infinity if it does not."""
        due_s = self.began_s + guard_s
        return max(due_s, next((at_s for at_s in self.frames_s if at_s + FRAME_S >= due_s), math.inf))


class Judge:
    """Knows from what is voiced, and from what the output was asked to do, whether one turn went as it should."""

    def __init__(self, stage: Stage, found: Findings, guard_s: float) -> None:
        self._stage = stage
        self._found = found
        self._guard_s = guard_s
        self._first_act = len(stage.output.acts)
        self._voices: list[Voice] = []
        self._ended_s = math.inf
        self._stop_following = stage.bus.subscribe(TurnEnded, self._on_ended)

    def on_voiced(self, at_s: float) -> None:
        """Take note of a voiced frame, before anything else learns of it."""
        if not self._voices or at_s - self._voices[-1].frames_s[-1] > _HOLE_S:
            self._voices.append(Voice(at_s, self._stage.output.is_sounding, []))
        self._voices[-1].frames_s.append(at_s)

    def conclude(self, heard: tuple[Sound, ...]) -> None:
        """Judge a turn that has ended."""
        self._stop_following()
        # A pause in the moment in which a turn ends holds nothing any more; a cut in that moment is what ended it.
        meanwhile = self._stage.output.acts[self._first_act :]
        found, acts = self._found, [act for act in meanwhile if act.at_s < self._ended_s or act.what == "cut"]
        for voice in self._voices:
            if voice.was_sounding:
                self._judge_voice(voice, acts)
        # Before her first word there is nothing that the output could hold.
        is_stopped = any(act.what in {"pause", "cut"} for act in acts)
        is_cut = self._stage.store.turns[-1].outcome is TurnOutcome.CUT
        resumes = [act for act in acts if act.what == "resume"]
        found.cut += is_cut
        found.resumed += len(resumes)
        found.torn_words += sum(not is_border(act) for act in resumes)
        found.wrong_endings += is_cut != (is_stopped and any(sound.is_meant for sound in heard))
        found.wrong_stops += is_stopped and all(math.isinf(voice.stops_her_s(self._guard_s)) for voice in self._voices)

    def _judge_voice(self, voice: Voice, acts: list[Act]) -> None:
        found, later = self._found, [act for act in acts if act.at_s >= voice.began_s - _TICK_S]
        quieter = [act.at_s for act in later if act.what != "resume" and act.gain < 1.0]
        found.duck_max_s = max(found.duck_max_s, min(quieter, default=math.inf) - voice.began_s)
        due_s = voice.stops_her_s(self._guard_s)
        if math.isinf(due_s):
            return
        if due_s >= self._ended_s:
            found.too_late += 1
            return
        stopped_s = min((act.at_s for act in later if act.what in {"pause", "cut"}), default=math.inf)
        found.stop_over_guard_max_s = max(found.stop_over_guard_max_s, stopped_s - due_s)

    def _on_ended(self, _: TurnEnded) -> None:
        self._ended_s = self._stage.clock.monotonic()


def is_border(act: Act) -> bool:
    """Whether a resume begins with a word, or in the silence after the last one, by the stub voice's pace alone."""
    at = 0
    for word in CLAUSES[act.clause_index].split():
        if abs(act.frame - at) <= 1:
            return True
        at += len(word) * _LETTER_FRAMES
    return act.frame >= at - 1
