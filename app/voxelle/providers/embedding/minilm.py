"""Sentence vectors of the embedded MiniLM, offline."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from voxelle.contracts.embedding import Embedder, Vectors
from voxelle.contracts.provider import Abilities, Limits
from voxelle.domain.errors import TemporaryError
from voxelle.kernel.clock import Clock
from voxelle.kernel.processes import ProcessLimits
from voxelle.providers.process import EmbeddedProcess, EngineSpec, well_formed

PACK = "minilm"
TARGET = "voxelle.providers.embedding.minilm_engine:MiniLmEngine"


class MiniLm(Embedder):
    """Talks to `MiniLmEngine`. `speed` is the texts of the last request by the second."""

    id = "minilm"
    title = "Embedded sentence vectors"
    abilities = Abilities(streaming=False, offline=True)
    dimensions = 384
    speed_unit = "texts/s"

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

    async def _embed(self, texts: Sequence[str]) -> Vectors:
        asked = self._clock.monotonic()
        reply = await self.process.call("embed", {"texts": [well_formed(text) for text in texts]})
        waited = self._clock.monotonic() - asked
        if waited > 0:
            self.speed = len(texts) / waited
        if reply.audio is None or reply.audio.size != len(texts) * self.dimensions:
            msg = "The embedded sentence model gave no vectors."
            raise TemporaryError(msg)
        return reply.audio.reshape(len(texts), self.dimensions)


def minilm_spec(find_file: Callable[[str], Path], head: Path) -> EngineSpec:
    """Describe the process that serves vectors and emotions. `find_file` is asked for both files of the pack at every start."""

    def configure() -> dict[str, Any]:
        return {"model": str(find_file("model.onnx")), "tokenizer": str(find_file("tokenizer.json")), "head": str(head)}

    return EngineSpec("The sentence model", TARGET, configure, lambda: ProcessLimits(nice=1))
