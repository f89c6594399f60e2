"""Whether a speaker has finished, by how the last seconds sounded."""

from __future__ import annotations

import asyncio
from abc import abstractmethod

from voxelle.contracts.provider import Provider
from voxelle.contracts.tts import Samples
from voxelle.domain.errors import TemporaryError


class EndOfTurn(Provider):
    """Override `_probability`."""

    longest_s: float = 8.0
    """So much of the end of an utterance is looked at."""

    @abstractmethod
    async def _probability(self, samples: Samples) -> float:
        """Return how likely it is, 0..1, that the speaker has finished. `samples` at INPUT_RATE, at most `longest_s`."""

    async def probability(self, samples: Samples) -> float:
        """Judge the end of an utterance so far (any length, at INPUT_RATE); TemporaryError past `limits.first_item_s`."""
        newest = samples[-round(self.longest_s * 16_000) :]
        try:
            async with asyncio.timeout(self.limits.first_item_s):
                return await self._probability(newest)
        except TimeoutError as error:
            msg = f"{self.title} did not answer in time."
            raise TemporaryError(msg) from error
