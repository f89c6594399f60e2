"""What goes wrong around the connection leaves it, and everything else, as it should be."""

from __future__ import annotations

import asyncio
import json

import pytest

from tests.fakes.twitch import payloads
from tests.integrations.twitch.connected import EVERYTHING, connected
from tests.integrations.twitch.frames import frame, session
from voxelle.domain.errors import InputError, SetupError
from voxelle.domain.events import HealthLevel
from voxelle.kernel.clock import Clock

pytestmark = pytest.mark.virtual_time


async def test_a_message_that_the_show_does_not_take_stops_nothing(clock: Clock) -> None:
    async with connected(clock) as made:
        made.house.error = InputError("no")
        made.fake.emit("channel.chat.message")
        await clock.sleep(1)
        made.house.error = None
        made.fake.emit("channel.chat.message", payloads.chat_message("hi", message_id="second"))
        await clock.sleep(1)
        assert [each.id for each in made.house.stimuli] == ["twitch:second"]
        assert made.counter("failed") == 1


async def test_unknown_topics_and_broken_frames_are_counted(clock: Clock) -> None:
    async with connected(clock) as made:
        made.fake.send_raw("{")
        made.fake.send_raw(frame("channel.unheard_of", {}))
        made.fake.send_raw(session("session_fanfare"))
        await clock.sleep(1)
        assert (made.counter("malformed"), made.counter("unknown")) == (1, 2)


async def test_a_locked_password_store_is_a_matter_for_the_streamer(clock: Clock) -> None:
    async with connected(clock, is_signed_in=False) as made:
        made.secrets.error = SetupError("The password store is locked.")
        made.supervisor.restart("twitch")
        await clock.sleep(1)
        level, sentence = made.last_light()
        assert level is HealthLevel.NEEDS_YOU
        assert sentence.startswith("The password store is locked.")


async def test_being_taken_away_leaves_nothing_open(clock: Clock) -> None:
    async with connected(clock) as made:
        fake = made.fake
    await asyncio.sleep(0)
    assert fake.lines.open_lines() == []
    http = made.service._channel._http._http
    assert getattr(http, "is_closed", False)


async def test_nothing_of_a_message_or_a_name_reaches_the_log(clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    async with connected(clock, **EVERYTHING) as made:
        for each in payloads.EXAMPLES:
            made.fake.emit(each)
        made.fake.send_raw('{"metadata": {"secret words": 1}}')
        await clock.sleep(100)
    written = capsys.readouterr().out
    assert "malformed" in written
    for word in ("Viewer23", "secret", "Hello", json.loads(made.secrets.kept["twitch.broadcaster"])["access"]):
        assert word not in written
