"""The embedded voice: offline, far faster than real time, with the times of words and phonemes."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import asdict
from typing import Any

from voxelle.contracts.provider import Abilities, Limits
from voxelle.contracts.tts import SpeechChunk, SpeechRequest, SpeechSynthesizer
from voxelle.domain.speech import PhonemeTiming, WordTiming
from voxelle.kernel.clock import Clock
from voxelle.kernel.processes import ProcessLimits, Reply
from voxelle.providers.process import EmbeddedProcess, EngineSpec, well_formed
from voxelle.providers.tts.prosody import prosody_for

TARGET = "voxelle.providers.tts.hibari_engine:HibariEngine"


class Hibari(SpeechSynthesizer):
    """Talks to `HibariEngine`. `speed` is how many times faster than real time the last clause was made."""

    id = "hibari"
    title = "Embedded voice"
    abilities = Abilities(offline=True, word_timings=True, phoneme_timings=True)
    speed_unit = "× real time"

    def __init__(self, process: EmbeddedProcess, clock: Clock, limits: Limits | None = None) -> None:
        super().__init__(clock, limits or Limits(first_item_s=20.0, between_items_s=10.0))
        self.process = process
        self.speed: float | None = None

    async def open(self) -> None:
        """Load the voice."""
        await self.process.start()

    async def close(self) -> None:
        """Free its memory."""
        await self.process.stop()

    async def _synthesize(self, request: SpeechRequest) -> AsyncGenerator[SpeechChunk, None]:
        arguments: dict[str, Any] = {"text": well_formed(request.text), "prosody": asdict(prosody_for(request.voice, request.feeling))}
        asked, made = self._clock.monotonic(), 0.0
        async with aclosing(self.process.stream("speak", arguments)) as replies:
            async for reply in replies:
                chunk = chunk_of(reply)
                made += len(chunk.samples) / chunk.sample_rate
                waited = self._clock.monotonic() - asked
                if waited > 0:
                    self.speed = made / waited
                yield chunk


def chunk_of(reply: Reply) -> SpeechChunk:
    """Read a piece of sound out of a reply of the engine."""
    if reply.audio is None:
        msg = "a reply of the voice carries no sound"
        raise ValueError(msg)
    return SpeechChunk(
        samples=reply.audio,
        sample_rate=int(reply.data["sample_rate"]),
        words=tuple(WordTiming(*word) for word in reply.data["words"]),
        phonemes=tuple(PhonemeTiming(*phoneme) for phoneme in reply.data["phonemes"]),
    )


def hibari_spec(*, priority: int = 0) -> EngineSpec:
    """Describe the engine process; the voice itself comes with the installation."""
    return EngineSpec("The embedded voice", TARGET, dict, lambda: ProcessLimits(nice=priority))
