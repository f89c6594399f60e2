"""Connections to something outside, one folder each; a folder is found by being here."""

from __future__ import annotations

import importlib
import pkgutil
import sys
from types import ModuleType

from voxelle.contracts.integration import Declaration


def discover(package: ModuleType | None = None) -> dict[str, Declaration]:
    """Return what every folder of `package` (this one, if not given) declares, by id.

    A folder is a package with a `declaration`. Works frozen too, where there are no files to list.
    Raises TypeError for a folder that declares nothing: a mistake of ours, found by its review test.
    """
    parent = package or sys.modules[__name__]
    found: dict[str, Declaration] = {}
    for module in pkgutil.iter_modules(parent.__path__, f"{parent.__name__}."):
        if not module.ispkg:
            continue
        declaration = getattr(importlib.import_module(module.name), "declaration", None)
        if not isinstance(declaration, Declaration):
            msg = f"{module.name} has no declaration."
            raise TypeError(msg)
        found[declaration.id] = declaration
    return found
