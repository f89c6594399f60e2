"""Her voice into a WAV file: 48 kHz, mono, 16 bit."""

from __future__ import annotations

import math
import struct
from io import FileIO
from pathlib import Path
from typing import Final

import numpy as np
import structlog

from voxelle.audio.silent import PacedOutput
from voxelle.contracts.audio import OUTPUT_RATE, OutputChanged
from voxelle.contracts.tts import Samples
from voxelle.kernel.clock import Clock

log = structlog.get_logger("sound")

GAP_FRAMES: Final = OUTPUT_RATE * 3 // 10
"""Silence between two stretches of speech where the real pause is not kept."""

_LONGEST_SILENCE_S: Final = 3600.0
"""A pause longer than an hour is kept as an hour."""


_HEADER: Final = struct.Struct("<4sI4s4sIHHIIHH4sI")
"""RIFF header for plain PCM (http://soundfile.sapp.org/doc/WaveFormat)."""

_LARGEST: Final = 0xFFFF_FFFF
"""Sizes stop here, after twelve hours; players then read to the end of the file."""


class WavOutput(PacedOutput):
    """Writes what would be heard, paced by the clock.

    With `keeps_silence` pauses are as long as they were (on the clock, times `speed`). Otherwise turns are 300 ms apart
    and within a turn there is only speech. The header is brought up to date at every pause, so that a crash leaves a
    file that plays.
    """

    def __init__(self, path: Path, *, clock: Clock, speed: float = 1.0, keeps_silence: bool = False) -> None:
        super().__init__(clock, speed)
        self.path = path
        self.sentence = f"Her voice goes to {path.name}."
        self._keeps_silence = keeps_silence
        self._file: FileIO | None = None
        self._bytes = 0
        self._paused_at: float | None = None

    async def open(self) -> None:
        """Create the file; where that is impossible nothing is written, and `sentence` says so."""
        if self._file is None:
            self._create()
        await super().open()

    async def close(self) -> None:
        """Stop at once and complete the file."""
        await super().close()
        self._write(b"", is_flush=True)
        if self._file is not None:
            self._file.close()
            self._file = None

    def _create(self) -> None:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._file = FileIO(self.path, "w")
        except OSError as error:
            self._give_up(error)
            return
        self._bytes = 0
        self._paused_at = self._clock.monotonic() if self._keeps_silence else None
        self._write(b"", is_flush=True)

    def _put(self, samples: Samples) -> None:
        if self._paused_at is not None:
            frames = GAP_FRAMES
            if self._keeps_silence:
                speed = 1.0 if math.isinf(self._speed) else self._speed
                elapsed_s = min((self._clock.monotonic() - self._paused_at) * speed, _LONGEST_SILENCE_S)
                frames = max(0, round(elapsed_s * OUTPUT_RATE) - samples.shape[0])
            self._paused_at = None
            self._write(bytes(2 * frames))
        self._write(np.round(np.clip(samples, -1.0, 1.0) * 32767).astype("<i2").tobytes())

    def _on_pause(self, *, is_end: bool) -> None:
        if self._file is None:
            return
        if self._paused_at is None and (self._keeps_silence or (is_end and self._bytes)):
            self._paused_at = self._clock.monotonic()
        self._write(b"", is_flush=True)

    def _write(self, data: bytes, *, is_flush: bool = False) -> None:
        if self._file is None:
            return
        try:
            if is_flush:
                self._file.seek(0)
                self._file.write(_header(self._bytes))
            self._file.seek(_HEADER.size + self._bytes)
            self._bytes += self._file.write(data)
        except OSError as error:
            self._file.close()
            self._file = None
            self._give_up(error)
            self._listener(OutputChanged(self.sentence, is_lost=True))

    def _give_up(self, error: OSError) -> None:
        self.is_silent = True
        self.sentence = f"Her voice can't be written to {self.path.name}: {error.strerror or error}. Her words are captions only."
        log.warning("sound.file_failed", code=error.errno)


def _header(size: int) -> bytes:
    whole, data = min(_LARGEST, size + _HEADER.size - 8), min(_LARGEST, size)
    return _HEADER.pack(b"RIFF", whole, b"WAVE", b"fmt ", 16, 1, 1, OUTPUT_RATE, 2 * OUTPUT_RATE, 2, 16, b"data", data)
