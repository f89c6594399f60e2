"""Her voice out of the microphone: with WebRTC's canceller, and without one."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from voxelle.audio.echo import BLOCK_FRAMES, EchoCanceller, FarEnd
from voxelle.audio.reference import PlaybackReference
from voxelle.contracts.audio import INPUT_RATE, OUTPUT_RATE
from voxelle.contracts.tts import Samples

SECONDS = 5


def voice(seed: int, seconds: float = SECONDS, rhythm_hz: float = 3.0) -> Samples:
    """Something with the band and the rhythm of speech, at OUTPUT_RATE."""
    size = round(seconds * OUTPUT_RATE)
    noise = np.random.default_rng(seed).standard_normal(size)
    band = np.convolve(noise, np.hanning(24), "same")
    rhythm = 0.55 - 0.45 * np.cos(2 * np.pi * rhythm_hz * np.arange(size) / OUTPUT_RATE)
    return np.asarray(0.2 * band * rhythm / np.abs(band).max(), np.float32)


def hear(canceller: EchoCanceller, reference: PlaybackReference, played: Samples, near: Samples) -> Samples:
    """Play at OUTPUT_RATE and hear at INPUT_RATE at once."""
    heard = []
    for count in range(near.size // BLOCK_FRAMES):
        at_s = 20 + (count + 1) * 0.01
        block = played[(count + 5) * 480 : (count + 6) * 480]
        if block.size:
            reference.put(block, at_s + 0.04)
        heard.append(canceller.clean(near[count * BLOCK_FRAMES : (count + 1) * BLOCK_FRAMES], at_s))
    return np.concatenate(heard)


def echo_of(played: Samples, delay_s: float = 0.07) -> Samples:
    late = np.concatenate((np.zeros(round(delay_s * OUTPUT_RATE), np.float32), played))[: played.size]
    return np.asarray(0.3 * np.convolve(late, np.hanning(7) / 3, "same")[::3], np.float32)


def energy(samples: Samples) -> float:
    return float(np.mean(samples[INPUT_RATE * 3 :] ** 2))


def test_her_voice_is_cancelled_and_somebody_elses_is_not() -> None:
    played, guest = voice(1), voice(2, rhythm_hz=4.3)[::3].copy()
    guest[: INPUT_RATE * 3] = 0.0
    reference = PlaybackReference()
    alone = hear(EchoCanceller(reference), reference, played, echo_of(played))
    assert 10 * np.log10(energy(echo_of(played)) / energy(alone)) > 12
    reference = PlaybackReference()
    both = hear(EchoCanceller(reference), reference, played, echo_of(played) + guest)
    assert energy(both) > energy(guest) / 3


def test_a_new_canceller_is_deaf_until_it_knows_the_room() -> None:
    played = voice(3)
    reference = PlaybackReference()
    heard = hear(EchoCanceller(reference), reference, played, echo_of(played))
    assert not heard[:INPUT_RATE].any()
    assert heard[-INPUT_RATE:].any()


def test_while_she_is_silent_nothing_is_changed_but_the_time() -> None:
    near = voice(4)[::3].copy()
    canceller = EchoCanceller(PlaybackReference())
    heard = np.concatenate([canceller.clean(near[begin : begin + 160], begin / INPUT_RATE) for begin in range(0, 16_000, 160)])
    delay = round(canceller.delay_s * INPUT_RATE)
    assert canceller.can_cancel
    assert canceller.refusal == ""
    np.testing.assert_array_equal(heard[delay:], near[: 16_000 - delay])


def test_without_the_wish_everything_passes_at_once() -> None:
    reference = PlaybackReference()
    canceller = EchoCanceller(reference, is_wanted=False)
    played, near = voice(5), voice(6)[::3].copy()
    assert not canceller.can_cancel
    np.testing.assert_array_equal(hear(canceller, reference, played, near), near)


def test_noise_is_suppressed_where_that_is_wished() -> None:
    canceller = EchoCanceller(PlaybackReference(), is_wanted=False, suppresses_noise=True)
    hiss = np.random.default_rng(7).standard_normal(INPUT_RATE * SECONDS).astype(np.float32) * 0.01
    heard = np.concatenate([canceller.clean(hiss[begin : begin + 160], 0.0) for begin in range(0, hiss.size, 160)])
    assert energy(heard) < energy(hiss) / 3


def test_where_the_library_is_missing_she_is_deaf_while_she_speaks_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pywebrtc_audio", None)
    reference = PlaybackReference()
    canceller = EchoCanceller(reference)
    assert not canceller.can_cancel
    assert "hears nothing while she speaks" in canceller.refusal
    near = voice(8, 8)[::3].copy()
    heard = hear(canceller, reference, voice(9, 2), near)
    assert not heard[INPUT_RATE // 2 : INPUT_RATE * 2].any()
    np.testing.assert_array_equal(heard[-INPUT_RATE:], near[-INPUT_RATE:])
    assert "Noise" in EchoCanceller(reference, is_wanted=False, suppresses_noise=True).refusal


def test_the_far_end_keeps_what_speech_needs_and_folds_nothing_over() -> None:
    def far(hz: float) -> float:
        reference = PlaybackReference()
        reference.put(np.sin(2 * np.pi * hz * np.arange(OUTPUT_RATE) / OUTPUT_RATE).astype(np.float32), 5.0)
        end = FarEnd(reference)
        blocks = [end.read(5.2 + count * 0.01) for count in range(40)]
        return float(np.sqrt(np.mean(np.concatenate(blocks[5:]) ** 2)))

    assert far(1000.0) == pytest.approx(0.707, rel=0.02)
    assert far(11_000.0) < 0.03
