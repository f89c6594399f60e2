"""The last voice: espeak-ng, a separate program that is asked through its standard input and output."""

from __future__ import annotations

import asyncio
import shutil
import struct
from collections.abc import AsyncGenerator

import numpy as np

from voxelle.contracts.provider import Abilities, Limits
from voxelle.contracts.tts import Samples, SpeechChunk, SpeechRequest, SpeechSynthesizer
from voxelle.domain.errors import SetupError, TemporaryError
from voxelle.kernel.clock import Clock
from voxelle.providers.tts.prosody import Prosody, prosody_for

_VOICE = "en-us+f3"
_WORDS_PER_MINUTE = 165
_SLOWEST, _FASTEST = 80, 450
_PITCH = 58
_HIGHEST = 99
_RIFF_HEADER = 12
_CHUNK_HEADER = 8
_FULL_SCALE = 32768.0
_SILENCE = 0.004


class Espeak(SpeechSynthesizer):
    """Runs espeak-ng once a clause. It gives no times of words: the speech step spreads them."""

    id = "espeak"
    title = "espeak-ng"
    abilities = Abilities(streaming=False, offline=True)

    def __init__(self, clock: Clock, program: str = "espeak-ng", limits: Limits | None = None) -> None:
        super().__init__(clock, limits or Limits(first_item_s=10.0, between_items_s=10.0))
        self._program = program

    async def open(self) -> None:
        """See that the program is there; raises SetupError if it is not."""
        self._path()

    async def close(self) -> None:
        """Nothing stays open between clauses."""

    def _path(self) -> str:
        path = shutil.which(self._program)
        if path is None:
            msg = "The fallback voice espeak-ng is not installed: install the package espeak-ng, or use the embedded voice."
            raise SetupError(msg)
        return path

    async def _synthesize(self, request: SpeechRequest) -> AsyncGenerator[SpeechChunk, None]:
        arguments = arguments_of(prosody_for(request.voice, request.feeling))
        pipe = asyncio.subprocess.PIPE
        try:
            process = await asyncio.create_subprocess_exec(
                self._path(), *arguments, stdin=pipe, stdout=pipe, stderr=asyncio.subprocess.DEVNULL
            )
        except OSError as error:
            msg = "The fallback voice espeak-ng could not be started."
            raise TemporaryError(msg) from error
        try:
            # One line, so that nothing in the text ends the input early or is read as a command.
            wave, _ = await process.communicate(" ".join(request.text.split()).encode("utf-8", "replace"))
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        if process.returncode != 0:
            msg = f"The fallback voice espeak-ng ended with code {process.returncode}."
            raise TemporaryError(msg)
        samples, sample_rate = read_wave(wave)
        yield SpeechChunk(trimmed(samples), sample_rate)


def arguments_of(prosody: Prosody) -> tuple[str, ...]:
    """Return the options for a prosody; the text itself goes through the standard input."""
    speed = min(_FASTEST, max(_SLOWEST, round(_WORDS_PER_MINUTE * prosody.speed)))
    pitch = min(_HIGHEST, max(0, round(_PITCH * prosody.pitch)))
    return ("--stdin", "--stdout", "-b", "1", "-v", _VOICE, "-s", str(speed), "-p", str(pitch), "-z")


def read_wave(wave: bytes) -> tuple[Samples, int]:
    """Read 16-bit mono WAV as espeak-ng writes it to a pipe: the lengths in its header are not to be believed."""
    if len(wave) < _RIFF_HEADER or wave[:4] != b"RIFF" or wave[8:_RIFF_HEADER] != b"WAVE":
        msg = "The fallback voice espeak-ng gave no sound."
        raise TemporaryError(msg)
    sample_rate, at = 0, _RIFF_HEADER
    while at + _CHUNK_HEADER <= len(wave):
        name, size = wave[at : at + 4], struct.unpack_from("<I", wave, at + 4)[0]
        at += _CHUNK_HEADER
        if name == b"fmt ":
            sample_rate = struct.unpack_from("<I", wave, at + 4)[0]
        elif name == b"data" and sample_rate:
            body = wave[at : at + (len(wave) - at) // 2 * 2]
            return np.frombuffer(body, "<i2").astype(np.float32) / np.float32(_FULL_SCALE), sample_rate
        at += size + size % 2
    msg = "The fallback voice espeak-ng gave no sound."
    raise TemporaryError(msg)


def trimmed(samples: Samples) -> Samples:
    """Cut the silence before and after speech."""
    loud = np.flatnonzero(np.abs(samples) > _SILENCE)
    return samples if loud.size == 0 else samples[loud[0] : loud[-1] + 1]
