"""Her ears on real engines: an hour of noises that must not become a turn, and sentences that must be understood.

The hour is heard as fast as the engines work, frame by frame on a clock that the frames move; `pace` tells how much faster than
real time. Everything between the microphone and the turn that decides what counts takes part: voice activity, the endpointer,
the end-of-turn model, the recogniser and the guard.
"""

from __future__ import annotations

import asyncio
import random
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Final

import numpy as np

from voxelle.benches import Figure, percentile
from voxelle.benches.noises import NOISES
from voxelle.benches.spoken_lines import SENTENCES, embedded_lines, espeak_lines, word_errors
from voxelle.companion.hearing.endpointing import Ended, Endpointer, Paused, Resumed, VoiceBegan
from voxelle.companion.hearing.guard import objection
from voxelle.companion.hearing.utterances import UtteranceBuffer
from voxelle.contracts.audio import INPUT_FRAMES, INPUT_RATE
from voxelle.contracts.stt import RecognitionRequest
from voxelle.kernel.clock import SystemClock
from voxelle.kernel.packs import open_packs
from voxelle.providers.ears import PACK, ears_spec
from voxelle.providers.end_of_turn.smart_turn import SmartTurn
from voxelle.providers.process import EmbeddedProcess, EngineSpec
from voxelle.providers.stt.whisper import Whisper, choose_pack, whisper_spec
from voxelle.providers.vad.silero import Silero
from voxelle.settings.hearing import HearingSettings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voxelle.contracts.tts import Samples
    from voxelle.kernel.paths import Paths

NOISE_S: Final = 3600.0
_BLOCK_S: Final = 60.0
_FOOLED: Final = 12
"""Pieces of every noise that the recogniser is given as if they were speech."""
_FOOLED_S: Final = 3.0
_SEED: Final = 20260411
_GOALS: Final = {"embedded": "<= 10"}


@dataclass(slots=True)
class Counted:
    """What was heard, and how long the engines took, in seconds."""

    voices: int = 0
    recognised: int = 0
    texts: list[str] = field(default_factory=list)
    judged_s: list[float] = field(default_factory=list)
    ended_s: list[float] = field(default_factory=list)
    recognised_s: list[float] = field(default_factory=list)
    speech_s: float = 0.0
    waits_s: list[float] = field(default_factory=list)
    """From the last speech to the decision that it was the last, in the time of the frames."""


class Ears:
    """Hears sounds through the real engines."""

    def __init__(self, activity: Silero, end_of_turn: SmartTurn, recognizer: Whisper) -> None:
        self.recognizer = recognizer
        self.counted = Counted()
        self._activity = activity
        self._end_of_turn = end_of_turn
        self._endpointer = Endpointer(HearingSettings())
        self._utterance = UtteranceBuffer()
        self._now_s = 0.0

    async def hear(self, sound: Samples) -> None:
        """Hear a sound to its last whole frame."""
        for begin in range(0, len(sound) - INPUT_FRAMES + 1, INPUT_FRAMES):
            frame = sound[begin : begin + INPUT_FRAMES]
            self._now_s += INPUT_FRAMES / INPUT_RATE
            self._utterance.push(frame)
            asked = time.perf_counter()
            speech = await self._activity.judge("bench", frame)
            self.counted.judged_s.append(time.perf_counter() - asked)
            for step in self._endpointer.push(speech, self._now_s):
                await self._follow(step)

    async def _follow(self, step: VoiceBegan | Paused | Resumed | Ended) -> None:
        match step:
            case VoiceBegan():
                self.counted.voices += 1
                self._utterance.begin()
            case Paused():
                asked = time.perf_counter()
                probability = await self._end_of_turn.probability(self._utterance.samples())
                self.counted.ended_s.append(time.perf_counter() - asked)
                for further in self._endpointer.expect(probability):
                    await self._follow(further)
            case Ended(spoke_until_s=until_s, voiced_s=voiced_s):
                self.counted.waits_s.append(self._now_s - until_s)
                samples = self._utterance.samples()
                self._utterance.end()
                if text := await self.understand(samples, voiced_s):
                    self.counted.texts.append(text)
            case Resumed():
                pass

    async def understand(self, samples: Samples, voiced_s: float) -> str:
        """Return what the guard lets through of an utterance."""
        asked = time.perf_counter()
        transcript = await self.recognizer.transcribe(RecognitionRequest(samples))
        self.counted.recognised_s.append(time.perf_counter() - asked)
        self.counted.speech_s += len(samples) / INPUT_RATE
        self.counted.recognised += 1
        return "" if objection(transcript, voiced_s) else transcript.text


def measure(paths: Paths) -> tuple[Figure, ...]:
    """Measure with the engines that are installed."""
    return asyncio.run(listen(paths, NOISE_S))


async def listen(paths: Paths, noise_s: float, sentences: Sequence[str] = SENTENCES) -> tuple[Figure, ...]:
    """Let her hear so much noise, and sentences."""
    packs, clock = open_packs(paths), SystemClock()
    pack = choose_pack("auto", "en", packs.is_installed)
    async with AsyncExitStack() as stack:

        def process(spec: EngineSpec) -> EmbeddedProcess:
            made = EmbeddedProcess(spec, clock=clock, randomness=random.Random(_SEED))
            stack.push_async_callback(made.stop)
            return made

        ears_process = process(ears_spec(partial(packs.file, PACK)))
        whisper = Whisper(process(whisper_spec(partial(packs.file, pack))), clock)
        activity, end_of_turn = Silero(ears_process, clock), SmartTurn(ears_process, clock)
        await activity.open()
        await whisper.open()

        def ears() -> Ears:
            return Ears(activity, end_of_turn, whisper)

        figures = [*await _noise(ears(), noise_s), *await _fooled(ears())]
        embedded = await asyncio.to_thread(embedded_lines, sentences)
        figures += await _speech(ears(), sentences, embedded, "embedded")
        if espeak := await asyncio.to_thread(espeak_lines, sentences):
            figures += await _speech(ears(), sentences, espeak, "espeak")
        figures += await _ends(end_of_turn, embedded)
        figures.append(Figure("ears_rss_mb", ears_process.rss_mb() or 0.0, "MB"))
        figures.append(Figure("recogniser_rss_mb", whisper.process.rss_mb() or 0.0, "MB"))
    return tuple(figures)


async def _noise(ears: Ears, noise_s: float) -> Sequence[Figure]:
    """Let her hear as much of every noise as of the others."""
    chance = np.random.default_rng(_SEED)
    began, share_s = time.perf_counter(), noise_s / len(NOISES)
    for make in NOISES.values():
        left_s = share_s
        while left_s > 0:
            await ears.hear(make(min(_BLOCK_S, left_s), chance))
            left_s -= _BLOCK_S
    counted = ears.counted
    return (
        Figure("noise_min", len(counted.judged_s) * INPUT_FRAMES / INPUT_RATE / 60, "min"),
        Figure("pace", noise_s / (time.perf_counter() - began), "x real time"),
        Figure("voices_begun", counted.voices, "count"),
        Figure("utterances_recognised", counted.recognised, "count"),
        Figure("false_turns", len(counted.texts), "count", "== 0"),
        Figure("judge_p50_ms", percentile(counted.judged_s, 0.5) * 1000, "ms"),
        Figure("judge_p95_ms", percentile(counted.judged_s, 0.95) * 1000, "ms"),
        Figure("judge_p99_ms", percentile(counted.judged_s, 0.99) * 1000, "ms"),
    )


async def _fooled(ears: Ears) -> Sequence[Figure]:
    """Give the recogniser noise as if voice activity had taken all of it for speech: what is left is the guard alone."""
    chance = np.random.default_rng(_SEED)
    passed = {name: [await ears.understand(make(_FOOLED_S, chance), _FOOLED_S) for _ in range(_FOOLED)] for name, make in NOISES.items()}
    sung = sum(map(bool, passed.pop("choir")))
    return (
        Figure("noises_recognised", ears.counted.recognised, "count"),
        Figure("noises_past_guard", sum(bool(text) for texts in passed.values() for text in texts), "count", "== 0"),
        # What it sings may be understood: only voice activity tells that it is nobody's voice.
        Figure("choir_past_guard", sung, "count"),
    )


async def _speech(ears: Ears, sentences: Sequence[str], lines: Sequence[Samples], voice: str) -> Sequence[Figure]:
    """Let her hear every sentence with silence around it, and compare the words."""
    silence = np.zeros(2 * INPUT_RATE, np.float32)
    wrong = said = whole = 0
    for sentence, line in zip(sentences, lines, strict=True):
        ears.counted.texts.clear()
        await ears.hear(np.concatenate([silence[:INPUT_RATE], line, silence]))
        errors, words = word_errors(sentence, " ".join(ears.counted.texts))
        wrong, said, whole = wrong + errors, said + words, whole + (len(ears.counted.texts) == 1)
    counted = ears.counted
    return (
        Figure(f"{voice}_sentences", len(lines), "count"),
        Figure(f"{voice}_in_one_turn", whole, "count"),
        Figure(f"{voice}_word_error_percent", 100 * wrong / said, "%", _GOALS.get(voice, "")),
        Figure(f"{voice}_wait_p50_ms", percentile(counted.waits_s, 0.5) * 1000, "ms"),
        Figure(f"{voice}_wait_p95_ms", percentile(counted.waits_s, 0.95) * 1000, "ms"),
        Figure(f"{voice}_recognised_p50_ms", percentile(counted.recognised_s, 0.5) * 1000, "ms"),
        Figure(f"{voice}_recognised_p95_ms", percentile(counted.recognised_s, 0.95) * 1000, "ms"),
        Figure(f"{voice}_real_time_factor", sum(counted.recognised_s) / counted.speech_s if counted.speech_s else float("nan"), ""),
        Figure(f"{voice}_end_of_turn_p50_ms", percentile(counted.ended_s, 0.5) * 1000, "ms"),
        Figure(f"{voice}_end_of_turn_p95_ms", percentile(counted.ended_s, 0.95) * 1000, "ms"),
    )


async def _ends(end_of_turn: SmartTurn, lines: Sequence[Samples]) -> Sequence[Figure]:
    """Tell how often a whole sentence sounds finished, and one cut in the middle does not."""
    silence = np.zeros(INPUT_RATE // 5, np.float32)
    finished = [await end_of_turn.probability(np.concatenate([line, silence])) for line in lines]
    halves = [await end_of_turn.probability(np.concatenate([line[: len(line) // 2], silence])) for line in lines]
    return (
        Figure("finished_found_percent", 100 * sum(each > 0.5 for each in finished) / len(lines), "%"),
        Figure("unfinished_found_percent", 100 * sum(each < 0.5 for each in halves) / len(lines), "%"),
    )
