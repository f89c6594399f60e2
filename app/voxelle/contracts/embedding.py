"""Sentences as vectors."""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from voxelle.contracts.provider import Provider
from voxelle.domain.errors import TemporaryError

Vectors = npt.NDArray[np.float32]
"""Shape (texts, dimensions), each row of length 1."""


class Embedder(Provider):
    """Override `_embed`."""

    dimensions: int

    @abstractmethod
    async def _embed(self, texts: Sequence[str]) -> Vectors:
        """Return one unit vector a text."""

    async def embed(self, texts: Sequence[str]) -> Vectors:
        """Embed; an empty list gives an array of shape (0, dimensions)."""
        if not texts:
            return np.zeros((0, self.dimensions), np.float32)
        try:
            async with asyncio.timeout(self.limits.first_item_s):
                return await self._embed(texts)
        except TimeoutError as error:
            msg = f"{self.title} did not answer in time."
            raise TemporaryError(msg) from error
