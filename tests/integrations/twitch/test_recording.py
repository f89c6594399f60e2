"""A recorded chat: whose it is, when things happened, and each of them once."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.fakes.twitch import payloads
from tests.fakes.twitch.envelopes import envelope
from tests.fakes.twitch.payloads_chat import cheermote, fragment, message
from tests.fakes.twitch.payloads_notices import community_gift, sub_gift
from tests.fakes.twitch.payloads_notices import raid as raid_notice
from tests.fakes.twitch.payloads_support import bits, raid
from tests.fakes.twitch.recorded import evening
from tests.integrations.twitch.frames import frame, session
from voxelle.domain.chat import ChannelEvent, Retraction, Stimulus, StreamEvent
from voxelle.domain.errors import InputError
from voxelle.integrations.twitch.mapping import Happening
from voxelle.integrations.twitch.recording import Recording

OTHER = ("7331", "other", "Other")


def told(recording: Recording, *lines: str) -> list[ChannelEvent]:
    """The events of some lines."""
    return [each for line in lines for each in recording.read(line)[1] if isinstance(each, ChannelEvent)]


def numbered(*messages: tuple[str, dict[str, Any]]) -> list[str]:
    """Messages under ids of their own."""
    return [frame(topic, event, f"m{number}") for number, (topic, event) in enumerate(messages)]


def test_a_frame_brings_its_own_time_and_counting_starts_with_the_first() -> None:
    recording = Recording()
    first, second = (json.loads(frame("channel.chat.message", payloads.chat_message("hi", message_id=each), each)) for each in "ab")
    second["metadata"]["message_timestamp"] = "2026-01-01T20:00:07.123456789Z"
    assert recording.read(json.dumps(first))[0] == 0.0
    at_s, (line,) = recording.read(json.dumps(second))
    assert at_s == pytest.approx(7.0, abs=0.001)
    assert isinstance(line, Stimulus)
    assert (line.text, line.received_at.year) == ("hi", 2026)


def test_a_line_may_say_when_it_comes() -> None:
    recording = Recording()
    lines = [{"at": at, "message": json.loads(frame("channel.follow", payloads.example("channel.follow"), f"{at}"))} for at in (12.5, 14.0)]
    assert [recording.read(json.dumps(line))[0] for line in lines] == [0.0, 1.5]


def test_what_a_web_hook_got_can_be_replayed_too() -> None:
    event = payloads.chat_message("hi")
    at_s, (line,) = Recording().read(json.dumps({"subscription": {"type": "channel.chat.message"}, "event": event}).encode())
    assert at_s == 0.0
    assert isinstance(line, Stimulus)
    assert line.received_at.tzinfo is not None


def test_heartbeats_and_the_unknown_are_nothing() -> None:
    recording = Recording()
    assert recording.read(session("session_keepalive"))[1] == ()
    assert recording.read(frame("channel.unheard_of", {}))[1] == ()


@pytest.mark.parametrize("line", ["", "hi", "{}", '{"at": 1}', '{"at": -1, "message": {}}', '{"at": 1, "message": {}}'])
def test_another_line_is_an_input_error(line: str) -> None:
    with pytest.raises(InputError):
        Recording().read(line)


def test_what_several_topics_tell_is_one_thing() -> None:
    cheer = payloads.chat_message("", message=message(cheermote("Cheer", 500), fragment(" hi")), cheer={"bits": 500})
    plain = payloads.example("channel.cheer")
    lines = numbered(
        ("channel.chat.message", cheer),
        ("channel.cheer", {**plain, "bits": 500}),
        ("channel.bits.use", bits(500)),
        ("channel.raid", raid(42)),
        ("channel.chat.notification", raid_notice(viewers=42)),
        ("channel.chat.notification", community_gift(5, gift_id="g")),
        ("channel.chat.notification", sub_gift(OTHER, gift_id="g")),
        ("channel.subscription.gift", {**payloads.example("channel.subscription.gift"), "total": 5}),
    )
    found = [(each.event, each.amount) for each in told(Recording(), *lines)]
    assert found == [(StreamEvent.BITS, 500), (StreamEvent.RAID, 42), (StreamEvent.GIFT, 5)]


def test_a_message_that_was_delivered_twice_is_taken_once() -> None:
    line = frame("channel.follow", payloads.example("channel.follow"))
    assert len(told(Recording(), line, line)) == 1


@pytest.mark.parametrize("field", ["broadcaster_user_id", "from_broadcaster_user_id"])
def test_the_condition_tells_a_raid_out_from_one_in(field: str) -> None:
    leaving = envelope("channel.raid", raid(from_=payloads.STREAMER, to=OTHER))
    leaving["payload"]["subscription"]["condition"] = {field: payloads.STREAMER[0], "to_broadcaster_user_id": ""}
    assert [each.event for each in told(Recording(), json.dumps(leaving))] == [StreamEvent.RAID_OUT]


def test_without_a_condition_the_channel_is_the_one_heard_of_before() -> None:
    recording = Recording()
    recording.read(frame("channel.chat.message", payloads.chat_message("hi"), "f"))
    leaving = json.loads(frame("channel.raid", raid(from_=payloads.STREAMER, to=OTHER)))
    conditions: tuple[object, ...] = ({}, None, 7)
    for condition in conditions:
        leaving["payload"]["subscription"]["condition"] = condition
        leaving["metadata"]["message_id"] = str(condition)
        assert [each.event for each in told(recording, json.dumps(leaving))] == [StreamEvent.RAID_OUT]


def test_she_knows_when_she_is_meant() -> None:
    _, (line,) = Recording(lambda: ("Mira",)).read(frame("channel.chat.message", payloads.chat_message("hi mira!")))
    assert isinstance(line, Stimulus)
    assert line.is_mention


def test_a_recorded_evening_is_read_whole() -> None:
    recording = Recording()
    found: list[Happening] = []
    times = []
    for line in evening():
        at_s, happenings = recording.read(line)
        times.append(at_s)
        found += happenings
    assert times == sorted(times)
    assert sum(isinstance(each, Stimulus) for each in found) > 100
    assert {each.amount for each in found if isinstance(each, ChannelEvent) and each.event is StreamEvent.GIFT} == {10}
    assert any(isinstance(each, Retraction) for each in found)
