"""Text from outside, made harmless to show: no controls, no hidden letters, no writing over its neighbours."""

from __future__ import annotations

import html
import unicodedata

ISOLATE = "\u2068"
END_ISOLATE = "\u2069"
REPLACEMENT = "\ufffd"
ELLIPSIS = "…"
LINE_LIMIT = 600
"""Characters of a chat line that are shown."""
MARK_LIMIT = 3
"""Combining marks on one letter: more of them climb over other lines."""

_JOINERS = {"\u200c", "\u200d"}
"""Needed by Persian, Indic scripts and emoji."""
_FLAG = "\U0001f3f4"
_TAGS = range(0xE0000, 0xE0080)
_FILLERS = {"\u115f", "\u1160", "\u3164", "\uffa0", "\u2800", "\u034f", "\u17b4", "\u17b5"}
"""Letters that look like nothing."""


def neutral_character(character: str) -> str:
    """Return a character that may be shown in its place: one for one, so that positions stay."""
    if " " <= character <= "~":
        return character
    if character in _JOINERS:
        return character
    if character in _FILLERS or character in "\u2028\u2029\x85":
        return " "
    match unicodedata.category(character):
        case "Cc" | "Cf" | "Zs":
            return " "
        case "Cs" | "Cn" | "Co":
            return REPLACEMENT
        case _:
            return character


def neutral(text: str) -> str:
    """Return a text of the same length in which every control, hidden and bidi character is a space."""
    return text if text.isascii() and text.isprintable() else "".join(map(neutral_character, text))


def one_line(text: str, limit: int = LINE_LIMIT) -> str:
    """Return text as one harmless, bounded line, without isolates."""
    text = text[: limit * 4]
    line = " ".join((text if text.isascii() and text.isprintable() else _without_tricks(text)).split())
    return line if len(line) <= limit else line[:limit].rstrip() + ELLIPSIS


def _without_tricks(text: str) -> str:
    """Drop what hides or climbs, and replace what controls."""
    kept: list[str] = []
    marks = 0
    in_flag = False
    for character in text:
        in_flag = character == _FLAG or (in_flag and ord(character) in _TAGS)
        if in_flag:
            kept.append(character)
            continue
        is_mark = character > "\u02ff" and unicodedata.category(character) in {"Mn", "Me"} and character not in "\ufe0e\ufe0f"
        marks = marks + 1 if is_mark else 0
        if marks > MARK_LIMIT:
            continue
        if ord(character) in _TAGS or character in "\u200b\u200e\u200f\u2060\ufeff\u00ad\u061c" or "\u202a" <= character <= "\u202e":
            continue
        kept.append(neutral_character(character))
    return "".join(kept)


def isolated(text: str) -> str:
    """Return text that keeps its direction to itself, for joining with other text in one line."""
    return f"{ISOLATE}{text}{END_ISOLATE}"


def utf16_position(text: str, index: int) -> int:
    """Return where Qt counts the character `index` of a Python string."""
    if text.isascii():
        return index
    return index + sum(character > "\uffff" for character in text[:index])


def tooltip(text: str) -> str:
    """Return text for a tooltip, where Qt would take what looks like markup for markup."""
    return f"<qt>{html.escape(text)}</qt>"
