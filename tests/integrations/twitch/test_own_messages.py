"""What she writes from the broadcaster's account is known when it comes back."""

from __future__ import annotations

import pytest

from tests.fakes.twitch.faults import Fault
from tests.integrations.twitch.signed_in import desk
from voxelle.domain.errors import TemporaryError
from voxelle.integrations.twitch.own_messages import RETURN_S, OwnMessages, SpeakingHelix
from voxelle.kernel.clock import Clock

pytestmark = pytest.mark.virtual_time


async def test_a_message_is_known_by_its_text_once_and_by_its_id_for_long(clock: Clock) -> None:
    own = OwnMessages(clock)
    own.note_text("hello")
    assert own.is_own("m1", "hello")
    assert not own.is_own("m2", "hello"), "the streamer says the same"
    own.note_id("m3")
    own.note_id("")
    await clock.sleep(RETURN_S + 1)
    assert own.is_own("m3", "whatever")
    assert not own.is_own("", "whatever")


async def test_a_text_that_does_not_come_back_is_forgotten(clock: Clock) -> None:
    own = OwnMessages(clock)
    own.note_text("hello")
    await clock.sleep(RETURN_S + 1)
    assert not own.is_own("m1", "hello")


async def test_whatever_is_written_is_noted_and_what_was_dropped_is_not(clock: Clock) -> None:
    async with desk(clock) as lent:
        own = OwnMessages(clock)
        helix = SpeakingHelix(lent.net, await lent.signed_in(), lent.settings, clock, own)
        channel = lent.fake.streamer.id
        sent = await helix.send_message(channel, "shown")
        assert own.is_own(sent.message_id, "another text")
        lent.fake.chat.drops.append(("msg_rejected", "no"))
        await helix.send_message(channel, "dropped")
        assert not own.is_own("x", "dropped")
        await helix.announce(channel, "announced")
        assert own.is_own("x", "announced")
        lent.fake.faults.add(Fault("/chat/messages", is_lost=True))
        with pytest.raises(TemporaryError):
            await helix.send_message(channel, "perhaps shown")
        assert own.is_own("x", "perhaps shown")
