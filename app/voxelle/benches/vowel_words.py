"""Words whose vowel a mouth reader has to find: thirteen for each group, none of which it has learned from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import soxr

from voxelle.companion.mouth import VOWELS, Mouth, VowelReader, vowels_of
from voxelle.contracts.audio import OUTPUT_RATE
from voxelle.domain.avatar import MOUTH_RATE, MouthShape
from voxelle.domain.speech import Clause, PhonemeTiming
from voxelle.kernel.worker import CancelToken
from voxelle.providers.tts.hibari_engine import HibariEngine

WORDS = {
    "a": ("cat", "hat", "map", "bad", "man", "star", "car", "heart", "cup", "sun", "love", "fun", "mud"),
    "i": ("see", "key", "tea", "green", "team", "fish", "big", "sit", "win", "ship", "free", "week", "bee"),
    "u": ("moon", "blue", "food", "cool", "too", "shoe", "soup", "June", "zoo", "group", "true", "good", "book"),
    "e": ("bed", "red", "ten", "yes", "head", "get", "help", "less", "men", "next", "bread", "wet", "said"),
    "o": ("law", "saw", "dawn", "ball", "four", "door", "more", "talk", "north", "bought", "all", "walk", "horse"),
}
_LONGEST_S = 0.25
"""The last vowel of an utterance fades: what comes later is silence."""


@dataclass(frozen=True, slots=True, eq=False)
class SpokenWord:
    """A word as the embedded voice says it, at OUTPUT_RATE, with the places of its sounds."""

    samples: npt.NDArray[np.float32]
    phonemes: tuple[PhonemeTiming, ...]

    @property
    def vowel(self) -> PhonemeTiming:
        """Its longest vowel."""
        return max((each for each in self.phonemes if vowels_of(each.symbol)), key=lambda each: each.end_s - each.start_s)


def speak(engine: HibariEngine, word: str) -> SpokenWord:
    """Let the embedded voice say a word."""
    (reply,) = engine.perform("speak", {"text": f"{word.capitalize()}.", "prosody": {}}, None, CancelToken())
    samples = soxr.resample(reply.audio, reply.data["sample_rate"], OUTPUT_RATE)
    return SpokenWord(samples, tuple(PhonemeTiming(*phoneme) for phoneme in reply.data["phonemes"]))


def read_word(word: SpokenWord, reader: VowelReader | None, *, knows_phonemes: bool = False) -> str:
    """Return the vowel that the mouth shows most while the word's vowel sounds."""
    mouth = Mouth(Clause("turn", 0, "word"), reader)
    tracks = [mouth.push(word.samples, word.phonemes if knows_phonemes else ()), mouth.finish()]
    shapes = [shape for track in tracks if track is not None for shape in track.shapes]
    start_s, end_s = word.vowel.start_s, min(word.vowel.end_s, word.vowel.start_s + _LONGEST_S)
    shown = shapes[round(start_s * MOUTH_RATE) : max(round(end_s * MOUTH_RATE), round(start_s * MOUTH_RATE) + 1)]
    return max(VOWELS, key=lambda vowel: sum(_share(shape, vowel) for shape in shown))


def _share(shape: MouthShape, vowel: str) -> float:
    return float(getattr(shape, vowel))
