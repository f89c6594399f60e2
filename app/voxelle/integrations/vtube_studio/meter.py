"""What is sent to the model, for the streamer's eyes: as often as an eye can follow."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

from voxelle.domain.avatar import CLOSED_MOUTH, MouthShape
from voxelle.domain.events import MouthMoved

EVERY_S: Final = 0.05
_RESTING: Final = MouthMoved(CLOSED_MOUTH)


class Meter:
    """Announces the mouth and the mood when they are others, 20 times a second at most."""

    def __init__(self, announce: Callable[[MouthMoved], None]) -> None:
        self._announce = announce
        self._told = _RESTING
        self._due = -math.inf

    def step(self, now: float, shape: MouthShape, mood: float) -> float | None:
        """Take what is sent at this moment; return when to tell it, None: it is told already."""
        current = MouthMoved(shape, round(mood, 3))
        if current == self._told:
            return None
        if now < self._due:
            return self._due
        self._told, self._due = current, now + EVERY_S
        self._announce(current)
        return None
