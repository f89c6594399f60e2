"""Engines for chains: their mood is set from outside, and every call is written down."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from enum import Enum

import numpy as np

from voxelle.contracts.llm import ChatRequest, LanguageModel, TextDelta
from voxelle.contracts.provider import Abilities, Limits
from voxelle.contracts.stt import RecognitionRequest, SpeechRecognizer, Transcript
from voxelle.contracts.tts import SpeechChunk, SpeechRequest, SpeechSynthesizer
from voxelle.domain.errors import AuthError, SetupError, TemporaryError, VoxelleError
from voxelle.kernel.clock import Clock


class Mood(Enum):
    """How an engine answers."""

    WELL = "well"
    EMPTY = "empty"
    BUSY = "busy"
    REFUSED = "refused"
    UNSET = "unset"
    BREAKS_OFF = "breaks off"
    HANGS = "hangs"
    """Its probe never comes back."""


ERRORS: dict[Mood, Callable[[str], VoxelleError]] = {
    Mood.BUSY: lambda name: TemporaryError(f"{name} is busy."),
    Mood.REFUSED: lambda name: AuthError(f"{name} refused the key."),
    Mood.UNSET: lambda name: SetupError(f"{name} has no model."),
    Mood.BREAKS_OFF: lambda name: TemporaryError(f"{name} broke off."),
}


class _Moody:
    """Raises by mood; notes requests and probes with their time."""

    id: str
    mood: Mood
    clock: Clock

    def note(self, name: str, clock: Clock) -> None:
        self.id = name
        self.title = name.capitalize()
        self.mood = Mood.WELL
        self.clock = clock
        self.error: VoxelleError | None = None
        self.requests: list[float] = []
        self.probes: list[tuple[float, bool]] = []
        self.opened = self.closed = 0

    def refuse(self) -> None:
        if self.error is not None:
            raise self.error
        if self.mood in ERRORS and self.mood is not Mood.BREAKS_OFF:
            raise ERRORS[self.mood](self.id)

    async def open(self) -> None:
        self.opened += 1

    async def close(self) -> None:
        self.closed += 1

    async def probe(self) -> None:
        is_good = self.mood in {Mood.WELL, Mood.EMPTY} and self.error is None
        self.probes.append((self.clock.monotonic(), is_good))
        if self.mood is Mood.HANGS:
            await self.clock.sleep(1e6)
        if self.mood is Mood.BREAKS_OFF:
            raise ERRORS[self.mood](self.id)
        self.refuse()


class MoodyModel(_Moody, LanguageModel):
    """Says its own name in two pieces."""

    def __init__(self, name: str, clock: Clock, abilities: Abilities | None = None) -> None:
        LanguageModel.__init__(self, clock, Limits(first_item_s=20, attempts=1))
        self.note(name, clock)
        self.abilities = abilities or Abilities()
        self.warmed = 0

    async def warm(self, request: ChatRequest) -> None:
        self.warmed += 1
        self.refuse()

    async def _stream(self, request: ChatRequest) -> AsyncGenerator[TextDelta, None]:
        self.requests.append(self.clock.monotonic())
        self.refuse()
        if self.mood is Mood.EMPTY:
            return
        await self.clock.sleep(0.1)
        yield TextDelta(self.id)
        if self.mood is Mood.BREAKS_OFF:
            raise ERRORS[self.mood](self.id)
        yield TextDelta("!")


class MoodyVoice(_Moody, SpeechSynthesizer):
    """Makes two chunks of silence at a rate of its own."""

    def __init__(self, name: str, clock: Clock, rate: int) -> None:
        SpeechSynthesizer.__init__(self, clock, Limits(first_item_s=20, attempts=1))
        self.note(name, clock)
        self.rate = rate

    async def _synthesize(self, request: SpeechRequest) -> AsyncGenerator[SpeechChunk, None]:
        self.requests.append(self.clock.monotonic())
        self.refuse()
        if self.mood is Mood.EMPTY:
            return
        yield SpeechChunk(np.zeros(10, np.float32), self.rate)
        if self.mood is Mood.BREAKS_OFF:
            raise ERRORS[self.mood](self.id)
        yield SpeechChunk(np.zeros(10, np.float32), self.rate)


class MoodyRecognizer(_Moody, SpeechRecognizer):
    """Understands its own name, whatever is said."""

    def __init__(self, name: str, clock: Clock) -> None:
        SpeechRecognizer.__init__(self, clock, Limits(first_item_s=20))
        self.note(name, clock)

    async def _transcribe(self, request: RecognitionRequest) -> Transcript:
        self.requests.append(self.clock.monotonic())
        self.refuse()
        if self.mood is Mood.HANGS:
            await self.clock.sleep(1e6)
        return Transcript(self.id, "en")
