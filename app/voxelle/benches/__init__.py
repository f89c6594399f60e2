"""Measurements with goals: `voxelle bench NAME --json`. Ratios and counts are the contract; machines differ."""

from __future__ import annotations

import importlib
import math
import sys
from collections.abc import Sequence
from contextlib import redirect_stdout
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from voxelle.domain.errors import InputError
from voxelle.kernel import log

if TYPE_CHECKING:
    from voxelle.kernel.paths import Paths

NAMES = ("turn", "bargein", "hearing", "echo", "voice", "road", "lipsync", "chat-flood", "startup", "idle", "kill-engine", "kill-app")


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number. `goal` is a bound like `<= 5`, or empty where the number is only told."""

    name: str
    value: float
    unit: str
    goal: str = ""

    @property
    def is_ok(self) -> bool:
        """Whether the value keeps its goal; a value that is no number never does."""
        if math.isnan(self.value):
            return False
        relation, _, bound = self.goal.partition(" ")
        match relation:
            case "<":
                return self.value < float(bound)
            case "<=":
                return self.value <= float(bound)
            case ">=":
                return self.value >= float(bound)
            case "==":
                return self.value == float(bound)
            case _:
                return True


@dataclass(frozen=True, slots=True)
class Report:
    """What a bench found."""

    bench: str
    figures: tuple[Figure, ...]

    @property
    def is_ok(self) -> bool:
        """Whether there are figures and all keep their goals."""
        return bool(self.figures) and all(figure.is_ok for figure in self.figures)

    def as_json(self) -> dict[str, Any]:
        """Return the report in the form that `--json` prints."""
        figures = [
            {**asdict(figure), "value": None if math.isnan(figure.value) else figure.value, "ok": figure.is_ok} for figure in self.figures
        ]
        return {"bench": self.bench, "figures": figures, "ok": self.is_ok}

    def as_text(self) -> str:
        """Return the report for a reader."""
        rows = [
            f"{'ok' if figure.is_ok else 'MISSED':7} {figure.name:32} {figure.value:12.3f} {figure.unit:10} {figure.goal}"
            for figure in self.figures
        ]
        return "\n".join([f"bench {self.bench}: {'ok' if self.is_ok else 'a goal was missed'}", *rows])


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which `share` (0..1) of the values lie (nearest rank); nan for none."""
    if not values:
        return math.nan
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, math.ceil(share * len(ordered)) - 1))]


def run(name: str, paths: Paths) -> Report:
    """Run a bench by its name. InputError for an unknown one. Nothing but the report belongs on standard output."""
    if name not in NAMES:
        msg = f"There is no bench {name!r}; there are {', '.join(NAMES)}."
        raise InputError(msg)
    module = importlib.import_module(f"voxelle.benches.{name.replace('-', '_')}")
    log.configure("warning", None, to_stderr=True)
    try:
        with redirect_stdout(sys.stderr):
            figures: tuple[Figure, ...] = module.measure(paths)
    finally:
        log.close()
    return Report(name, figures)
