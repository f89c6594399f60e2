"""Speech: clauses that passed the gate become sound, made ahead in parallel, handed over strictly in order.

The one place that calls a synthesizer. Silence around a clause is trimmed, borders are faded and a
pause fit for the punctuation is put between, so that pieces of different engines sound like one breath.
"""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

import numpy as np
import soxr
import structlog

from voxelle.companion.mouth import Mouth
from voxelle.companion.performance import SECONDS_PER_LETTER, Performance, SpokenClause
from voxelle.contracts.audio import OUTPUT_RATE, Clip
from voxelle.contracts.tts import Samples, SpeechChunk, SpeechRequest, SpeechSynthesizer
from voxelle.domain.errors import TemporaryError, VoxelleError

if TYPE_CHECKING:
    from voxelle.companion.mouth import VowelReader
    from voxelle.companion.trace import TraceBook
    from voxelle.domain.persona import VoiceDesign
    from voxelle.domain.speech import Clause, PhonemeTiming, WordTiming
    from voxelle.kernel.tasks import TaskScope

log = structlog.get_logger("turn")

Voice = SpeechSynthesizer
"""What the composition hands over to the companion; nobody but this file calls it."""

_SILENCE = 0.004
"""Samples below this (−48 dB) are silence."""
_PREROLL_S = 0.012
_FADE_FRAMES = OUTPUT_RATE * 5 // 1000
_BLOCK_S = 0.25
"""Sound is prepared in blocks of this length, so that the loop is never held for long."""
_PAUSES_S = {".": 0.20, "!": 0.18, "?": 0.20, "…": 0.28, ":": 0.12, ";": 0.12, ",": 0.07, "。": 0.20, "！": 0.18, "？": 0.20, "、": 0.07}
_PAUSE_S = 0.04
_AHEAD = 2
"""So many clauses are made at once."""


def pause_after(text: str) -> float:
    """Return the pause that fits the end of a clause, in seconds."""
    return _PAUSES_S.get(text.rstrip("\"'”’)»")[-1:], _PAUSE_S)


class Outlet(Protocol):
    """Where clips go: an output, or a curtain before it."""

    async def play(self, clip: Clip) -> None:
        """Take the next clip; may wait for room."""
        ...

    async def finish(self, generation: int) -> None:
        """No more clips will come for the generation."""
        ...


@dataclass(slots=True)
class _Slot:
    """A clause in the making: its chunks, then None, or the error that ended it."""

    clause: Clause
    chunks: asyncio.Queue[SpeechChunk | VoxelleError | None] = field(default_factory=asyncio.Queue)


class ClauseSound:
    """Makes one clause's chunks ready for the output: trimmed, faded, at OUTPUT_RATE. Pure."""

    def __init__(self) -> None:
        self._stream: soxr.ResampleStream | None = None
        self._rate = 0
        self._has_begun = False
        self._silence: list[Samples] = []
        self._tail = np.zeros(0, np.float32)
        self.lead_s = 0.0
        """Silence cut from the front, in seconds."""

    def push(self, samples: Samples, rate: int) -> Samples:
        """Take a chunk; return the frames that are certain by now."""
        if self._stream is None:
            self._rate = rate
            self._stream = soxr.ResampleStream(rate, OUTPUT_RATE, 1, dtype="float32", quality="HQ")
        kept = self._trim(np.asarray(samples, np.float32))
        return self._hold(self._stream.resample_chunk(kept)) if kept.size else kept

    def finish(self) -> Samples:
        """The clause is over: return the rest, faded out."""
        if self._stream is None:
            return np.zeros(0, np.float32)
        rest = np.concatenate([self._tail, self._stream.resample_chunk(np.zeros(0, np.float32), last=True)])
        fade = min(_FADE_FRAMES, rest.size)
        if fade:
            rest[-fade:] *= np.linspace(1.0, 0.0, fade, dtype=np.float32) ** 2
        return rest

    def _trim(self, samples: Samples) -> Samples:
        """Cut the silence in front; keep silence back until sound follows it."""
        loud = np.flatnonzero(np.abs(samples) > _SILENCE)
        if not loud.size:
            if self._has_begun:
                self._silence.append(samples)
            else:
                self.lead_s += samples.size / self._rate
            return np.zeros(0, np.float32)
        first, last = int(loud[0]), int(loud[-1]) + 1
        if self._has_begun:
            first = 0
        else:
            first = max(0, first - round(_PREROLL_S * self._rate))
            self.lead_s += first / self._rate
            self._has_begun = True
            samples = samples.copy()
            fade = min(round(_PREROLL_S * self._rate / 2), samples.size - first)
            samples[first : first + fade] *= np.linspace(0.0, 1.0, fade, dtype=np.float32) ** 2
        kept = np.concatenate([*self._silence, samples[first:last]])
        self._silence = [samples[last:]] if last < samples.size else []
        return kept

    def _hold(self, samples: Samples) -> Samples:
        """Keep the last few milliseconds back for the fade."""
        joined = np.concatenate([self._tail, samples])
        cut = max(0, joined.size - _FADE_FRAMES)
        self._tail = joined[cut:]
        return joined[:cut]


class SpeechLine:
    """The line from clause to sound of one turn."""

    def __init__(
        self,
        voice: Voice,
        output: Outlet,
        performance: Performance,
        scope: TaskScope,
        design: VoiceDesign,
        trace: TraceBook,
        vowels: VowelReader | None = None,
    ) -> None:
        self._voice = voice
        self._output = output
        self._performance = performance
        self._generation = performance.generation
        self._scope = scope
        self._design = design
        self._trace = trace
        self._vowels = vowels
        self._room = asyncio.Semaphore(_AHEAD)
        self._slots: asyncio.Queue[_Slot | None] = asyncio.Queue()

    async def say(self, clause: Clause) -> None:
        """Start the making of a clause; waits while enough clauses are being made."""
        await self._room.acquire()
        self._trace.engines.setdefault("tts", self._voice.serving)
        slot = _Slot(clause)
        self._slots.put_nowait(slot)
        self._scope.start(self._synthesize(slot), name=f"clause {clause.index}")

    def finish(self) -> None:
        """No more clauses will come."""
        self._slots.put_nowait(None)

    async def deliver(self) -> None:
        """Hand the clauses to the output in order, until `finish` and all were handed over."""
        before: SpokenClause | None = None
        while (slot := await self._slots.get()) is not None:
            spoken = self._performance.add(slot.clause)
            if before is not None:
                await self._pause(before)
            await self._deliver_clause(slot, spoken)
            self._room.release()
            before = spoken
        self._trace.mark("last_sample")
        await self._output.finish(self._generation)

    async def _synthesize(self, slot: _Slot) -> None:
        request = SpeechRequest(slot.clause.text, self._design, slot.clause.feeling)
        end: VoxelleError | None = TemporaryError("The voice stopped unexpectedly.")
        try:
            async with aclosing(self._voice.synthesize(request)) as chunks:
                async for chunk in chunks:
                    slot.chunks.put_nowait(chunk)
            end = None
        except VoxelleError as error:
            end = error
        finally:
            slot.chunks.put_nowait(end)

    async def _deliver_clause(self, slot: _Slot, spoken: SpokenClause) -> None:
        sound, mouth = ClauseSound(), Mouth(slot.clause, self._vowels)
        phonemes: tuple[PhonemeTiming, ...] = ()
        timings: tuple[WordTiming, ...] = ()
        while (chunk := await slot.chunks.get()) is not None:
            if isinstance(chunk, VoxelleError):
                self._trace.note(f"The voice failed: {chunk.sentence}")
                log.warning("voice.failed", clause=slot.clause.index, error_kind=type(chunk).__name__)
                break
            timings += chunk.words
            phonemes += chunk.phonemes
            block = max(1, round(_BLOCK_S * chunk.sample_rate))
            for start in range(0, chunk.samples.size, block):
                frames = sound.push(chunk.samples[start : start + block], chunk.sample_rate)
                spoken.time_words(timings, sound.lead_s)
                await self._play(spoken, frames)
                # Her voice waits for nothing: the mouth is looked at while the sound is on its way.
                self._performance.shape(mouth.push(frames, phonemes, sound.lead_s))
                await asyncio.sleep(0)
        rest = sound.finish()
        await self._play(spoken, rest)
        for track in (mouth.push(rest, phonemes, sound.lead_s), mouth.finish()):
            self._performance.shape(track)
        if chunk is None and spoken.frames:
            spoken.is_complete = True
        elif chunk is not None and not spoken.frames:
            await self._caption_only(spoken)
            return
        if len(timings) != len(spoken.words):
            spoken.spread_words()

    async def _caption_only(self, spoken: SpokenClause) -> None:
        """No voice could say it: its words are shown at reading pace, on the same clock."""
        self._trace.engines["tts"] = "captions"
        spoken.is_voiced = False
        frames = round(max(1.0, len(spoken.clause.text) * SECONDS_PER_LETTER) * OUTPUT_RATE)
        spoken.spread_words()
        await self._play(spoken, np.zeros(frames, np.float32))
        spoken.is_complete = True

    async def _pause(self, spoken: SpokenClause) -> None:
        """Put silence after a clause; it belongs to no word."""
        silence = np.zeros(round(pause_after(spoken.clause.text) * OUTPUT_RATE), np.float32)
        await self._output.play(Clip(self._generation, spoken.clause.index, spoken.frames, silence))

    async def _play(self, spoken: SpokenClause, samples: Samples) -> None:
        if not samples.size:
            return
        self._trace.mark("first_sample")
        clip = Clip(self._generation, spoken.clause.index, spoken.frames, samples)
        spoken.frames += samples.size
        await self._output.play(clip)
