"""The embedded speaker recognition: a small network that knows a voice again, whatever is said, in any language."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from voxelle.contracts.embedding import Vectors
from voxelle.contracts.provider import Abilities, Limits
from voxelle.contracts.speaker import SpeakerRecognizer
from voxelle.contracts.tts import Samples
from voxelle.domain.errors import TemporaryError
from voxelle.kernel.clock import Clock
from voxelle.kernel.processes import ProcessLimits
from voxelle.providers.process import EmbeddedProcess, EngineSpec

PACK: Final = "speaker"
WEIGHTS_FILE: Final = "pretrained.pt"
TARGET: Final = "voxelle.providers.speaker.resemblyzer_engine:SpeakerEngine"


class Resemblyzer(SpeakerRecognizer):
    """Talks to `SpeakerEngine`. `speed` is how many times faster than real time the last sound was judged."""

    id = "resemblyzer"
    title = "Embedded speaker recognition"
    abilities = Abilities(streaming=False, offline=True, languages=())
    dimensions = 256
    same_from = 0.75
    same_from_short = 0.68
    speed_unit = "× real time"

    def __init__(self, process: EmbeddedProcess, clock: Clock, limits: Limits | None = None) -> None:
        super().__init__(clock, limits or Limits(first_item_s=5.0))
        self.process = process
        self.speed: float | None = None

    async def open(self) -> None:
        """Load the network."""
        await self.process.start()

    async def close(self) -> None:
        """Free its memory."""
        await self.process.stop()

    async def _embed(self, samples: Samples) -> Vectors:
        asked = self._clock.monotonic()
        reply = await self.process.call("embed", {}, samples)
        waited = self._clock.monotonic() - asked
        if waited > 0:
            self.speed = len(samples) / 16_000 / waited
        if reply.audio is None or not reply.audio.size or reply.audio.size % self.dimensions:
            msg = f"{self.title} gave no answer that makes sense."
            raise TemporaryError(msg)
        return reply.audio.reshape(-1, self.dimensions)


def speaker_spec(find_file: Callable[[str], Path]) -> EngineSpec:
    """Describe the process. `find_file` is asked for the file of the pack at every start.

    It is a process of its own, for it reckons in Python: beside the voice activity it would make frames wait.
    """

    def configure() -> dict[str, Any]:
        return {"weights": str(find_file(WEIGHTS_FILE))}

    return EngineSpec("The speaker recognition", TARGET, configure, lambda: ProcessLimits(nice=1))
