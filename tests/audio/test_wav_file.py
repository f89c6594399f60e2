"""Her voice in a file."""

from __future__ import annotations

import asyncio
import sys
import wave
from io import FileIO
from pathlib import Path

import numpy as np
import pytest

from voxelle.audio.wav_file import GAP_FRAMES, WavOutput
from voxelle.contracts.audio import OUTPUT_RATE, Clip, Drained, OutputChanged, Progress
from voxelle.contracts.tts import Samples
from voxelle.kernel.clock import Clock


def tone(frames: int) -> Samples:
    return (0.5 * np.sin(2 * np.pi * 440 * np.arange(frames) / OUTPUT_RATE)).astype(np.float32)


def read(path: Path) -> Samples:
    with wave.open(str(path)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, OUTPUT_RATE)
        return (np.frombuffer(file.readframes(file.getnframes()), "<i2") / 32767).astype(np.float32)


async def say(output: WavOutput, generation: int, samples: Samples) -> None:
    over = asyncio.Event()
    output.listen(lambda progress: over.set() if progress == Drained(generation) else None)
    for offset in range(0, samples.shape[0], 3000):
        await output.play(Clip(generation, 0, offset, samples[offset : offset + 3000]))
    await output.finish(generation)
    await over.wait()


@pytest.mark.virtual_time
@pytest.mark.parametrize("speed", [1.0, 20.0, 0.0])
async def test_speech_is_in_the_file_as_it_was_and_turns_are_a_breath_apart(clock: Clock, tmp_path: Path, speed: float) -> None:
    path = tmp_path / "new folder" / "voice.wav"
    output = WavOutput(path, clock=clock, speed=speed)
    assert "voice.wav" in output.sentence
    await output.open()
    await output.open()
    await say(output, 0, tone(10_000))
    assert read(path).shape == (10_000,)
    await clock.sleep(60)
    await say(output, 1, tone(5_000))
    await output.close()
    samples = read(path)
    np.testing.assert_allclose(samples[:10_000], tone(10_000), atol=1 / 32000)
    assert not samples[10_000 : 10_000 + GAP_FRAMES].any()
    np.testing.assert_allclose(samples[10_000 + GAP_FRAMES :], tone(5_000), atol=1 / 32000)


@pytest.mark.virtual_time
async def test_pauses_are_kept_as_long_as_they_were_when_asked_for(clock: Clock, tmp_path: Path) -> None:
    path = tmp_path / "voice.wav"
    output = WavOutput(path, clock=clock, keeps_silence=True)
    await output.open()
    await clock.sleep(2)
    await say(output, 0, tone(4_800))
    await clock.sleep(3)
    await say(output, 1, tone(4_800))
    await output.close()
    loud = np.flatnonzero(read(path))
    assert loud[0] / OUTPUT_RATE == pytest.approx(2, abs=0.05)
    assert np.diff(loud).max() / OUTPUT_RATE == pytest.approx(3, abs=0.05)


@pytest.mark.virtual_time
async def test_a_cut_leaves_exactly_what_it_says(clock: Clock, tmp_path: Path) -> None:
    path = tmp_path / "voice.wav"
    output = WavOutput(path, clock=clock)
    await output.open()
    await output.play(Clip(0, 0, 0, np.ones(48_000, np.float32)))
    await clock.sleep(0.3)
    final = await output.cut(0)
    await clock.sleep(5)
    await output.close()
    assert final is not None
    assert read(path).shape == (final.frames,)


@pytest.mark.virtual_time
async def test_a_file_that_cannot_be_made_is_a_sentence_and_captions_go_on(clock: Clock, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    output = WavOutput(tmp_path / "file" / "voice.wav", clock=clock)
    await output.open()
    assert "captions only" in output.sentence
    await say(output, 0, tone(4_800))
    await output.close()


@pytest.mark.virtual_time
@pytest.mark.skipif(sys.platform != "linux", reason="/dev/full is Linux's")
async def test_a_full_disk_is_a_sentence_and_captions_go_on(clock: Clock, tmp_path: Path) -> None:
    path = tmp_path / "voice.wav"
    path.symlink_to("/dev/full")
    output = WavOutput(path, clock=clock)
    told: list[Progress] = []
    over = asyncio.Event()
    await output.open()

    def listen(progress: Progress) -> None:
        told.append(progress)
        if progress == Drained(0):
            over.set()

    output.listen(listen)
    assert "captions only" in output.sentence
    for second in range(3):
        await output.play(Clip(0, 0, second * 48_000, tone(48_000)))
    await output.finish(0)
    await over.wait()
    await output.close()
    assert not [each for each in told if isinstance(each, OutputChanged)]


@pytest.mark.virtual_time
@pytest.mark.skipif(sys.platform != "linux", reason="/dev/full is Linux's")
async def test_a_disk_that_fills_up_in_mid_sentence_is_told(clock: Clock, tmp_path: Path) -> None:
    output = WavOutput(tmp_path / "voice.wav", clock=clock)
    await output.open()
    assert output._file is not None
    output._file.close()
    output._file = FileIO("/dev/full", "w")
    told: list[Progress] = []
    over = asyncio.Event()

    def listen(progress: Progress) -> None:
        told.append(progress)
        if progress == Drained(0):
            over.set()

    output.listen(listen)
    await output.play(Clip(0, 0, 0, tone(48_000)))
    await output.finish(0)
    await over.wait()
    await output.close()
    changed = [each for each in told if isinstance(each, OutputChanged)]
    assert len(changed) == 1
    assert "captions only" in changed[0].sentence


@pytest.mark.virtual_time
@pytest.mark.parametrize("keeps_silence", [True, False])
async def test_a_pause_is_in_the_file_as_it_was_heard(clock: Clock, tmp_path: Path, keeps_silence: bool) -> None:
    path = tmp_path / "voice.wav"
    output = WavOutput(path, clock=clock, keeps_silence=keeps_silence)
    over = asyncio.Event()
    output.listen(lambda progress: over.set() if progress == Drained(0) else None)
    await output.open()
    await output.play(Clip(0, 0, 0, np.full(OUTPUT_RATE, 0.5, np.float32)))
    await output.finish(0)
    await clock.sleep(0.5)
    final = await output.pause(0)
    assert final is not None
    await clock.sleep(2)
    await output.resume(0, 0, final.frames - 4_800)
    await over.wait()
    await output.close()
    samples = read(path)
    loud = np.flatnonzero(samples)
    # The fades begin and end with a frame of silence.
    assert abs(loud.shape[0] - OUTPUT_RATE - 4_800) <= 2
    gap = int(np.diff(loud).max()) / OUTPUT_RATE
    assert gap == pytest.approx(2.0 if keeps_silence else 0.0, abs=0.05)
