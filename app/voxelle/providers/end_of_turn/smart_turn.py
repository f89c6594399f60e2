"""The embedded end-of-turn model: Smart Turn listens to the melody of the last eight seconds, in any of its languages."""

from __future__ import annotations

from typing import Final

from voxelle.contracts.end_of_turn import EndOfTurn
from voxelle.contracts.provider import Abilities, Limits
from voxelle.contracts.tts import Samples
from voxelle.kernel.clock import Clock
from voxelle.providers.process import EmbeddedProcess

_LANGUAGES: Final = (
    *("ar", "bn", "da", "de", "en", "es", "fi", "fr", "hi", "id", "it", "ja", "ko"),
    *("mr", "nl", "no", "pl", "pt", "ru", "tr", "uk", "vi", "zh"),
)


class SmartTurn(EndOfTurn):
    """Talks to `EarsEngine`. `speed` is the questions it could answer in a second."""

    id = "smart_turn"
    title = "Embedded end of turn"
    abilities = Abilities(streaming=False, offline=True, languages=_LANGUAGES)
    speed_unit = "judgements/s"

    def __init__(self, process: EmbeddedProcess, clock: Clock, limits: Limits | None = None) -> None:
        super().__init__(clock, limits or Limits(first_item_s=5.0))
        self.process = process
        self.speed: float | None = None

    async def open(self) -> None:
        """Load the networks of the ears."""
        await self.process.start()

    async def close(self) -> None:
        """Free their memory."""
        await self.process.stop()

    async def _probability(self, samples: Samples) -> float:
        asked = self._clock.monotonic()
        reply = await self.process.call("finished", {}, samples)
        waited = self._clock.monotonic() - asked
        if waited > 0:
            self.speed = 1 / waited
        return float(reply.data["finished"])
