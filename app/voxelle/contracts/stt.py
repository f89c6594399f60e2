"""Speech recognition: an utterance in, its text out."""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from dataclasses import dataclass

from voxelle.contracts.provider import Provider
from voxelle.contracts.tts import Samples
from voxelle.domain.errors import TemporaryError


@dataclass(frozen=True, slots=True, eq=False)
class RecognitionRequest:
    """One utterance, or what there is of it so far."""

    samples: Samples
    """At INPUT_RATE, mono, -1..1."""
    language: str = ""
    """ISO 639-1, empty: found by the engine."""
    hot_words: tuple[str, ...] = ()
    """Names and words that are likely: hers, those of people in the chat."""
    is_interim: bool = False
    """The utterance goes on: a quick answer is worth more than a perfect one."""


@dataclass(frozen=True, slots=True)
class Transcript:
    """What was said, as the engine understood it."""

    text: str
    language: str = ""
    log_probability: float = 0.0
    """Mean natural logarithm of the probability of a token: 0 is certain, below -1 is a guess."""
    no_speech: float = 0.0
    """Probability, 0..1, that nobody spoke at all."""


class SpeechRecognizer(Provider):
    """Override `_transcribe`."""

    @abstractmethod
    async def _transcribe(self, request: RecognitionRequest) -> Transcript:
        """Return the text. Cancelling gives the engine free as soon as it can. Raises VoxelleError children only."""

    async def transcribe(self, request: RecognitionRequest) -> Transcript:
        """Recognise one utterance; TemporaryError past `limits.first_item_s`."""
        try:
            async with asyncio.timeout(self.limits.first_item_s):
                return await self._transcribe(request)
        except TimeoutError as error:
            msg = f"{self.title} did not answer within {self.limits.first_item_s:g} seconds."
            raise TemporaryError(msg) from error
