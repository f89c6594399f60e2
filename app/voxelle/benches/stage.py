"""A stage for benches: stub engines of fixed delay that note when they were asked and when they answered."""

from __future__ import annotations

import asyncio
import math
import random
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TypedDict

import numpy as np

from voxelle.companion.companion import Companion, CompanionPorts
from voxelle.companion.hearing.ports import EarPorts
from voxelle.contracts.audio import OUTPUT_RATE, AudioOutput, Clip, Drained, Playhead
from voxelle.contracts.llm import ChatRequest, LanguageModel, TextDelta
from voxelle.contracts.storage import ChannelEventStore, CharacterStore, ConversationStore
from voxelle.contracts.tts import SpeechChunk, SpeechRequest, SpeechSynthesizer
from voxelle.domain.chat import Decision, KeptEvent, Retraction, Stimulus
from voxelle.domain.persona import Character
from voxelle.domain.speech import TurnRecord, WordTiming
from voxelle.kernel.bus import Bus
from voxelle.kernel.clock import Clock, Ids
from voxelle.kernel.tasks import TaskScope
from voxelle.settings.file import SettingsFile
from voxelle.settings.service import SettingsService

CHARACTER = Character("bench", "Bench", "You are a bench.", "A quiet room.", "tom: hi\nher: [joy] Hello!", "Hello.")
REPLY = (
    "[joy] Hello there, ",
    "my friend. ",
    "This is the second sentence of the answer. ",
    "And here is the third one, to be cut somewhere.",
)
CLAUSES = ("Hello there,", "my friend.", "This is the second sentence of the answer.", "And here is the third one, to be cut somewhere.")
"""REPLY as it is spoken."""
LETTER_S = 0.05
"""The stub voice speaks every letter for so long."""


class Delays(TypedDict):
    """How long the stub engines take, in seconds."""

    first_token_s: float
    per_token_s: float
    first_sample_s: float


@dataclass(slots=True)
class Call:
    """When a stub was asked, and when it had handed over what the road waits for; nan if it was cancelled before."""

    asked_s: float
    answered_s: float = math.nan
    text: str = ""
    """What it was asked."""


class StubModel(LanguageModel):
    """Answers with REPLY after `first_token_s`, then a piece every `per_token_s`."""

    id = "stub_model"
    title = "Stub model"

    def __init__(self, clock: Clock, first_token_s: float, per_token_s: float) -> None:
        super().__init__(clock)
        self.first_token_s = first_token_s
        self.per_token_s = per_token_s
        self.calls: list[Call] = []

    async def open(self) -> None:
        """Nothing to load."""

    async def close(self) -> None:
        """Nothing to free."""

    async def _stream(self, request: ChatRequest) -> AsyncGenerator[TextDelta, None]:
        self.calls.append(call := Call(self._clock.monotonic(), text=request.messages[-1].text))
        delay = self.first_token_s
        for number, piece in enumerate(REPLY):
            await self._clock.sleep(delay)
            delay = self.per_token_s
            if number == 0:
                call.answered_s = self._clock.monotonic()
            yield TextDelta(piece)


class StubVoice(SpeechSynthesizer):
    """Says a steady level, every letter for LETTER_S, after `first_sample_s`."""

    id = "stub_voice"
    title = "Stub voice"
    RATE = 24_000

    def __init__(self, clock: Clock, first_sample_s: float) -> None:
        super().__init__(clock)
        self.first_sample_s = first_sample_s
        self.calls: list[Call] = []

    async def open(self) -> None:
        """Nothing to load."""

    async def close(self) -> None:
        """Nothing to free."""

    async def _synthesize(self, request: SpeechRequest) -> AsyncGenerator[SpeechChunk, None]:
        self.calls.append(call := Call(self._clock.monotonic()))
        await self._clock.sleep(self.first_sample_s)
        at, words = 0.0, []
        for word in request.text.split():
            words.append(WordTiming(word, at, at + len(word) * LETTER_S))
            at = words[-1].end_s
        call.answered_s = self._clock.monotonic()
        yield SpeechChunk(np.full(round(at * self.RATE), 0.25, np.float32), self.RATE, tuple(words))


@dataclass(frozen=True, slots=True)
class Act:
    """Something the output was asked to do: `duck`, `pause`, `resume` or `cut`; the place is that of a resume."""

    at_s: float
    what: str
    generation: int = 0
    gain: float = 1.0
    clause_index: int = 0
    frame: int = 0


class StageOutput(AudioOutput):
    """Plays on the injected clock, 20 ms at a time, and notes every block that was audible."""

    sentence = "Bench output"

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock
        self._queue: deque[Clip | int] = deque()
        self._woken = asyncio.Event()
        self._position = 0
        self._played: list[Clip] = []
        self._paused: int | None = None
        self._stops = 0
        self._dead = 0
        self.has_played = asyncio.Event()
        self.first_play_s: dict[int, float] = {}
        self.audible: dict[int, dict[int, int]] = {}
        """Audible frames by generation and clause."""
        self.stale_samples = 0
        self.lost_samples = 0
        """What was left out between two blocks of a clause."""
        self.acts: list[Act] = []

    async def open(self) -> None:
        """Nothing to open."""

    async def close(self) -> None:
        """Nothing to close."""

    async def play(self, clip: Clip) -> None:
        """Queue a clip."""
        self.first_play_s.setdefault(clip.generation, self._clock.monotonic())
        self.has_played.set()
        self._queue.append(clip)
        self._woken.set()

    async def finish(self, generation: int) -> None:
        """Queue the end."""
        self._queue.append(generation)
        self._woken.set()

    async def cut(self, generation: int) -> Playhead | None:
        """Drop everything of this generation and return what was audible."""
        self._dead = max(self._dead, generation)
        self._queue.clear()
        self._played.clear()
        self._position = 0
        self._paused = None
        self.acts.append(Act(self._clock.monotonic(), "cut", generation))
        heard = self.audible.get(generation)
        if not heard:
            return None
        last = max(heard)
        return Playhead(generation, last, heard[last])

    async def set_volume(self, volume: float) -> None:
        """Volume makes no difference here."""

    @property
    def is_sounding(self) -> bool:
        """Whether samples come out now."""
        return self._paused is None and any(isinstance(each, Clip) for each in self._queue)

    async def set_duck(self, gain: float) -> None:
        """Note the factor."""
        self.acts.append(Act(self._clock.monotonic(), "duck", gain=gain))

    async def pause(self, generation: int) -> Playhead | None:
        """Hold everything, and return what was audible."""
        self._paused = generation
        self._stops += 1
        self.acts.append(Act(self._clock.monotonic(), "pause", generation))
        heard = self.audible.get(generation)
        if not heard:
            return None
        last = max(heard)
        return Playhead(generation, last, heard[last])

    async def resume(self, generation: int, clause_index: int, frame: int) -> None:
        """Go on from a frame of a clause."""
        if self._paused != generation:
            return
        played = [clip for clip in self._played if clip.generation == generation]
        self._queue = deque(_from_point([*played, *self._queue], (clause_index, frame)))
        self._played.clear()
        self._position = 0
        self._paused = None
        self._woken.set()
        self.acts.append(Act(self._clock.monotonic(), "resume", generation, clause_index=clause_index, frame=frame))

    async def run(self) -> None:
        """Play until cancelled."""
        while True:
            while not self._queue or self._paused is not None:
                self._woken.clear()
                await self._woken.wait()
            first = self._queue[0]
            if isinstance(first, int):
                self._queue.popleft()
                self._listener(Drained(first))
                continue
            if self._position == 0 and (first.offset == 0 or not self._played):
                self._hear(first, 0)
            step = min(OUTPUT_RATE // 50, first.samples.size - self._position)
            stops = self._stops
            await self._clock.sleep(step / OUTPUT_RATE)
            if self._queue and self._queue[0] is first and self._stops == stops:
                self._position += step
                self._hear(first, step)
                if self._position >= first.samples.size:
                    self._queue.popleft()
                    self._played.append(first)
                    self._position = 0

    def _hear(self, clip: Clip, step: int) -> None:
        if clip.generation <= self._dead or self._paused is not None:
            self.stale_samples += step
        frames = clip.offset + self._position
        heard = self.audible.setdefault(clip.generation, {})
        before = heard.get(clip.clause_index, 0)
        self.lost_samples += max(0, frames - step - before)
        heard[clip.clause_index] = max(frames, before)
        self._listener(Playhead(clip.generation, clip.clause_index, frames))


def _from_point(clips: list[Clip | int], point: tuple[int, int]) -> Iterator[Clip | int]:
    """Leave out what lies before a frame of a clause."""
    for clip in clips:
        if isinstance(clip, int) or (clip.clause_index, clip.offset) >= point:
            yield clip
        elif clip.clause_index == point[0] and clip.offset + clip.samples.size > point[1]:
            yield replace(clip, offset=point[1], samples=clip.samples[point[1] - clip.offset :])


class MemoryStore(ConversationStore, ChannelEventStore, CharacterStore):
    """Keeps turns in memory, so that a bench of the road does not measure a disk."""

    def __init__(self) -> None:
        self.turns: list[TurnRecord] = []
        self.messages = 0

    async def append_message(self, stimulus: Stimulus, decision: Decision) -> None:
        """Count it."""
        self.messages += 1

    async def append_turn(self, record: TurnRecord) -> None:
        """Keep it."""
        self.turns.append(record)

    async def recent_turns(self, character_id: str, limit: int) -> Sequence[TurnRecord]:
        """Return nothing: every bench starts with an empty past."""
        return ()

    async def retract(self, retraction: Retraction, since: datetime) -> None:
        """Change nothing: no bench takes anything back."""

    async def append_event(self, kept: KeptEvent) -> None:
        """Change nothing: no bench tells events."""

    async def recent_events(self, limit: int) -> Sequence[KeptEvent]:
        """Return nothing."""
        return ()

    async def acknowledge_event(self, event_id: str, at: datetime) -> None:
        """Change nothing."""

    async def retract_events(self, retraction: Retraction) -> None:
        """Change nothing."""

    async def count_messages(self) -> int:
        """Return how many came."""
        return self.messages

    async def forget_character(self, character_id: str) -> int:
        """Forget all turns."""
        count = len(self.turns)
        self.turns.clear()
        return count

    async def characters(self) -> Sequence[Character]:
        """Return the one character."""
        return (CHARACTER,)

    async def save_character(self, character: Character) -> None:
        """Change nothing."""

    async def delete_character(self, character_id: str) -> None:
        """Change nothing."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A companion with its stubs."""

    companion: Companion
    model: StubModel
    voice: StubVoice
    output: StageOutput
    store: MemoryStore
    settings: SettingsService
    clock: Clock
    bus: Bus


@asynccontextmanager
async def open_stage(
    folder: Path,
    clock: Clock,
    *,
    first_token_s: float = 0.15,
    per_token_s: float = 0.05,
    first_sample_s: float = 0.06,
    ears: EarPorts | None = None,
) -> AsyncIterator[Stage]:
    """Open a companion with stub engines; `folder` takes the settings file. With `ears` she hears."""
    bus = Bus()
    settings = SettingsService(SettingsFile(folder / "settings.json"), bus, clock, environ={})
    model, voice, output, store = (
        StubModel(clock, first_token_s, per_token_s),
        StubVoice(clock, first_sample_s),
        StageOutput(clock),
        MemoryStore(),
    )
    ids = Ids(random.Random(1), clock)
    words = ("forbidden",)
    companion = Companion(
        CompanionPorts(model, voice, None, output, store, store, store, settings, words, bus, clock, ids, is_greeting=False, ears=ears)
    )
    try:
        async with TaskScope("bench") as scope:
            scope.start(output.run(), name="output")
            scope.start(companion.run(), name="show")
            if companion.ears is not None:
                scope.start(companion.ears.run(), name="ears")
            yield Stage(companion, model, voice, output, store, settings, clock, bus)
    finally:
        await companion.close()
