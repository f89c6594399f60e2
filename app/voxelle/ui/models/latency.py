"""How long her answers take: the stages of the last turn, the usual and the slow case of the last twenty, and where the time goes."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from voxelle.companion.trace import THOUGHT_AHEAD
from voxelle.domain.events import TurnEnded
from voxelle.ui.bridge import Bridge

TURNS = 20
TO_SOUND = ("endpointed", "recognised", "dequeued", "prompt", "first_token", "first_clause", "gated", "first_sample", "audible")
"""Marks on the way to the first sound; each stage lasts from the mark before it."""
SPOKEN = "endpointed"
"""The mark that only answers to something said have."""
AFTER = (("first_token", "llm_done"), ("audible", "last_sample"))
"""What goes on beside it and afterwards: from, to."""
SOON_S = 0.6
"""An answer that is mostly heard so soon needs no improvement: people take turns in about half a second."""
_FEWEST = 5
"""So many answers tell something about the usual case."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A bar of the waterfall, in seconds since the stimulus, or since the end of the speech that it was. `mark` names where it ends."""

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


@dataclass(frozen=True, slots=True)
class Usual:
    """How long a stage takes in half of the answers, and in all but the slowest of twenty, in seconds."""

    mark: str
    p50_s: float
    p95_s: float


def usual_stages(turns: Iterable[Mapping[str, float]]) -> tuple[Usual, ...]:
    """Return the figures of each stage on the way to the first sound, in order, from the marks of turns that were heard."""
    lengths: dict[str, list[float]] = {mark: [] for mark in TO_SOUND}
    for marks in turns:
        for bar in stages(marks):
            if bar.mark in lengths:
                lengths[bar.mark].append(bar.length_s)
    figures = ((mark, percentile(values, 0.5), percentile(values, 0.95)) for mark, values in lengths.items())
    return tuple(Usual(mark, p50_s, p95_s) for mark, p50_s, p95_s in figures if p50_s is not None and p95_s is not None)


def improvable(turns: Sequence[Mapping[str, float]]) -> str:
    """Return the mark at whose stage to improve first: where most of the time usually goes. Empty while she is quick or little is known."""
    usual_s = percentile((marks["audible"] for marks in turns if "audible" in marks), 0.5)
    if len(turns) < _FEWEST or usual_s is None or usual_s <= SOON_S:
        return ""
    return max(usual_stages(turns), key=lambda usual: usual.p50_s).mark


class LatencyModel(QObject):
    """Figures of the newest turns."""

    changed = Signal()

    def __init__(self, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._spoken: deque[Mapping[str, float]] = deque(maxlen=TURNS)
        self._written: deque[Mapping[str, float]] = deque(maxlen=TURNS)
        """The marks of the newest turns that were heard: answers to what was said, and to everything else."""
        self.is_spoken = False
        """The last turn that was heard answered something that was said; the figures are of such turns then."""
        self.stages: tuple[Stage, ...] = ()
        self.audible_s: float | None = None
        """When the last turn was first heard; None when it made no sound."""
        self.engines: Mapping[str, str] = {}
        self.notes: tuple[str, ...] = ()
        """What was unusual."""
        self.is_ahead = False
        """She had begun to think before it was certain that the speaker had finished."""
        bridge.subscribe(TurnEnded, self._on_turn_ended)

    @property
    def _audible(self) -> Sequence[Mapping[str, float]]:
        return self._spoken if self.is_spoken else self._written

    @property
    def count(self) -> int:
        """How many turns the percentiles are of."""
        return len(self._audible)

    @property
    def p50_s(self) -> float | None:
        """Half of the turns were heard sooner."""
        return percentile(self._heard_s(), 0.5)

    @property
    def p95_s(self) -> float | None:
        """All but the slowest of twenty were heard sooner."""
        return percentile(self._heard_s(), 0.95)

    @property
    def usual(self) -> tuple[Usual, ...]:
        """The figures of each stage."""
        return usual_stages(self._audible)

    @property
    def improvable(self) -> str:
        """The mark at whose stage to improve first, or an empty text."""
        return improvable(self._audible)

    def _heard_s(self) -> Iterable[float]:
        return (marks["audible"] for marks in self._audible)

    def _on_turn_ended(self, event: TurnEnded) -> None:
        trace = event.record.trace
        self.stages = stages(trace.marks)
        self.engines = trace.engines
        self.notes = tuple(note for note in trace.notes if note != THOUGHT_AHEAD)
        self.is_ahead = THOUGHT_AHEAD in trace.notes
        self.audible_s = trace.marks.get("audible")
        if self.audible_s is not None:
            self.is_spoken = SPOKEN in trace.marks
            (self._spoken if self.is_spoken else self._written).append(trace.marks)
        self.changed.emit()
