"""From a device's blocks to frames."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from voxelle.audio.echo import EchoCanceller
from voxelle.audio.frames import ChannelMix, FrameMaker
from voxelle.audio.reference import PlaybackReference
from voxelle.contracts.audio import INPUT_FRAMES, INPUT_RATE, MicrophoneFrame
from voxelle.contracts.tts import Samples

HZ = 440.0


def maker(rate: int) -> FrameMaker:
    return FrameMaker(rate, EchoCanceller(PlaybackReference(), is_wanted=False))


def tone(rate: float, seconds: float) -> Samples:
    return np.asarray(0.5 * np.sin(2 * np.pi * HZ * np.arange(round(rate * seconds)) / rate), np.float32)


def feed(frames: FrameMaker, samples: Samples, rate: float, latency_s: float = 0.0, block: int | None = None) -> list[MicrophoneFrame]:
    """Read a microphone that began at second 10 of the clock."""
    size = block or round(rate / 100)
    made: list[MicrophoneFrame] = []
    for begin in range(0, samples.size - size + 1, size):
        made += frames.take(samples[begin : begin + size, None], 10 + (begin + size) / rate + latency_s, latency_s)
    return made


def pitch(frames: Sequence[MicrophoneFrame]) -> float:
    heard = np.concatenate([each.samples for each in frames])
    spectrum = np.abs(np.fft.rfft(heard * np.hanning(heard.size), heard.size * 4))
    return float(np.argmax(spectrum)) * INPUT_RATE / heard.size / 4


@pytest.mark.parametrize("rate", [8_000, 16_000, 44_100, 48_000, 96_000])
def test_every_rate_becomes_ours_without_a_seam_and_in_time(rate: int) -> None:
    frames = feed(maker(rate), tone(rate, 2.0), rate, latency_s=0.04)
    assert {each.samples.shape for each in frames} == {(INPUT_FRAMES,)}
    assert len(frames) == pytest.approx(2.0 * INPUT_RATE / INPUT_FRAMES, abs=2)
    assert pitch(frames) == pytest.approx(HZ, abs=0.5)
    heard = np.concatenate([each.samples for each in frames])[1000:-1000]
    jumps = np.abs(heard[2:] - 2 * np.cos(2 * np.pi * HZ / INPUT_RATE) * heard[1:-1] + heard[:-2])
    assert float(jumps.max()) < 2e-3
    assert [each.level for each in frames[3:-3]] == pytest.approx([0.3536] * (len(frames) - 6), abs=0.01)
    # A frame's time is the end of its last sample: the tone's phase tells it.
    for frame in frames[5:-5:7]:
        expected = 0.5 * np.sin(2 * np.pi * HZ * (frame.at_s - 1 / INPUT_RATE - 10))
        assert float(frame.samples[-1]) == pytest.approx(expected, abs=0.02)


def test_lost_samples_are_counted() -> None:
    frames = maker(16_000)
    blocks = np.zeros((5, 160, 1), np.float32)
    made = [frame for count, block in enumerate(blocks) for frame in frames.take(block, count * 0.01, 0.0, has_lost=count == 2)]
    assert [each.overruns for each in made] == [1]


def test_a_device_that_lies_about_its_rate_is_believed_its_samples() -> None:
    frames = maker(48_000)
    made = feed(frames, tone(44_100, 20.0), 44_100, block=480)
    assert frames.rate == 44_100
    assert pitch(made[:60]) == pytest.approx(HZ * 48_000 / 44_100, abs=1.0)
    assert pitch(made[-200:]) == pytest.approx(HZ, abs=0.5)


def test_an_odd_rate_is_taken_as_it_is_counted() -> None:
    frames = maker(48_000)
    feed(frames, tone(40_000, 20.0), 40_000, block=480)
    assert frames.rate == pytest.approx(40_000, rel=1e-3)


@pytest.mark.parametrize("sides", [(0.0, 1.0), (1.0, 1.0)])
def test_a_microphone_on_one_side_is_as_loud_as_one_on_both(sides: tuple[float, float]) -> None:
    mix, voice = ChannelMix(), tone(48_000, 2.0)
    blocks = [voice[begin : begin + 480, None] * np.array(sides, np.float32) for begin in range(0, voice.size, 480)]
    mixed = [mix.mix(block) for block in blocks]
    np.testing.assert_allclose(mixed[-1], voice[-480:], atol=1e-6)
