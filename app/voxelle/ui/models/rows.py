"""Lines of the conversation feed, frozen: what chat wrote, what she said, and where one evening ends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from PySide6.QtCore import QCoreApplication

from voxelle.domain.chat import Role, Stimulus, StimulusKind, StreamEvent, Verdict
from voxelle.domain.speech import TurnOutcome
from voxelle.ui.text import ELLIPSIS, isolated, neutral, one_line

NAME_LIMIT = 40


class PieceState(StrEnum):
    """Where a clause of her reply stands."""

    COMING = "coming"
    HEARD = "heard"
    CUT = "cut"
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True)
class Piece:
    """A clause of her reply. `text` has the length of the clause's own, so that word positions fit."""

    index: int
    text: str
    state: PieceState


@dataclass(frozen=True, slots=True)
class Word:
    """The word being heard: positions in the text of the piece with that clause index."""

    clause_index: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class MessageRow:
    """Something that reached her."""

    key: int
    at: datetime
    author: str
    author_id: str
    text: str
    kind: StimulusKind
    event: StreamEvent = StreamEvent.NONE
    roles: frozenset[Role] = frozenset()
    verdict: Verdict = Verdict.QUEUED
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ReplyRow:
    """One turn of hers, growing clause by clause."""

    key: int
    at: datetime
    turn_id: str
    name: str
    accent: str
    to: str = ""
    pieces: tuple[Piece, ...] = ()
    word: Word | None = None
    emotion: str = ""
    outcome: TurnOutcome | None = None
    """None while the turn lasts."""


@dataclass(frozen=True, slots=True)
class DividerRow:
    """A line between now and earlier."""

    key: int
    text: str


Row = MessageRow | ReplyRow | DividerRow


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a reply's text in one style; positions are Python characters."""

    start: int
    end: int
    state: PieceState


def reply_text(row: ReplyRow) -> tuple[str, tuple[Span, ...], tuple[int, int] | None]:
    """Join the pieces: the text, its spans, and where in it the word being heard lies."""
    parts: list[str] = []
    spans: list[Span] = []
    word: tuple[int, int] | None = None
    length = 0
    for piece in row.pieces:
        text = piece.text
        if piece.state is PieceState.BLOCKED:
            text = QCoreApplication.translate("Conversation", "[held back by the safety gate]")
        elif piece.state is PieceState.CUT:
            text = text.rstrip() + ELLIPSIS
        if parts:
            parts.append(" ")
            length += 1
        if row.word is not None and row.word.clause_index == piece.index and piece.state is PieceState.HEARD:
            start, end = (min(max(0, position), len(text)) for position in (row.word.start, row.word.end))
            word = (length + start, length + end) if start < end else None
        parts.append(text)
        spans.append(Span(length, length + len(text), piece.state))
        length += len(text)
    return "".join(parts), tuple(spans), word


def shown_name(stimulus: Stimulus) -> str:
    """Return an author's name, harmless and bounded."""
    return one_line(stimulus.author.name, NAME_LIMIT) or QCoreApplication.translate("Conversation", "somebody")


def shown_text(stimulus: Stimulus) -> str:
    """Return what a stimulus says in one line: the message, or what happened and the message."""
    text = one_line(stimulus.text)
    happened = _happened(stimulus)
    if happened and text:
        return f"{happened} {isolated(text)}"
    return happened or text or QCoreApplication.translate("Conversation", "(an empty message)")


def plain_text(row: Row) -> str:
    """Return a row as text, for the clipboard and screen readers."""
    match row:
        case MessageRow(author=author, text=text):
            return f"{author}: {text}"
        case ReplyRow(name=name):
            return f"{name}: {reply_text(row)[0]}"
        case DividerRow(text=text):
            return text


def safe_clause(text: str) -> str:
    """Return a clause for the window, position for position."""
    return neutral(text)


def _happened(stimulus: Stimulus) -> str:
    count = stimulus.amount
    translate = QCoreApplication.translate
    match stimulus.event:
        case StreamEvent.RAID:
            return (
                translate("Conversation", "raids with {count} viewers.").format(count=count)
                if count > 1
                else translate("Conversation", "raids.")
            )
        case StreamEvent.SUBSCRIPTION:
            later = translate("Conversation", "subscribed, month {count}.").format(count=count)
            return later if count > 1 else translate("Conversation", "subscribed.")
        case StreamEvent.GIFT:
            several = translate("Conversation", "gives away {count} subscriptions.").format(count=count)
            return several if count > 1 else translate("Conversation", "gives away a subscription.")
        case StreamEvent.BITS:
            return translate("Conversation", "cheers with {count} bits.").format(count=count)
        case StreamEvent.FOLLOW:
            return translate("Conversation", "follows now.")
        case StreamEvent.REDEMPTION:
            return translate("Conversation", "redeems a reward.")
        case StreamEvent.NONE:
            return ""
