"""The trace of a turn: when each stage was reached, what the gate said, who served."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voxelle.domain.speech import GateVerdict, TurnTrace

if TYPE_CHECKING:
    from voxelle.kernel.clock import Clock

STAGES = (
    "endpointed",
    "recognised",
    "dequeued",
    "prompt",
    "first_token",
    "first_clause",
    "gated",
    "first_sample",
    "audible",
    "llm_done",
    "last_sample",
    "ended",
)
"""Names of the marks, in the order of the road."""
THOUGHT_AHEAD = "She began to think before it was certain that you had finished."
"""The note of a turn that was begun while somebody still spoke."""


class TraceBook:
    """Collects the marks of one turn, in seconds since its stimulus reached triage, or since the end of the speech that it was."""

    def __init__(self, clock: Clock, started_s: float) -> None:
        self._clock = clock
        self._started_s = started_s
        self._at_s: dict[str, float] = {}
        """By the clock."""
        self._verdicts: list[GateVerdict] = []
        self._notes: list[str] = []
        self.prompt_tokens: dict[str, int] = {}
        self.engines: dict[str, str] = {}

    def begin_anew(self, started_s: float) -> None:
        """Count from another moment: what was reached before it was there at once."""
        self._started_s = started_s

    def has(self, stage: str) -> bool:
        """Whether a stage was reached."""
        return stage in self._at_s

    def mark(self, stage: str) -> None:
        """Note that a stage was reached; only the first time counts."""
        if stage not in self._at_s:
            self._at_s[stage] = self._clock.monotonic()

    def mark_at(self, stage: str, at_s: float) -> None:
        """Note when a stage was reached, by the clock; only the first time counts."""
        self._at_s.setdefault(stage, at_s)

    def remark(self, stage: str) -> None:
        """Note that a stage was reached; the last time counts."""
        self._at_s[stage] = self._clock.monotonic()

    def verdict(self, verdict: GateVerdict) -> None:
        """Keep what the gate said of a clause."""
        self._verdicts.append(verdict)

    def note(self, sentence: str) -> None:
        """Keep a sentence about something unusual, once."""
        if sentence not in self._notes:
            self._notes.append(sentence)

    def closed(self) -> TurnTrace:
        """Return the finished trace, marks in the order of the road."""
        marks = {stage: max(0.0, self._at_s[stage] - self._started_s) for stage in STAGES if stage in self._at_s}
        return TurnTrace(marks, dict(self.prompt_tokens), tuple(self._verdicts), dict(self.engines), tuple(self._notes))
