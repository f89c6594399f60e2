"""The embedded language model: llama.cpp in an engine process, offline, no key."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from pathlib import Path
from typing import Any

from voxelle.contracts.llm import ChatRequest, LanguageModel, TextDelta
from voxelle.contracts.provider import Abilities, Limits
from voxelle.kernel.clock import Clock
from voxelle.kernel.processes import ProcessLimits
from voxelle.providers.process import EmbeddedProcess, EngineSpec, well_formed

DEFAULT_PACK = "llm-default"
SMALL_PACK = "llm-small"
TARGET = "voxelle.providers.llm.llama_cpp_engine:LlamaCppEngine"

_MOST_THREADS = 6
_LOW_IMPACT_NICE = 15
_START_TIMEOUT_S = 120.0
_FEWEST_TOKENS_MEASURED = 4


class LlamaCpp(LanguageModel):
    """Talks to `LlamaCppEngine`. `speed` is what the last whole reply was written with, in tokens/s."""

    id = "llama_cpp"
    title = "Embedded model"
    abilities = Abilities(offline=True, grammar=True)
    speed_unit = "tokens/s"

    def __init__(self, process: EmbeddedProcess, clock: Clock, limits: Limits | None = None) -> None:
        super().__init__(clock, limits or Limits(first_item_s=60.0, between_items_s=15.0))
        self.process = process
        self.speed: float | None = None

    async def open(self) -> None:
        """Load the model."""
        await self.process.start()

    async def close(self) -> None:
        """Free its memory."""
        await self.process.stop()

    async def warm(self, request: ChatRequest) -> None:
        """Read the prompt ahead; a real request interrupts it and keeps what was read."""
        await self.process.call("warm", arguments_of(request))

    async def _stream(self, request: ChatRequest) -> AsyncGenerator[TextDelta, None]:
        async with aclosing(self.process.stream("stream", arguments_of(request))) as replies:
            async for reply in replies:
                if text := reply.data.get("text"):
                    yield TextDelta(text)
                elif timings := reply.data.get("timings"):
                    self._measure(timings)

    def _measure(self, timings: dict[str, float]) -> None:
        if timings.get("predicted_n", 0) >= _FEWEST_TOKENS_MEASURED:
            self.speed = float(timings["predicted_per_second"])


def arguments_of(request: ChatRequest) -> dict[str, Any]:
    """Return a request as the engine process takes it."""
    return {
        "messages": [[message.role.value, well_formed(message.text)] for message in request.messages],
        "max_tokens": request.max_tokens,
        "temperature": request.temperature,
        "top_p": request.top_p,
        "seed": request.seed,
        "emotion_tags": list(request.emotion_tags),
    }


def llama_cpp_spec(
    find_model: Callable[[], Path],
    *,
    threads: int = 0,
    low_impact: bool = False,
    priority: int = 5,
    context_tokens: int = 4096,
    prefill_batch: int = 0,
) -> EngineSpec:
    """Describe the engine process. `find_model` is asked at every start and raises SetupError when there is none.

    `threads` and `prefill_batch` of 0 choose for this machine and model.
    """

    def configure() -> dict[str, Any]:
        return {
            "model": str(find_model()),
            "threads": threads_for(threads, low_impact=low_impact),
            "context_tokens": context_tokens,
            "prefill_batch": prefill_batch,
        }

    nice = _LOW_IMPACT_NICE if low_impact else priority
    return EngineSpec("The embedded model", TARGET, configure, lambda: ProcessLimits(nice=nice, start_timeout_s=_START_TIMEOUT_S))


def threads_for(wanted: int, *, low_impact: bool, processors: int | None = None) -> int:
    """Choose the number of threads: half of a large machine is left to the game, two of a small one are all used."""
    processors = processors or os.cpu_count() or 1
    if low_impact:
        return 1
    if wanted > 0:
        return min(wanted, processors)
    return min(processors, max(2, processors // 2), _MOST_THREADS)


def choose_pack(wanted: str, is_installed: Callable[[str], bool]) -> str:
    """Return the pack that the setting `embedded_pack` means: `auto` is the larger one if it is there, else the small one."""
    if wanted != "auto":
        return wanted
    return next((pack for pack in (DEFAULT_PACK, SMALL_PACK) if is_installed(pack)), DEFAULT_PACK)
