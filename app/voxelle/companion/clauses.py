"""Cuts a growing reply into clauses that can be spoken: the first one early, later ones whole sentences.

`ClauseSplitter` is pure: text is pushed in, clauses come out; time is the caller's business (`stall`).
"""

from __future__ import annotations

import re

FIRST_MIN = 12
"""A first clause shorter than this leaves a gap before the second one."""
FIRST_SOFT = 25
"""From here on the first clause may end before a joining word."""
FIRST_MAX = 60
"""Here the first clause ends at the last word border, whatever comes."""
LATER_MAX = 240
"""A later sentence longer than this is cut at a comma or a word border."""

_TERMINATORS = ".!?…。！？"
_CLOSERS = "\"'”’»)]」』"
_COMMAS = ",;:—–、，；："
_WIDE_MARKS = "。！？、，；："
_ABBREVIATIONS = frozenset(
    {
        *("mr", "mrs", "ms", "dr", "prof", "sr", "jr", "st", "vs", "etc", "e.g", "i.e", "a.m", "p.m", "no", "vol", "approx"),
        *("dept", "est", "fig", "inc", "ltd", "co", "mt", "ft", "feat", "min", "max", "sec", "hr"),
    }
)
_JOINERS = re.compile(r"\s(?=(?:and|but|so|because|that|with|when|if|or|then|while|which|who)\b)", re.IGNORECASE)
_WORD = re.compile(r"\w")


def width(text: str) -> int:
    """Return how much there is to say: a wide (CJK) character counts as two letters."""
    return sum(2 if char >= "\u2e80" else 1 for char in text)


def _sentence_end(text: str) -> int | None:
    """Return the end of the first whole sentence, or None while that can't be known."""
    for index, char in enumerate(text):
        if char == "\n" and text[:index].strip():
            return index + 1
        if char not in _TERMINATORS:
            continue
        end = index + 1
        while end < len(text) and text[end] in _TERMINATORS + _CLOSERS:
            end += 1
        if end >= len(text):
            return None
        if char in _WIDE_MARKS or (text[end].isspace() and not (char == "." and _is_inside_word(text, index))):
            return end
    return None


def _is_inside_word(text: str, stop: int) -> bool:
    """Whether the full stop at `stop` belongs to an abbreviation or an initial."""
    if text[stop - 1 : stop] == "." or text[stop + 1 : stop + 2] == ".":
        return False
    word = re.split(r"[\s(\"']", text[:stop])[-1]
    return word.lower() in _ABBREVIATIONS or (len(word) == 1 and word.isupper() and word != "I")


class ClauseSplitter:
    """Push text in, get clauses out. After `flush` it can be used for another reply."""

    def __init__(self) -> None:
        self._buffer = ""
        self._is_first = True

    def push(self, text: str) -> list[str]:
        """Take the next piece of the reply; return the clauses that are complete now."""
        self._buffer += text
        clauses: list[str] = []
        while (cut := self._cut_at()) is not None:
            self._take(cut, clauses)
        return clauses

    def stall(self) -> list[str]:
        """No text came for a while: let the first clause go at its last word border if it is long enough."""
        clauses: list[str] = []
        if self._is_first:
            border = self._buffer.rstrip().rfind(" ") if not self._buffer.endswith((" ", "\n")) else len(self._buffer)
            if border > 0 and width(self._buffer[:border].strip()) >= FIRST_MIN:
                self._take(border, clauses)
        return clauses

    def flush(self) -> list[str]:
        """The reply is over: return what is left and start anew."""
        clauses: list[str] = []
        self._take(len(self._buffer), clauses)
        self._is_first = True
        return clauses

    def _take(self, cut: int, clauses: list[str]) -> None:
        clause = " ".join(self._buffer[:cut].split())
        self._buffer = self._buffer[cut:].lstrip()
        if _WORD.search(clause):
            clauses.append(clause)
            self._is_first = False

    def _cut_at(self) -> int | None:
        """Return where the next clause ends in the buffer, or None if more text is needed."""
        sentence = _sentence_end(self._buffer)
        if self._is_first and sentence is not None and width(self._buffer[:sentence].strip()) < FIRST_MIN:
            # A first sentence of one short word waits for its neighbour, so that no gap follows it.
            following = _sentence_end(self._buffer[sentence:])
            sentence = None if following is None else sentence + following
        if not self._is_first:
            return sentence if sentence is not None else self._long_cut(LATER_MAX)
        comma = self._comma(FIRST_MIN)
        early = min((cut for cut in (sentence, comma) if cut is not None), default=None)
        if early is not None and width(self._buffer[:early]) <= FIRST_MAX:
            return early
        if width(self._buffer) > FIRST_SOFT:
            for joiner in _JOINERS.finditer(self._buffer):
                if FIRST_SOFT <= width(self._buffer[: joiner.start()]) <= FIRST_MAX:
                    return joiner.start()
        return self._long_cut(FIRST_MAX)

    def _long_cut(self, limit: int) -> int | None:
        """Return a cut for text that grew past the limit: the last comma, else the last space before it."""
        if width(self._buffer) <= limit:
            return None
        end = len(self._buffer)
        while width(self._buffer[:end]) > limit:
            end -= 1
        head = self._buffer[:end]
        comma = max((head.rfind(mark) for mark in _COMMAS), default=-1)
        if comma > 0 and width(head[: comma + 1]) >= FIRST_MIN and not head[comma - 1 : comma + 2].replace(head[comma], "").isdigit():
            return comma + 1
        space = head.rfind(" ")
        if space > 0:
            return space
        # One unbroken run: wide text may be cut anywhere, a link or a scream goes on to its end.
        return end if head[-1] >= "\u2e80" else None

    def _comma(self, least: int) -> int | None:
        """Return the end of the first comma-like mark that leaves at least `least` before it, or None."""
        for index, char in enumerate(self._buffer):
            if char not in _COMMAS or width(self._buffer[: index + 1]) < least:
                continue
            following = self._buffer[index + 1 : index + 2]
            if char in _WIDE_MARKS or following.isspace():
                return index + 1
        return None
