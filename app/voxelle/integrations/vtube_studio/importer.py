"""Takes over hotkey files of other programs: emotion → hotkey, in whichever of the usual shapes, comments and all."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from voxelle.domain.avatar import Emotion
from voxelle.domain.errors import InputError
from voxelle.integrations.vtube_studio.mapping import Target, clean, find
from voxelle.integrations.vtube_studio.model import Model
from voxelle.integrations.vtube_studio.settings import Deed, DeedKind, EmotionRow, ModelMapping

LARGEST: Final = 1_000_000
"""Characters."""
_MOST_ROWS: Final = 60
_MOST_DEEDS: Final = 20
_DEEPEST: Final = 6
_SHOWN: Final = 60
_MOST_REPORTED: Final = 500
_NOTHING_LIKE_IT: Final = "This file is no hotkey mapping: it should say which emotion presses which hotkey, as JSON."
_STRING_OR_COMMENT = re.compile(r'"(?:\\.|[^"\\])*"|//[^\n\r]*|/\*.*?\*/|/\*.*\Z', re.DOTALL)
_STRING_OR_TRAILING = re.compile(r'"(?:\\.|[^"\\])*"|,(?=\s*[\]}])', re.DOTALL)
_WRAPPERS: Final = {"hotkeys", "hotkey", "emotions", "emotion", "mapping", "mappings", "map", "expressions", "vtube_studio", "vts", "data"}
_DEFAULTS: Final = {"default", "defaults", "*", "else", "other", "others", "fallback", "unmapped"}
_TARGET_KEYS: Final = ("hotkey", "hotkeys", "hotkeyid", "hotkey_id", "id", "name", "hotkeyname", "hotkey_name", "key", "action", "trigger")
_FILE_KEYS: Final = ("expression", "expressions", "expressionfile", "expression_file", "file")
_EMOTION_KEYS: Final = ("emotion", "emotions", "label", "labels", "feeling", "mood")
_NUMBERS: Final = {
    "threshold": ("intensity", "threshold", "min_intensity", "minintensity", "minimum", "min"),
    "cooldown_s": ("cooldown_s", "cooldown", "cooldown_seconds", "cooldownseconds"),
    "hold_s": ("hold_s", "hold", "duration", "duration_s", "seconds"),
    "weight": ("weight", "probability", "chance"),
}
_BOUNDS: Final = {"threshold": 1.0, "cooldown_s": 600.0, "hold_s": 120.0, "weight": 100.0}
_OTHER_NAMES: Final = {
    "happy": Emotion.JOY, "happiness": Emotion.JOY, "smile": Emotion.JOY, "sad": Emotion.SADNESS, "angry": Emotion.ANGER,
    "mad": Emotion.ANGER, "annoyed": Emotion.ANNOYANCE, "surprised": Emotion.SURPRISE, "scared": Emotion.FEAR,
    "afraid": Emotion.FEAR, "shy": Emotion.EMBARRASSMENT, "blush": Emotion.EMBARRASSMENT, "embarrassed": Emotion.EMBARRASSMENT,
    "disgusted": Emotion.DISGUST, "confused": Emotion.CONFUSION, "curious": Emotion.CURIOSITY, "excited": Emotion.EXCITEMENT,
    "nervous": Emotion.NERVOUSNESS, "proud": Emotion.PRIDE, "grateful": Emotion.GRATITUDE, "thankful": Emotion.GRATITUDE,
    "loving": Emotion.LOVE, "amused": Emotion.AMUSEMENT, "laugh": Emotion.AMUSEMENT, "relieved": Emotion.RELIEF,
    "disappointed": Emotion.DISAPPOINTMENT, "hopeful": Emotion.OPTIMISM, "optimistic": Emotion.OPTIMISM, "caring": Emotion.CARING,
    "sorry": Emotion.REMORSE, "regret": Emotion.REMORSE, "none": Emotion.NEUTRAL, "calm": Emotion.NEUTRAL,
}  # fmt: skip


class Found(StrEnum):
    """What became of a line of the file."""

    MATCHED = "matched"
    MISSING = "missing"
    """Understood, but the loaded model has nothing of that name. It is kept for a model that has."""
    NOT_UNDERSTOOD = "not_understood"


@dataclass(frozen=True, slots=True)
class ImportRow:
    """One line of the report."""

    emotion: str
    """As the file says it."""
    target: str
    found: Found
    sentence: str


@dataclass(frozen=True, slots=True)
class ImportReport:
    """A mapping read from a file, and what it was read from."""

    mapping: ModelMapping
    rows: tuple[ImportRow, ...]


@dataclass(slots=True)
class _Entry:
    """One emotion of the file with what it presses."""

    said: str
    emotions: tuple[Emotion, ...]
    """Empty: all others."""
    deeds: list[tuple[str, DeedKind, float]] = field(default_factory=list)
    numbers: dict[str, float] = field(default_factory=dict)


@dataclass(slots=True)
class _Reading:
    """What was read so far."""

    model: Model
    entries: list[_Entry] = field(default_factory=list)
    rows: list[ImportRow] = field(default_factory=list)

    def puzzled(self, said: str, sentence: str, target: str = "") -> None:
        """Report what makes no sense."""
        self.rows.append(ImportRow(_short(said), _short(target), Found.NOT_UNDERSTOOD, sentence))


def read_hotkeys_file(text: str, model: Model) -> ImportReport:
    """Turn a hotkey file into a mapping for a model. InputError with a sentence when it is none at all."""
    reading = _Reading(model)
    _read(_parse(text), reading, 0)
    if not reading.entries:
        raise InputError(_NOTHING_LIKE_IT)
    rows: dict[tuple[Emotion, ...], EmotionRow] = {}
    for entry in reading.entries:
        deeds = tuple(_deed(entry, each, model, reading) for each in entry.deeds)
        before = rows.get(entry.emotions)
        if before is not None:
            rows[entry.emotions] = before.model_copy(update={"deeds": (*before.deeds, *deeds)[:_MOST_DEEDS]})
        elif len(rows) < _MOST_ROWS:
            rows[entry.emotions] = EmotionRow(emotions=entry.emotions, deeds=deeds[:_MOST_DEEDS], **entry.numbers)
    default = rows.pop((), None)
    mapping = ModelMapping(model_name=clean(model.name), rows=tuple(rows.values()), default=default)
    return ImportReport(mapping, tuple(reading.rows[:_MOST_REPORTED]))


def _parse(text: str) -> Any:
    """Read JSON with comments, trailing commas and a byte order mark; what stands in strings is left alone."""
    if len(text) > LARGEST:
        msg = f"This file is too large for a hotkey mapping: {LARGEST // 1000} kB are the most."
        raise InputError(msg)
    plain = _STRING_OR_COMMENT.sub(lambda match: match[0] if match[0].startswith('"') else " ", text.lstrip("\ufeff"))
    plain = _STRING_OR_TRAILING.sub(lambda match: match[0] if match[0].startswith('"') else "", plain)
    try:
        return json.loads(plain, strict=False)
    except (ValueError, RecursionError) as error:
        line = f" Its line {error.lineno} can't be read." if isinstance(error, json.JSONDecodeError) else ""
        raise InputError(_NOTHING_LIKE_IT + line) from error


def _read(value: Any, reading: _Reading, depth: int) -> None:
    """Find emotions and their hotkeys in an object or a list."""
    if depth > _DEEPEST:
        return
    if isinstance(value, list):
        for item in value:
            if isinstance(item, dict):
                _read_object(item, reading, depth)
            else:
                reading.puzzled(str(item), "No emotion stands beside it.")
    elif isinstance(value, dict):
        _read_object(value, reading, depth)


def _read_object(value: dict[str, Any], reading: _Reading, depth: int) -> None:
    keys = {_plain(key): key for key in value}
    said = next((value[keys[key]] for key in _EMOTION_KEYS if key in keys), None)
    if said is not None and any(key in keys for key in (*_TARGET_KEYS, *_FILE_KEYS)) and not isinstance(said, dict):
        _add(said, value, reading)
        return
    for key, each in value.items():
        if (inner := _emotions_beside(key, each, reading.model)) is not None:
            _add(inner, {"hotkey": key, **each} if isinstance(each, dict) else key, reading)
        elif _emotions(key) is not None:
            _add(key, each, reading)
        elif _plain(key) in _WRAPPERS and isinstance(each, (dict, list)):
            _read(each, reading, depth + 1)
        elif isinstance(each, dict) and any(_emotions(name) is not None for name in each):
            # A profile or a model of its own.
            _read(each, reading, depth + 1)
        else:
            reading.puzzled(key, "This is no emotion that is known here.", each if isinstance(each, str) else "")


def _add(said: Any, value: Any, reading: _Reading) -> None:
    """Take one emotion, or several that share a row, with what it presses."""
    words = said if isinstance(said, list) else [said]
    found = [(word, _emotions(word)) for word in words]
    for word, emotions in found:
        if emotions is None:
            reading.puzzled(str(word), "This is no emotion that is known here.")
    known = tuple(dict.fromkeys(each for _, emotions in found for each in emotions or ()))
    if all(emotions is None for _, emotions in found):
        return
    entry = _Entry(", ".join(str(word) for word, emotions in found if emotions is not None), known)
    for each in _items(value):
        deed = _target(each)
        if isinstance(each, dict):
            entry.numbers |= {key: number for key, number in _numbers(each).items() if key != "weight"}
        if deed:
            entry.deeds.extend(deed)
        elif each not in ("", None, [], {}):
            reading.puzzled(entry.said, "No hotkey is named here.", str(each))
    if entry.deeds:
        reading.entries.append(entry)
    elif value in ("", None, [], {}):
        reading.puzzled(entry.said, "No hotkey is named here.")


def _items(value: Any) -> Iterator[Any]:
    """Yield each thing an emotion presses, wherever it is listed."""
    if isinstance(value, list):
        yield from value
    elif isinstance(value, dict) and isinstance(inner := _get(value, ("hotkeys", "hotkey", "actions", "items")), list):
        shared = {key: each for key, each in value.items() if each is not inner}
        for each in inner:
            yield {**shared, **each} if isinstance(each, dict) else {**shared, "hotkey": each}
    else:
        yield value


def _target(value: Any) -> list[tuple[str, DeedKind, float]]:
    """Return what is pressed or set, and its share of the chance."""
    if isinstance(value, str):
        return [(value.strip(), _kind(value), 1.0)] if value.strip() else []
    if not isinstance(value, dict):
        return []
    weight = _numbers(value).get("weight", 1.0)
    for keys, kind in ((_TARGET_KEYS, None), (_FILE_KEYS, DeedKind.EXPRESSION)):
        named = _get(value, keys)
        if isinstance(named, str) and named.strip():
            return [(named.strip(), kind or _kind(named), weight)]
    return []


def _deed(entry: _Entry, named: tuple[str, DeedKind, float], model: Model, reading: _Reading) -> Deed:
    """Look one up in the model, and report what was found."""
    words, kind, weight = named
    wanted = clean(words)
    target: Target | None = None
    for each in dict.fromkeys((kind, DeedKind.HOTKEY, DeedKind.EXPRESSION)):
        target = find(model, Deed(kind=each, target=wanted, name=wanted))
        if target is not None:
            break
    if target is None:
        deed = Deed(kind=kind, target=wanted, name=wanted, weight=weight)
        outcome, sentence = Found.MISSING, "The loaded model has nothing of this name."
    else:
        deed = Deed(kind=target.deed.kind, target=clean(target.id), name=clean(target.name), weight=weight)
        outcome, sentence = Found.MATCHED, f"Found: {target.words}."
    reading.rows.append(ImportRow(_short(entry.said), _short(words), outcome, sentence))
    return deed


def _kind(name: str) -> DeedKind:
    return DeedKind.EXPRESSION if name.strip().lower().endswith(".exp3.json") else DeedKind.HOTKEY


def _emotions_beside(key: str, value: Any, model: Model) -> Any:
    """Return the emotions that a value names where the file is the other way about: hotkey → what it shows. Else None."""
    if isinstance(value, dict):
        named = _get(value, _EMOTION_KEYS)
        is_so = isinstance(named, (str, list)) and _all_emotions(named) and _get(value, (*_TARGET_KEYS, *_FILE_KEYS)) is None
        return named if is_so else None
    if not isinstance(value, (str, list)) or not _all_emotions(value):
        return None
    is_value_there = any(_is_there(word, model) for word in ([value] if isinstance(value, str) else value))
    is_emotion = _emotions(key) is not None
    if _is_there(key, model):
        return None if is_emotion and is_value_there else value
    return None if is_emotion or is_value_there else value


def _is_there(name: str, model: Model) -> bool:
    """Tell whether a model has something of a name."""
    return any(find(model, Deed(kind=kind, target=clean(name))) is not None for kind in (DeedKind.HOTKEY, DeedKind.EXPRESSION))


def _all_emotions(value: str | list[Any]) -> bool:
    words = value if isinstance(value, list) else [value]
    return bool(words) and all(_emotions(word) is not None for word in words)


def _emotions(word: Any) -> tuple[Emotion, ...] | None:
    """Return the emotions a word means, an empty tuple for “all others”, None for no emotion."""
    if not isinstance(word, str):
        return None
    plain = _plain(word)
    if plain in _DEFAULTS:
        return ()
    if plain in _OTHER_NAMES:
        return (_OTHER_NAMES[plain],)
    if plain in set(Emotion):
        return (Emotion(plain),)
    parts = [part for part in re.split(r"[,;/|+&]+", word) if part.strip()]
    if len(parts) < 2:  # noqa: PLR2004 -- one alone was looked at
        return None
    found = [_emotions(part) for part in parts]
    return tuple(each for emotions in found for each in emotions or ()) if all(found) else None


def _numbers(value: Mapping[str, Any]) -> dict[str, float]:
    """Return the figures of an object, in our units and within their bounds."""
    found = {}
    for name, keys in _NUMBERS.items():
        number = _get(value, keys)
        if isinstance(number, bool) or not isinstance(number, (int, float)) or not 0 <= number < float("inf"):
            continue
        if name == "threshold" and number > 1:
            number = min(number, 100) / 100
        found[name] = float(min(number, _BOUNDS[name]))
    return found


def _get(value: Mapping[str, Any], keys: tuple[str, ...]) -> Any:
    plain = {_plain(key): each for key, each in value.items()}
    return next((plain[key] for key in keys if key in plain), None)


def _plain(word: Any) -> str:
    return str(word).strip().casefold().replace(" ", "_").replace("-", "_")


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
