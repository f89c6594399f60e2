"""What is really heard, through a real sound server."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import AsyncIterator

import numpy as np
import pytest
import pytest_asyncio

from tests.audio.conftest import SoundServer
from tests.audio.test_output import Ear, say
from voxelle.audio.output import SoundOutput
from voxelle.audio.timeline import FADE_FRAMES
from voxelle.contracts.audio import OUTPUT_RATE, Clip, Drained, OutputChanged, Playhead
from voxelle.contracts.tts import Samples
from voxelle.kernel.clock import Clock, Randomness
from voxelle.kernel.paths import Paths

pytestmark = pytest.mark.sound

TONE_HZ = 440.0
LOUD = 0.5


def tone(frames: int) -> Samples:
    return (LOUD * np.sin(2 * np.pi * TONE_HZ * np.arange(frames) / OUTPUT_RATE)).astype(np.float32)


def sounding(samples: Samples) -> Samples:
    """Return what lies between the first and the last audible frame."""
    loud = np.flatnonzero(np.abs(samples) > 1e-4)
    assert loud.size, "nothing was heard"
    return samples[loud[0] : loud[-1] + 1]


def jumps(samples: Samples) -> float:
    """Return how far a frame is from what a tone's two frames before foretell: near 0 where nothing is torn."""
    foretold = 2 * np.cos(2 * np.pi * TONE_HZ / OUTPUT_RATE) * samples[1:-1] - samples[:-2]
    return float(np.abs(samples[2:] - foretold).max().item())


def pitch(samples: Samples) -> float:
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(samples.shape[0])))
    return float(np.argmax(spectrum) * OUTPUT_RATE / samples.shape[0])


@pytest_asyncio.fixture
async def output(sound_server: SoundServer, paths: Paths, clock: Clock, randomness: Randomness) -> AsyncIterator[SoundOutput]:
    output = SoundOutput(paths, "", clock=clock, randomness=randomness)
    await output.open()
    await asyncio.to_thread(sound_server.record)
    yield output
    await output.close()


async def test_a_tone_is_heard_whole_without_a_gap_at_its_pitch(output: SoundOutput, sound_server: SoundServer) -> None:
    ear = Ear(output)
    assert output.sentence == "Her voice goes to Null Output."
    await say(output, 0, tone(OUTPUT_RATE * 2))
    await output.finish(0)
    await ear.until(lambda each: each == Drained(0))
    await output.play(Clip(1, 0, 0, np.full(OUTPUT_RATE // 2, 1e-5, np.float32)))
    await output.finish(1)
    await ear.until(lambda each: each == Drained(1))
    heard = sounding(sound_server.recorded())
    # Sound starts and ends at zero crossings: a frame or two at each end are too quiet to be counted.
    assert abs(heard.shape[0] - OUTPUT_RATE * 2) <= 4
    assert pitch(heard) == pytest.approx(TONE_HZ, abs=0.5)
    assert jumps(heard) < 1e-3
    assert np.abs(heard).max() == pytest.approx(LOUD, abs=0.01)


async def test_a_cut_is_silent_afterwards_and_says_exactly_what_was_heard(output: SoundOutput, sound_server: SoundServer) -> None:
    ear = Ear(output)
    await say(output, 0, tone(OUTPUT_RATE * 3))
    await ear.until(lambda each: isinstance(each, Playhead) and each.frames > OUTPUT_RATE)
    final = await output.cut(0)
    assert final is not None
    # A pause of the same clock, so that what would come late is recorded too.
    await output.play(Clip(1, 0, 0, np.full(OUTPUT_RATE // 2, 1e-5, np.float32)))
    await output.finish(1)
    await ear.until(lambda each: each == Drained(1))
    heard = sounding(sound_server.recorded())
    assert abs(heard.shape[0] - final.frames) <= 8
    assert jumps(heard[: -FADE_FRAMES - 8]) < 1e-3
    assert jumps(heard) < 0.01
    assert np.abs(heard[-FADE_FRAMES // 8 :]).max() < LOUD / 4


async def test_a_chosen_sink_is_played_on_and_listed(sound_server: SoundServer, paths: Paths, clock: Clock, randomness: Randomness) -> None:
    output = SoundOutput(paths, "pulse:stage", clock=clock, randomness=randomness)
    await output.open()
    assert output.sentence == "Her voice goes to Null Output."
    first, *_ = await output.list_outputs()
    assert (first.name, first.is_default) == ("pulse:stage", True)
    await output.close()
    other = SoundOutput(paths, "pulse:gone", clock=clock, randomness=randomness)
    await other.open()
    assert "not there" in other.sentence
    assert "Null Output" in other.sentence
    await other.close()


async def test_a_sound_server_that_dies_is_told_and_captions_go_on_and_sound_comes_back(
    output: SoundOutput, sound_server: SoundServer
) -> None:
    ear = Ear(output)
    await say(output, 0, tone(OUTPUT_RATE))
    await ear.until(lambda each: isinstance(each, Playhead))
    await asyncio.to_thread(sound_server.stop)
    await ear.until(lambda each: isinstance(each, OutputChanged) and "captions only" in each.sentence)
    await output.finish(0)
    await ear.until(lambda each: each == Drained(0))
    await asyncio.to_thread(sound_server.start)
    await ear.until(lambda each: isinstance(each, OutputChanged) and each.sentence == "Her voice goes to Null Output.")
    frames = [each.frames for each in ear.told if isinstance(each, Playhead)]
    assert frames == sorted(frames)


async def test_a_pause_is_silent_and_she_goes_on_without_a_click(output: SoundOutput, sound_server: SoundServer) -> None:
    ear = Ear(output)
    await say(output, 0, tone(OUTPUT_RATE * 2))
    await output.finish(0)
    await ear.until(lambda each: isinstance(each, Playhead) and each.frames > OUTPUT_RATE // 2)
    final = await output.pause(0)
    assert final is not None
    await asyncio.sleep(0.3)
    await output.resume(0, 0, final.frames - OUTPUT_RATE // 4)
    await ear.until(lambda each: each == Drained(0))
    # A pause of the same clock, so that what would come late is recorded too.
    await output.play(Clip(1, 0, 0, np.full(OUTPUT_RATE // 4, 1e-5, np.float32)))
    await output.finish(1)
    await ear.until(lambda each: each == Drained(1))
    heard = sounding(sound_server.recorded())
    loud = np.flatnonzero(np.abs(heard) > 1e-4)
    gaps = np.flatnonzero(np.diff(loud) > OUTPUT_RATE // 10)
    assert gaps.shape == (1,)
    first, second = heard[: loud[gaps[0]] + 1], heard[loud[gaps[0] + 1] :]
    assert abs(first.shape[0] - final.frames) <= 8
    assert abs(second.shape[0] - (OUTPUT_RATE * 2 - final.frames + OUTPUT_RATE // 4)) <= 8
    assert jumps(heard) < 0.01
    assert jumps(second[FADE_FRAMES + 8 :]) < 1e-3


async def test_somebody_who_speaks_makes_her_quieter_within_ten_milliseconds(output: SoundOutput, sound_server: SoundServer) -> None:
    ear = Ear(output)
    await say(output, 0, np.full(OUTPUT_RATE, LOUD, np.float32))
    await output.finish(0)
    await ear.until(lambda each: isinstance(each, Playhead) and each.frames > OUTPUT_RATE // 4)
    await output.set_duck(0.4)
    await ear.until(lambda each: each == Drained(0))
    heard = sounding(sound_server.recorded())
    between = np.flatnonzero((heard < LOUD * 0.99) & (heard > LOUD * 0.41))
    assert 0 < between.shape[0] <= FADE_FRAMES
    assert np.median(heard[-1_000:]) == pytest.approx(LOUD * 0.4, abs=0.01)


def add_sink(name: str, title: str) -> None:
    """Give the server another device."""
    properties = f"sink_properties=device.description={title}"
    command = ["pactl", "load-module", "module-null-sink", f"sink_name={name}", "rate=48000", "channels=2", "norewinds=1", properties]
    subprocess.run(command, check=True, capture_output=True)


async def test_a_further_device_plays_the_same_and_its_loss_disturbs_nobody(
    sound_server: SoundServer, paths: Paths, clock: Clock, randomness: Randomness
) -> None:
    await asyncio.to_thread(add_sink, "cable", "Cable")
    output = SoundOutput(paths, "pulse:cable", clock=clock, randomness=randomness, further=("pulse:stage", "pulse:gone"))
    ear = Ear(output)
    await output.open()
    assert output.sentence.startswith("Her voice goes to Cable. It goes to Null Output as well. A further output does not play:")
    assert not output.is_silent
    await asyncio.to_thread(sound_server.record)
    await say(output, 0, tone(OUTPUT_RATE))
    await output.finish(0)
    await ear.until(lambda each: each == Drained(0))
    await say(output, 1, np.full(OUTPUT_RATE // 2, 1e-5, np.float32))
    await output.finish(1)
    await ear.until(lambda each: each == Drained(1))
    heard = sounding(sound_server.recorded())
    assert abs(heard.shape[0] - OUTPUT_RATE) <= 4
    assert jumps(heard) < 1e-3
    await output.close()


async def test_when_another_device_becomes_the_default_one_the_voice_goes_there(output: SoundOutput, sound_server: SoundServer) -> None:
    ear = Ear(output)
    await asyncio.to_thread(add_sink, "cable", "Cable")
    await say(output, 0, tone(OUTPUT_RATE // 2))
    await ear.until(lambda each: isinstance(each, Playhead) and each.frames > OUTPUT_RATE // 8)
    await asyncio.to_thread(subprocess.run, ["pactl", "set-default-sink", "cable"], check=True)
    await output.finish(0)
    await ear.until(lambda each: isinstance(each, OutputChanged) and each.sentence == "Her voice goes to Cable.")
    frames = [each.frames for each in ear.told if isinstance(each, Playhead)]
    assert frames == sorted(frames)
    assert Drained(0) in ear.told
    assert not output.is_silent
