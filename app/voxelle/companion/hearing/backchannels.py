"""Sounds of agreement: "mhm", "yeah okay", "hahaha". Whoever makes them listens, and does not want to be answered."""

from __future__ import annotations

import re
from functools import lru_cache

from voxelle.companion.hearing.words import words_of

_SAME_LETTERS = re.compile(r"(.)\1+")
_SAME_SYLLABLES = re.compile(r"(..)\1+")


def is_backchannel(text: str, backchannels: tuple[str, ...]) -> bool:
    """Whether a text is nothing but such sounds, however drawn out and in whatever row; no words at all are none."""
    words = [_short(word) for word in words_of(text)]
    known = _known(backchannels)
    longest = max(map(len, known), default=0)
    at = 0
    while at < len(words):
        fitting = (size for size in range(min(longest, len(words) - at), 0, -1) if tuple(words[at : at + size]) in known)
        size = next(fitting, 0)
        if not size:
            return False
        at += size
    return bool(words)


@lru_cache(maxsize=8)
def _known(backchannels: tuple[str, ...]) -> frozenset[tuple[str, ...]]:
    known = {tuple(_short(word) for word in words_of(each)) for each in backchannels}
    # A recogniser may write "uh huh" as one word.
    return frozenset((known | {(_short("".join(each)),) for each in known}) - {(), ("",)})


def _short(word: str) -> str:
    """Return a word without what was drawn out: `mhmmm` is `mhm`, `hahaha` is `ha`."""
    return _SAME_SYLLABLES.sub(r"\1", _SAME_LETTERS.sub(r"\1", word))
