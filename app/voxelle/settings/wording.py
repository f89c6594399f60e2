"""Puts what pydantic says of a wrong value into a sentence for the streamer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

_SENTENCES: dict[str, Callable[[dict[str, Any]], str]] = {
    "greater_than_equal": lambda context: f"must be at least {context['ge']:g}",
    "greater_than": lambda context: f"must be more than {context['gt']:g}",
    "less_than_equal": lambda context: f"must be at most {context['le']:g}",
    "less_than": lambda context: f"must be less than {context['lt']:g}",
    "string_too_long": lambda context: f"must be at most {context['max_length']} characters long",
    "string_too_short": lambda context: f"must be at least {context['min_length']} characters long",
    "string_pattern_mismatch": lambda _context: "does not have the right form",
    "enum": lambda context: f"must be one of {context['expected']}",
    "literal_error": lambda context: f"must be one of {context['expected']}",
    "finite_number": lambda _context: "must be a number",
    "value_error": lambda context: f"can't be taken: {context['error']}",
    "missing": lambda _context: "is missing",
}
_BY_KIND = {"bool": "must be on or off", "int": "must be a whole number", "float": "must be a number", "string": "must be text"}
_LISTS = ("tuple", "list", "set")


def sentence(error: ValidationError, title_of: Callable[[str], str | None]) -> str:
    """Return a sentence about the first error. `title_of` gives the title of a dotted path, None if it has none."""
    first = error.errors(include_url=False)[0]
    path, inner = _split(first)
    if first["type"] == "extra_forbidden":
        return f"There is no setting {path}."
    return f"{title_of(path) or path or 'The settings'} {_complaint(first, inner)}."


def _split(details: ErrorDetails) -> tuple[str, str]:
    """Return the dotted path of the setting, and the place inside a list if it is there."""
    names = [str(part) for part in details["loc"] if not isinstance(part, int)]
    inner = next((str(part + 1) for part in details["loc"] if isinstance(part, int)), "")
    return ".".join(names), inner


def _complaint(details: ErrorDetails, inner: str) -> str:
    kind = details["type"]
    write = _SENTENCES.get(kind)
    if write is not None:
        said = write(details.get("ctx") or {})
    elif kind.startswith(_LISTS):
        said = "must be a list"
    else:
        said = _BY_KIND.get(kind.partition("_")[0], "cannot be used like that")
    return f"(entry {inner}) {said}" if inner else said
