"""Lines of the conversation feed, frozen: what chat wrote, what she said, and where one evening ends."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from PySide6.QtCore import QCoreApplication

from voxelle.domain.chat import Stimulus, StimulusKind, StreamEvent, Verdict
from voxelle.domain.speech import TurnOutcome
from voxelle.ui.models.badges import Badge, badges_of
from voxelle.ui.models.event_words import has_actor, sentence
from voxelle.ui.text import ELLIPSIS, isolated, neutral, one_line

NAME_LIMIT = 40
_REASON_LIMIT = 120


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
    badges: tuple[Badge, ...] = ()
    verdict: Verdict = Verdict.QUEUED
    reason: str = ""
    stimulus_id: str = ""
    platform: str = ""
    is_removed: bool = False
    """It was taken back: `text` says so, and nothing of it is left."""

    @property
    def is_waited_for(self) -> bool:
        """Whether it is a line of chat that she took up."""
        return self.kind is StimulusKind.CHAT and self.verdict is not Verdict.DROPPED and bool(self.reason) and not self.is_removed


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
    if stimulus.event is not StreamEvent.NONE and stimulus.kind is not StimulusKind.CHAT:
        happened = sentence(stimulus.event, stimulus.amount)
        return f"{happened} – {isolated(text)}" if text else happened
    return text or QCoreApplication.translate("Conversation", "(an empty message)")


def message_row(stimulus: Stimulus, key: int = 0, verdict: Verdict = Verdict.QUEUED, reason: str = "") -> MessageRow:
    """Return the line for something that reached her."""
    is_sentence = stimulus.kind is StimulusKind.EVENT and not has_actor(stimulus.event)
    is_removed = is_taken_back(stimulus)
    return MessageRow(
        key,
        stimulus.received_at,
        "" if is_sentence else shown_name(stimulus),
        stimulus.author.id,
        removed_text() if is_removed else shown_text(stimulus),
        stimulus.kind,
        stimulus.event,
        badges_of(stimulus),
        verdict,
        reason,
        stimulus.id,
        stimulus.author.platform,
        is_removed,
    )


def without_text(row: MessageRow, reason: str) -> MessageRow:
    """Return a line of which nothing is left but who wrote it, and why it is gone."""
    return replace(row, text=removed_text(reason), is_removed=True)


def is_taken_back(stimulus: Stimulus) -> bool:
    """Tell whether a stimulus comes without its words because they were taken back."""
    return stimulus.kind is StimulusKind.CHAT and not stimulus.text and not stimulus.is_answerable


def removed_text(reason: str = "") -> str:
    """Return what stands in place of a message that was taken back."""
    translate = QCoreApplication.translate
    why = one_line(reason, _REASON_LIMIT)
    return translate("Conversation", "removed: {reason}").format(reason=why) if why else translate("Conversation", "removed")


def plain_text(row: Row) -> str:
    """Return a row as text, for the clipboard."""
    match row:
        case MessageRow(author=author, text=text):
            return f"{author}: {text}" if author else text
        case ReplyRow(name=name):
            return f"{name}: {reply_text(row)[0]}"
        case DividerRow(text=text):
            return text


def spoken_text(row: Row) -> str:
    """Return a row for screen readers: with its badges in words."""
    if not isinstance(row, MessageRow) or not row.badges:
        return plain_text(row)
    words = ", ".join(badge.words for badge in row.badges)
    return f"{row.author} ({words}): {row.text}" if row.author else f"{row.text} ({words})"


def told_of(row: Row) -> str:
    """Return what hovering tells of a line of the chat: its badges in words, and what triage thought of it."""
    if not isinstance(row, MessageRow):
        return ""
    words = ", ".join(badge.words for badge in row.badges)
    verdict = f"{row.verdict.value}: {row.reason}" if row.reason else ""
    return " · ".join(each for each in (words, verdict) if each)


def safe_clause(text: str) -> str:
    """Return a clause for the window, position for position."""
    return neutral(text)
