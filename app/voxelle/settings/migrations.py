"""Brings an old settings file to the present shape: numbered steps, each a pure function from tree to tree.

A renamed setting or a changed default needs a step here, and a test that holds the old file.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import Any

from voxelle.domain.errors import InputError
from voxelle.settings.schema import SCHEMA_VERSION

Tree = dict[str, Any]
Step = Callable[[Tree], Tree]


def _from_0_to_1(tree: Tree) -> Tree:
    """A file written by hand, without a version, means the first one."""
    return tree


STEPS: tuple[Step, ...] = (_from_0_to_1,)
"""`STEPS[n]` leads from version n to n + 1."""


def migrate(tree: Tree, steps: Sequence[Step] = STEPS) -> Tree:
    """Return the tree at the newest version; the given one is left as it is. Raises InputError for one it can't know."""
    version = tree.get("schema_version", 0)
    if not isinstance(version, int) or isinstance(version, bool) or version < 0:
        msg = "its schema_version is not a number"
        raise InputError(msg)
    if version > len(steps):
        msg = f"it was written by a newer Voxelle (version {version} of the file, this one knows {len(steps)})"
        raise InputError(msg)
    current = copy.deepcopy(tree)
    for step in steps[version:]:
        current = step(current)
    return {**current, "schema_version": len(steps)}


if len(STEPS) != SCHEMA_VERSION:  # pragma: no cover -- a mistake of ours, seen at the first start
    msg = "settings.schema.SCHEMA_VERSION and settings.migrations.STEPS do not agree."
    raise RuntimeError(msg)
