"""The tree of settings as a flat list, for a settings page, the command line and the API to draw."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pydantic import BaseModel

from voxelle.settings.schema import Settings

INTEGRATIONS = "integrations"
_CHOICES = re.compile(r"\^\(([^()|]*(?:\|[^()|]*)+)\)\$")


class FieldKind(StrEnum):
    """Which widget a setting wants."""

    BOOL = "bool"
    INT = "int"
    FLOAT = "float"
    TEXT = "text"
    CHOICE = "choice"
    LIST = "list"
    OBJECT = "object"
    """Structured: an object, or a list of objects. Never on the settings page; its integration has a place of its own for it."""


_KINDS = {
    "boolean": FieldKind.BOOL,
    "integer": FieldKind.INT,
    "number": FieldKind.FLOAT,
    "array": FieldKind.LIST,
    "object": FieldKind.OBJECT,
}
_EMPTY: dict[str, Any] = {"array": [], "object": {}}
"""Defaults that a schema does not tell: those that are made anew each time."""


@dataclass(frozen=True, slots=True)
class SettingField:
    """One setting: what it is, and how it stands now."""

    path: str
    """Dotted, like `voice.volume`."""
    part: str
    """The path of the part it belongs to, like `voice` or `integrations.twitch`."""
    part_title: str
    title: str
    description: str
    kind: FieldKind
    choices: tuple[str, ...] = ()
    """For a choice, and for a list that takes certain entries only."""
    minimum: float | None = None
    maximum: float | None = None
    longest: int | None = None
    """Most characters of a text."""
    is_required: bool = False
    """It has no default: its integration can't run before it is set."""
    default: Any = None
    """JSON values: lists for tuples, text for enums."""
    value: Any = None
    is_overridden: bool = False
    """Set by an environment variable: shown, never saved, not to be changed."""
    restart: str = ""
    """What has to start again before it takes effect: `engines`, `sound`, `app` or nothing."""
    is_secret: bool = False
    """Its value stays out of logs and of the history of changes."""
    is_hidden: bool = False
    """It has a place of its own in the window."""


def describe(parts: Mapping[str, type[BaseModel]]) -> dict[str, SettingField]:
    """Return every setting by its path, in the order of the schema, with its default as value.

    `parts` are the settings of installed integrations by id.
    """
    found = {each.path: each for each in _fields(Settings.model_json_schema(), "", "")}
    for name, model in parts.items():
        schema = model.model_json_schema()
        for each in _fields(schema, f"{INTEGRATIONS}.{name}", str(schema.get("title", name))):
            found[each.path] = each
    return found


def _fields(schema: dict[str, Any], prefix: str, title: str) -> Iterator[SettingField]:
    definitions: dict[str, Any] = schema.get("$defs", {})

    def whole(entry: dict[str, Any]) -> dict[str, Any]:
        """Follow a reference, and look through `X | None`; what the field says of itself wins."""
        if "$ref" in entry:
            target = definitions[entry["$ref"].rpartition("/")[2]]
            return whole({**target, **{key: value for key, value in entry.items() if key != "$ref"}})
        if "anyOf" in entry:
            inner = next(option for option in entry["anyOf"] if option.get("type") != "null")
            return whole({**inner, **{key: value for key, value in entry.items() if key != "anyOf"}})
        return entry

    def walk(node: dict[str, Any], path: str, part_title: str, defaults: Mapping[str, Any]) -> Iterator[SettingField]:
        """Go through a part. What the part above says of a default wins over what the part says itself."""
        for name, raw in node.get("properties", {}).items():
            entry = whole(raw)
            own = f"{path}.{name}" if path else name
            if name in defaults:
                entry = {**entry, "default": defaults[name]}
            if "properties" in entry:
                yield from walk(entry, own, str(raw.get("title", entry.get("title", name))), entry.get("default") or {})
            elif own != INTEGRATIONS:
                yield _field(entry, own, part_title, is_required=name in node.get("required", ()), items=whole(entry.get("items") or {}))

    yield from walk(schema, prefix, title, {})


def _field(entry: dict[str, Any], path: str, part_title: str, *, is_required: bool, items: dict[str, Any]) -> SettingField:
    part, _, name = path.rpartition(".")
    choices = tuple(str(choice) for choice in entry.get("enum", ()))
    kind = _KINDS.get(entry.get("type", ""), FieldKind.TEXT)
    if kind is FieldKind.LIST and items.get("type") == "object":
        kind = FieldKind.OBJECT
    if kind is FieldKind.LIST:
        choices = tuple(str(choice) for choice in items.get("enum", ()))
    elif not choices and (match := _CHOICES.fullmatch(entry.get("pattern", ""))):
        choices = tuple(match[1].split("|"))
    if kind is FieldKind.TEXT and choices:
        kind = FieldKind.CHOICE
    default = entry.get("default", _EMPTY.get(entry.get("type", "")) if not is_required else None)
    return SettingField(
        path=path,
        part=part,
        part_title=part_title,
        title=str(entry.get("title", name)),
        description=str(entry.get("description", "")),
        kind=kind,
        choices=choices,
        minimum=entry.get("minimum"),
        maximum=entry.get("maximum"),
        longest=entry.get("maxLength"),
        is_required=is_required,
        default=default,
        value=default,
        restart=str(entry.get("restart", "")),
        is_secret=bool(entry.get("secret", False)),
        is_hidden=entry.get("widget") == "hidden" or kind is FieldKind.OBJECT,
    )
