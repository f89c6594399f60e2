"""Turns and messages come back as they were kept."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, update

from tests.storage import postgres
from tests.storage.samples import NOON, decision, stimulus, turn
from voxelle.domain.avatar import Emotion, Feeling, FeelingSource
from voxelle.domain.chat import Author, Retraction, Role, Stimulus, StimulusKind, StreamEvent
from voxelle.domain.errors import InputError
from voxelle.domain.speech import GateVerdict, HeardClause, TurnOutcome, TurnRecord, TurnTrace
from voxelle.kernel.clock import SystemClock
from voxelle.storage.database import Database
from voxelle.storage.tables import messages, turns

# Everything Python calls text: control characters and lone surrogates too.
words = st.text(st.characters(exclude_categories=()), max_size=30)
short = st.text(st.characters(exclude_categories=()), min_size=1, max_size=10)
seconds = st.floats(allow_nan=False)
moments = st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 -- hypothesis wants bounds without a zone
feelings = st.builds(Feeling, st.sampled_from(Emotion), seconds, st.sampled_from(FeelingSource))
authors = st.builds(Author, words, words, words, st.frozensets(st.sampled_from(Role)))
stimuli = st.builds(
    Stimulus,
    *(words, st.sampled_from(StimulusKind), authors, words, moments, words),
    *(st.sampled_from(StreamEvent), st.integers(-(2**63), 2**63 - 1), st.booleans()),
)
traces = st.builds(
    TurnTrace,
    marks=st.dictionaries(words, seconds, max_size=3),
    prompt_tokens=st.dictionaries(words, st.integers(), max_size=3),
    verdicts=st.lists(st.builds(GateVerdict, st.integers(), st.booleans(), words), max_size=2).map(tuple),
    engines=st.dictionaries(words, words, max_size=2),
    notes=st.lists(words, max_size=2).map(tuple),
)
records = st.builds(
    TurnRecord,
    id=short,
    character_id=short,
    started_at=moments,
    ended_at=moments,
    outcome=st.sampled_from(TurnOutcome),
    stimuli=st.lists(stimuli, max_size=3).map(tuple),
    prompt_line=words,
    heard=st.lists(st.builds(HeardClause, st.integers(), words, feelings, st.booleans()), max_size=3).map(tuple),
    trace=traces,
)


@pytest.fixture
def shared(location: Path | str) -> Iterator[tuple[asyncio.Runner, Database]]:
    """A database for many examples, with the loop it lives on."""
    with asyncio.Runner() as runner:
        database = Database.open(location, clock=SystemClock(), on_notice=print, password=postgres.PASSWORD)
        yield runner, database
        runner.run(database.close())


@given(record=records)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_any_turn_comes_back_as_it_was(shared: tuple[asyncio.Runner, Database], record: TurnRecord) -> None:
    runner, database = shared

    async def keep_and_read() -> list[TurnRecord]:
        await database._writer.perform(lambda connection: connection.execute(delete(turns)))
        await database.conversations.append_turn(record)
        return list(await database.conversations.recent_turns(record.character_id, 5))

    assert runner.run(keep_and_read()) == [record]


async def test_messages_are_kept_with_their_decision_and_counted(database: Database) -> None:
    nasty = stimulus(2, "nul \x00, sub \x1a, \u202eright to left, \ud83d alone, 😀", amount=500)
    for each in (stimulus(1), nasty):
        await database.conversations.append_message(each, decision(each))
    assert await database.conversations.count_messages() == 2
    that = select(messages).where(messages.c.id == nasty.id)
    row = await database._reader.read(lambda connection: connection.execute(that).mappings().one())
    assert row["text"] == nasty.text
    assert (row["author_roles"], row["amount"], row["event"], row["received_at"]) == ("subscriber,vip", 500, "bits", nasty.received_at)
    assert (row["verdict"], row["score"], row["reason"], row["merged_into"]) == ("merged", 0.75, "asks the same", "s-other")


async def test_a_second_message_of_the_same_id_changes_nothing(database: Database) -> None:
    first = stimulus(1, "first")
    await database.conversations.append_message(first, decision(first))
    await database.conversations.append_message(replace(first, text="second"), decision(first))
    assert await database.conversations.count_messages() == 1
    assert await database._reader.read(lambda connection: connection.execute(select(messages.c.text)).scalar_one()) == "first"


async def test_a_second_turn_of_the_same_id_changes_nothing(database: Database) -> None:
    await database.conversations.append_turn(turn(1))
    await database.conversations.append_turn(replace(turn(1), prompt_line="other", stimuli=()))
    assert await database.conversations.recent_turns("mira", 9) == [turn(1)]


async def test_recent_turns_are_the_newest_of_that_character_oldest_first(database: Database) -> None:
    for number in (3, 1, 2, 4):
        await database.conversations.append_turn(turn(number))
    await database.conversations.append_turn(turn(5, "basil"))
    found = await database.conversations.recent_turns("mira", 3)
    assert [each.id for each in found] == ["t-000002", "t-000003", "t-000004"]
    assert await database.conversations.recent_turns("mira", 0) == ()
    assert await database.conversations.recent_turns("nobody", 3) == []


async def test_a_moment_of_another_zone_is_the_same_moment(database: Database) -> None:
    from zoneinfo import ZoneInfo

    local = replace(turn(1), started_at=NOON.astimezone(ZoneInfo("Asia/Tokyo")))
    await database.conversations.append_turn(local)
    [found] = await database.conversations.recent_turns("mira", 1)
    assert found.started_at == NOON
    assert found.started_at.tzinfo is UTC


async def test_a_moment_without_a_zone_is_refused_and_nothing_of_the_turn_is_kept(database: Database) -> None:
    broken = replace(turn(1), stimuli=(replace(stimulus(1), received_at=datetime(2026, 1, 1)),))  # noqa: DTZ001 -- that is the point
    with pytest.raises(InputError):
        await database.conversations.append_turn(broken)
    assert await database.conversations.recent_turns("mira", 1) == []


async def test_forgetting_a_character_deletes_its_turns_and_nothing_else(database: Database) -> None:
    await database.conversations.append_turn(turn(1))
    await database.conversations.append_turn(turn(2))
    await database.conversations.append_turn(turn(3, "basil"))
    assert await database.conversations.forget_character("mira") == 2
    assert await database.conversations.forget_character("mira") == 0
    assert await database.conversations.recent_turns("mira", 9) == []
    assert await database.conversations.recent_turns("basil", 9) == [turn(3, "basil")]


async def test_a_turn_written_by_another_version_is_left_out(database: Database) -> None:
    for number in (1, 2, 3):
        await database.conversations.append_turn(turn(number))
    first = update(turns).where(turns.c.id == "t-000001").values(outcome="dreamt")
    second = update(turns).where(turns.c.id == "t-000002").values(heard={"new": 1})
    for statement in (first, second):
        await database._writer.append(statement, {})
    assert await database.conversations.recent_turns("mira", 9) == [turn(3)]


async def test_everything_is_there_after_a_restart(location: Path | str) -> None:
    for number in (1, 2):
        database = Database.open(location, clock=SystemClock(), on_notice=print, password=postgres.PASSWORD)
        await database.conversations.append_turn(turn(number))
        await database.close()
    database = Database.open(location, clock=SystemClock(), on_notice=print, password=postgres.PASSWORD)
    assert await database.conversations.recent_turns("mira", 9) == [turn(1), turn(2)]
    await database.close()


def said(number: int, author: str, platform: str = "twitch") -> Stimulus:
    return replace(stimulus(number, f"line {number}"), author=Author(author, author, platform))


@pytest.mark.parametrize(
    "retraction,blanked",
    [
        (Retraction("twitch", stimulus_ids=("s-000001", "unknown")), {1}),
        (Retraction("twitch", author_id="ann"), {1, 2}),
        (Retraction("youtube", author_id="ann"), set()),
        (Retraction("twitch", is_everything=True), {2, 3}),
        (Retraction("twitch"), set()),
    ],
)
async def test_what_was_taken_back_is_kept_without_its_words(database: Database, retraction: Retraction, blanked: set[int]) -> None:
    lines = [said(1, "ann"), said(2, "ann"), said(3, "bob"), said(4, "bob", "local")]
    for each in lines:
        await database.conversations.append_message(each, decision(each))
        await database.conversations.append_turn(replace(turn(int(each.id[-1])), stimuli=(each, said(9, "cid", "discord"))))
    await database.conversations.retract(retraction, since=NOON + timedelta(seconds=2))
    texts = await database._reader.read(lambda connection: connection.execute(select(messages.c.id, messages.c.text)).all())
    assert {int(message_id[-1]) for message_id, text in texts if not text} == blanked
    for record in await database.conversations.recent_turns("mira", 9):
        is_blanked = int(record.id[-1]) in blanked
        assert [each.text for each in record.stimuli] == ["" if is_blanked else f"line {record.id[-1]}", "line 9"]
        assert record.prompt_line == ("" if is_blanked else turn(0).prompt_line)
        assert record.heard == turn(0).heard
    assert await database.conversations.count_messages() == 4


async def test_a_retraction_comes_after_everything_that_was_handed_over_before(database: Database) -> None:
    lines = [said(number, "ann") for number in range(300)]
    writes = [database.conversations.append_message(each, decision(each)) for each in lines]
    await asyncio.gather(*writes, database.conversations.retract(Retraction("twitch", author_id="ann"), NOON))
    assert await database._reader.read(lambda connection: set(connection.execute(select(messages.c.text)).scalars())) == {""}
