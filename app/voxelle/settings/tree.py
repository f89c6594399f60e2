"""Settings as a tree that is read and changed by dotted paths, integrations' parts included."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from pydantic import BaseModel, ValidationError

from voxelle.domain.errors import InputError, SetupError
from voxelle.settings.fields import INTEGRATIONS, SettingField
from voxelle.settings.schema import Settings
from voxelle.settings.wording import sentence


class SettingsTree:
    """Knows the schema of all parts. Pure: gives back new trees and never changes one."""

    def __init__(self, fields: Mapping[str, SettingField], parts: Mapping[str, type[BaseModel]]) -> None:
        self._fields = fields
        self._parts = parts

    def value(self, settings: Settings, path: str) -> Any:
        """Return the value at a known path, as JSON value."""
        return self.values(settings, (path,))[path]

    def values(self, settings: Settings, paths: Iterable[str]) -> dict[str, Any]:
        """Return the values at known paths, as JSON values; each part is looked at once."""
        parts: dict[str, Any] = {}
        found: dict[str, Any] = {}
        for path in paths:
            names = path.split(".")
            depth = 2 if names[0] == INTEGRATIONS else 1
            part = ".".join(names[:depth])
            if part not in parts:
                parts[part] = self._dumped(settings, names[:depth])
            node = parts[part]
            for name in names[depth:]:
                is_there = isinstance(node, dict) and name in node
                node = node[name] if is_there else self._fields[path].default
                if not is_there:
                    break
            found[path] = node
        return found

    def _dumped(self, settings: Settings, names: list[str]) -> Any:
        """Return a whole part as JSON values."""
        if names[0] != INTEGRATIONS:
            return settings.model_dump(mode="json", include={names[0]})[names[0]]
        own = settings.integrations.get(names[1], {})
        try:
            return self._parts[names[1]].model_validate(self._known(names[1], own)).model_dump(mode="json")
        except ValidationError:
            return own  # not complete yet

    def part(self, settings: Settings, integration_id: str) -> BaseModel:
        """Return an integration's part in its own type. Raises SetupError, InputError for one that is not installed."""
        model = self._parts.get(integration_id)
        if model is None:
            msg = f"The connection {integration_id} is not installed."
            raise InputError(msg)
        try:
            return model.model_validate(self._known(integration_id, settings.integrations.get(integration_id, {})))
        except ValidationError as error:
            raise SetupError(sentence(error, lambda path: self._title(f"{INTEGRATIONS}.{integration_id}.{path}"))) from error

    def changed(self, settings: Settings, values: Mapping[str, Any], *, is_trusted: bool = False) -> Settings:
        """Return the settings with other values at known paths. Raises InputError with a sentence.

        A password inside an address is refused, since the file is no place for one, unless
        `is_trusted`: what comes from the environment is not kept.
        """
        if not values:
            return settings
        tree = settings.model_dump(mode="json")
        for path, value in values.items():
            if not is_trusted:
                _refuse_password(value)
            names = path.split(".")
            if names[0] == INTEGRATIONS:
                own = tree[INTEGRATIONS].get(names[1], {})
                tree[INTEGRATIONS][names[1]] = self._changed_part(names[1], own, names[2:], value)
            else:
                _put(tree, names, value)
        try:
            return Settings.model_validate(tree)
        except ValidationError as error:
            raise InputError(sentence(error, self._title)) from error

    def _changed_part(self, integration_id: str, own: Mapping[str, Any], names: list[str], value: Any) -> dict[str, Any]:
        """Return an integration's part with one value changed; entries it does not know (any more) are kept."""
        known = json.loads(json.dumps(self._known(integration_id, own)))
        if value is None and self._fields[".".join((INTEGRATIONS, integration_id, *names))].is_required:
            return {name: kept for name, kept in own.items() if name != names[0]}
        _put(known, names, value)
        try:
            valid = self._parts[integration_id].model_validate(known).model_dump(mode="json", include={names[0]})
        except ValidationError as error:
            if all(details["loc"][:1] != (names[0],) for details in error.errors()):
                return {**own, names[0]: known[names[0]]}  # only others are still missing
            raise InputError(sentence(error, lambda path: self._title(f"{INTEGRATIONS}.{integration_id}.{path}"))) from error
        return {**own, **valid}

    def _known(self, integration_id: str, own: Mapping[str, Any]) -> dict[str, Any]:
        fields = self._parts[integration_id].model_fields
        return {name: value for name, value in own.items() if name in fields}

    def _title(self, path: str) -> str | None:
        """Return the title of a setting; what lies inside a structured one goes by the title of the whole."""
        while path:
            field = self._fields.get(path)
            if field is not None:
                return field.title
            path = path.rpartition(".")[0]
        return None


def _put(tree: dict[str, Any], names: list[str], value: Any) -> None:
    for name in names[:-1]:
        tree = tree.setdefault(name, {})
    tree[names[-1]] = value


def _refuse_password(value: Any) -> None:
    if not isinstance(value, str) or "://" not in value:
        return
    try:
        address = urlsplit(value)
        has_password = bool(address.password) or "password" in parse_qs(address.query)
    except ValueError:
        return  # no address after all: the setting's own rules judge it
    if has_password:
        msg = "Leave the password out of the address: it is saved separately, in the system's password store."
        raise InputError(msg)
