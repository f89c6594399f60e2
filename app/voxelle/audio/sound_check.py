"""What a sound check plays."""

from __future__ import annotations

from typing import Final

import numpy as np

from voxelle.contracts.audio import OUTPUT_RATE
from voxelle.contracts.tts import Samples

_NOTES_HZ: Final = (523.25, 659.25, 783.99)
_NOTE_S: Final = 0.3
_LOUD: Final = 0.25


def check_tone() -> Samples:
    """Return three soft notes upwards, at OUTPUT_RATE."""
    at_s = np.arange(round(_NOTE_S * OUTPUT_RATE)) / OUTPUT_RATE
    swell = np.sin(np.pi * at_s / _NOTE_S) ** 2
    return np.concatenate([_LOUD * swell * np.sin(2 * np.pi * hz * at_s) for hz in _NOTES_HZ]).astype(np.float32)
