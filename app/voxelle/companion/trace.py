"""The trace of a turn: when each stage was reached, what the gate said, who served."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voxelle.domain.speech import GateVerdict, TurnTrace

if TYPE_CHECKING:
    from voxelle.kernel.clock import Clock

STAGES = ("dequeued", "prompt", "first_token", "first_clause", "gated", "first_sample", "audible", "llm_done", "last_sample", "ended")
"""Names of the marks, in the order of the road."""


class TraceBook:
    """Collects the marks of one turn, in seconds since its stimulus reached triage."""

    def __init__(self, clock: Clock, started_s: float) -> None:
        self._clock = clock
        self._started_s = started_s
        self._marks: dict[str, float] = {}
        self._verdicts: list[GateVerdict] = []
        self._notes: list[str] = []
        self.prompt_tokens: dict[str, int] = {}
        self.engines: dict[str, str] = {}

    def mark(self, stage: str) -> None:
        """Note that a stage was reached; only the first time counts."""
        if stage not in self._marks:
            self._marks[stage] = self._clock.monotonic() - self._started_s

    def remark(self, stage: str) -> None:
        """Note that a stage was reached; the last time counts."""
        self._marks[stage] = self._clock.monotonic() - self._started_s

    def verdict(self, verdict: GateVerdict) -> None:
        """Keep what the gate said of a clause."""
        self._verdicts.append(verdict)

    def note(self, sentence: str) -> None:
        """Keep a sentence about something unusual, once."""
        if sentence not in self._notes:
            self._notes.append(sentence)

    def closed(self) -> TurnTrace:
        """Return the finished trace, marks in the order of the road."""
        marks = {stage: self._marks[stage] for stage in STAGES if stage in self._marks}
        return TurnTrace(marks, dict(self.prompt_tokens), tuple(self._verdicts), dict(self.engines), tuple(self._notes))
