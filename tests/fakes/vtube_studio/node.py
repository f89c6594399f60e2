"""Node.js and its packages, which the tests need: brought by packaging/bootstrap.py."""

from __future__ import annotations

import shutil
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "integrations" / "vtube_studio" / "node"


class NodeMissingError(RuntimeError):
    """What the tests need of Node.js is not there."""


def node() -> str:
    """Return Node.js. Raises NodeMissingError with a sentence when it, or a package of ours, is missing."""
    found = shutil.which("node")
    absent = [name for name in ("typescript", "vtubestudio", "ws") if not (FOLDER / "node_modules" / name / "package.json").is_file()]
    if found is None or absent:
        what = "Node.js" if found is None else f"{', '.join(absent)} (packages for Node.js)"
        msg = f"{what} is missing: run `python3 packaging/bootstrap.py test`, which brings it."
        raise NodeMissingError(msg)
    return found
