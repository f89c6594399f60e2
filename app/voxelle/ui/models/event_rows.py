"""One line of the list of events, frozen: what happened, what she made of it, and whether the streamer has seen to it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from PySide6.QtCore import QCoreApplication, QDate, QLocale

from voxelle.domain.chat import ChannelEvent, KeptEvent, StreamEvent
from voxelle.ui.models.badges import Badge, shared_badge, test_badge
from voxelle.ui.models.event_words import amount_words, happened, has_actor
from voxelle.ui.models.rows import NAME_LIMIT, removed_text
from voxelle.ui.text import one_line

_REACTION_LIMIT = 120


@dataclass(frozen=True, slots=True)
class EventRow:
    """All texts are harmless and bounded."""

    id: str
    kind: StreamEvent
    time: str
    """When, with the day unless it was today."""
    name: str
    """Who did it, empty where the words are a whole sentence."""
    words: str
    amount: str
    text: str
    reaction: str
    badges: tuple[Badge, ...] = ()
    platform: str = ""
    author_id: str = ""
    is_answered: bool = False
    is_acknowledged: bool = False
    is_removed: bool = False
    """What the viewer wrote with it was taken back: `text` says so."""


def event_row(kept: KeptEvent, now: datetime) -> EventRow:
    """Return the line for an event."""
    event = kept.channel_event
    badges = (*((test_badge(),) if event.is_test else ()), *((shared_badge(),) if event.is_shared else ()))
    return EventRow(
        id=event.id,
        kind=event.event,
        time=_time(event.received_at.astimezone(), now.astimezone()),
        name=_name(event) if has_actor(event.event) else "",
        words=happened(event.event, event.field),
        amount=amount_words(event.event, event.amount),
        text=one_line(event.text),
        reaction=_capitalised(one_line(kept.reaction, _REACTION_LIMIT)),
        badges=badges,
        platform=event.author.platform,
        author_id=event.author.id,
        is_answered=kept.is_answered,
        is_acknowledged=kept.acknowledged_at is not None,
    )


def without_text(row: EventRow, reason: str) -> EventRow:
    """Return a line that has lost what the viewer wrote."""
    return replace(row, text=removed_text(reason), is_removed=True)


def headline(row: EventRow) -> str:
    """Return who did what, without how much."""
    return f"{row.name} {row.words}" if row.name else row.words


def spoken_event(row: EventRow) -> str:
    """Return a line for screen readers and the clipboard."""
    done = (QCoreApplication.translate("Events", "Acknowledged"),) if row.is_acknowledged else ()
    parts = (row.time, headline(row), row.amount, row.text, row.reaction, *_words(row), *done)
    return ". ".join(part for part in parts if part)


def _words(row: EventRow) -> tuple[str, ...]:
    return tuple(_capitalised(badge.words) for badge in row.badges)


def _capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]


def _name(event: ChannelEvent) -> str:
    translate = QCoreApplication.translate
    if event.is_anonymous:
        return translate("Events", "Somebody unnamed")
    return one_line(event.author.name, NAME_LIMIT) or translate("Events", "Somebody")


def _time(at: datetime, now: datetime) -> str:
    clock = f"{at:%H:%M}"
    if at.date() == now.date():
        return clock
    return f"{QLocale().toString(QDate(at.year, at.month, at.day), QLocale.FormatType.ShortFormat)} {clock}"
