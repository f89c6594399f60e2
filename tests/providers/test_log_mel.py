"""The spectrum for Whisper and what was made from it."""

from __future__ import annotations

import numpy as np
import pytest

from voxelle.contracts.tts import Samples
from voxelle.providers.log_mel import BANDS, HOP, RATE, log_mel


def sweep(seconds: float = 8.0) -> Samples:
    """A tone that rises from 200 to 6600 Hz, swelling and fading."""
    time_s = np.arange(round(seconds * RATE)) / RATE
    return (0.5 * np.sin(2 * np.pi * (200 * time_s + 400 * time_s**2)) * np.hanning(time_s.size)).astype(np.float32)


def test_the_features_are_those_of_the_reference() -> None:
    # What Hugging Face's WhisperFeatureExtractor (80 bands, chunks of 8 s) gives for this sound.
    features = log_mel(sweep())
    assert features.shape == (BANDS, 800)
    assert features.dtype == np.float32
    figures = [features.mean(), features.std(), features.min(), features.max()]
    assert figures == pytest.approx([-0.565508, 0.320019, -0.649425, 1.350575], abs=1e-4)
    frames = [100, 250, 400, 550, 700]
    assert features[:, frames].argmax(axis=0).tolist() == [26, 46, 58, 66, 72]
    assert features[:, frames].max(axis=0) == pytest.approx([1.02214, 1.27571, 1.32573, 1.19174, 0.83618], abs=1e-4)


@pytest.mark.parametrize("seconds", [0.0, 0.005, 0.01, 0.4, 1.0, 3.007])
def test_silence_is_added_up_to_the_frames_that_are_wanted_as_if_it_had_been_recorded(seconds: float) -> None:
    sound = sweep(4.0)[: round(seconds * RATE)]
    recorded = np.pad(sound, (0, 5 * RATE - len(sound)))
    assert np.abs(log_mel(sound, 500) - log_mel(recorded)).max() < 1e-4


def test_what_is_longer_than_wanted_is_left_out() -> None:
    assert log_mel(sweep(), 200).shape == (BANDS, 200)
    assert log_mel(sweep()[: 200 * HOP], 200) == pytest.approx(log_mel(sweep(), 200))


def test_silence_is_flat_and_a_tone_lies_in_its_band() -> None:
    assert log_mel(np.zeros(RATE, np.float32)) == pytest.approx(-1.5)
    tone = np.sin(2 * np.pi * 1000 * np.arange(RATE) / RATE).astype(np.float32)
    loudest = log_mel(tone).mean(axis=1).argmax()
    assert loudest == 26  # 15 mel of 45.2 mel in 81 steps
