"""Events as the show announces them, with what a test does not care about filled in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from voxelle.domain.avatar import Emotion, Feeling
from voxelle.domain.chat import Author, Decision, QueueItem, Role, Stimulus, StimulusKind, StreamEvent, Verdict
from voxelle.domain.events import ClauseHeard, ClausePassed, MessageReceived, TurnEnded, TurnStarted
from voxelle.domain.speech import Clause, HeardClause, TurnOutcome, TurnRecord, TurnTrace

AT = datetime(2026, 1, 2, 20, 15, tzinfo=UTC)


def stimulus(
    text: str = "hi",
    *,
    key: str = "s1",
    author: str = "kenji",
    kind: StimulusKind = StimulusKind.CHAT,
    event: StreamEvent = StreamEvent.NONE,
    amount: int = 0,
    roles: frozenset[Role] = frozenset(),
) -> Stimulus:
    return Stimulus(key, kind, Author(f"id-{author}", author, "twitch", roles), text, AT, event=event, amount=amount)


def message(what: Stimulus | str = "hi", verdict: Verdict = Verdict.QUEUED, reason: str = "a question") -> MessageReceived:
    known = what if isinstance(what, Stimulus) else stimulus(what)
    return MessageReceived(known, Decision(known.id, verdict, 1.0, reason))


def started(turn: str = "t1", *stimuli: Stimulus, merged: int = 0) -> TurnStarted:
    return TurnStarted(turn, "mira", stimuli or (stimulus(),), merged)


def clause(text: str, index: int = 0, turn: str = "t1", emotion: Emotion = Emotion.NEUTRAL) -> Clause:
    return Clause(turn, index, text, Feeling(emotion, 0.8))


def passed(text: str, index: int = 0, turn: str = "t1") -> ClausePassed:
    return ClausePassed(clause(text, index, turn))


def heard(text: str, index: int = 0, turn: str = "t1", emotion: Emotion = Emotion.NEUTRAL) -> ClauseHeard:
    return ClauseHeard(clause(text, index, turn, emotion), 1.0)


def record(
    *texts: str,
    turn: str = "t1",
    outcome: TurnOutcome = TurnOutcome.COMPLETED,
    stimuli: Sequence[Stimulus] = (),
    marks: Mapping[str, float] | None = None,
    notes: tuple[str, ...] = (),
) -> TurnRecord:
    is_cut = outcome is TurnOutcome.CUT
    clauses = tuple(HeardClause(i, text, Feeling(), not is_cut or i < len(texts) - 1) for i, text in enumerate(texts))
    trace = TurnTrace(marks=dict(marks or {}), notes=notes)
    return TurnRecord(turn, "mira", AT, AT, outcome, tuple(stimuli), "", clauses, trace)


def ended(
    *texts: str, turn: str = "t1", outcome: TurnOutcome = TurnOutcome.COMPLETED, marks: Mapping[str, float] | None = None
) -> TurnEnded:
    return TurnEnded(record(*texts, turn=turn, outcome=outcome, marks=marks))


def waiting(key: str, score: float = 10.0, *, merged: int = 0, text: str = "hi") -> QueueItem:
    return QueueItem(stimulus(text, key=key, author=f"viewer {key}"), score, ("a question",), merged_count=merged)
