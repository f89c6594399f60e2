"""Settings from the environment: `VOXELLE_SETTING__VOICE__VOLUME=0.5`. They win, and are never saved."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from voxelle.settings.fields import FieldKind, SettingField

PREFIX = "VOXELLE_SETTING__"


def variable(path: str) -> str:
    """Return the name of the variable that overrides a setting."""
    return PREFIX + path.replace(".", "__").upper()


def overrides(environ: Mapping[str, str], fields: Mapping[str, SettingField]) -> tuple[dict[str, Any], list[str]]:
    """Return the overridden values by path, not yet validated, and a sentence for each variable that names no setting."""
    by_variable = {variable(path): field for path, field in fields.items()}
    found: dict[str, Any] = {}
    notices: list[str] = []
    for name, text in sorted(environ.items()):
        if not name.upper().startswith(PREFIX):
            continue
        field = by_variable.get(name.upper())
        if field is None:
            notices.append(f"The environment variable {name} names no setting and is ignored.")
        else:
            found[field.path] = _value(text, field)
    return found, notices


def _value(text: str, field: SettingField) -> Any:
    """Read a list as JSON or as words between commas, an object as JSON; pydantic reads numbers and switches from text."""
    if field.kind not in (FieldKind.LIST, FieldKind.OBJECT):
        return text
    if field.kind is FieldKind.OBJECT or text.lstrip().startswith("["):
        try:
            return json.loads(text)
        except json.JSONDecodeError:
            return text  # refused by the validation, with a sentence
    return [word.strip() for word in text.split(",") if word.strip()]
