"""What was played, found again by its time."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest

from voxelle.audio.reference import PlaybackReference
from voxelle.contracts.audio import OUTPUT_RATE
from voxelle.contracts.tts import Samples

BLOCK = 480
HZ = 300.0


def wave(seconds: float) -> Samples:
    return np.sin(2 * np.pi * HZ * np.arange(round(seconds * OUTPUT_RATE)) / OUTPUT_RATE).astype(np.float32)


def play(reference: PlaybackReference, samples: Samples, at_s: float) -> None:
    for begin in range(0, samples.size, BLOCK):
        reference.put(samples[begin : begin + BLOCK], at_s + begin / OUTPUT_RATE)


def test_what_is_read_is_what_was_audible_a_little_ahead_of_its_time() -> None:
    reference = PlaybackReference()
    play(reference, wave(1.0), 50.0)
    heard = reference.read(50.5, 4800)
    ahead = reference._ahead_s
    at = round((0.5 + ahead) * OUTPUT_RATE)
    np.testing.assert_allclose(heard, wave(1.0)[at - 4800 : at], atol=0.03)
    assert reference.is_sounding(50.9, 0.0)
    assert reference.is_sounding(51.2, 0.5)
    assert not reference.is_sounding(52.0, 0.5)


def test_a_reader_with_another_clock_and_late_moments_gets_a_sound_without_seams() -> None:
    chance, reference = Random(2), PlaybackReference()
    samples, rate = wave(20.0), OUTPUT_RATE * (1 + 80e-6)
    written, pieces = 0, []
    for count in range(1, 1900):
        now_s = count * BLOCK / rate
        while written / OUTPUT_RATE < now_s + 0.06:
            reference.put(samples[written : written + BLOCK], 10 + written / OUTPUT_RATE + chance.uniform(0, 0.002))
            written += BLOCK
        pieces.append(reference.read(10 + now_s, BLOCK))
    heard = np.concatenate(pieces)[OUTPUT_RATE * 5 :]
    jumps = np.abs(heard[2:] - 2 * np.cos(2 * np.pi * HZ / OUTPUT_RATE) * heard[1:-1] + heard[:-2])
    assert float(jumps.max()) < 2e-3


def test_a_pause_is_silence_and_what_was_thrown_away_was_not_played() -> None:
    reference = PlaybackReference()
    play(reference, np.ones(4800, np.float32), 5.0)
    play(reference, np.ones(4800, np.float32), 5.5)
    ahead = reference._ahead_s
    assert not reference.read(5.4 - ahead, 4800).any()
    assert reference.read(5.58 - ahead, 2400).all()
    # A cut: the device forgot what had not sounded, and plays something else in its place.
    play(reference, np.full(4800, 0.5, np.float32), 5.51)
    assert reference.read(5.6 - ahead, 2400) == pytest.approx(0.5, abs=0.01)
    # Longer than the memory.
    play(reference, np.ones(4800, np.float32), 50.0)
    assert not reference.read(49.9, 480).any()


def test_a_block_that_comes_after_its_time_was_read_makes_the_reader_hold_back() -> None:
    reference = PlaybackReference()
    before = reference._ahead_s
    heard: Samples = np.zeros(0, np.float32)
    for count in range(100):
        now_s = 3 + count * 0.01
        reference.put(np.full(BLOCK, 0.3, np.float32), now_s + 0.01)
        heard = reference.read(now_s, BLOCK)
    assert reference._ahead_s < before
    assert heard == pytest.approx(0.3, abs=0.01)


@pytest.mark.parametrize("pause_s", [0.005, 0.013, 0.4])
def test_a_reader_that_paused_goes_on_at_the_right_place_at_once(pause_s: float) -> None:
    reference, samples = PlaybackReference(), wave(2.0)
    play(reference, samples[: OUTPUT_RATE * 3 // 2], 10.0)
    ahead = reference._ahead_s
    for count in range(20):
        reference.read(10.1 + count * 0.01, BLOCK)
    at_s = 10.1 + 0.2 + pause_s
    at = round((at_s - 10.0 + ahead) * OUTPUT_RATE)
    np.testing.assert_allclose(reference.read(at_s, BLOCK), samples[at - BLOCK : at], atol=0.03)
