"""Reads sound as it arrives: bare PCM or a WAV file whose length nobody knows yet.

http://soundfile.sapp.org/doc/WaveFormat/
"""

from __future__ import annotations

import struct
from abc import ABC, abstractmethod
from typing import Final

import numpy as np

from voxelle.contracts.tts import Samples

OPENAI_RATE: Final = 24_000
"""Rate of the `pcm` format of `/v1/audio/speech`: 16-bit little-endian mono."""
LONGEST_HEADER: Final = 1 << 16
_PCM: Final = 1
_FLOAT: Final = 3
_EXTENSIBLE: Final = 0xFFFE
_CHUNK_HEADER: Final = 8
_RIFF_HEADER: Final = 12
_HIGHEST_RATE: Final = 192_000


class SoundReader(ABC):
    """Push bytes in, get samples out; `rate` is known once samples come."""

    rate: int

    @abstractmethod
    def push(self, piece: bytes) -> Samples:
        """Take the next bytes and return what is whole. Raises ValueError for what is no sound of this format."""


class PcmReader(SoundReader):
    """Bare samples; half a frame waits for its other half."""

    def __init__(self, rate: int = OPENAI_RATE, *, channels: int = 1, bits: int = 16, is_float: bool = False) -> None:
        if (bits, is_float) not in {(16, False), (24, False), (32, False), (32, True)} or not channels or not 0 < rate <= _HIGHEST_RATE:
            msg = f"Sound of {bits} bits, {channels} channels and {rate} Hz can't be read."
            raise ValueError(msg)
        self.rate = rate
        self._channels = channels
        self._bits = bits
        self._is_float = is_float
        self._frame = channels * bits // 8
        self._rest = b""

    def push(self, piece: bytes) -> Samples:
        """Return the whole frames, mixed to mono."""
        data = self._rest + piece
        whole = len(data) - len(data) % self._frame
        self._rest = data[whole:]
        mono: Samples = self._decode(data[:whole]).reshape(-1, self._channels).mean(axis=1, dtype=np.float32)
        return mono

    def _decode(self, data: bytes) -> Samples:
        if self._is_float:
            floats: Samples = np.clip(np.nan_to_num(np.frombuffer(data, "<f4")), -1.0, 1.0).astype(np.float32)
            return floats
        if self._bits == 24:  # noqa: PLR2004 -- a width of samples
            padded = np.zeros((len(data) // 3, 4), np.uint8)
            padded[:, 1:] = np.frombuffer(data, np.uint8).reshape(-1, 3)
            return padded.view("<i4").ravel().astype(np.float32) / np.float32(2**31)
        kind = "<i2" if self._bits == 16 else "<i4"  # noqa: PLR2004 -- a width of samples
        return np.frombuffer(data, kind).astype(np.float32) / np.float32(2 ** (self._bits - 1))


class WavReader(SoundReader):
    """A WAV file; a streaming server leaves its length at 0 or the highest number, then all that comes is sound."""

    def __init__(self) -> None:
        self.rate = 0
        self._head = b""
        self._format: PcmReader | None = None
        self._left: int | None = None
        self._is_sound = False

    def push(self, piece: bytes) -> Samples:
        """Return the samples of the `data` chunk as they come."""
        if not self._is_sound:
            self._head += piece
            if not self._read_head():
                if len(self._head) > LONGEST_HEADER:
                    msg = "The WAV file has no sound."
                    raise ValueError(msg)
                return np.zeros(0, np.float32)
            piece, self._head = self._head, b""
        if self._left is not None:
            piece = piece[: self._left]
            self._left -= len(piece)
        assert self._format is not None  # noqa: S101 -- `_read_head` has seen the format
        return self._format.push(piece)

    def _read_head(self) -> bool:
        """Go through the chunks before the sound; True when `_head` begins with the first sample."""
        if len(self._head) < _RIFF_HEADER:
            return False
        if self._head[:4] != b"RIFF" or self._head[8:12] != b"WAVE":
            msg = "This is no WAV file."
            raise ValueError(msg)
        at = _RIFF_HEADER
        while at + _CHUNK_HEADER <= len(self._head):
            name, size = struct.unpack_from("<4sI", self._head, at)
            begin = at + _CHUNK_HEADER
            if name == b"data":
                if self._format is None:
                    msg = "The WAV file does not say what its sound is like."
                    raise ValueError(msg)
                self._left = None if size in {0, 0xFFFFFFFF} or size >= 0x7FFFFF00 else size  # noqa: PLR2004 -- "unknown", as ffmpeg and others write it
                self._head = self._head[begin:]
                self._is_sound = True
                return True
            if begin + size > len(self._head):
                return False
            if name == b"fmt ":
                self._read_format(self._head[begin : begin + size])
            at = begin + size + size % 2
        return False

    def _read_format(self, chunk: bytes) -> None:
        if len(chunk) < 16:  # noqa: PLR2004 -- the shortest format chunk
            msg = "The WAV file is damaged."
            raise ValueError(msg)
        kind, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", chunk)
        if kind == _EXTENSIBLE and len(chunk) >= 26:  # noqa: PLR2004 -- there the real format begins
            (kind,) = struct.unpack_from("<H", chunk, 24)
        if kind not in {_PCM, _FLOAT}:
            msg = "The WAV file is compressed."
            raise ValueError(msg)
        self._format = PcmReader(rate, channels=channels, bits=bits, is_float=kind == _FLOAT)
        self.rate = rate
