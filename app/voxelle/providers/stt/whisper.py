"""The embedded recogniser: Whisper, offline, a whole sentence in a few tenths of a second."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from voxelle.contracts.provider import Abilities, Limits
from voxelle.contracts.stt import RecognitionRequest, SpeechRecognizer, Transcript
from voxelle.kernel.clock import Clock
from voxelle.kernel.processes import ProcessLimits
from voxelle.providers.process import EmbeddedProcess, EngineSpec, well_formed

BASE_PACK: Final = "stt-base"
TINY_PACK: Final = "stt-tiny"
TARGET: Final = "voxelle.providers.stt.whisper_engine:WhisperEngine"
FILES: Final = ("model.bin", "config.json", "vocabulary.txt", "tokenizer.json")

_MOST_THREADS: Final = 4
_LOW_IMPACT_NICE: Final = 15
_AHEAD_OF_THINKING: Final = 3
"""Somebody waits for what is recognised; what is thought ahead may wait for it."""


class Whisper(SpeechRecognizer):
    """Talks to `WhisperEngine`. `speed` is how many times faster than real time the last utterance was understood.

    The engine understands one utterance after the other. Cancelling a request that waits takes it out of the line; one that
    is being worked on ends at its next step, at most a fifth of a second later, and its result is dropped.
    """

    id = "whisper"
    title = "Embedded recogniser"
    abilities = Abilities(streaming=False, offline=True, languages=())
    speed_unit = "× real time"

    def __init__(self, process: EmbeddedProcess, clock: Clock, limits: Limits | None = None) -> None:
        super().__init__(clock, limits or Limits(first_item_s=30.0))
        self.process = process
        self.speed: float | None = None

    async def open(self) -> None:
        """Load the model."""
        await self.process.start()

    async def close(self) -> None:
        """Free its memory."""
        await self.process.stop()

    async def _transcribe(self, request: RecognitionRequest) -> Transcript:
        arguments: dict[str, Any] = {
            "language": request.language,
            "hot_words": [well_formed(word) for word in request.hot_words],
            "is_interim": request.is_interim,
        }
        asked = self._clock.monotonic()
        reply = await self.process.call("transcribe", arguments, request.samples)
        waited = self._clock.monotonic() - asked
        if waited > 0 and not request.is_interim:
            self.speed = len(request.samples) / 16_000 / waited
        data = reply.data
        return Transcript(str(data["text"]), str(data["language"]), float(data["log_probability"]), float(data["no_speech"]))


def whisper_spec(find_file: Callable[[str], Path], *, threads: int = 0, low_impact: bool = False, priority: int = 5) -> EngineSpec:
    """Describe the engine process. `find_file` is asked for every file of the pack at every start; `threads` of 0 chooses."""

    def configure() -> dict[str, Any]:
        folders = {find_file(name).parent for name in FILES}
        return {"folder": str(folders.pop()), "threads": threads_for(threads, low_impact=low_impact)}

    nice = _LOW_IMPACT_NICE if low_impact else max(0, priority - _AHEAD_OF_THINKING)
    return EngineSpec("The embedded recogniser", TARGET, configure, lambda: ProcessLimits(nice=nice))


def threads_for(wanted: int, *, low_impact: bool, processors: int | None = None) -> int:
    """Choose the number of threads: more than four make a short sentence hardly any quicker."""
    processors = processors or os.cpu_count() or 1
    if low_impact:
        return 1
    return min(wanted or max(2, processors // 2), processors, _MOST_THREADS)


def choose_pack(wanted: str, language: str, is_installed: Callable[[str], bool]) -> str:
    """Return the pack that the setting `embedded_pack` means: `auto` is the small one only if it alone is there and knows the language."""
    if wanted != "auto":
        return wanted
    if not is_installed(BASE_PACK) and is_installed(TINY_PACK) and language in {"", "en"}:
        return TINY_PACK
    return BASE_PACK
