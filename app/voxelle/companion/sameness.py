"""Whether two transcripts of the same speech mean the same. Pure."""

from __future__ import annotations

import re
import unicodedata

_TOKEN = re.compile(r"\d+(?:[.,:]\d+)*|[^\W\d_]+(?:['’][^\W\d_]+)*")
_FILLERS = frozenset({"um", "umm", "uh", "uhh", "uhm", "er", "erm", "hm", "hmm", "mm", "mmm", "ah", "eh", "äh", "ähm", "hä", "euh"})
_UNITS = {
    word: number
    for number, word in enumerate(
        (
            *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
            *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
        )
    )
}
_TENS = {
    word: 10 * number for number, word in enumerate(("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"), start=2)
}
_SCALES = {"thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000}
_HUNDRED = 100


def spoken_words(text: str) -> tuple[str, ...]:
    """Return the words of a transcript as they are compared: without case, punctuation, fillers and doubles, numbers in digits."""
    words: list[str] = []
    for word in _with_digits(_tokens(text)):
        if word not in _FILLERS and (not words or word != words[-1] or word.isdigit()):
            words.append(word.replace("'", ""))
    return tuple(words)


def means_same(one: str, other: str) -> bool:
    """Whether two transcripts say the same; nothing said is like nothing."""
    words = spoken_words(one)
    return bool(words) and words == spoken_words(other)


def _tokens(text: str) -> list[str]:
    folded = unicodedata.normalize("NFKC", text).casefold().replace("’", "'")
    return _TOKEN.findall(folded)


def _with_digits(tokens: list[str]) -> list[str]:
    """Return the words with spoken numbers as digits: `twenty five` and `twenty-five` become `25`, `1,000` becomes `1000`."""
    words: list[str] = []
    at = 0
    while at < len(tokens):
        taken, number = _number(tokens[at:])
        if taken:
            words.append(str(number))
            at += taken
        else:
            token = tokens[at]
            words.append(re.sub(r"[,.](?=\d{3}(?!\d))", "", token) if token[0].isdigit() else token)
            at += 1
    return words


def _number(tokens: list[str]) -> tuple[int, int]:
    """Return how many words at the beginning are one number, and the number; (0, 0) for none."""
    total = group = at = 0
    room = _HUNDRED
    """Only less than this can still follow: after `twenty` a unit, after `five` nothing."""
    for index, word in enumerate(tokens):
        if word in _UNITS and _UNITS[word] < room:
            group, room = group + _UNITS[word], 1
        elif word in _TENS and room >= _HUNDRED:
            group, room = group + _TENS[word], 10
        elif word == "hundred" and 0 < group < _HUNDRED:
            group, room = group * _HUNDRED, _HUNDRED
        elif word in _SCALES and group:
            total, group, room = total + group * _SCALES[word], 0, _HUNDRED
        elif word == "and" and room == _HUNDRED and total + group:
            continue
        else:
            break
        at = index + 1
    return at, total + group
