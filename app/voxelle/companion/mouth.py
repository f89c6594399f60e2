"""The mouth: from the sound of a clause, before it is heard, to the shapes a face makes while it is heard. Pure.

Vowels come from the engine's phoneme times where it gives them, else from the spectrum of the sound; how far the
mouth opens comes from loudness in either case. The network that reads vowels is trained by
`packaging/train_vowels.py` with the embedded voice.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from voxelle.contracts.audio import OUTPUT_RATE
from voxelle.domain.avatar import CLOSED_MOUTH, MOUTH_RATE, MouthShape, MouthTrack

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voxelle.domain.speech import Clause, PhonemeTiming

Samples = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]

HOP: Final = OUTPUT_RATE // MOUTH_RATE
WINDOW: Final = 2048
"""43 ms: two periods of a low voice."""
BANDS: Final = 24
COEFFICIENTS: Final = 16
_LOWEST_HZ, _HIGHEST_HZ = 120.0, 5000.0
_FLOOR: Final = 1e-6
_SILENT_DB, _LOUD_DB = -42.0, -16.0
"""A mouth is closed at the first and wide open at the second."""

VOWELS: Final = "aiueo"
_GROUPS: Final = {"a": "ɑæʌɐaɶɒ", "i": "iɪyɨ", "u": "uʊɯʉ", "e": "eɛɜəɚɝøœ", "o": "oɔɤ"}
_VOWEL_OF: Final = {symbol: vowel for vowel, symbols in _GROUPS.items() for symbol in symbols}
_OPENNESS: Final = {"a": 1.0, "i": 0.45, "u": 0.4, "e": 0.65, "o": 0.7}
_CLOSED: Final = frozenset("mbp")
_NARROW: Final = frozenset("fvszʃʒʧʤθð")
_CONSONANT: Final = 0.35
"""How far other consonants let the mouth open."""


def vowels_of(symbol: str) -> str:
    """Return the vowels of a phoneme in their order: one, two for a diphthong, none for a consonant."""
    return "".join(_VOWEL_OF[sign] for sign in symbol if sign in _VOWEL_OF)


def _mel_bank() -> Floats:
    """Return the bands' shares of a spectrum, shape (BANDS, bins)."""

    def mel(hertz: float) -> float:
        return 2595.0 * math.log10(1.0 + hertz / 700.0)

    edges = 700.0 * (10.0 ** (np.linspace(mel(_LOWEST_HZ), mel(_HIGHEST_HZ), BANDS + 2) / 2595.0) - 1.0)
    bins = np.fft.rfftfreq(WINDOW, 1.0 / OUTPUT_RATE)
    low, middle, high = edges[:-2, np.newaxis], edges[1:-1, np.newaxis], edges[2:, np.newaxis]
    bank = np.maximum(0.0, np.minimum((bins - low) / (middle - low), (high - bins) / (high - middle)))
    shares: Floats = bank / (bank.sum(axis=1, keepdims=True) + 1e-9)
    return shares


_COSINES: Final = np.cos(np.pi / BANDS * (np.arange(BANDS) + 0.5) * np.arange(1, COEFFICIENTS + 1)[:, np.newaxis]).T / BANDS
_HANN: Final = np.hanning(WINDOW)
_BANK: Final = _mel_bank().T


def features(frames: npt.NDArray[np.floating]) -> Floats:
    """Return what the network sees of windows of sound, shape (frames, WINDOW) to (frames, COEFFICIENTS)."""
    power = np.abs(np.fft.rfft(frames * _HANN)) ** 2
    seen: Floats = np.log(power @ _BANK + _FLOOR) @ _COSINES
    return seen


@dataclass(frozen=True, slots=True, eq=False)
class VowelReader:
    """A small network: features of a moment, the one before and the one after, to the shares of five vowels."""

    mean: Floats
    deviation: Floats
    weights: tuple[Floats, Floats, Floats, Floats]

    @classmethod
    def load(cls, file: Path) -> VowelReader:
        """Read the weights that ship with the program. Raises OSError or ValueError for a damaged file."""
        with np.load(file, allow_pickle=False) as kept:
            parts = [np.asarray(kept[name], np.float64) for name in ("mean", "deviation", "w1", "b1", "w2", "b2")]
        return cls(parts[0], parts[1], (parts[2], parts[3], parts[4], parts[5]))

    def read(self, seen: Floats) -> Floats:
        """Return a row of five shares (a, i, u, e, o) for each row of three moments' features."""
        w1, b1, w2, b2 = self.weights
        scores = np.tanh((seen - self.mean) / self.deviation @ w1 + b1) @ w2 + b2
        powers = np.exp(scores - scores.max(axis=1, keepdims=True))
        shares: Floats = powers / powers.sum(axis=1, keepdims=True)
        return shares


class Mouth:
    """The mouth's movement during one clause, made from its sound piece by piece.

    A shape at place k belongs to sample k·HOP of the clause. It needs a little of the sound behind it, so
    the last shapes come with `finish`.
    """

    def __init__(self, clause: Clause, reader: VowelReader | None) -> None:
        self._clause = clause
        self._reader = reader
        self._sound = np.zeros(WINDOW // 2, np.float32)
        """Half a window of silence, then all samples that later windows may need."""
        self._start = 0
        """Which sample of the clause (counted with the silence) stands first in `_sound`."""
        self._next = 0
        self._before: Floats | None = None
        self._phonemes: tuple[PhonemeTiming, ...] = ()
        self._lead_s = 0.0

    def push(self, samples: Samples, phonemes: Sequence[PhonemeTiming] = (), lead_s: float = 0.0) -> MouthTrack | None:
        """Take the next samples at OUTPUT_RATE; `phonemes` are all that are known, counted from before `lead_s` of cut silence."""
        self._sound = np.concatenate([self._sound, samples])
        self._phonemes, self._lead_s = tuple(phonemes), lead_s
        return self._grow()

    def finish(self) -> MouthTrack | None:
        """The clause's sound is complete: return the rest."""
        self._sound = np.concatenate([self._sound, np.zeros(WINDOW // 2 + HOP, np.float32)])
        return self._grow()

    def _grow(self) -> MouthTrack | None:
        # The last moment serves as the one after: it is looked at again with the next piece.
        moments = (self._start + len(self._sound) - WINDOW) // HOP - self._next
        if moments < 1:
            return None
        first = self._next * HOP - self._start
        windows = np.lib.stride_tricks.sliding_window_view(self._sound, WINDOW)[first : first + (moments + 1) * HOP : HOP][: moments + 1]
        seen = features(windows)
        before = seen[:1] if self._before is None else self._before
        context = np.concatenate([np.concatenate([before, seen[:-2]]), seen[:-1], seen[1:]], axis=1)
        loudness = _loudness(windows[:-1])
        places = range(self._next, self._next + len(loudness))
        shapes, source = self._shapes(places, context, loudness)
        self._before = seen[-2:-1]
        track = MouthTrack(self._clause.turn_id, self._clause.index, self._next, shapes, source)
        self._next += len(loudness)
        self._forget()
        return track

    def _forget(self) -> None:
        """Drop the sound that no later window needs."""
        done = self._next * HOP - self._start
        if done > OUTPUT_RATE:
            self._sound = self._sound[done:].copy()
            self._start += done

    def _shapes(self, places: range, context: Floats, loudness: Floats) -> tuple[tuple[MouthShape, ...], str]:
        if self._phonemes:
            return tuple(self._spoken(place / MOUTH_RATE, float(loud)) for place, loud in zip(places, loudness, strict=True)), "timings"
        if self._reader is None:
            return tuple(_open(float(loud)) for loud in loudness), "loudness"
        shares = self._reader.read(context)
        return tuple(_vowel(row, float(loud)) for row, loud in zip(shares, loudness, strict=True)), "spectrum"

    def _spoken(self, at_s: float, loudness: float) -> MouthShape:
        """Return the shape by the phoneme that sounds; neighbours within 40 ms shine through, as in a real mouth."""
        at_s += self._lead_s
        total, opened = 0.0, 0.0
        shares = dict.fromkeys(VOWELS, 0.0)
        for phoneme in self._phonemes:
            overlap = min(phoneme.end_s, at_s + _REACH_S) - max(phoneme.start_s, at_s - _REACH_S)
            if overlap <= 0:
                continue
            total += overlap
            vowel = _vowel_at(phoneme, at_s)
            if vowel:
                shares[vowel] += overlap
                opened += overlap * _OPENNESS[vowel]
            elif phoneme.symbol[:1] not in _CLOSED:
                opened += overlap * (_CONSONANT / 2 if phoneme.symbol[:1] in _NARROW else _CONSONANT)
        if not total:
            return CLOSED_MOUTH._replace(energy=loudness)
        # A closed lip is closed however loud the neighbours are; an open one needs sound.
        openness = opened / total * min(1.0, loudness * 1.6)
        parts = {vowel: share / total * min(1.0, loudness * 1.6) for vowel, share in shares.items()}
        return MouthShape(openness, parts["a"], parts["i"], parts["u"], parts["e"], parts["o"], loudness)


_REACH_S: Final = 0.02


def _vowel_at(phoneme: PhonemeTiming, at_s: float) -> str:
    """Return the vowel of a phoneme at a moment: a diphthong's second one from its middle on."""
    vowels = vowels_of(phoneme.symbol)
    if len(vowels) < 2:  # noqa: PLR2004 - a diphthong has two
        return vowels
    return vowels[0] if at_s < (phoneme.start_s + phoneme.end_s) / 2 else vowels[-1]


def _loudness(windows: npt.NDArray[np.floating]) -> Floats:
    """Return how loud the middle of each window is, 0..1 on a scale of decibels."""
    middle = windows[:, WINDOW // 4 : -WINDOW // 4]
    decibels = 10.0 * np.log10(np.mean(np.square(middle, dtype=np.float64), axis=1) + 1e-9)
    loud: Floats = np.clip((decibels - _SILENT_DB) / (_LOUD_DB - _SILENT_DB), 0.0, 1.0)
    return loud


def _vowel(shares: Floats, loudness: float) -> MouthShape:
    openness = loudness * float(sum(_OPENNESS[vowel] * share for vowel, share in zip(VOWELS, shares, strict=True)))
    a, i, u, e, o = (float(share) * loudness for share in shares)
    return MouthShape(openness, a, i, u, e, o, loudness)


def _open(loudness: float) -> MouthShape:
    return MouthShape(loudness * 0.8, loudness * 0.8, energy=loudness)
