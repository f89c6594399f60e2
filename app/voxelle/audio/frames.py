"""From a device's blocks to frames: one channel, one rate, no echo, and the time of every sample."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from voxelle.audio.device_source import Block
from voxelle.audio.echo import BLOCK_FRAMES, EchoCanceller
from voxelle.audio.sample_clock import RateMeter, SampleClock
from voxelle.contracts.audio import INPUT_FRAMES, INPUT_RATE, MicrophoneFrame
from voxelle.contracts.tts import Samples

_ROOM: Final = INPUT_RATE
"""Samples that can wait: far more than ever do."""
_WRONG: Final = 0.01
"""A clock is never so wrong; a device that says the wrong rate is."""
_AGREED: Final = 0.005
_PATIENCE_S: Final = 0.5
"""A busy computer reads so late at times, and then all at once; what was said is whole all the same."""
_USUAL: Final = (8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 88_200, 96_000, 192_000)


class FrameMaker:
    """Takes the blocks of one open device."""

    def __init__(self, rate: int, canceller: EchoCanceller) -> None:
        self.rate = float(rate)
        """What the device really gives, as far as known."""
        self.overruns = 0
        self._canceller = canceller
        self._meter = RateMeter()
        self._suspicion: float | None = None
        self._channels = ChannelMix()
        self._heard = np.zeros(_ROOM, np.float32)
        """Samples at INPUT_RATE that wait to be cleaned."""
        self._waiting = 0
        self._frame = np.zeros(INPUT_FRAMES, np.float32)
        self._filled = 0
        self._energy = 0.0
        self._set_rate(self.rate)

    def take(self, block: Block, now_s: float, latency_s: float, *, has_lost: bool = False) -> Iterator[MicrophoneFrame]:
        """Take what was read at a moment from a device with a latency; yields the frames that are whole."""
        if has_lost:
            self.overruns += 1
            self._meter.forget()
        self._watch_rate(block.shape[0], now_s)
        self._clock.take(block.shape[0], now_s - latency_s)
        samples = self._channels.mix(block)
        self._held_s += samples.shape[0] / self.rate
        if self._resampler is not None:
            samples = np.asarray(self._resampler.resample_chunk(samples), np.float32)
        self._held_s -= samples.shape[0] / INPUT_RATE
        self._heard[self._waiting : self._waiting + samples.shape[0]] = samples
        self._waiting += samples.shape[0]
        used = 0
        while self._waiting - used >= BLOCK_FRAMES:
            near = self._heard[used : used + BLOCK_FRAMES]
            used += BLOCK_FRAMES
            at_s = self._clock.at_s - self._held_s - (self._waiting - used) / INPUT_RATE
            yield from self._fill(self._canceller.clean(near, at_s), near, at_s - self._canceller.delay_s)
        self._heard[: self._waiting - used] = self._heard[used : self._waiting].copy()
        self._waiting -= used

    def _fill(self, cleaned: Samples, near: Samples, at_s: float) -> Iterator[MicrophoneFrame]:
        taken = min(BLOCK_FRAMES, INPUT_FRAMES - self._filled)
        self._energy += float(np.dot(near[:taken], near[:taken]))
        self._frame[self._filled : self._filled + taken] = cleaned[:taken]
        self._filled += taken
        if self._filled < INPUT_FRAMES:
            return
        rest = BLOCK_FRAMES - taken
        level = min(1.0, float(np.sqrt(self._energy / INPUT_FRAMES)))
        yield MicrophoneFrame(self._frame.copy(), at_s - rest / INPUT_RATE, level, self.overruns)
        self._frame[:rest] = cleaned[taken:]
        self._filled, self._energy = rest, float(np.dot(near[taken:], near[taken:]))

    def _set_rate(self, rate: float) -> None:
        self.rate = rate
        self._clock = SampleClock(rate, patience_s=_PATIENCE_S)
        self._held_s = 0.0
        """Sound that the resampler holds back."""
        self._resampler: Any = None
        if round(rate) != INPUT_RATE:
            import soxr

            self._resampler = soxr.ResampleStream(rate, INPUT_RATE, 1, dtype="float32", quality="HQ")

    def _watch_rate(self, frames: int, now_s: float) -> None:
        """Believe what is counted, if it is counted twice, of a device that gives another rate than it says."""
        counted = self._meter.take(frames, now_s)
        if counted is None:
            return
        before, self._suspicion = self._suspicion, None
        if abs(counted / self.rate - 1) < _WRONG:
            return
        if before is None or abs(counted / before - 1) > _AGREED:
            self._suspicion = counted
            return
        usual = min(_USUAL, key=lambda each: abs(each / counted - 1))
        self._set_rate(float(usual) if abs(usual / counted - 1) < _AGREED else counted)


class ChannelMix:
    """One channel out of several: those that hear something, so that a microphone on one side of two is as loud as one on both."""

    _slow: Final = 0.02
    _deaf: Final = 0.1
    """A channel that is so much quieter than the loudest one hears nothing of its own."""

    def __init__(self) -> None:
        self._loudness: npt.NDArray[np.float32] | None = None
        self._weights: npt.NDArray[np.float32] | None = None

    def mix(self, block: Block) -> Samples:
        """Return the block's one channel."""
        channels = block.shape[1]
        if channels == 1:
            return block[:, 0]
        loudness = np.sqrt(np.mean(block * block, axis=0))
        if self._loudness is None or self._weights is None:
            self._loudness, self._weights = loudness, np.full(channels, 1 / channels, np.float32)
        self._loudness += self._slow * (loudness - self._loudness)
        hears = self._loudness >= self._deaf * self._loudness.max()
        wanted = (hears / hears.sum()).astype(np.float32)
        slope = np.linspace(0.0, 1.0, block.shape[0], dtype=np.float32)[:, None]
        weights = self._weights + slope * (wanted - self._weights)
        self._weights = wanted
        samples: Samples = np.sum(block * weights, axis=1, dtype=np.float32)
        return samples
