"""Sound is read as it arrives, however it is torn."""

from __future__ import annotations

import io
import struct
import wave
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voxelle.contracts.tts import Samples
from voxelle.providers.tts import pcm
from voxelle.providers.tts.pcm import PcmReader, SoundReader, WavReader


def push_torn(reader: SoundReader, data: bytes, cuts: list[int]) -> Samples:
    borders = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    return np.concatenate([reader.push(data[a:b]) for a, b in pairwise(borders)])


@given(st.integers(1, 2), st.integers(0, 400), st.lists(st.integers(0, 5000), max_size=30))
def test_a_wav_file_gives_the_same_samples_however_it_is_torn(channels: int, frames: int, cuts: list[int]) -> None:
    values = (np.arange(frames * channels) * 37 % 20000 - 10000).astype("<i2")
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(channels)
        writer.setsampwidth(2)
        writer.setframerate(44_100)
        writer.writeframes(values.tobytes())
    reader = WavReader()
    samples = push_torn(reader, file.getvalue() + b"", cuts)
    assert reader.rate == 44_100
    np.testing.assert_allclose(samples, values.reshape(-1, channels).mean(axis=1) / 32768, atol=1e-5)


@pytest.mark.parametrize(
    "bits, is_float, data, expected",
    [
        (16, False, struct.pack("<2h", 16384, -32768), [0.5, -1.0]),
        (24, False, b"\x00\x00\x40" + b"\x00\x00\x80", [0.5, -1.0]),
        (32, False, struct.pack("<2i", 2**30, -(2**31)), [0.5, -1.0]),
        (32, True, struct.pack("<4f", 0.5, -1.0, 7.0, float("nan")), [0.5, -1.0, 1.0, 0.0]),
    ],
)
def test_every_width_of_samples_is_read(bits: int, is_float: bool, data: bytes, expected: list[float]) -> None:
    samples = PcmReader(24_000, bits=bits, is_float=is_float).push(data)
    assert samples.dtype == np.float32
    np.testing.assert_allclose(samples, expected, atol=1e-6)


def header(kind: int = 1, channels: int = 1, rate: int = 24_000, bits: int = 16, extra: bytes = b"") -> bytes:
    fmt = struct.pack("<HHIIHH", kind, channels, rate, rate * 2, 2, bits) + extra
    return b"RIFF\0\0\0\0WAVE" + struct.pack("<4sI", b"fmt ", len(fmt)) + fmt


def test_an_extensible_header_says_its_real_format() -> None:
    extra = struct.pack("<HHIH", 22, 16, 4, 1) + b"\0" * 14
    reader = WavReader()
    assert reader.push(header(0xFFFE, extra=extra) + b"data\x02\0\0\0" + struct.pack("<h", 16384)).tolist() == [0.5]


def test_what_follows_the_sound_is_not_played() -> None:
    reader = WavReader()
    assert reader.push(header() + b"data\x02\0\0\0" + struct.pack("<h", 16384) + b"LIST\x04\0\0\0abcd").size == 1
    assert reader.push(b"more").size == 0


@pytest.mark.parametrize(
    "data",
    [
        b"RIFX\0\0\0\0WAVEfmt ",
        b"RIFF\0\0\0\0AVI fmt ",
        b"RIFF\0\0\0\0WAVEdata\x04\0\0\0\0\0\0\0",
        b"RIFF\0\0\0\0WAVEfmt \x04\0\0\0\0\0\0\0",
        header(kind=85),
        header(channels=0),
        header(rate=0),
        header(rate=900_000),
        header(bits=12),
        b"RIFF\0\0\0\0WAVEjunk\xff\xff\xff\x00" + b"\0" * pcm.LONGEST_HEADER,
    ],
)
def test_what_is_no_wav_file_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"WAV|Sound"):
        WavReader().push(data)
