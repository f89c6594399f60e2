"""What she says: a reply in clauses, what of it was heard, and the trace it leaves."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from voxelle.domain.avatar import Feeling
from voxelle.domain.chat import Stimulus


class TurnState(StrEnum):
    """Where the show stands."""

    IDLE = "idle"
    THINKING = "thinking"
    SPEAKING = "speaking"
    INTERRUPTED = "interrupted"
    STOPPED = "stopped"


class TurnOutcome(StrEnum):
    """How a turn ended. Every turn that started ends with exactly one of these."""

    COMPLETED = "completed"
    CUT = "cut"
    """Stopped by somebody: the history keeps what was heard."""
    BLOCKED = "blocked"
    """Nothing of the reply passed the safety gate."""
    FAILED = "failed"
    """No engine could answer."""


@dataclass(frozen=True, slots=True)
class WordTiming:
    """A word of a clause and when it sounds, in seconds from the clause's first sample."""

    text: str
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class PhonemeTiming:
    """A phoneme (IPA) and when it begins, in seconds from the clause's first sample."""

    symbol: str
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class Clause:
    """A piece of the reply that is spoken in one breath. Its feeling travels with it to the end."""

    turn_id: str
    index: int
    """0-based position in the reply."""
    text: str
    feeling: Feeling = Feeling()


@dataclass(frozen=True, slots=True)
class HeardClause:
    """A clause as it was audible: `text` may be shorter than what was written."""

    index: int
    text: str
    feeling: Feeling
    is_whole: bool


@dataclass(frozen=True, slots=True)
class GateVerdict:
    """What the safety gate said of a clause. `rule` is an id, never the matched words."""

    clause_index: int
    is_allowed: bool
    rule: str = ""


@dataclass(frozen=True, slots=True)
class TurnTrace:
    """Timings and facts of one turn.

    `marks` are seconds since the stimulus reached triage, by stage name, in this order where
    present: dequeued, prompt, first_token, first_clause, gated, first_sample, audible, llm_done,
    last_sample, ended.
    """

    marks: dict[str, float] = field(default_factory=dict)
    prompt_tokens: dict[str, int] = field(default_factory=dict)
    """Estimated tokens by part of the prompt."""
    verdicts: tuple[GateVerdict, ...] = ()
    engines: dict[str, str] = field(default_factory=dict)
    """Which engine served which stage: `{"llm": "llama_cpp", "tts": "hibari"}`."""
    notes: tuple[str, ...] = ()
    """Plain sentences: a fallback that stepped in, an engine that was lost."""


@dataclass(frozen=True, slots=True)
class TurnRecord:
    """One turn as it is remembered: what she reacted to and exactly what was heard of her answer."""

    id: str
    character_id: str
    started_at: datetime
    ended_at: datetime
    outcome: TurnOutcome
    stimuli: tuple[Stimulus, ...]
    prompt_line: str
    """The stimuli as the model saw them, in one user message."""
    heard: tuple[HeardClause, ...]
    trace: TurnTrace

    @property
    def heard_text(self) -> str:
        """Everything that was audible, in order."""
        return " ".join(clause.text for clause in self.heard if clause.text)

    @property
    def was_cut(self) -> bool:
        """Whether she was stopped before the end of the reply."""
        return self.outcome is TurnOutcome.CUT or any(not clause.is_whole for clause in self.heard)
