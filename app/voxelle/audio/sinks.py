"""Where blocks go: what a sink must be able to do, and the one that makes no sound."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

from voxelle.contracts.audio import OUTPUT_RATE
from voxelle.contracts.tts import Samples

BLOCK_FRAMES: Final = OUTPUT_RATE // 100
"""What is written at once: 10 ms."""

FLUSH_ABOVE_S: Final = 0.1
"""A device that holds more than this is flushed by a cut; what a quicker one holds is heard, and faded."""


class Sink(Protocol):
    """Where blocks go."""

    title: str

    @property
    def latency_frames(self) -> int:
        """Frames between what was written last and what is audible."""
        ...

    def write(self, block: Samples) -> bool:
        """Take a block, as fast as it sounds; returns whether it came too late."""
        ...

    def flush(self) -> None:
        """Throw away what is not audible yet."""
        ...

    def pause(self) -> None:
        """Play what was written, then rest."""
        ...

    def resume(self) -> None:
        """Take blocks again."""
        ...

    def close(self) -> None:
        """End."""
        ...


OpenSink = Callable[[str, float], Sink]
"""Opens a device by name with a latency in seconds. Raises VoxelleError children."""


def is_slow(sink: Sink) -> bool:
    """Whether it holds so much that it has to be flushed to be silent."""
    return sink.latency_frames > FLUSH_ABOVE_S * OUTPUT_RATE


@dataclass(frozen=True, slots=True)
class Pace:
    """Time as the writing thread knows it, in seconds."""

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


class SilentSink:
    """Keeps time like a device and makes no sound."""

    title = ""
    latency_frames = 0

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._due = pace.now()

    def write(self, block: Samples) -> bool:
        """Wait as long as the block would sound."""
        now = self._pace.now()
        self._due = max(self._due, now - 1.0) + block.shape[0] / OUTPUT_RATE
        self._pace.sleep(max(0.0, self._due - now))
        return False

    def flush(self) -> None:
        """Nothing is held back."""

    def pause(self) -> None:
        """Nothing rests."""

    def resume(self) -> None:
        """Forget the time that passed."""
        self._due = self._pace.now()

    def close(self) -> None:
        """Nothing to end."""
