"""What is audible from the loudspeakers, by time: the echo in the microphone is made of it."""

from __future__ import annotations

import threading
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from voxelle.audio.sample_clock import SampleClock
from voxelle.contracts.audio import OUTPUT_RATE
from voxelle.contracts.tts import Samples

Positions = npt.NDArray[Any]

_RING_FRAMES: Final = OUTPUT_RATE * 2
_AHEAD_S: Final = 0.04
"""The far end is read so much ahead of its time: devices tell their latency wrongly, and an echo must not come before its sound."""
_JUMP_FRAMES: Final = OUTPUT_RATE // 500
_LARGEST_SLIP: Final = 0.004
"""A reader that is a little off catches up by so much, which no filter notices; one that is more than 2 ms off jumps: as long as
it is off, the echo is where no filter looks for it."""
_LATE_FRAMES: Final = OUTPUT_RATE // 10
_AUDIBLE: Final = 1e-4


class PlaybackReference:
    """A ring of what was written to the loudspeakers. One thread puts, another one reads; neither waits for long.

    Positions count frames from an arbitrary beginning; the newest one is audible at `_clock.at_s`.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ring = np.zeros(_RING_FRAMES, np.float32)
        self._head = 0
        """Position after the newest frame."""
        self._clock = SampleClock(OUTPUT_RATE)
        self._sounds_until_s = -np.inf
        self._cursor = 0.0
        """Position after what was read last."""
        self._is_reading = False
        self._ahead_s = _AHEAD_S

    def put(self, block: Samples, audible_at_s: float) -> None:
        """Keep a block, at OUTPUT_RATE, whose first frame becomes audible at a moment of the monotonic clock."""
        frames = block.shape[0]
        is_loud = bool(frames) and float(np.abs(block).max()) > _AUDIBLE
        with self._lock:
            before_s = self._clock.at_s
            jumped_s = self._clock.take(frames, audible_at_s + frames / OUTPUT_RATE)
            if jumped_s:
                self._move_head(self._clock.at_s - before_s - frames / OUTPUT_RATE)
            if is_loud and self._is_reading and self._head < self._cursor <= self._head + _LATE_FRAMES:
                # Its time was read already: from now on less far ahead.
                self._ahead_s = max(0.0, self._ahead_s - (self._cursor - self._head) / OUTPUT_RATE - 0.005)
            self._write(block)
            if is_loud:
                self._sounds_until_s = self._clock.at_s

    def read(self, at_s: float, frames: int) -> Samples:
        """Return so many frames, the last of which belongs to what a microphone hears at a moment; silence where nothing was played."""
        with self._lock:
            end = self._head + (at_s + self._ahead_s - self._clock.at_s) * OUTPUT_RATE
            step = end - self._cursor
            if not self._is_reading or abs(step - frames) > _JUMP_FRAMES:
                self._is_reading = True
                self._cursor, step = end - frames, float(frames)
            step = min(frames * (1 + _LARGEST_SLIP), max(frames * (1 - _LARGEST_SLIP), step))
            positions = self._cursor + step * np.arange(1, frames + 1) / frames
            self._cursor += step
            return self._at(positions)

    def is_sounding(self, at_s: float, tail_s: float) -> bool:
        """Whether something was audible within the last `tail_s`, or will be in a moment."""
        return at_s < self._sounds_until_s + tail_s

    def _move_head(self, gap_s: float) -> None:
        """Keep positions in step with time: silence for a pause, back over what was thrown away unheard."""
        gap = round(gap_s * OUTPUT_RATE)
        if gap > 0:
            self._write(np.zeros(min(gap, _RING_FRAMES), np.float32), gap)
        else:
            self._head += max(gap, -_RING_FRAMES)

    def _write(self, block: Samples, advance: int | None = None) -> None:
        begin = self._head % _RING_FRAMES
        first = min(block.shape[0], _RING_FRAMES - begin)
        self._ring[begin : begin + first] = block[:first]
        self._ring[: block.shape[0] - first] = block[first:]
        self._head += block.shape[0] if advance is None else advance

    def _at(self, positions: Positions) -> Samples:
        """Read between frames: a device's clock is not that of another one."""
        whole = np.floor(positions).astype(np.int64)
        part = (positions - whole).astype(np.float32)
        before, after = (self._frame(whole - 1), self._frame(whole))
        samples: Samples = before * (1 - part) + after * part
        return samples

    def _frame(self, positions: Positions) -> Samples:
        is_known = (positions < self._head) & (positions >= self._head - _RING_FRAMES)
        return np.where(is_known, self._ring[positions % _RING_FRAMES], np.float32(0))
