"""What is wrong with a character while it is edited, as sentences by field."""

from __future__ import annotations

import re

from PySide6.QtCore import QCoreApplication

from voxelle.domain.avatar import Emotion
from voxelle.domain.persona import Character, VoiceDesign

NAME_LIMIT = 40
TEXT_LIMIT = 20_000
LINE_LIMIT = 400
VOICE_BOUNDS: dict[str, tuple[float, float]] = {
    "pitch": (0.5, 2.0),
    "formant": (0.7, 1.4),
    "speed": (0.5, 2.0),
    "pitch_range": (0.0, 2.0),
}
_OWN_WORDS = ("her", "him", "them", "you")
_TAG = re.compile(r"^\[(?P<tag>[^\]]*)\]")
_PLACEHOLDER = re.compile(r"\{[^{}]*\}")


def _tr(text: str) -> str:
    return QCoreApplication.translate("CharacterCheck", text)


def problems(character: Character) -> dict[str, str]:
    """Return a sentence for every field that keeps the character from being saved."""
    found = {
        "name": _name_problem(character.name),
        "aliases": _aliases_problem(character),
        "persona": _text_problem(character.persona, must_exist=_tr("Tell who she is: without this text she has no character.")),
        "scene": _text_problem(character.scene),
        "examples": _text_problem(character.examples) or _examples_problem(character),
        "greeting": _greeting_problem(character.greeting),
        "prepared_lines": _prepared_problem(character.prepared_lines),
        "accent": "" if re.fullmatch(r"#[0-9a-fA-F]{6}", character.accent) else _tr("A colour looks like #7c5cff."),
        "voice": _voice_problem(character.voice),
    }
    return {field: sentence for field, sentence in found.items() if sentence}


def _name_problem(name: str) -> str:
    if not name.strip():
        return _tr("She needs a name.")
    if len(name) > NAME_LIMIT:
        return _tr("A name has at most {limit} characters.").format(limit=NAME_LIMIT)
    if not name.isprintable():
        return _tr("The name contains a character that can't be shown.")
    return ""


def _aliases_problem(character: Character) -> str:
    names = [character.name.strip().casefold()]
    for alias in character.aliases:
        if len(alias) > NAME_LIMIT:
            return _tr("“{alias}…” is too long for a name.").format(alias=alias[:12])
        if alias.casefold() in names:
            return _tr("“{alias}” is there twice.").format(alias=alias)
        names.append(alias.casefold())
    return ""


def _text_problem(text: str, must_exist: str = "") -> str:
    if len(text) > TEXT_LIMIT:
        return _tr("This text is longer than {limit} characters.").format(limit=f"{TEXT_LIMIT:,}")
    if "\x00" in text:
        return _tr("The text contains a character that can't be stored.")
    return "" if text.strip() else must_exist


def _examples_problem(character: Character) -> str:
    """Check the pairs by the same reading as the prompt's: lines of anybody, each answered by hers."""
    own = tuple(f"{name.casefold()}:" for name in (*_OWN_WORDS, character.name.strip()))
    waiting = 0
    for number, line in enumerate(character.examples.splitlines(), start=1):
        said = line.strip()
        if not said:
            continue
        speaker, colon, words = said.partition(":")
        if not colon or not speaker.strip():
            return _tr("Line {number}: begin with who says it, “viewer:” or “her:”.").format(number=number)
        if not words.strip():
            return _tr("Line {number}: nothing is said.").format(number=number)
        is_own = said.casefold().startswith(own)
        if is_own and not waiting:
            return _tr("Line {number}: she answers nobody. Put a “viewer:” line before it.").format(number=number)
        if not is_own and waiting:
            return _tr("Line {number}: has no answer. Put a “her:” line after it.").format(number=waiting)
        tag = _TAG.match(words.strip()) if is_own else None
        if tag is not None and tag["tag"].strip().casefold() not in set(Emotion):
            return _tr("Line {number}: “{tag}” is no emotion she can show. Try joy, surprise, curiosity …").format(
                number=number, tag=tag["tag"]
            )
        waiting = 0 if is_own else number
    return _tr("Line {number}: has no answer. Put a “her:” line after it.").format(number=waiting) if waiting else ""


def _greeting_problem(greeting: str) -> str:
    return _tr("A greeting has at most {limit} characters.").format(limit=LINE_LIMIT) if len(greeting) > LINE_LIMIT else ""


def _prepared_problem(lines: tuple[str, ...]) -> str:
    for number, line in enumerate(lines, start=1):
        if len(line) > LINE_LIMIT:
            return _tr("Line {number} is longer than {limit} characters.").format(number=number, limit=LINE_LIMIT)
        for placeholder in _PLACEHOLDER.findall(line):
            if placeholder != "{viewer}":
                return _tr("Line {number}: only {viewer} is filled in, not {placeholder}.").format(
                    number=number, viewer="{viewer}", placeholder=placeholder
                )
    return ""


def _voice_problem(voice: VoiceDesign) -> str:
    for name, (low, high) in VOICE_BOUNDS.items():
        value = getattr(voice, name)
        if not low <= value <= high:
            return _tr("{name} goes from {low:g} to {high:g}.").format(name=name.replace("_", " ").capitalize(), low=low, high=high)
    return ""
