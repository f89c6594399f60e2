"""How long her answers take: the stages of the last turn, and the usual and the slow case of the last twenty."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from voxelle.domain.events import TurnEnded
from voxelle.ui.bridge import Bridge

TURNS = 20
TO_SOUND = ("dequeued", "prompt", "first_token", "first_clause", "gated", "first_sample", "audible")
"""Marks on the way to the first sound; each stage lasts from the mark before it."""
AFTER = (("first_token", "llm_done"), ("audible", "last_sample"))
"""What goes on beside it and afterwards: from, to."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A bar of the waterfall, in seconds since the stimulus. `mark` names where it ends."""

    mark: str
    start_s: float
    end_s: float

    @property
    def length_s(self) -> float:
        """How long it took."""
        return self.end_s - self.start_s


def stages(marks: Mapping[str, float]) -> tuple[Stage, ...]:
    """Return the bars of a trace, in order; a mark that is missing joins its time to the next."""
    bars: list[Stage] = []
    since = 0.0
    for mark in TO_SOUND:
        if mark in marks:
            end = max(since, marks[mark])
            bars.append(Stage(mark, since, end))
            since = end
    bars += [Stage(end, marks[start], max(marks[start], marks[end])) for start, end in AFTER if start in marks and end in marks]
    return tuple(bars)


def percentile(values: Iterable[float], share: float) -> float | None:
    """Return the nearest-rank percentile, or None without values."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else None


class LatencyModel(QObject):
    """Figures of the newest turns."""

    changed = Signal()

    def __init__(self, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._audible: deque[float] = deque(maxlen=TURNS)
        self.stages: tuple[Stage, ...] = ()
        self.audible_s: float | None = None
        """When the last turn was first heard; None when it made no sound."""
        self.engines: Mapping[str, str] = {}
        self.notes: tuple[str, ...] = ()
        bridge.subscribe(TurnEnded, self._on_turn_ended)

    @property
    def count(self) -> int:
        """How many turns the percentiles are of."""
        return len(self._audible)

    @property
    def p50_s(self) -> float | None:
        """Half of the turns were heard sooner."""
        return percentile(self._audible, 0.5)

    @property
    def p95_s(self) -> float | None:
        """All but the slowest of twenty were heard sooner."""
        return percentile(self._audible, 0.95)

    def _on_turn_ended(self, event: TurnEnded) -> None:
        trace = event.record.trace
        self.stages = stages(trace.marks)
        self.engines = trace.engines
        self.notes = trace.notes
        self.audible_s = trace.marks.get("audible")
        if self.audible_s is not None:
            self._audible.append(self.audible_s)
        self.changed.emit()
