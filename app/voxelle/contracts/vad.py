"""Whether somebody is speaking."""

from __future__ import annotations

import asyncio
from abc import abstractmethod

from voxelle.contracts.provider import Provider
from voxelle.contracts.tts import Samples
from voxelle.domain.errors import TemporaryError


class VoiceActivity(Provider):
    """Follows the sound of several speakers, each on its own. Override `_judge` and `_forget`."""

    @abstractmethod
    async def _judge(self, speaker: str, samples: Samples) -> float:
        """Return the probability of speech, 0..1, in the next INPUT_FRAMES samples of a speaker."""

    @abstractmethod
    async def _forget(self, speaker: str) -> None:
        """Forget what a speaker sounded like before: what comes next is a new beginning."""

    async def judge(self, speaker: str, samples: Samples) -> float:
        """Return the probability of speech in the next frame of a speaker; TemporaryError past `limits.first_item_s`."""
        try:
            async with asyncio.timeout(self.limits.first_item_s):
                return await self._judge(speaker, samples)
        except TimeoutError as error:
            msg = f"{self.title} did not answer in time."
            raise TemporaryError(msg) from error

    async def forget(self, speaker: str) -> None:
        """Begin anew with a speaker: the microphone was closed, or lost samples."""
        await self._forget(speaker)
