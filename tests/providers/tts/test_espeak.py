"""The last voice, by the real program and by stand-ins for it."""

from __future__ import annotations

import asyncio
import struct
import sys
from pathlib import Path

import numpy as np
import pytest

from voxelle.contracts.tts import SpeechRequest
from voxelle.domain.errors import SetupError, TemporaryError
from voxelle.kernel.clock import Clock
from voxelle.providers.tts.espeak import Espeak, arguments_of, read_wave, trimmed
from voxelle.providers.tts.prosody import Prosody

posix = pytest.mark.skipif(sys.platform == "win32", reason="stands in as a shell script")


def wave(samples: bytes, *, declared: int | None = None, extra: bytes = b"") -> bytes:
    """Write 16-bit mono WAV at 22,050 Hz."""
    form = struct.pack("<HHIIHH", 1, 1, 22_050, 44_100, 2, 16)
    size = len(samples) if declared is None else declared
    return (
        b"RIFF"
        + struct.pack("<I", 36)
        + b"WAVEfmt "
        + struct.pack("<I", len(form))
        + form
        + extra
        + b"data"
        + struct.pack("<I", size)
        + samples
    )


def stand_in(folder: Path, script: str) -> str:
    path = folder / "espeak-stand-in"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return str(path)


@pytest.mark.engines
async def test_it_speaks_and_leaves_the_words_to_the_speech_step(clock: Clock) -> None:
    voice = Espeak(clock)
    await voice.open()
    (chunk,) = [chunk async for chunk in voice.synthesize(SpeechRequest("Good evening, everybody."))]
    await voice.close()
    assert chunk.sample_rate == 22_050
    assert chunk.words == ()
    assert 0.5 < len(chunk.samples) / chunk.sample_rate < 4
    assert np.abs(chunk.samples).max() > 0.1


@pytest.mark.engines
async def test_text_that_looks_like_an_option_is_only_spoken(clock: Clock, tmp_path: Path) -> None:
    target = tmp_path / "out.wav"
    (chunk,) = [chunk async for chunk in Espeak(clock).synthesize(SpeechRequest(f"-w {target}\n--version \ud800"))]
    assert len(chunk.samples) > 0
    assert not target.exists()


async def test_a_missing_program_is_told_in_a_sentence(clock: Clock) -> None:
    voice = Espeak(clock, program="no-such-program-here")
    with pytest.raises(SetupError, match="not installed"):
        await voice.open()
    with pytest.raises(SetupError, match="not installed"):
        _ = [chunk async for chunk in voice.synthesize(SpeechRequest("hi"))]


@posix
async def test_a_program_that_fails_or_gives_no_sound_is_temporary(clock: Clock, tmp_path: Path) -> None:
    for script, sentence in (("cat > /dev/null; exit 3", "code 3"), ("cat > /dev/null; echo no", "no sound")):
        with pytest.raises(TemporaryError, match=sentence):
            _ = [chunk async for chunk in Espeak(clock, stand_in(tmp_path, script)).synthesize(SpeechRequest("hi"))]


@posix
async def test_a_program_that_can_not_be_started_is_temporary(clock: Clock, tmp_path: Path) -> None:
    path = tmp_path / "espeak-stand-in"
    path.write_bytes(b"\x7fELF not really")
    path.chmod(0o755)
    with pytest.raises(TemporaryError, match="could not be started"):
        _ = [chunk async for chunk in Espeak(clock, str(path)).synthesize(SpeechRequest("hi"))]


@posix
async def test_a_cancelled_clause_kills_the_program(clock: Clock, tmp_path: Path) -> None:
    # The guards of this suite fail the test if the program were still there.
    voice = Espeak(clock, stand_in(tmp_path, f"echo started > {tmp_path}/started; exec sleep 600"))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.5):
            _ = [chunk async for chunk in voice.synthesize(SpeechRequest("hi"))]


def test_pitch_and_speed_become_options_within_their_bounds() -> None:
    assert arguments_of(Prosody())[-5:] == ("-s", "165", "-p", "58", "-z")
    assert arguments_of(Prosody(pitch=2.0, speed=2.0))[-5:] == ("-s", "330", "-p", "99", "-z")
    assert arguments_of(Prosody(pitch=0.5, speed=0.1))[-5:] == ("-s", "80", "-p", "29", "-z")


def test_a_wave_from_a_pipe_is_read_whatever_length_it_claims() -> None:
    samples, rate = read_wave(
        wave(struct.pack("<3h", 0, 16384, -32768) + b"\x01", declared=0x7FFFF000, extra=b"LIST" + struct.pack("<I", 3) + b"abc\0")
    )
    assert rate == 22_050
    assert samples.tolist() == [0.0, 0.5, -1.0]


@pytest.mark.parametrize("data", [b"", b"RIFF", b"RIFF\0\0\0\0WAVE", b"x" * 60])
def test_what_is_no_wave_is_temporary(data: bytes) -> None:
    with pytest.raises(TemporaryError):
        read_wave(data)


def test_silence_around_speech_is_cut() -> None:
    assert trimmed(np.array([0, 0, 0.5, 0, 0.5, 0], np.float32)).tolist() == [0.5, 0.0, 0.5]
    assert trimmed(np.zeros(4, np.float32)).size == 4
