"""What somebody says to her in a bench, word by word with its times: plainly, with pauses, correcting himself, and into her words."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Final

_OPENINGS: Final = ("tell me", "can you explain", "I wonder", "do you know", "please say", "I really want to hear", "let us find out")
_MIDDLES: Final = ("what happened in", "who built", "how people reach", "why nobody visits", "how long they stay in", "what is below")
_THINGS: Final = ("the old tower", "the frozen harbour", "the last dungeon", "the quiet village", "the upper city", "the hidden library")
_ENDS: Final = ("yesterday", "tonight", "after the battle", "before sunrise", "in winter", "without a map", "on your own", "this season")
_LETTER_S: Final = 0.07
_WORD_S: Final = 0.06
"""Both make about 160 words a minute, as people talk."""
_FINAL: Final = 1.4
"""The last word before a stop is spoken so much longer (phrase-final lengthening)."""
_SURE, _UNSURE, _SURELY_NOT = 0.97, 0.7, 0.08
_SURE_SHARE: Final = 0.96
"""So often the end-of-turn engine is sure of a true end."""
WRONG_ENDS: Final = "wrong_end"
"""The kind in which even the end-of-turn engine is mistaken: nothing can know that the speaker goes on."""
_KINDS: Final = (
    *("plain",) * 50,
    *("pause",) * 20,
    *("false_end",) * 10,
    *("correction",) * 6,
    *("misheard",) * 2,
    *("barge_in",) * 10,
    *(WRONG_ENDS,) * 2,
)


@dataclass(frozen=True, slots=True)
class SpokenWord:
    """A word and when it sounds, in seconds from the beginning; `guess` is what is understood of it before all is heard."""

    text: str
    begin_s: float
    end_s: float
    guess: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """All that somebody says in one turn."""

    kind: str
    words: tuple[SpokenWord, ...]
    sureness: tuple[float, ...]
    """How sure the end-of-turn engine is of the end, in the silence after each word."""

    @property
    def text(self) -> str:
        """What was said."""
        return _sentence([word.text for word in self.words])

    @property
    def is_sure(self) -> bool:
        """Whether the engine is sure of the end."""
        return self.sureness[-1] == _SURE

    @property
    def ends_s(self) -> float:
        """When the last word ends."""
        return self.words[-1].end_s


def lines(count: int, seed: int) -> tuple[Line, ...]:
    """Return so many lines; the same for the same seed."""
    chance = random.Random(seed)
    return tuple(_line(chance.choice(_KINDS), chance) for _ in range(count))


def understood(words: list[SpokenWord], *, is_all: bool, chance: float) -> str:
    """Return what a recogniser writes of these words; `chance` (0..1) decides how it ends a part of a sentence."""
    if not words:
        return ""
    text = _sentence([word.text if is_all else word.guess or word.text for word in words])
    if is_all:
        return text
    bare = text[:-1]
    return text if chance < 0.15 else f"{bare}..." if chance < 0.3 else bare


def _sentence(words: list[str]) -> str:
    text = " ".join(words)
    return f"{text[:1].upper()}{text[1:]}."


def _line(kind: str, chance: random.Random) -> Line:
    texts = " ".join(chance.choice(part) for part in (_OPENINGS, _MIDDLES, _THINGS, _ENDS)).split()
    stops = _stops(kind, len(texts), chance)
    if kind == "correction":
        texts += ["no", "I", "mean", *chance.choice(_ENDS).split()]
    at, words, sureness = 0.0, [], []
    for number, text in enumerate(texts):
        is_last = number == len(texts) - 1
        length = (_WORD_S + _LETTER_S * len(text)) * chance.uniform(0.8, 1.2) * (_FINAL if is_last or number in stops else 1.0)
        words.append(SpokenWord(text, at, at + length, "something" if kind == "misheard" and is_last else ""))
        pause, sure = stops.get(number, (chance.uniform(0.0, 0.05), _SURELY_NOT))
        at += length + pause
        sureness.append((_SURE if chance.random() < _SURE_SHARE else _UNSURE) if is_last else sure)
    return Line(kind, tuple(words), tuple(sureness))


def _stops(kind: str, count: int, chance: random.Random) -> dict[int, tuple[float, float]]:
    """Return after which words there is a pause, how long, and how sure of the end the engine is in it."""
    places = chance.sample(range(2, count - 2), 2)
    match kind:
        case "pause":
            return {place: (chance.uniform(0.1, 0.6), chance.uniform(0.02, 0.3)) for place in places[: chance.randint(1, 2)]}
        case "correction":
            # What was said so far was a whole sentence.
            return {count - 1: (chance.uniform(0.1, 0.5), chance.uniform(0.1, 0.5))}
        case "false_end":
            # The engine is sure that this was all, and the speaker goes on, noticeably, before the shortest wait is over.
            return {places[0]: (chance.uniform(0.1, 0.12), _SURE)}
        case "wrong_end":
            return {places[0]: (chance.uniform(0.25, 0.6), _SURE)}
        case _:
            return {}
