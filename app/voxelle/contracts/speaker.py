"""Whose voice it is: sound as a vector, alike for one person whatever is said."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from dataclasses import dataclass

from voxelle.contracts.embedding import Vectors
from voxelle.contracts.provider import Provider
from voxelle.contracts.tts import Samples
from voxelle.domain.errors import TemporaryError


class SpeakerRecognizer(Provider):
    """Override `_embed`."""

    dimensions: int
    same_from: float
    """Two vectors whose product is at least this are taken for the same voice; where that is depends on the network."""
    same_from_short: float
    """The same for less than a stretch of sound, of which less can be said."""
    longest_s: float = 12.0
    """So much of the end of a sound is looked at."""

    @abstractmethod
    async def _embed(self, samples: Samples) -> Vectors:
        """Return one vector of length 1 for each stretch of 1.6 s of the samples (at INPUT_RATE); one at least."""

    async def embed(self, samples: Samples) -> Vectors:
        """Return the voice of a sound, stretch by stretch; TemporaryError past `limits.first_item_s`."""
        newest = samples[-round(self.longest_s * 16_000) :]
        try:
            async with asyncio.timeout(self.limits.first_item_s):
                return await self._embed(newest)
        except TimeoutError as error:
            msg = f"{self.title} did not answer in time."
            raise TemporaryError(msg) from error


@dataclass(frozen=True, slots=True)
class VoicePrint:
    """How somebody's voice sounds to one recogniser. Personal: it leaves this computer in no way, and no log holds it."""

    engine: str
    """Id of the recogniser: another one can't read it."""
    enrolled_at: str
    """ISO 8601, UTC."""
    vector: Vectors
    """Shape (1, dimensions), of length 1."""


class VoicePrintStore(ABC):
    """Keeps the streamer's voice print. All methods are slow, and raise SetupError when the disk refuses."""

    @abstractmethod
    def load(self) -> VoicePrint | None:
        """Return the print; None if there is none, or it can't be read."""

    @abstractmethod
    def save(self, voice_print: VoicePrint) -> None:
        """Keep a print instead of the one before."""

    @abstractmethod
    def delete(self) -> None:
        """Keep none."""
