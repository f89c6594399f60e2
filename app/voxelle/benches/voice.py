"""Spoken questions through real engines and a virtual sound device, beside a pipeline of the same engines that waits for everything.

The questions are said by the embedded voice into a virtual microphone. The other pipeline waits for a fixed silence, then
recognises, then writes the whole reply, then synthesizes all of it. Settings of the environment hold, so that smaller
models can be measured: VOXELLE_SETTING__LANGUAGE_MODEL__EMBEDDED_PACK=llm-small, VOXELLE_SETTING__HEARING__EMBEDDED_PACK=stt-tiny,
VOXELLE_BENCH_TURNS=6.
"""

from __future__ import annotations

import asyncio
import math
import os
import tempfile
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import soxr

from voxelle.benches import Figure, percentile
from voxelle.benches.road import cast_talkative
from voxelle.benches.virtual_sound import LOUDSPEAKER, MICROPHONE, say_into_microphone, virtual_devices, write_wav
from voxelle.companion.prompt import PromptWriter
from voxelle.companion.reply import ReplyCleaner
from voxelle.contracts.audio import INPUT_RATE
from voxelle.contracts.stt import RecognitionRequest
from voxelle.contracts.tts import SpeechRequest
from voxelle.domain.chat import StimulusKind
from voxelle.domain.errors import SetupError
from voxelle.domain.events import HearingChanged, TurnEnded
from voxelle.domain.hearing import EarState
from voxelle.headless import Show, ShowOptions, open_show, run_show
from voxelle.kernel.bus import Bus
from voxelle.kernel.clock import SystemClock
from voxelle.kernel.tasks import TaskScope
from voxelle.settings.file import SettingsFile
from voxelle.settings.service import SettingsService

if TYPE_CHECKING:
    from voxelle.contracts.tts import Samples
    from voxelle.domain.speech import TurnRecord
    from voxelle.kernel.paths import Paths

TURNS: Final = 30
STAGES: Final = ("endpointed", "recognised", "first_token", "first_clause", "first_sample", "audible")
FIXED_SILENCE_S: Final = 0.8
"""What a pipeline without a model of the end of turn waits."""
_PATIENCE_S: Final = 60.0
_QUIET_S: Final = 1.0
_ATTEMPTS: Final = 2
"""At most so many times as many questions are said as turns are wanted: on a busy machine a virtual device has holes."""
_QUESTIONS: Final = (
    "What did you do this morning before the stream?",
    "Can you tell me something about dragons?",
    "How do I beat the first boss in this game?",
    "Why should people come back tomorrow?",
    "What is the most beautiful place you know?",
    "Would you rather live in a castle or on a ship?",
)


@dataclass(slots=True)
class Found:
    """What was measured, in seconds since the end of speech."""

    marks: list[dict[str, float]] = field(default_factory=list)
    wholes_s: list[float] = field(default_factory=list)
    missed: int = 0
    """Questions that got no answer."""


def measure(paths: Paths) -> tuple[Figure, ...]:
    """Measure with the embedded packs that the settings choose."""
    turns = int(os.environ.get("VOXELLE_BENCH_TURNS", TURNS))
    with tempfile.TemporaryDirectory(prefix="voxelle-bench-") as name:
        profile = replace(type(paths).find(Path(name), environ={}), packs=paths.packs)
        found = asyncio.run(_perform(profile, turns))
    return figures(found, turns)


def figures(found: Found, turns: int) -> tuple[Figure, ...]:
    """Return the figures of what was measured."""
    audible = [marks["audible"] for marks in found.marks]
    ratio = percentile(found.wholes_s, 0.5) / percentile(audible, 0.5) if audible else math.nan
    split = []
    for stage in STAGES:
        values = [marks[stage] for marks in found.marks if stage in marks]
        split += [Figure(f"{stage}_p{round(100 * share)}_ms", percentile(values, share) * 1000, "ms") for share in (0.5, 0.95)]
    return (
        Figure("turns", len(audible), "count", f"== {turns}"),
        Figure("missed", found.missed, "count"),
        *split,
        Figure("whole_reply_p50_ms", percentile(found.wholes_s, 0.5) * 1000, "ms"),
        Figure("whole_reply_p95_ms", percentile(found.wholes_s, 0.95) * 1000, "ms"),
        Figure("whole_reply_ratio", ratio, "ratio", ">= 2"),
    )


async def _perform(profile: Paths, turns: int) -> Found:
    found = Found()
    options = ShowOptions(is_greeting=False, has_control=False, has_connections=False)
    settings = SettingsService(SettingsFile(profile.settings_file), Bus(), SystemClock())
    devices = {"voice.output_device": LOUDSPEAKER, "hearing.input_device": MICROPHONE, "hearing.is_enabled": True}
    await asyncio.to_thread(profile.create)
    await settings.change_all(devices)
    async with virtual_devices(), open_show(profile, options) as show, TaskScope("bench") as scope:
        scope.start(run_show(show), name="show")
        await show.companion.settle()
        character = await cast_talkative(show)
        await show.companion.tell("Hello!")
        await show.companion.settle()
        if show.engines.model.serving == "prepared":
            msg = "The embedded model does not run, so there is nothing to measure. Install it with: voxelle packs install llm-small"
            raise SetupError(msg)
        await _wait_for_ears(show)
        spoken = {question: await _speak(show, question) for question in _QUESTIONS}
        writer = PromptWriter(character, show.settings.current.language_model)
        file = profile.data / "question.wav"
        for number in range(_ATTEMPTS * turns):
            if len(found.marks) == turns:
                break
            samples, rate = spoken[_QUESTIONS[number % len(_QUESTIONS)]]
            await asyncio.to_thread(write_wav, file, samples, rate)
            record = await _ask(show, file)
            if record is None:
                found.missed += 1
                continue
            found.marks.append(record.trace.marks)
            found.wholes_s.append(await _whole(show, writer, samples, rate))
    return found


async def _wait_for_ears(show: Show) -> None:
    listening = asyncio.Event()

    def on_hearing(event: HearingChanged) -> None:
        if event.hearing.state is EarState.LISTENING:
            listening.set()

    unsubscribe = show.bus.subscribe(HearingChanged, on_hearing)
    if show.companion.hearing().state is not EarState.LISTENING:
        async with asyncio.timeout(_PATIENCE_S):
            await listening.wait()
    unsubscribe()


async def _speak(show: Show, text: str) -> tuple[Samples, int]:
    """Let the embedded voice say a question, with a little silence around it."""
    chunks = []
    rate = 0
    async with aclosing(show.engines.voice.synthesize(SpeechRequest(text))) as stream:
        async for chunk in stream:
            chunks.append(chunk.samples)
            rate = chunk.sample_rate
    silence = np.zeros(rate // 4, np.float32)
    return np.concatenate([silence, *chunks, silence]), rate


async def _ask(show: Show, file: Path) -> TurnRecord | None:
    """Say a question, let her answer, and return what became of it."""
    ended: asyncio.Future[TurnRecord] = asyncio.get_running_loop().create_future()

    def on_ended(event: TurnEnded) -> None:
        if any(stimulus.kind is StimulusKind.VOICE for stimulus in event.record.stimuli) and not ended.done():
            ended.set_result(event.record)

    unsubscribe = show.bus.subscribe(TurnEnded, on_ended)
    try:
        async with asyncio.timeout(_PATIENCE_S):
            await say_into_microphone(file)
            record = await ended
    except TimeoutError:
        return None
    finally:
        unsubscribe()
    await show.companion.settle()
    await show.clock.sleep(_QUIET_S)
    return record if "audible" in record.trace.marks else None


async def _whole(show: Show, writer: PromptWriter, samples: Samples, rate: int) -> float:
    """Do what a pipeline that waits for everything does with the same engines, words and history; returns seconds."""
    began_s = show.clock.monotonic()
    heard = soxr.resample(samples, rate, INPUT_RATE).astype(np.float32)
    transcript = await show.engines.recognizer.transcribe(RecognitionRequest(heard))
    prompt = writer.write(f"Streamer (the streamer, aloud): {transcript.text}", "Streamer", await show.companion.recent_turns(12))
    cleaner, text = ReplyCleaner(writer.character.name), ""
    async with aclosing(show.engines.model.stream(prompt.request)) as stream:
        async for delta in stream:
            text += "".join(piece for piece in cleaner.push(delta.text) if isinstance(piece, str))
    text += "".join(piece for piece in cleaner.flush() if isinstance(piece, str))
    async with aclosing(show.engines.voice.synthesize(SpeechRequest(text, writer.character.voice))) as chunks:
        async for _chunk in chunks:
            pass
    return FIXED_SILENCE_S + show.clock.monotonic() - began_s
