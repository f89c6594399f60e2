"""Where sound goes, and what was heard of it; where it comes from, and what was heard there."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from voxelle.contracts.tts import Samples as Samples  # noqa: PLC0414 - for those who may not name the voice's contract

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

    @abstractmethod
    async def set_duck(self, gain: float) -> None:
        """Multiply the volume by a factor, 0..1, ramped within 10 ms: somebody began to speak. 1 is not ducked."""

    @abstractmethod
    async def pause(self, generation: int) -> Playhead | None:
        """Silence this generation at once as `cut` does, and keep all of it for `resume`.

        Returns the final playhead: exactly what was audible, or None if nothing of it was. No `Playhead`, `Drained` or `RanDry`
        is told for it until it goes on. `cut` ends a paused generation too.
        """

    @abstractmethod
    async def resume(self, generation: int, clause_index: int, frame: int) -> None:
        """Go on with a paused generation from a frame of a clause: at most where it was silenced, and not more than 5 s before.

        What is said again is told again: playheads go back to that frame. Nothing happens if it is not paused.
        """


INPUT_RATE = 16_000
"""What a microphone hears comes at this rate, mono."""
INPUT_FRAMES = 512
"""Samples of one frame: 32 ms."""


@dataclass(frozen=True, slots=True, eq=False)
class MicrophoneFrame:
    """A piece of what a speaker's microphone heard, without a gap after the one before unless `overruns` grew."""

    samples: Samples
    """Shape (INPUT_FRAMES,) at INPUT_RATE, her own voice cancelled."""
    at_s: float
    """When its last sample was at the microphone, in seconds of the show's clock (`Clock.monotonic`)."""
    level: float
    """Loudness before anything was done to it: RMS, 0..1."""
    overruns: int = 0
    """How often the device lost samples since it was opened."""


@dataclass(frozen=True, slots=True)
class InputChanged:
    """The microphone was lost, found, replaced, closed or opened; `sentence` is for the streamer."""

    sentence: str
    is_lost: bool = False


Captured = MicrophoneFrame | InputChanged


@dataclass(frozen=True, slots=True)
class SoundDevice:
    """A device as pages list it. `name` is stable over restarts and goes into the settings."""

    name: str
    title: str
    is_default: bool = False


class AudioInput(ABC):
    """Hears one speaker: the microphone now, somebody in a voice channel later.

    All methods are called on the show loop and the listener is called on the show loop.
    """

    sentence: str = ""
    """Where the sound comes from, for the streamer."""
    is_lost: bool = False
    """There is no device, or it may not be used."""

    def __init__(self) -> None:
        self._listener: Callable[[Captured], None] = lambda _captured: None

    def listen(self, listener: Callable[[Captured], None]) -> None:
        """Set the one receiver of what is heard."""
        self._listener = listener

    @abstractmethod
    async def open(self) -> None:
        """Begin to hear. Never raises for a missing device: says so in `sentence`, looks for it again, and tells when it is there."""

    @abstractmethod
    async def close(self) -> None:
        """Release the device at once: from here on nothing is heard, and no frame comes. `open` begins anew."""


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """A short piece of what the microphone heard, as she hears it."""

    samples: Samples
    """At INPUT_RATE."""
    peak: float
    """Loudest sample, 0..1."""
    level: float
    """Loudest frame before anything was done to it: RMS, 0..1."""
    sentence: str
    """What the streamer should know about it."""


class SoundDesk(ABC):
    """The sound check: which devices there are, and what the microphone hears. All methods raise VoxelleError children."""

    @abstractmethod
    async def outputs(self) -> Sequence[SoundDevice]:
        """Return what can play."""

    @abstractmethod
    async def inputs(self) -> Sequence[SoundDevice]:
        """Return what can hear."""

    @abstractmethod
    async def record(self, seconds: float) -> Recording:
        """Record a piece of what the chosen microphone hears; nothing of it is recognised or kept."""

    @abstractmethod
    def tone(self) -> Samples:
        """Return a pleasant test tone, at OUTPUT_RATE."""

    @abstractmethod
    def playable(self, recording: Recording) -> Samples:
        """Return a recording at OUTPUT_RATE."""
