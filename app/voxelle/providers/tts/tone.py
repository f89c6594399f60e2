"""A voice that only hums: one soft vowel-like tone a syllable, for rehearsals without weights, and for benches."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np

from voxelle.contracts.provider import Abilities, Limits
from voxelle.contracts.tts import Samples, SpeechChunk, SpeechRequest, SpeechSynthesizer
from voxelle.domain.speech import WordTiming
from voxelle.kernel.clock import Clock

RATE: Final = 24_000
SYLLABLE_S: Final = 0.16
GAP_S: Final = 0.04
PAUSE_S: Final = 0.14
LEVEL: Final = 0.12
"""Peak of a tone: quiet enough for headphones."""
_FUNDAMENTAL_HZ: Final = 190.0
_HARMONICS: Final = 12
_FORMANTS: Final = {"a": (730, 1090), "e": (530, 1840), "i": (300, 2300), "o": (570, 840), "u": (320, 870)}
"""First and second formant of a vowel in Hz (Peterson and Barney, 1952, rounded)."""
_STEPS: Final = (0, 2, 4, 7, 9, 7, 4, 2)
"""The melody of the syllables, in semitones of a pentatonic scale."""
_WORD: Final = re.compile(r"\S+")
_VOWELS: Final = re.compile(r"[aeiouy]+", re.IGNORECASE)
_PAUSES: Final = ",.;:!?…—、。"


@dataclass(frozen=True, slots=True)
class _Note:
    """One syllable: where it begins, which vowel, which step of the melody."""

    begin: int
    frames: int
    vowel: str
    step: int


class ToneVoice(SpeechSynthesizer):
    """Hums a clause with exact word times; the same text always gives the same samples."""

    id = "tone"
    title = "Humming tone"
    abilities = Abilities(streaming=True, offline=True, word_timings=True)

    def __init__(self, clock: Clock, *, first_sample_s: float = 0.05, chunk_s: float = 0.25, limits: Limits | None = None) -> None:
        super().__init__(clock, limits)
        self.first_sample_s = first_sample_s
        self.chunk_s = chunk_s

    async def open(self) -> None:
        """Nothing is loaded."""

    async def close(self) -> None:
        """Nothing is held."""

    async def _synthesize(self, request: SpeechRequest) -> AsyncGenerator[SpeechChunk, None]:
        await self._clock.sleep(self.first_sample_s)
        notes, words, frames = score(request.text, request.voice.speed)
        samples = hum(notes, frames, request.voice.pitch, request.voice.formant)
        size = max(1, round(self.chunk_s * RATE))
        for begin in range(0, frames, size):
            end = begin + size
            heard = tuple(word for word in words if begin <= round(word.start_s * RATE) < end)
            yield SpeechChunk(samples[begin:end], RATE, heard)


def score(text: str, speed: float) -> tuple[list[_Note], list[WordTiming], int]:
    """Lay out a text in time: its notes, its words and the number of frames in all."""
    at = 0
    notes: list[_Note] = []
    words: list[WordTiming] = []
    for match in _WORD.finditer(text):
        word = match[0]
        begin = at
        for vowel in _syllables(word):
            frames = round(SYLLABLE_S * RATE / speed)
            notes.append(_Note(at, frames, vowel, _STEPS[len(notes) % len(_STEPS)]))
            at += frames
        words.append(WordTiming(word, begin / RATE, at / RATE))
        at += round((PAUSE_S if word[-1] in _PAUSES else GAP_S) * RATE / speed)
    return notes, words, at


def _syllables(word: str) -> list[str]:
    """Return a vowel for each syllable; a word without one (`hm`, an emoji, a number) is one syllable."""
    vowels = [group[0].lower().replace("y", "i") for group in _VOWELS.findall(word)]
    if len(vowels) > 1 and word.lower().rstrip(_PAUSES).endswith("e") and not word.lower().endswith("le"):
        vowels.pop()
    return vowels or ["u"]


def hum(notes: list[_Note], frames: int, pitch: float, formant: float) -> Samples:
    """Sing the notes into one array."""
    samples = np.zeros(frames, np.float32)
    for note in notes:
        samples[note.begin : note.begin + note.frames] += tone(note.vowel, note.step, note.frames, pitch, formant)
    return samples


@lru_cache(maxsize=512)
def tone(vowel: str, step: int, frames: int, pitch: float, formant: float) -> Samples:
    """Return one soft syllable: harmonics weighted by two formants, swelling and fading."""
    times = np.arange(frames, dtype=np.float32) / RATE
    fundamental = _FUNDAMENTAL_HZ * pitch * 2 ** (step / 12)
    wave = np.zeros(frames, np.float32)
    for harmonic in range(1, _HARMONICS + 1):
        frequency = fundamental * harmonic
        if frequency > RATE / 2:
            break
        weight = sum(np.exp(-(((frequency - centre * formant) / 180.0) ** 2)) for centre in _FORMANTS[vowel]) + 0.05
        wave += np.float32(weight / harmonic) * np.sin(2 * np.pi * frequency * times, dtype=np.float32)
    wave *= np.sin(np.pi * np.arange(frames, dtype=np.float32) / max(1, frames)) ** 0.7
    peak = float(np.abs(wave).max()) if frames else 0.0
    result: Samples = (wave * (LEVEL / peak) if peak else wave).astype(np.float32)
    result.setflags(write=False)
    return result
