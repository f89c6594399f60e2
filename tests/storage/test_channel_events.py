"""Events of the channels come back as they were kept."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from tests.storage import postgres
from tests.storage.samples import NOON
from voxelle.domain.chat import Author, ChannelEvent, KeptEvent, Retraction, Role, StreamEvent
from voxelle.kernel.clock import SystemClock
from voxelle.storage.database import Database
from voxelle.storage.tables import channel_events


def kept(number: int = 0, **changes: object) -> KeptEvent:
    """Return an event with everything in it."""
    fields: dict[str, object] = {
        "id": f"twitch:{number:06}",
        "event": StreamEvent.GIFT,
        "author": Author(f"u{number}", "Ann \ud83d😀", "twitch", frozenset({Role.VIP, Role.SUBSCRIBER})),
        "received_at": NOON + timedelta(seconds=number),
        "source": "twitch",
        "text": "have \x00 fun",
        "amount": 10**12,
        "fields": (("tier", "1"), ("reward", "\u202eHydrate")),
        "is_anonymous": True,
        "is_shared": True,
        "is_test": True,
        "is_spoken": False,
    }
    event = ChannelEvent(**{**fields, **changes})  # type: ignore[arg-type]
    return KeptEvent(event, "joined with 4 others", is_answered=True)


async def test_events_come_back_newest_first(database: Database) -> None:
    for number in (2, 1, 3):
        await database.channel_events.append_event(kept(number))
    assert await database.channel_events.recent_events(2) == [kept(3), kept(2)]
    assert await database.channel_events.recent_events(0) == ()


@pytest.mark.parametrize("event", list(StreamEvent))
async def test_every_kind_can_be_kept(sqlite: Database, event: StreamEvent) -> None:
    bare = KeptEvent(ChannelEvent("x", event, Author("", ""), NOON, "twitch"), "switched off")
    await sqlite.channel_events.append_event(bare)
    assert await sqlite.channel_events.recent_events(5) == [bare]


async def test_a_second_event_of_the_same_id_changes_nothing(database: Database) -> None:
    other = replace(kept(1), reaction="another")
    await asyncio.gather(database.channel_events.append_event(kept(1)), database.channel_events.append_event(other))
    assert await database.channel_events.recent_events(5) == [kept(1)]


async def test_an_event_is_ticked_off_once(database: Database) -> None:
    await database.channel_events.append_event(kept(1))
    first = datetime(2026, 3, 2, tzinfo=UTC)
    await database.channel_events.acknowledge_event("twitch:000001", first)
    await database.channel_events.acknowledge_event("twitch:000001", first + timedelta(days=1))
    await database.channel_events.acknowledge_event("unknown", first)
    assert await database.channel_events.recent_events(5) == [replace(kept(1), acknowledged_at=first)]


@pytest.mark.parametrize(
    "retraction,blanked",
    [
        (Retraction("twitch", stimulus_ids=("twitch:000001",)), {1}),
        (Retraction("twitch", author_id="u2"), {2}),
        (Retraction("youtube", author_id="u2"), set()),
        (Retraction("twitch", is_everything=True), set()),
    ],
)
async def test_words_with_an_event_can_be_taken_back(database: Database, retraction: Retraction, blanked: set[int]) -> None:
    for number in (1, 2, 3):
        await database.channel_events.append_event(kept(number))
    await database.channel_events.retract_events(retraction)
    found = await database.channel_events.recent_events(5)
    assert {int(each.channel_event.id[-1]) for each in found if not each.channel_event.text} == blanked


async def test_an_event_written_by_another_version_is_left_out(database: Database) -> None:
    for number in (1, 2):
        await database.channel_events.append_event(kept(number))
    await database._writer.append(update(channel_events).where(channel_events.c.id == "twitch:000001").values(event="dance"), {})
    assert await database.channel_events.recent_events(5) == [kept(2)]


async def test_events_are_there_after_a_restart(location: Path | str) -> None:
    database = Database.open(location, clock=SystemClock(), on_notice=print, password=postgres.PASSWORD)
    await database.channel_events.append_event(kept(1))
    await database.close()
    database = Database.open(location, clock=SystemClock(), on_notice=print, password=postgres.PASSWORD)
    assert await database.channel_events.recent_events(5) == [kept(1)]
    await database.close()
