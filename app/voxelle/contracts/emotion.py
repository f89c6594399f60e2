"""What a sentence feels like."""

from __future__ import annotations

import asyncio
from abc import abstractmethod

from voxelle.contracts.provider import Provider
from voxelle.domain.avatar import Feeling
from voxelle.domain.errors import TemporaryError


class EmotionClassifier(Provider):
    """Override `_classify`."""

    @abstractmethod
    async def _classify(self, text: str) -> Feeling:
        """Return the strongest of the 28 labels with its probability as intensity."""

    async def classify(self, text: str) -> Feeling:
        """Classify one clause; raises TemporaryError past `limits.first_item_s`."""
        try:
            async with asyncio.timeout(self.limits.first_item_s):
                return await self._classify(text)
        except TimeoutError as error:
            msg = f"{self.title} did not answer in time."
            raise TemporaryError(msg) from error
