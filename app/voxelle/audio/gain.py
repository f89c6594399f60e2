"""A factor on sound that never jumps: it moves to its target at a steady pace."""

from __future__ import annotations

import numpy as np

from voxelle.contracts.tts import Samples


class Gain:
    """Goes from nothing to full, or back, in `frames`."""

    def __init__(self, value: float, frames: int) -> None:
        self.target = value
        self._value = value
        self._step = 1.0 / frames

    def fade_in(self) -> None:
        """Begin again from silence."""
        self._value = 0.0

    def applied(self, block: Samples) -> Samples:
        """Return the block at this loudness."""
        if self._value == self.target:
            return block * np.float32(self._value)
        low, high = sorted((self._value, self.target))
        step = self._step if self.target > self._value else -self._step
        gains = np.clip(self._value + step * np.arange(1, block.shape[0] + 1), low, high)
        if gains.shape[0]:
            self._value = float(gains[-1])
        return (block * gains).astype(np.float32)
