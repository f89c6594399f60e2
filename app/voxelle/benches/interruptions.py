"""Sounds that people make while she speaks, seeded: what each is, when it is voiced, and what is understood of it."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Final

FRAME_S: Final = 0.032
SILENCE_S: Final = 0.3
"""So long after the last sound an utterance is over."""
_WORDS: Final = ("wait", "no stop", "what do you mean", "hold on a second", "tell me about the game instead")
_AGREEMENT: Final = ("mhm", "Mhmmm.", "yeah", "yeah, okay", "Hahaha!", "uh-huh", "Right, right.")


@dataclass(frozen=True, slots=True)
class Understood:
    """A text and when it is there, in seconds from the beginning of the sound."""

    at_s: float
    text: str
    is_final: bool


@dataclass(frozen=True, slots=True)
class Sound:
    """One speaker's sound: stretches of voice, in seconds from its beginning, and what was understood."""

    kind: str
    voiced: tuple[tuple[float, float], ...]
    texts: tuple[Understood, ...]
    is_meant: bool = False
    """Words that she is to stop for."""

    @property
    def ends_s(self) -> float:
        """When the last voice ends."""
        return self.voiced[-1][1]

    @property
    def over_s(self) -> float:
        """When nothing of it comes any more."""
        return max([self.ends_s + SILENCE_S, *(text.at_s for text in self.texts)])


def sounds(chance: random.Random, guard_s: float) -> tuple[Sound, ...]:
    """Return what is heard in one turn: mostly one sound, sometimes two people at once."""
    kind = chance.choice(("cough", "clicks", "noise", "backchannel", "short", "words", "words", "holes", "two"))
    if kind == "two":
        return _backchannel(chance), _words(chance)
    return (_one(kind, chance, guard_s),)


def _one(kind: str, chance: random.Random, guard_s: float) -> Sound:
    match kind:
        case "cough":
            return _finished("cough", ((0.0, chance.uniform(FRAME_S, guard_s - 2 * FRAME_S)),), "", chance)
        case "clicks":
            return _finished("clicks", tuple((n * 0.4, n * 0.4 + FRAME_S) for n in range(chance.randint(1, 4))), "", chance)
        case "noise":
            return _finished("noise", ((0.0, chance.uniform(0.5, 1.5)),), "", chance, has_text=chance.random() < 0.5)
        case "short":
            return _finished("short", ((0.0, guard_s - 2 * FRAME_S),), "yeah", chance)
        case "holes":
            return _finished("holes", ((0.0, 0.2), (0.3, 0.55), (0.7, 1.2)), chance.choice(_WORDS), chance, is_meant=True)
        case "backchannel":
            return _backchannel(chance)
        case _:
            return _words(chance)


def _backchannel(chance: random.Random) -> Sound:
    return _finished("backchannel", ((0.0, chance.uniform(0.4, 0.8)),), chance.choice(_AGREEMENT), chance)


def _words(chance: random.Random) -> Sound:
    length_s, text = chance.uniform(0.6, 2.5), chance.choice(_WORDS)
    whole = _finished("words", ((0.0, length_s),), text, chance, is_meant=True)
    if chance.random() < 0.5:
        return whole
    first = Understood(length_s * chance.uniform(0.6, 1.0), text.split()[0], is_final=False)
    return Sound(whole.kind, whole.voiced, (first, *whole.texts), is_meant=True)


def _finished(
    kind: str, voiced: tuple[tuple[float, float], ...], text: str, chance: random.Random, *, is_meant: bool = False, has_text: bool = True
) -> Sound:
    """Let the recogniser answer some time after the silence, or not at all."""
    final = Understood(voiced[-1][1] + SILENCE_S + chance.uniform(0.05, 0.6), text, is_final=True)
    return Sound(kind, voiced, (final,) if has_text else (), is_meant)
