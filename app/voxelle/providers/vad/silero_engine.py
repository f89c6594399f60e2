"""The worker's side of Silero: a small network that remembers how each speaker sounded.

https://github.com/snakers4/silero-vad
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np

from voxelle.contracts.audio import INPUT_FRAMES, INPUT_RATE
from voxelle.contracts.tts import Samples
from voxelle.domain.errors import InputError
from voxelle.providers.onnx import open_network

MOST_SPEAKERS: Final = 64
"""Beyond them the one who was silent longest is forgotten."""
_CONTEXT: Final = 64
"""Samples of the frame before that the network wants to see again."""
_MEMORY: Final = (2, 1, 128)


@dataclass(slots=True)
class _Memory:
    """What is kept of a speaker from frame to frame."""

    state: Samples = field(default_factory=lambda: np.zeros(_MEMORY, np.float32))
    context: Samples = field(default_factory=lambda: np.zeros(_CONTEXT, np.float32))


class SileroNetwork:
    """Judges frames of many speakers, from any thread."""

    def __init__(self, path: Path) -> None:
        self._session: Any = open_network(path)
        self._rate = np.array(INPUT_RATE, np.int64)
        self._memories: OrderedDict[str, _Memory] = OrderedDict()
        self._lock = threading.Lock()

    def judge(self, speaker: str, samples: Samples) -> float:
        """Return the probability of speech, 0..1, in the next INPUT_FRAMES samples of a speaker."""
        if samples.shape != (INPUT_FRAMES,):
            msg = f"A frame of the microphone has {INPUT_FRAMES} samples, not {samples.size}."
            raise InputError(msg)
        sound = np.nan_to_num(samples, posinf=0.0, neginf=0.0)
        with self._lock:
            memory = self._memories.setdefault(speaker, _Memory())
            self._memories.move_to_end(speaker)
            if len(self._memories) > MOST_SPEAKERS:
                self._memories.popitem(last=False)
            heard = np.concatenate([memory.context, sound])
            speech, memory.state = self._session.run(None, {"input": heard[np.newaxis], "state": memory.state, "sr": self._rate})
            memory.context = heard[-_CONTEXT:]
        return min(1.0, max(0.0, float(speech[0, 0])))

    def forget(self, speaker: str) -> None:
        """Begin anew with a speaker."""
        with self._lock:
            self._memories.pop(speaker, None)

    @property
    def speakers(self) -> tuple[str, ...]:
        """Who is remembered, the one heard last at the end."""
        return tuple(self._memories)
