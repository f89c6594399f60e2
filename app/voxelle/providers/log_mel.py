"""The spectrum that Whisper, and models made from it, take for sound: 80 bands, 100 frames a second.

https://github.com/openai/whisper/blob/main/whisper/audio.py
"""

from __future__ import annotations

import functools
import math
from typing import Final

import numpy as np
import numpy.typing as npt

from voxelle.contracts.tts import Samples

RATE: Final = 16_000
BANDS: Final = 80
HOP: Final = 160
_WINDOW: Final = 400
_FLOOR: Final = 1e-10
_RANGE: Final = 8.0
"""Powers of ten below the loudest spot that are told apart."""

Features = npt.NDArray[np.float32]
"""Shape (BANDS, frames)."""


def log_mel(samples: Samples, frames: int | None = None) -> Features:
    """Return the features of sound at RATE; with `frames`, exactly so many: silence is added at the end, or the rest left out."""
    own = len(samples) // HOP
    if frames is not None:
        # A window looks half its length ahead: what is added behind that is silence, and need not be reckoned.
        own = min(frames, own + _WINDOW // HOP)
        samples = samples[: frames * HOP]
        samples = np.pad(samples, (0, max(0, own * HOP - len(samples))))
    half = _WINDOW // 2
    if len(samples) <= half:
        samples = np.pad(samples, (0, half + 1 - len(samples)))
    padded = np.pad(samples.astype(np.float32, copy=False), half, mode="reflect")
    bands = np.log10(np.maximum(_filters(BANDS) @ _power(padded)[:own].T, _FLOOR))
    loudest = bands.max(initial=np.log10(_FLOOR))
    if frames is not None and own < frames:
        bands = np.pad(bands, ((0, 0), (0, frames - own)), constant_values=np.log10(_FLOOR))
    features: Features = ((np.maximum(bands, loudest - _RANGE) + 4) / 4).astype(np.float32)
    return features


def mel_power(samples: Samples, bands: int) -> npt.NDArray[np.float32]:
    """Return the power in each band, not its logarithm, with silence around the sound; shape (frames, bands)."""
    power = _power(np.pad(samples.astype(np.float32, copy=False), _WINDOW // 2))
    result: npt.NDArray[np.float32] = (power @ _filters(bands).T).astype(np.float32)
    return result


def _power(padded: Samples) -> npt.NDArray[np.float64]:
    """Return the power spectrum of every frame, shape (frames, bins)."""
    windows = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[::HOP]
    spectrum = np.fft.rfft(windows * _hann(), axis=1)
    power: npt.NDArray[np.float64] = np.square(spectrum.real) + np.square(spectrum.imag)
    return power


@functools.cache
def _hann() -> npt.NDArray[np.float32]:
    return np.hanning(_WINDOW + 1)[:-1].astype(np.float32)


@functools.cache
def _filters(bands: int) -> npt.NDArray[np.float32]:
    """Return triangles of equal area on Slaney's scale, shape (bands, bins): linear below 1 kHz, logarithmic above."""
    edges = _hertz(np.linspace(0.0, _mel(RATE / 2), bands + 2))
    bins = np.linspace(0.0, RATE / 2, _WINDOW // 2 + 1)
    below, centre, above = edges[:-2, np.newaxis], edges[1:-1, np.newaxis], edges[2:, np.newaxis]
    triangles = np.minimum((bins - below) / (centre - below), (above - bins) / (above - centre))
    scaled: npt.NDArray[np.float64] = np.maximum(0.0, triangles) * 2 / (above - below)
    return scaled.astype(np.float32)


_LINEAR_HZ: Final = 1000.0
_LINEAR_MEL: Final = 15.0
_STEP: Final = math.log(6.4) / 27


def _mel(hertz: float) -> float:
    return _LINEAR_MEL + math.log(hertz / _LINEAR_HZ) / _STEP


def _hertz(mel: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    linear = mel * _LINEAR_HZ / _LINEAR_MEL
    return np.where(mel < _LINEAR_MEL, linear, _LINEAR_HZ * np.exp(_STEP * (mel - _LINEAR_MEL)))
