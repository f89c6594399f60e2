"""A short recording, to be played back: "she hears you"."""

from __future__ import annotations

import asyncio

import numpy as np

from voxelle.contracts.audio import INPUT_RATE, Captured, InputChanged, Recording
from voxelle.contracts.tts import Samples
from voxelle.domain.errors import TemporaryError

_QUIET = 0.003
_LOUD = 0.97


class Recorder:
    """Takes what is heard until it has enough."""

    def __init__(self, seconds: float) -> None:
        self._wanted = round(seconds * INPUT_RATE)
        self._pieces: list[Samples] = []
        self._have = 0
        self._level = 0.0
        self._refusal = ""
        self._is_done = asyncio.Event()

    @property
    def is_over(self) -> bool:
        """Whether nothing more is wanted."""
        return self._is_done.is_set()

    def take(self, heard: Captured) -> None:
        """Take what was heard next."""
        if self.is_over:
            return
        if isinstance(heard, InputChanged):
            self._refusal = heard.sentence if heard.is_lost else ""
        else:
            self._pieces.append(heard.samples)
            self._have += heard.samples.shape[0]
            self._level = max(self._level, heard.level)
        if self._refusal or self._have >= self._wanted:
            self._is_done.set()

    async def result(self) -> Recording:
        """Wait for all of it. Raises TemporaryError when the microphone is lost before."""
        await self._is_done.wait()
        if self._refusal:
            raise TemporaryError(self._refusal)
        samples = np.concatenate(self._pieces)[: self._wanted]
        peak = float(np.abs(samples).max(initial=0.0))
        return Recording(samples, peak, self._level, _verdict(peak, self._level))


def _verdict(peak: float, level: float) -> str:
    if peak >= _LOUD:
        return "She hears you, but it is too loud and distorts: turn the microphone down."
    if level < _QUIET:
        return "She hears next to nothing: speak, turn the microphone up, or choose another one."
    return "She hears you."
