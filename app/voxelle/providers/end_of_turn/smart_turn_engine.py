"""The worker's side of Smart Turn: tells by how the last seconds sounded whether somebody has finished.

https://github.com/pipecat-ai/smart-turn
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any, Final

import numpy as np

from voxelle.contracts.tts import Samples
from voxelle.providers.log_mel import HOP, RATE, log_mel
from voxelle.providers.onnx import open_network

LONGEST: Final = 8 * RATE
_QUIET: Final = 1e-7
"""Keeps silence from being blown up."""


class SmartTurnNetwork:
    """Judges ends of utterances, one at a time, from any thread."""

    def __init__(self, path: Path) -> None:
        self._session: Any = open_network(path)
        self._lock = threading.Lock()

    def finished(self, samples: Samples) -> float:
        """Return how likely it is, 0..1, that the speaker of these samples (at RATE) has finished; only the last eight seconds count."""
        newest = np.nan_to_num(samples[-LONGEST:], posinf=0.0, neginf=0.0)
        sound = np.pad(newest, (LONGEST - len(newest), 0)).astype(np.float32, copy=False)
        even = (sound - sound.mean()) / np.sqrt(sound.var() + _QUIET)
        features = log_mel(even, LONGEST // HOP)
        with self._lock:
            (finished,) = self._session.run(None, {"input_features": features[np.newaxis]})
        return min(1.0, max(0.0, float(finished.ravel()[0])))
