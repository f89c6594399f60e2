"""An optional embedded voice: offline, with other timbres than the default one, at many times its cost."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from voxelle.contracts.provider import Abilities, Limits
from voxelle.contracts.tts import SpeechChunk, SpeechRequest, SpeechSynthesizer
from voxelle.kernel.clock import Clock
from voxelle.kernel.processes import ProcessLimits
from voxelle.providers.process import EmbeddedProcess, EngineSpec, well_formed
from voxelle.providers.tts.hibari import chunk_of
from voxelle.providers.tts.prosody import prosody_for

PACK: Final = "kokoro"
MODEL_FILE: Final = "kokoro-v1.0.int8.onnx"
VOICES_FILE: Final = "voices_ja.npz"
TARGET = "voxelle.providers.tts.kokoro_engine:KokoroEngine"
_THREADS = 2
"""One is too slow for a sentence to be ready before the last one is over."""


class Kokoro(SpeechSynthesizer):
    """Talks to `KokoroEngine`. `speed` is how many times faster than real time the last clause was made."""

    id = "kokoro"
    title = "Kokoro voice"
    abilities = Abilities(offline=True, word_timings=True, phoneme_timings=True)
    speed_unit = "× real time"

    def __init__(self, process: EmbeddedProcess, clock: Clock, limits: Limits | None = None) -> None:
        super().__init__(clock, limits or Limits(first_item_s=30.0, between_items_s=20.0))
        self.process = process
        self.speed: float | None = None

    async def open(self) -> None:
        """Load the voice."""
        await self.process.start()

    async def close(self) -> None:
        """Free its memory."""
        await self.process.stop()

    async def _synthesize(self, request: SpeechRequest) -> AsyncGenerator[SpeechChunk, None]:
        arguments: dict[str, Any] = {
            "text": well_formed(request.text),
            "voice": request.voice.voice,
            "prosody": asdict(prosody_for(request.voice, request.feeling)),
        }
        asked, made = self._clock.monotonic(), 0.0
        async with aclosing(self.process.stream("speak", arguments)) as replies:
            async for reply in replies:
                chunk = chunk_of(reply)
                made += len(chunk.samples) / chunk.sample_rate
                waited = self._clock.monotonic() - asked
                if waited > 0:
                    self.speed = made / waited
                yield chunk


def kokoro_spec(find_file: Callable[[str], Path], *, priority: int = 0) -> EngineSpec:
    """Describe the engine process. `find_file` is asked for both files of the pack at every start."""

    def configure() -> dict[str, Any]:
        return {"model": str(find_file(MODEL_FILE)), "voices": str(find_file(VOICES_FILE)), "threads": _THREADS}

    return EngineSpec("The Kokoro voice", TARGET, configure, lambda: ProcessLimits(nice=priority))
