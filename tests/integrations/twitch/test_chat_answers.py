"""Her answers in the chat."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.integrations.twitch.signed_in import Desk, desk
from voxelle.domain.avatar import Feeling
from voxelle.domain.channel import AccountRole
from voxelle.domain.chat import Author, Retraction, Stimulus, StimulusKind, StreamEvent
from voxelle.domain.events import MessagesRetracted, TurnEnded
from voxelle.domain.speech import HeardClause, TurnOutcome, TurnRecord, TurnTrace
from voxelle.integrations.twitch import chat_answers
from voxelle.integrations.twitch.chat import ChatWriter
from voxelle.kernel.bus import Bus
from voxelle.kernel.clock import Clock

pytestmark = pytest.mark.virtual_time


class Stage:
    """A desk whose writer listens to a bus."""

    def __init__(self, house: Desk, writer: ChatWriter, bus: Bus) -> None:
        self.house = house
        self.bus = bus
        self.end = writer.answers(bus)

    def stimulus(self, **changes: Any) -> Stimulus:
        """A viewer's message, as of now."""
        author = Author("7", "Ada", "twitch")
        made = Stimulus("twitch:m1", StimulusKind.CHAT, author, "hi", self.house.clock.now(), "twitch", platform_id="m1")
        return replace(made, **changes)

    def speak(self, *stimuli: Stimulus, text: str = "Hello Ada!", outcome: TurnOutcome = TurnOutcome.COMPLETED) -> None:
        """A turn ends."""
        now = self.house.clock.now()
        heard = (HeardClause(0, text, Feeling(), is_whole=True),) if text else ()
        record = TurnRecord("t", "c", now, now, outcome, stimuli or (self.stimulus(),), "", heard, TurnTrace())
        self.bus.announce(TurnEnded(record))

    def retract(self, *at_hand: str, **which: Any) -> None:
        """Something is taken back."""
        self.bus.announce(MessagesRetracted(Retraction("twitch", **which), at_hand))

    async def written(self) -> list[tuple[str, str, bool]]:
        """Text, message it replies to, and whether it is an announcement, once all was written."""
        await self.house.clock.sleep(60)
        return [(each.text, each.reply_to, each.is_announcement) for each in self.house.fake.chat.written]

    def switch(self, **switches: bool) -> None:
        """Change the settings while everything runs."""
        self.house.settings = self.house.settings.model_copy(update=switches)


@pytest.fixture
async def stage(clock: Clock, bus: Bus) -> AsyncIterator[Stage]:
    async with desk(clock, answers_in_chat=True) as house:
        broadcaster, bot = house.helix(await house.signed_in()), house.helix(house.account(AccountRole.BOT))
        writer = ChatWriter(lambda: house.settings, broadcaster, bot, clock, house.scope, lambda _: None)
        yield Stage(house, writer, bus)


async def test_an_answer_to_a_message_is_a_reply_to_it(stage: Stage) -> None:
    stage.speak()
    assert await stage.written() == [("Hello Ada!", "m1", False)]


async def test_without_threads_it_is_a_plain_message(stage: Stage) -> None:
    stage.switch(replies_as_thread=False)
    stage.speak()
    assert await stage.written() == [("Hello Ada!", "", False)]


@pytest.mark.parametrize("is_announced", [True, False])
async def test_thanks_for_an_event_can_be_an_announcement(stage: Stage, is_announced: bool) -> None:
    stage.switch(greets_by_announcement=is_announced)
    stage.speak(stage.stimulus(kind=StimulusKind.EVENT, event=StreamEvent.RAID, platform_id="m1"))
    assert await stage.written() == [("Hello Ada!", "", is_announced)]


async def test_answers_to_tests_are_marked_and_reply_to_nothing(stage: Stage) -> None:
    stage.speak(stage.stimulus(is_test=True))
    assert await stage.written() == [("TEST Hello Ada!", "", False)]


async def test_switched_off_nothing_is_written(stage: Stage) -> None:
    stage.switch(answers_in_chat=False)
    stage.speak()
    assert await stage.written() == []


@pytest.mark.parametrize("outcome", [TurnOutcome.FAILED, TurnOutcome.BLOCKED])
async def test_turns_that_came_to_nothing_are_not_written(stage: Stage, outcome: TurnOutcome) -> None:
    stage.speak(outcome=outcome)
    stage.speak(text="")
    assert await stage.written() == []


async def test_what_was_heard_of_a_turn_that_was_cut_is_written(stage: Stage) -> None:
    stage.speak(text="Hello", outcome=TurnOutcome.CUT)
    assert await stage.written() == [("Hello", "m1", False)]


async def test_answers_to_others_stay_out_of_this_chat(stage: Stage) -> None:
    stage.speak(stage.stimulus(source="window"), stage.stimulus())
    stage.bus.announce(TurnEnded(TurnRecord("t", "c", *(stage.house.clock.now(),) * 2, TurnOutcome.COMPLETED, (), "", (), TurnTrace())))
    assert await stage.written() == []


@pytest.mark.parametrize(
    "which",
    [{"stimulus_ids": ("twitch:m1",)}, {"author_id": "7"}, {"is_everything": True}],
)
async def test_nothing_is_written_to_what_was_taken_back(stage: Stage, which: dict[str, Any]) -> None:
    asked = stage.stimulus()
    stage.retract(**which)
    stage.speak(asked)
    stage.speak(stage.stimulus(id="twitch:other", author=Author("9", "Bob", "twitch"), received_at=asked.received_at), asked)
    assert await stage.written() == []


async def test_ids_that_were_at_hand_count_as_well(stage: Stage) -> None:
    stage.retract("twitch:m1", author_id="8")
    stage.speak()
    assert await stage.written() == []


async def test_what_waits_is_withdrawn(stage: Stage) -> None:
    stage.speak(stage.stimulus(id="twitch:m0", author=Author("8", "Bob", "twitch")), text="x " * 600)
    stage.speak()
    stage.retract(author_id="7")
    assert [text[:1] for text, _, _ in await stage.written()] == ["x"] * 3


async def test_what_is_being_written_stops_at_the_next_piece(stage: Stage) -> None:
    stage.speak(text="x " * 600)
    await stage.house.clock.sleep(0.005)
    stage.retract(author_id="7")
    assert len(await stage.written()) == 1


async def test_what_waits_for_its_turn_is_withdrawn_too(stage: Stage) -> None:
    stage.switch(greets_by_announcement=True)
    event = stage.stimulus(kind=StimulusKind.EVENT, event=StreamEvent.RAID)
    stage.speak(replace(event, author=Author("8", "Bob", "twitch"), id="twitch:m0"), text="First")
    stage.speak(event, text="Second")
    await stage.house.clock.sleep(1)
    stage.retract(author_id="7")
    assert [text for text, _, _ in await stage.written()] == ["First"]


async def test_a_new_message_after_a_timeout_is_answered(stage: Stage) -> None:
    stage.retract(author_id="7")
    stage.speak(stage.stimulus(received_at=stage.house.clock.now() + timedelta(seconds=700)))
    assert len(await stage.written()) == 1


async def test_retractions_elsewhere_do_not_count(stage: Stage) -> None:
    stage.bus.announce(MessagesRetracted(Retraction("elsewhere", is_everything=True)))
    stage.speak()
    assert len(await stage.written()) == 1


async def test_the_memory_of_retractions_is_bounded(stage: Stage) -> None:
    stage.retract(*(f"twitch:{number}" for number in range(chat_answers._MOST_REMEMBERED + 1)), author_id="8")
    stage.speak(stage.stimulus(id="twitch:0"))
    assert len(await stage.written()) == 1


async def test_once_ended_nothing_is_listened_to(stage: Stage) -> None:
    stage.end()
    stage.speak()
    assert await stage.written() == []
