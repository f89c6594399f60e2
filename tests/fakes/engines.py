"""Language models, voices and classifiers whose every move is written down."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence

import numpy as np

from voxelle.contracts.emotion import EmotionClassifier
from voxelle.contracts.llm import ChatRequest, LanguageModel, TextDelta
from voxelle.contracts.provider import Limits
from voxelle.contracts.tts import SpeechChunk, SpeechRequest, SpeechSynthesizer
from voxelle.domain.avatar import Emotion, Feeling, FeelingSource
from voxelle.domain.errors import VoxelleError
from voxelle.domain.speech import WordTiming
from voxelle.kernel.clock import Clock

Step = str | float | Exception
"""Text to yield, seconds to wait, or an error to raise."""


class FakeModel(LanguageModel):
    """Plays its scripts one after the other; the last one again and again."""

    id = "fake_model"
    title = "Fake model"

    def __init__(self, clock: Clock, *scripts: Sequence[Step], limits: Limits | None = None) -> None:
        super().__init__(clock, limits)
        self._scripts = list(scripts)
        self.requests: list[ChatRequest] = []
        self.warmed: list[ChatRequest] = []
        self.closed_early = 0
        self.error_at_warm: VoxelleError | None = None

    async def open(self) -> None:
        """Nothing to load."""

    async def close(self) -> None:
        """Nothing to free."""

    async def warm(self, request: ChatRequest) -> None:
        if self.error_at_warm is not None:
            raise self.error_at_warm
        self.warmed.append(request)

    async def _stream(self, request: ChatRequest) -> AsyncGenerator[TextDelta, None]:
        self.requests.append(request)
        script = self._scripts.pop(0) if len(self._scripts) > 1 else self._scripts[0]
        try:
            for step in script:
                if isinstance(step, Exception):
                    raise step
                if isinstance(step, str):
                    yield TextDelta(step)
                else:
                    await self._clock.sleep(step)
        except (GeneratorExit, asyncio.CancelledError):
            self.closed_early += 1
            raise


class FakeVoice(SpeechSynthesizer):
    """Says every letter for 50 ms after `delay_s`, word by word, at 24 kHz; raises what `errors` holds for a text."""

    id = "fake_voice"
    title = "Fake voice"
    RATE = 24_000
    LETTER_S = 0.05

    def __init__(self, clock: Clock, delay_s: float = 0.05, *, has_timings: bool = True, limits: Limits | None = None) -> None:
        super().__init__(clock, limits)
        self.delay_s = delay_s
        self.has_timings = has_timings
        self.errors: dict[str, Exception] = {}
        self.error_after: dict[str, Exception] = {}
        self.requests: list[SpeechRequest] = []

    async def open(self) -> None:
        """Nothing to load."""

    async def close(self) -> None:
        """Nothing to free."""

    async def _synthesize(self, request: SpeechRequest) -> AsyncGenerator[SpeechChunk, None]:
        self.requests.append(request)
        await self._clock.sleep(self.delay_s)
        if request.text in self.errors:
            raise self.errors[request.text]
        at = 0.0
        for word in request.text.split():
            length = len(word) * self.LETTER_S
            samples = np.full(round(length * self.RATE), 0.25, np.float32)
            timings = (WordTiming(word, at, at + length),) if self.has_timings else ()
            at += length
            yield SpeechChunk(samples, self.RATE, timings)
            if request.text in self.error_after:
                raise self.error_after[request.text]


class FakeClassifier(EmotionClassifier):
    """Feels joy about everything, unless told to fail."""

    id = "fake_classifier"
    title = "Fake classifier"

    def __init__(self, clock: Clock, error: VoxelleError | None = None) -> None:
        super().__init__(clock)
        self.error = error

    async def open(self) -> None:
        """Nothing to load."""

    async def close(self) -> None:
        """Nothing to free."""

    async def _classify(self, text: str) -> Feeling:
        if self.error is not None:
            raise self.error
        return Feeling(Emotion.JOY, min(1.0, 0.1 + len(text) / 50), FeelingSource.CLASSIFIER)
