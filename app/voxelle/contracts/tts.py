"""A voice: a clause in, sound out, with the times of its words."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import AsyncGenerator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from voxelle.contracts.provider import Provider
from voxelle.domain.avatar import Feeling
from voxelle.domain.persona import VoiceDesign
from voxelle.domain.speech import PhonemeTiming, WordTiming

Samples = npt.NDArray[np.float32]
"""Mono samples, shape (frames,), -1..1."""


@dataclass(frozen=True, slots=True)
class SpeechRequest:
    """One clause to be spoken. `text` passed the safety gate: nothing else may reach a voice."""

    text: str
    voice: VoiceDesign = VoiceDesign()
    feeling: Feeling = Feeling()


@dataclass(frozen=True, slots=True)
class SpeechChunk:
    """A piece of sound. Times count from the first sample of the first chunk of the clause.

    An engine without timings leaves `words` empty; the speech step then spreads them over the sound.
    """

    samples: Samples
    sample_rate: int
    words: tuple[WordTiming, ...] = ()
    phonemes: tuple[PhonemeTiming, ...] = ()


class SpeechSynthesizer(Provider):
    """Override `_synthesize`. Called from `companion/speech.py` alone, behind the safety gate."""

    @abstractmethod
    def _synthesize(self, request: SpeechRequest) -> AsyncGenerator[SpeechChunk, None]:
        """Yield the clause's sound in order. Raises VoxelleError children only."""

    def synthesize(self, request: SpeechRequest) -> AsyncGenerator[SpeechChunk, None]:
        """Speak a clause within the limits, retried only before the first chunk."""
        return self._guarded(lambda: self._synthesize(request))
