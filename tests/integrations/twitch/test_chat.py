"""Writing into the chat."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.fakes.twitch.faults import Fault
from tests.fakes.twitch.replies import helix_error
from tests.integrations.twitch.signed_in import Desk, desk
from voxelle.domain.channel import AccountRole
from voxelle.domain.errors import InputError, SetupError, TemporaryError
from voxelle.integrations.twitch import chat
from voxelle.integrations.twitch.chat import ChatWriter
from voxelle.integrations.twitch.chat_answers import Line
from voxelle.kernel.clock import Clock

pytestmark = pytest.mark.virtual_time


@pytest.fixture
async def house(clock: Clock) -> AsyncIterator[Desk]:
    async with desk(clock, answers_in_chat=True) as lent:
        yield lent


class Room:
    """A writer and what it complains about."""

    def __init__(self, house: Desk, broadcaster: Any, bot: Any) -> None:
        self.problems: list[str] = []
        self.writer = ChatWriter(
            lambda: house.settings, house.helix(broadcaster), house.helix(bot), house.clock, house.scope, self.problems.append
        )


async def room(house: Desk, *, has_bot: bool = False) -> Room:
    broadcaster = await house.signed_in()
    bot = await house.signed_in(AccountRole.BOT) if has_bot else house.account(AccountRole.BOT)
    return Room(house, broadcaster, bot)


def texts(house: Desk) -> list[str]:
    return [written.text for written in house.fake.chat.written]


async def test_the_broadcaster_writes_while_there_is_no_bot(house: Desk) -> None:
    here = await room(house)
    await here.writer.write("hello", "parent")
    (written,) = house.fake.chat.written
    assert (written.text, written.reply_to, written.sender_id) == ("hello", "parent", house.fake.streamer.id)
    assert (here.writer.sent, here.writer.not_sent, here.problems) == (1, 0, [])


async def test_the_bot_writes_once_it_is_signed_in(house: Desk) -> None:
    here = await room(house, has_bot=True)
    await here.writer.write("hello")
    assert house.fake.chat.written[0].sender_id == house.fake.bot.id


async def test_a_bot_that_twitch_refuses_leaves_it_to_the_broadcaster(house: Desk) -> None:
    here = await room(house, has_bot=True)
    house.fake.disconnect_app(house.fake.bot)
    await here.writer.write("hello")
    assert house.fake.chat.written[0].sender_id == house.fake.streamer.id


async def test_nobody_who_may_write_is_said(house: Desk) -> None:
    here = Room(house, await house.signed_in(scopes=("user:read:chat",)), house.account(AccountRole.BOT))
    with pytest.raises(SetupError) as caught:
        await here.writer.write("hello")
    assert caught.value.sentence == chat.NOBODY
    signed_out = Room(house, house.account(), await house.signed_in(AccountRole.BOT))
    with pytest.raises(SetupError) as caught:
        await signed_out.writer.write("hello")
    assert caught.value.sentence == chat.NO_CHANNEL


async def test_the_last_account_that_is_refused_ends_in_a_sentence(house: Desk) -> None:
    here = await room(house)
    house.fake.disconnect_app()
    with pytest.raises(SetupError):
        await here.writer.write("hello")
    assert here.problems == [chat.NOBODY]


@pytest.mark.parametrize(
    "text, sentence",
    [(" \u200b\n", chat.EMPTY), ("see example.com", chat.LINK), ("/ban x", chat.COMMAND), ("\u200b!so x", chat.COMMAND)],
)
async def test_what_may_not_be_written_is_refused(house: Desk, text: str, sentence: str) -> None:
    here = await room(house)
    with pytest.raises(InputError) as caught:
        await here.writer.write(text)
    assert caught.value.sentence == sentence
    here.writer.offer(Line(text))
    await house.clock.sleep(5)
    assert texts(house) == []
    assert here.problems == ([] if sentence == chat.EMPTY else [sentence])


async def test_links_and_commands_are_written_once_allowed(house: Desk) -> None:
    house.settings = house.settings.model_copy(update={"may_write_links": True, "may_write_commands": True})
    here = await room(house)
    await here.writer.write("!so example.com")
    assert texts(house) == ["!so example.com"]


async def test_a_long_text_comes_in_pieces_and_in_order(house: Desk) -> None:
    here = await room(house)
    text = " ".join(f"word{number}" for number in range(300))
    await asyncio.gather(here.writer.write(text), here.writer.write("and then this"))
    assert " ".join(texts(house)) == f"{text} and then this"
    assert here.writer.sent == len(texts(house))


@pytest.mark.parametrize("has_bot, count", [(False, 150), (True, 45)])
async def test_nothing_is_ever_too_fast(house: Desk, has_bot: bool, count: int) -> None:
    here = await room(house, has_bot=has_bot)
    house.fake.streamer.moderators.clear()
    for number in range(count):
        await here.writer.write(f"number {number}")
    assert house.fake.chat.dropped == []
    assert here.writer.sent == count


async def test_a_bot_that_moderates_may_write_more(house: Desk) -> None:
    here = await room(house, has_bot=True)
    here.writer.note_bot(is_privileged=True)
    for number in range(60):
        await here.writer.write(f"number {number}")
    assert house.clock.monotonic() < 10
    here.writer.note_bot(is_privileged=False)
    began = house.clock.monotonic()
    await here.writer.write("slowly again")
    assert house.clock.monotonic() - began > 20


async def test_a_flood_leaves_out_the_oldest_and_says_so(house: Desk) -> None:
    here = await room(house, has_bot=True)
    for number in range(60):
        here.writer.offer(Line(f"number {number}"))
    await house.clock.sleep(300)
    written = texts(house)
    assert written[-1] == "number 59"
    assert here.problems == [chat.TOO_MUCH] * (60 - len(written))
    assert here.writer.sent + here.writer.not_sent == 60


async def test_one_text_longer_than_the_queue_is_still_written(house: Desk) -> None:
    here = await room(house)
    await here.writer.write(" ".join(["x" * 400] * 60))
    assert len(texts(house)) == 60


async def test_a_dropped_message_is_told_and_its_rest_is_not_sent(house: Desk) -> None:
    here = await room(house)
    house.fake.chat.drops.append(("msg_rejected", "Your message is being checked by mods."))
    with pytest.raises(SetupError, match="checked by mods"):
        await here.writer.write("x " * 600)
    assert texts(house) == []
    assert here.writer.not_sent == 3
    assert len(here.problems) == 1
    house.fake.chat.drops.append(("", ""))
    with pytest.raises(SetupError, match="no reason"):
        await here.writer.write("y")


async def test_the_same_again_is_not_sent_within_half_a_minute(house: Desk) -> None:
    here = await room(house, has_bot=True)
    await here.writer.write("Thank you!")
    with pytest.raises(InputError) as caught:
        await here.writer.write("Thank you!")
    assert caught.value.sentence == chat.SAME_AGAIN
    assert here.problems == [chat.SAME_AGAIN]
    await house.clock.sleep(30)
    await here.writer.write("Thank you!")
    assert len(texts(house)) == 2


async def test_broadcasters_and_moderators_may_repeat_themselves(house: Desk) -> None:
    here = await room(house)
    await here.writer.write("Thank you!")
    await here.writer.write("Thank you!")
    assert len(texts(house)) == 2


async def test_a_limit_of_theirs_is_waited_for(house: Desk) -> None:
    here = await room(house)
    house.fake.faults.error(429, "Too Many Requests", "messages", times=2)
    await here.writer.write("hello")
    assert texts(house) == ["hello"]
    house.fake.faults.error(429, "Too Many Requests", "messages", times=3)
    with pytest.raises(TemporaryError):
        await here.writer.write("never")


async def test_a_broken_line_costs_that_text_alone_and_nothing_is_sent_twice(house: Desk) -> None:
    here = await room(house)
    house.fake.faults.add(Fault("messages", is_lost=True))
    here.writer.offer(Line("taken, but the answer was lost"))
    here.writer.offer(Line("the next one"))
    await house.clock.sleep(30)
    assert texts(house) == ["taken, but the answer was lost", "the next one"]
    assert len(here.problems) == 1


async def test_announcements_are_spaced_and_need_their_permission(house: Desk) -> None:
    here = await room(house)
    for number in range(3):
        here.writer.offer(Line(f"thanks {number}", is_announcement=True))
    await house.clock.sleep(20)
    assert [written.is_announcement for written in house.fake.chat.written] == [True] * 3
    plain = Room(house, await house.signed_in(scopes=("user:read:chat", "user:write:chat")), house.account(AccountRole.BOT))
    plain.writer.offer(Line("thanks", is_announcement=True))
    await house.clock.sleep(20)
    assert not house.fake.chat.written[-1].is_announcement


async def test_an_announcement_that_is_refused_is_told(house: Desk) -> None:
    here = await room(house)
    house.fake.faults.add(Fault("announcements", reply=helix_error(403, "The user is not a moderator of the channel.")))
    here.writer.offer(Line("thanks", is_announcement=True))
    await house.clock.sleep(5)
    assert "not a moderator" in here.problems[0]


async def test_closing_tells_whoever_waits(house: Desk) -> None:
    here = await room(house, has_bot=True)
    waiting = asyncio.gather(*(here.writer.write(f"number {number}") for number in range(5)), return_exceptions=True)
    await house.clock.sleep(1)
    await house.scope.close()
    outcomes = [str(each) for each in await waiting if each is not None]
    assert set(outcomes) == {chat.CLOSING}
    with pytest.raises(TemporaryError):
        await here.writer.write("too late")
