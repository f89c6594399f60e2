"""What a speaker said, as samples: with a little of what came before, bounded, in one place that is never made anew."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

import numpy as np

from voxelle.companion.hearing.endpointing import BEGINS_AFTER, LONGEST_UTTERANCE_S
from voxelle.contracts.audio import INPUT_FRAMES, INPUT_RATE

if TYPE_CHECKING:
    import numpy.typing as npt

PREROLL_S = 0.3
"""So much before the first voiced frame belongs to an utterance: the beginning of a word is quiet."""
_PREROLL_FRAMES = ceil(PREROLL_S * INPUT_RATE / INPUT_FRAMES) + BEGINS_AFTER

_KEPT_AFTER = 3 * INPUT_FRAMES
"""Every utterance ends with at least so much silence."""


class UtteranceBuffer:
    """Keeps the newest moment of a speaker, and from `begin` on everything up to LONGEST_UTTERANCE_S."""

    def __init__(self) -> None:
        self._before = np.zeros(_PREROLL_FRAMES * INPUT_FRAMES, np.float32)
        self._kept_before = 0
        self._samples = np.zeros(self._before.size + round((LONGEST_UTTERANCE_S + 1.0) * INPUT_RATE), np.float32)
        self._size = 0
        self._is_recording = False

    def push(self, frame: npt.NDArray[np.float32]) -> None:
        """Take the next samples, INPUT_FRAMES of them. Beyond the bound they are left out."""
        size = frame.size
        self._before[:-size] = self._before[size:]
        self._before[-size:] = frame
        self._kept_before = min(self._before.size, self._kept_before + size)
        if self._is_recording and self._size + size <= self._samples.size:
            self._samples[self._size : self._size + size] = frame
            self._size += size

    def begin(self, *, is_following: bool = False) -> None:
        """An utterance began: it starts with what was heard just before, unless it follows another without a gap."""
        self._is_recording = True
        if is_following:
            self._kept_before = 0
        self._size = self._kept_before
        self._samples[: self._size] = self._before[self._before.size - self._size :]

    def samples(self) -> npt.NDArray[np.float32]:
        """Return a copy of the utterance so far."""
        return self._samples[: self._size].copy()

    def end(self) -> None:
        """The utterance is over; the silence after it stays for the next one, and nothing of its words."""
        self._is_recording = False
        self._size = 0
        self._kept_before = min(self._kept_before, _KEPT_AFTER)

    def forget(self) -> None:
        """Begin anew: what comes next does not follow what was heard."""
        self.end()
        self._kept_before = 0
