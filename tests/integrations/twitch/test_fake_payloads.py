"""The example payloads cover all topics, in all their kinds, and the recorded evening is whole."""

from __future__ import annotations

import json
from collections import Counter

from tests.fakes.twitch import TOPICS, payloads
from tests.fakes.twitch.envelopes import envelope
from tests.fakes.twitch.payloads_moderation import ACTIONS
from tests.fakes.twitch.payloads_notices import KINDS, NOTICES, SHARED_KINDS
from tests.fakes.twitch.recorded import evening
from voxelle.integrations.twitch.topics import TOPICS as WANTED


def test_every_topic_the_application_wants_is_known_in_its_version() -> None:
    for topic in WANTED:
        assert TOPICS[topic.name].version == topic.version
        assert set(topic.condition) <= set(TOPICS[topic.name].condition)


def test_every_topic_has_examples() -> None:
    assert set(payloads.EXAMPLES) == set(TOPICS)
    for topic, examples in payloads.EXAMPLES.items():
        for example in examples:
            assert json.loads(json.dumps(envelope(topic, example)))["payload"]["event"] == example


def test_every_kind_of_notice_tells_its_own_field_only() -> None:
    assert {notice["notice_type"] for notice in NOTICES} == {*KINDS, *SHARED_KINDS}
    for notice in NOTICES:
        told = [name for name in (*KINDS, *SHARED_KINDS) if notice[name] is not None]
        assert told == [notice["notice_type"]]
        assert (notice["source_broadcaster_user_id"] is not None) == notice["notice_type"].startswith("shared_chat_")
        assert notice["chatter_is_anonymous"] == (notice["chatter_user_id"] is None)


def test_every_act_of_a_moderator_is_there() -> None:
    assert [example["action"] for example in payloads.EXAMPLES["channel.moderate"]] == list(ACTIONS)


def test_the_text_of_a_message_is_the_sum_of_its_pieces() -> None:
    for example in payloads.EXAMPLES["channel.chat.message"]:
        assert "".join(piece["text"] for piece in example["message"]["fragments"]) == example["message"]["text"]


def test_an_example_is_a_copy() -> None:
    payloads.example("channel.follow")["user_id"] = "changed"
    assert payloads.example("channel.follow")["user_id"] != "changed"


def test_the_recorded_evening_is_the_same_every_time() -> None:
    lines = evening()
    assert lines == evening()
    assert 200 <= len(lines) <= 260
    messages = [json.loads(line) for line in lines]
    stamps = [message["metadata"]["message_timestamp"] for message in messages]
    assert stamps == sorted(stamps)
    told = {message["metadata"].get("subscription_type") for message in messages} - {None}
    assert told == set(TOPICS)
    ids = Counter(message["metadata"]["message_id"] for message in messages)
    assert [count for count in ids.values() if count > 1] == [2]
