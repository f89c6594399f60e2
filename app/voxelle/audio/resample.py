"""From the rate everything is handed over at to that of a device which knows no other."""

from __future__ import annotations

import numpy as np

from voxelle.contracts.audio import OUTPUT_RATE
from voxelle.contracts.tts import Samples


class DeviceResampler:
    """Converts an endless stream block by block, without a seam; free of cost when the rates are equal."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._stream = None
        if rate != OUTPUT_RATE:
            import soxr

            self._stream = soxr.ResampleStream(OUTPUT_RATE, rate, 1, dtype="float32", quality="HQ")

    def convert(self, samples: Samples) -> Samples:
        """Return what can be said at the device's rate so far; the converter holds back a little."""
        if self._stream is None:
            return samples
        return np.asarray(self._stream.resample_chunk(samples), np.float32)

    @property
    def delay_frames(self) -> int:
        """Return how many frames, at OUTPUT_RATE, the converter holds back now."""
        if self._stream is None:
            return 0
        return round(float(self._stream.delay()) * OUTPUT_RATE / self._rate)
