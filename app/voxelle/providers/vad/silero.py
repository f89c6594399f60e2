"""The embedded voice activity detection: Silero, offline, a third of a millisecond for each 32 ms."""

from __future__ import annotations

import asyncio

from voxelle.contracts.provider import Abilities, Limits
from voxelle.contracts.tts import Samples
from voxelle.contracts.vad import VoiceActivity
from voxelle.kernel.clock import Clock
from voxelle.providers.process import EmbeddedProcess


class Silero(VoiceActivity):
    """Talks to `EarsEngine`. `speed` is how many times faster than real time the last frame was judged, the way there and back included."""

    id = "silero"
    title = "Embedded voice activity"
    abilities = Abilities(streaming=True, offline=True, languages=())
    speed_unit = "× real time"

    def __init__(self, process: EmbeddedProcess, clock: Clock, limits: Limits | None = None) -> None:
        super().__init__(clock, limits or Limits(first_item_s=5.0))
        self.process = process
        self.speed: float | None = None
        self._turn = asyncio.Lock()
        """What a frame sounds like depends on those before: they must not overtake each other."""

    async def open(self) -> None:
        """Load the networks of the ears."""
        await self.process.start()

    async def close(self) -> None:
        """Free their memory."""
        await self.process.stop()

    async def _judge(self, speaker: str, samples: Samples) -> float:
        async with self._turn:
            asked = self._clock.monotonic()
            reply = await self.process.call("judge", {"speaker": speaker}, samples)
            waited = self._clock.monotonic() - asked
        if waited > 0:
            self.speed = len(samples) / 16_000 / waited
        return float(reply.data["speech"])

    async def _forget(self, speaker: str) -> None:
        if self.process.snapshot.pid is None:
            return  # a process that is not there remembers nobody
        async with self._turn:
            await self.process.call("forget", {"speaker": speaker})
