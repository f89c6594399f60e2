"""Frames of the event socket: strict about what they are made of, lenient about what is new."""

from __future__ import annotations

import copy
import json
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes.twitch import payloads
from tests.integrations.twitch.frames import AT, CONTEXT, frame, session
from voxelle.domain.chat import ChannelEvent, Retraction, Role, Stimulus
from voxelle.integrations.twitch.limits import LARGEST_FRAME
from voxelle.integrations.twitch.mapping import LONGEST_TEXT
from voxelle.integrations.twitch.messages import (
    Keepalive,
    Malformed,
    Notification,
    Reconnect,
    Revocation,
    Unknown,
    Welcome,
    read_frame,
    to_domain,
)
from voxelle.integrations.twitch.payloads import Payload
from voxelle.integrations.twitch.topics import TOPICS
from voxelle.integrations.twitch.translations import TRANSLATIONS

ALL_EXAMPLES = [(topic, number) for topic, found in payloads.EXAMPLES.items() for number in range(len(found))]


def test_every_kind_of_frame_is_known() -> None:
    assert read_frame(session("session_welcome", keepalive_timeout_seconds=30)) == Welcome("session-1", 30.0, "t")
    assert read_frame(session("session_welcome", keepalive_timeout_seconds=None)) == Welcome("session-1", None, "t")
    assert read_frame(session("session_keepalive")) == Keepalive("t")
    assert read_frame(session("session_reconnect", reconnect_url="wss://a/b")) == Reconnect("wss://a/b")
    assert read_frame(session("session_applause", applause=3)) == Unknown()
    about = {"subscription": {"type": "channel.follow", "status": "user_removed", "id": "s"}}
    told = json.dumps({"metadata": {"message_type": "revocation", "message_id": "x"}, "payload": about})
    assert read_frame(told) == Revocation("channel.follow", "user_removed")
    assert read_frame(frame("channel.unheard_of", {"a": 1})) == Notification(
        "m1", "channel.unheard_of", None, "2026-01-01T20:00:00.123456789Z"
    )


def test_text_and_bytes_are_the_same() -> None:
    raw = frame("channel.chat.message", payloads.chat_message("äöü 🦊"))
    assert read_frame(raw) == read_frame(raw.encode())


@pytest.mark.parametrize("topic, number", ALL_EXAMPLES)
def test_every_official_example_is_understood(topic: str, number: int) -> None:
    found = read_frame(frame(topic, payloads.example(topic, number)))
    assert isinstance(found, Notification)
    if topic == "automod.message.update":
        assert found.event is None
        return
    for happening in to_domain(found, CONTEXT, AT):
        if not isinstance(happening, Retraction):
            assert happening.id.startswith("twitch:")
            assert happening.source == happening.author.platform == "twitch"
            assert happening.received_at == AT


def test_every_topic_that_is_asked_for_is_understood() -> None:
    for topic in {each.name for each in TOPICS}:
        found = read_frame(frame(topic, payloads.example(topic)))
        assert isinstance(found, Notification)
        assert found.event is not None, topic


@pytest.mark.parametrize("topic, number", ALL_EXAMPLES)
def test_a_field_that_is_new_changes_nothing(topic: str, number: int) -> None:
    def with_news(value: Any) -> Any:
        if isinstance(value, dict):
            return {**{name: with_news(each) for name, each in value.items()}, "brand_new": {"deep": [1, None]}}
        return [with_news(each) for each in value] if isinstance(value, list) else value

    plain = payloads.example(topic, number)
    assert read_frame(frame(topic, with_news(plain), brand_new=1)) == read_frame(frame(topic, plain))


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "null",
        "[]",
        "{}",
        "{",
        b"\xff\xfe",
        '"\ud800"',
        '{"metadata": null}',
        '{"metadata": {"message_type": 7}}',
        '{"metadata": {"message_type": "notification"}}',
        '{"metadata": {"message_type": "notification", "message_id": "x"}, "payload": {}}',
        '{"metadata": {"message_type": "notification", "subscription_type": "channel.x"}, "payload": {"event": {}}}',
        '{"metadata": {"message_type": "session_welcome"}, "payload": {"session": {"id": ""}}}',
        '{"metadata": {"message_type": "session_welcome"}, "payload": {"session": {"id": "a", "keepalive_timeout_seconds": -1}}}',
        '{"metadata": {"message_type": "session_reconnect"}, "payload": {"session": {"id": "a", "reconnect_url": null}}}',
        '{"metadata": {"message_type": "revocation"}, "payload": {}}',
        "[" * 100_000,
        " " * (LARGEST_FRAME + 1),
    ],
)
def test_what_can_not_be_taken_is_malformed_and_the_error_quotes_nothing(raw: str | bytes) -> None:
    with pytest.raises(Malformed, match=r"^Twitch sent a message (that can't be read|beyond all measure)\.$"):
        read_frame(raw)


@pytest.mark.parametrize(
    "changes",
    [
        {"message_id": None},
        {"message_id": 7},
        {"message_id": ""},
        {"message_id": "x" * 201},
        {"message": None},
        {"chatter_user_id": 1971641},
        {"cheer": {"bits": -5}},
        {"cheer": {"bits": 1.5}},
        {"cheer": {"bits": 10**30}},
        {"badges": [{"set_id": "x"}] * 101},
    ],
)
def test_a_line_of_the_chat_with_a_wrong_type_or_size_is_malformed(changes: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        read_frame(frame("channel.chat.message", {**payloads.chat_message("hi"), **changes}))


def test_long_texts_are_cut() -> None:
    event = payloads.chat_message("x" * 5000)
    event["chatter_user_name"] = "n" * 5000
    found = read_frame(frame("channel.chat.message", event))
    assert isinstance(found, Notification)
    (line,) = to_domain(found, CONTEXT, AT)
    assert isinstance(line, Stimulus)
    assert (len(line.text), len(line.author.name)) == (LONGEST_TEXT, 100)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)
kinds = st.sampled_from(["notification", "session_welcome", "session_keepalive", "session_reconnect", "revocation", "other"])


@settings(max_examples=150)
@given(raw=st.binary(max_size=300) | st.text(max_size=300))
def test_no_frame_raises_anything_but_malformed(raw: str | bytes) -> None:
    try:
        read_frame(raw)
    except Malformed:
        return


@settings(max_examples=150)
@given(kind=kinds, topic=st.sampled_from(sorted(payloads.EXAMPLES)), payload=json_values)
def test_no_payload_raises_anything_but_malformed(kind: str, topic: str, payload: Any) -> None:
    head = {"message_id": "m", "message_type": kind, "subscription_type": topic}
    for whole in ({"metadata": head, "payload": payload}, {"metadata": head, "payload": {"event": payload}}):
        try:
            found = read_frame(json.dumps(whole))
        except Malformed:
            continue
        if isinstance(found, Notification):
            to_domain(found, CONTEXT, AT)


def _paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(deeper for key, child in children for deeper in _paths(child, (*path, key)))]


@settings(max_examples=300)
@given(data=st.data())
def test_an_official_example_with_anything_in_any_place_is_understood_or_malformed(data: st.DataObject) -> None:
    topic, number = data.draw(st.sampled_from(ALL_EXAMPLES))
    whole = {"event": copy.deepcopy(payloads.example(topic, number))}
    *way, last = data.draw(st.sampled_from(_paths(whole["event"])[1:]))
    place: Any = whole["event"]
    for step in way:
        place = place[step]
    place[last] = data.draw(json_values)
    try:
        found = read_frame(frame(topic, whole["event"]))
    except Malformed:
        return
    assert isinstance(found, Notification)
    for happening in to_domain(found, CONTEXT, AT):
        if not isinstance(happening, Retraction):
            assert len(happening.text) <= LONGEST_TEXT
        if isinstance(happening, ChannelEvent):
            assert happening.amount >= 0
            assert all(len(value) <= LONGEST_TEXT for _, value in happening.fields)


def _shape(topic: str) -> type[Payload]:
    return TRANSLATIONS[topic][0]


@pytest.mark.parametrize("topic, number", [each for each in ALL_EXAMPLES if each[0] in TRANSLATIONS])
def test_what_twitch_leaves_open_is_not_needed(topic: str, number: int) -> None:
    plain = payloads.example(topic, number)
    demanded = {field.name for field in msgspec.structs.fields(_shape(topic)) if field.required}
    others = [name for name in plain if name not in demanded]
    for names in (*([name] for name in others), others):
        for told in ({**plain, **dict.fromkeys(names)}, {name: value for name, value in plain.items() if name not in names}):
            found = read_frame(frame(topic, told))
            assert isinstance(found, Notification)
            to_domain(found, CONTEXT, AT)
    for name in demanded:
        with pytest.raises(Malformed):
            read_frame(frame(topic, {**plain, name: None}))


def test_a_null_or_a_number_as_text_below_the_surface_is_read_too() -> None:
    odd = {
        **payloads.chat_message("Cheer100 hi"),
        "badges": [None, {"set_id": "vip", "id": None, "info": None}],
        "cheer": {"bits": "100"},
        "message": {"text": "Cheer100 hi", "fragments": None},
        "chatter_user_name": None,
        "message_type": None,
    }
    found = read_frame(frame("channel.chat.message", odd))
    assert isinstance(found, Notification)
    line, event = to_domain(found, CONTEXT, AT)
    assert isinstance(line, Stimulus)
    assert isinstance(event, ChannelEvent)
    assert (line.author.name, set(line.author.roles), line.amount) == (payloads.VIEWER[1], {Role.VIP}, 100)
    assert event.amount == 100


@pytest.mark.parametrize("bits", [-1, "a hundred", [], 10**20, 1.5])
def test_what_can_be_no_number_is_malformed(bits: object) -> None:
    with pytest.raises(Malformed):
        read_frame(frame("channel.cheer", {**payloads.example("channel.cheer"), "bits": bits}))
