"""Which phonemes belong to which word of the text, where a voice reads "$5" as two spoken words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise

from voxelle.domain.speech import PhonemeTiming, WordTiming

Span = tuple[int, int]
"""Begin and end of a stretch of the phoneme string."""

PAUSES = frozenset(' ;:,.!?—…"()“”')
STRESS = frozenset("ˈˌ")
_IPA = {"A": "eɪ", "I": "aɪ", "W": "aʊ", "Y": "ɔɪ", "O": "oʊ", "Q": "əʊ", "ᵊ": "ə", "T": "ɾ", "ᵻ": "ɪ"}
"""One-letter diphthongs of the phoneme alphabet (https://github.com/hexgrad/misaki/blob/main/EN_PHONES.md)."""


@dataclass(frozen=True, slots=True)
class SpokenWord:
    """A word as it is read aloud, and its place in the phoneme string."""

    text: str
    begin: int
    end: int


def spans_of(words: Sequence[str], spoken: Sequence[SpokenWord]) -> list[Span | None]:
    """Give every word of the text its stretch of phonemes, None to a word that is not read aloud.

    Words that were rewritten ("3:30" into "three thirty") share the stretch by their length; a spoken
    word that stands for none belongs to the one before it.
    """
    spans: list[Span | None] = [None] * len(words)
    matcher = SequenceMatcher(None, [_key(word) for word in words], [_key(each.text) for each in spoken], autojunk=False)
    for kind, i, i_end, j, j_end in matcher.get_opcodes():
        if kind == "delete":
            continue
        if kind == "insert":
            _extend(spans, i, spoken[j:j_end])
        elif i_end - i == j_end - j:
            spans[i:i_end] = [(each.begin, each.end) for each in spoken[j:j_end]]
        else:
            spans[i:i_end] = _shared(words[i:i_end], spoken[j].begin, spoken[j_end - 1].end)
    return spans


def _key(word: str) -> str:
    return "".join(letter for letter in word.casefold() if letter.isalnum())


def _extend(spans: list[Span | None], index: int, spoken: Sequence[SpokenWord]) -> None:
    """Add spoken words to the stretch of the word before `index`, or of the one at it."""
    before = next((k for k in range(index - 1, -1, -1) if spans[k] is not None), None)
    if before is not None:
        begin, _ = spans[before] or (0, 0)
        spans[before] = (begin, spoken[-1].end)
    elif index < len(spans):
        spans[index] = (spoken[0].begin, spoken[-1].end)


def _shared(words: Sequence[str], begin: int, end: int) -> list[Span | None]:
    weights = [max(1, len(_key(word))) for word in words]
    total = sum(weights)
    borders = [begin]
    for weight in weights:
        borders.append(borders[-1] + weight)
    scaled = [begin + round((border - begin) * (end - begin) / total) for border in borders]
    return list(pairwise(scaled))


@dataclass(frozen=True, slots=True)
class PhonemeClock:
    """Seconds of the borders between phonemes: phoneme k sounds from `borders[k]` to `borders[k + 1]`."""

    phonemes: str
    borders: Sequence[float]

    def words(self, words: Sequence[str], spoken: Sequence[SpokenWord]) -> tuple[WordTiming, ...]:
        """Time every word; a word that is not read aloud sounds for no time where it stands."""
        timings: list[WordTiming] = []
        now = self.borders[0]
        for word, span in zip(words, spans_of(words, spoken), strict=True):
            start, end = (now, now) if span is None else self._sounding(*span, now)
            timings.append(WordTiming(word, start, end))
            now = end
        return tuple(timings)

    def _sounding(self, begin: int, end: int, now: float) -> tuple[float, float]:
        """Return when a stretch sounds, without the pauses around it, never before `now`."""
        while end > begin and self.phonemes[end - 1] in PAUSES:
            end -= 1
        while begin < end and self.phonemes[begin] in PAUSES:
            begin += 1
        start = max(now, self.borders[begin])
        return start, max(start, self.borders[end])

    def sounds(self) -> tuple[PhonemeTiming, ...]:
        """Time every sounding phoneme in IPA; a stress mark's time belongs to the phoneme after it, a length mark's to the one before."""
        timings: list[PhonemeTiming] = []
        start: float | None = None
        for index, symbol in enumerate(self.phonemes):
            begin, end = self.borders[index], self.borders[index + 1]
            if symbol in STRESS:
                start = begin
            elif symbol == "ː" and timings:
                last = timings.pop()
                timings.append(PhonemeTiming(last.symbol + symbol, last.start_s, end))
            elif symbol in PAUSES:
                start = None
            else:
                timings.append(PhonemeTiming(_IPA.get(symbol, symbol), begin if start is None else start, end))
                start = None
        return tuple(timings)
