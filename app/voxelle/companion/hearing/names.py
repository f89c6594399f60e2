"""Whether somebody is called by name, the way a recogniser may have written it: Mira, Myra, Meera; Voxelle, Vox L.

Pure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from voxelle.companion.hearing.words import words_of

if TYPE_CHECKING:
    from collections.abc import Iterable

_SOUNDS = (("ph", "f"), ("ck", "k"), ("ee", "i"), ("ea", "i"), ("oo", "u"), ("ll", "l"), ("ss", "s"), ("rr", "r"), ("nn", "n"), ("tt", "t"))
_LETTERS = str.maketrans({"c": "k", "q": "k", "y": "i", "j": "i", "z": "s", "w": "v"})
_ERRORS = ((4, 0), (6, 1), (9, 2))
"""Names shorter than this may differ by so many letters; longer ones by `_MOST_ERRORS`."""
_MOST_ERRORS = 3
_SHORT = 7
"""Names shorter than this must begin alike: almost everything is near to them."""
_SPLIT = 3
"""A recogniser makes at most so many words of a long one that it does not know."""


def is_named(text: str, names: Iterable[str]) -> bool:
    """Whether one of the names, or what a recogniser makes of it, stands in a text."""
    words = words_of(text)
    return any(_stands_in(words, name) for name in names)


def _stands_in(words: list[str], name: str) -> bool:
    wanted = "".join(words_of(name))
    if not wanted:
        return False
    own = len(words_of(name))
    longest = own if len(wanted) < _SHORT else own + _SPLIT - 1
    for start in range(len(words)):
        joined = ""
        for word in words[start : start + longest]:
            joined += word
            if len(joined) > len(wanted) + _MOST_ERRORS:
                break
            if _is_near(joined, wanted):
                return True
    return False


def _is_near(heard: str, wanted: str) -> bool:
    if heard == wanted:
        return True
    if not wanted.isascii():
        return False
    heard, wanted = _sounding(heard), _sounding(wanted)
    allowed = next((errors for length, errors in _ERRORS if len(wanted) < length), _MOST_ERRORS)
    if abs(len(heard) - len(wanted)) > allowed or (len(wanted) < _SHORT and heard[:1] != wanted[:1]):
        return False
    return _distance(heard, wanted) <= allowed


def _sounding(word: str) -> str:
    """Return a word with letters that sound alike made equal."""
    for letters, sound in _SOUNDS:
        word = word.replace(letters, sound)
    return word.translate(_LETTERS)


def _distance(first: str, second: str) -> int:
    """Return how many letters must be put in, taken out or changed to make one of the other."""
    row = list(range(len(second) + 1))
    for index, char in enumerate(first, start=1):
        before, row[0] = row[0], index
        for column, other in enumerate(second, start=1):
            before, row[column] = row[column], min(row[column] + 1, row[column - 1] + 1, before + (char != other))
    return row[-1]
