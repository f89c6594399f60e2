"""Where sound goes, and what was heard of it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass

from voxelle.contracts.tts import Samples

OUTPUT_RATE = 48_000
"""Every clip is handed over at this rate, mono."""


@dataclass(frozen=True, slots=True, eq=False)
class Clip:
    """A piece of sound of one clause. Clips of a generation play in the order they were handed over."""

    generation: int
    """Grows with every turn. A clip of an older generation than the last `cut` is never heard."""
    clause_index: int
    offset: int
    """Frames of this clause that were handed over before this clip."""
    samples: Samples
    """At OUTPUT_RATE, mono."""


@dataclass(frozen=True, slots=True)
class Playhead:
    """Progress by the audio clock: `frames` of clause `clause_index` are audible so far.

    Sent when a clause begins (frames == 0), at least every 40 ms while it sounds, and when it ends.
    """

    generation: int
    clause_index: int
    frames: int


@dataclass(frozen=True, slots=True)
class Drained:
    """Everything handed over for the generation before `finish` was heard."""

    generation: int


@dataclass(frozen=True, slots=True)
class RanDry:
    """Sound was due, none was there. `total` counts since the output was opened."""

    generation: int
    total: int


@dataclass(frozen=True, slots=True)
class OutputChanged:
    """The device was lost, found or replaced; `sentence` is for the streamer.

    Sound that was handed over and not yet heard stays queued, unless `is_lost`.
    """

    sentence: str
    is_lost: bool = False


Progress = Playhead | Drained | RanDry | OutputChanged


class AudioOutput(ABC):
    """Plays clips strictly in order and owns the clock of what was heard.

    All methods are called on the show loop and the listener is called on the show loop.
    Volume is a linear factor, 0..1; muted sound still moves the playhead.
    """

    sentence: str = ""
    """Where the sound goes, for the streamer."""
    is_silent: bool = False
    """Nobody can hear it: there is no device."""

    def __init__(self) -> None:
        self._listener: Callable[[Progress], None] = lambda _progress: None

    def listen(self, listener: Callable[[Progress], None]) -> None:
        """Set the one receiver of progress."""
        self._listener = listener

    @abstractmethod
    async def open(self) -> None:
        """Open the device. Never raises for a missing device: falls back to silence and says so in `sentence`."""

    @abstractmethod
    async def close(self) -> None:
        """Stop at once and release the device."""

    @abstractmethod
    async def play(self, clip: Clip) -> None:
        """Queue a clip; waits while more than a few seconds are queued (back-pressure)."""

    @abstractmethod
    async def finish(self, generation: int) -> None:
        """No more clips will come for this generation: `Drained` follows when all was heard."""

    @abstractmethod
    async def cut(self, generation: int) -> Playhead | None:
        """Silence this generation and older ones at once (a short fade, at most 10 ms).

        Returns the final playhead: exactly what was audible, or None if nothing of it was.
        """

    @abstractmethod
    async def set_volume(self, volume: float) -> None:
        """Set the volume, ramped, at once."""
