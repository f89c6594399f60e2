"""Every happening once, however often and by whomever it is told."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import pytest

from tests.fakes.twitch import payloads
from tests.fakes.twitch.payloads_chat import chat_message
from tests.fakes.twitch.payloads_notices import community_gift, notice, raid, resub, sub_gift
from tests.fakes.twitch.payloads_support import bits
from tests.fakes.twitch.payloads_support import raid as raided
from tests.integrations.twitch.frames import heard
from voxelle.domain.chat import ChannelEvent, Retraction
from voxelle.integrations.twitch.deduplication import ECHO_S, Deduplication, Echoes, RecentIds, Teller
from voxelle.integrations.twitch.mapping import Happening

NOTICE = "channel.chat.notification"
VIEWER = payloads.VIEWER
Telling = tuple[str, dict[str, Any]]
_numbers = itertools.count()


def _unique(event: dict[str, Any]) -> dict[str, Any]:
    return {**event, "message_id": f"line-{next(_numbers)}"} if "message_id" in event else event


def tell(
    memory: Deduplication, *tellings: Telling, at_s: float = 0.0, session: str = "s1", rivals: frozenset[str] = frozenset()
) -> list[Happening]:
    """Hear some messages, each under an id of its own; return what is new of what they tell."""
    return [
        happening
        for topic, event in tellings
        for happening in heard(topic, event, message_id=f"message-{next(_numbers)}")
        if memory.is_new(happening, Teller(topic, session, rivals), at_s)
    ]


def events(happenings: list[Happening]) -> list[ChannelEvent]:
    return [each for each in happenings if isinstance(each, ChannelEvent)]


def _cheer() -> tuple[Telling, ...]:
    return (
        ("channel.chat.message", _unique(chat_message("Cheer100", cheer={"bits": 100}))),
        ("channel.bits.use", bits(100)),
        ("channel.cheer", {**payloads.example("channel.cheer"), "bits": 100}),
    )


def _kinds() -> dict[str, tuple[Telling, ...]]:
    """What several topics tell of one happening."""
    gift = {**payloads.example("channel.subscription.gift"), "user_id": VIEWER[0]}
    charity = {"charity_name": "Example name", "amount": {"value": 10_000, "decimal_places": 2, "currency": "USD"}}
    return {
        "bits": _cheer(),
        "subscription": ((NOTICE, _unique(payloads.example(NOTICE))), ("channel.subscribe", payloads.example("channel.subscribe"))),
        "resubscription": ((NOTICE, _unique(resub())), ("channel.subscription.message", payloads.example("channel.subscription.message"))),
        "gift bomb": (
            (NOTICE, _unique(community_gift(2, gift_id=f"gift-{next(_numbers)}"))),
            ("channel.subscription.gift", {**gift, "total": 2}),
        ),
        "single gift": ((NOTICE, _unique(sub_gift(("5", "lucky", "Lucky")))), ("channel.subscription.gift", {**gift, "total": 1})),
        "raid": ((NOTICE, _unique(raid(viewers=42))), ("channel.raid", raided(42))),
        "donation": (
            (NOTICE, _unique(notice("charity_donation", charity, ""))),
            ("channel.charity_campaign.donate", {**payloads.example("channel.charity_campaign.donate"), "id": f"d{next(_numbers)}"}),
        ),
        "ban": (("channel.moderate", payloads.example("channel.moderate")), ("channel.ban", payloads.example("channel.ban"))),
    }


@pytest.mark.parametrize("kind", _kinds())
def test_what_several_topics_tell_is_one_event_in_whatever_order(kind: str) -> None:
    for order in itertools.permutations(range(len(_kinds()[kind]))):
        tellings = _kinds()[kind]
        assert len(events(tell(Deduplication(), *(tellings[number] for number in order)))) == 1


@pytest.mark.parametrize("kind", _kinds())
def test_one_topic_alone_is_enough(kind: str) -> None:
    for telling in _kinds()[kind]:
        assert len(events(tell(Deduplication(), telling))) == 1


@pytest.mark.parametrize("kind", _kinds())
def test_the_same_again_is_a_second_event_even_if_its_tellings_are_mixed(kind: str) -> None:
    first, second = _kinds()[kind], _kinds()[kind]
    assert len(events(tell(Deduplication(), *first, *second))) == 2
    assert len(events(tell(Deduplication(), *itertools.chain(*zip(_kinds()[kind], _kinds()[kind], strict=True))))) == 2


def test_another_number_of_bits_is_another_cheer() -> None:
    assert len(events(tell(Deduplication(), ("channel.bits.use", bits(100)), ("channel.cheer", payloads.example("channel.cheer"))))) == 2


def test_a_telling_long_after_is_not_an_echo() -> None:
    memory = Deduplication()
    assert tell(memory, ("channel.bits.use", bits(100)))
    assert tell(memory, _cheer()[2], at_s=ECHO_S + 1)


def test_singles_of_a_bomb_are_silent_and_the_bomb_counts_them() -> None:
    singles = [(NOTICE, _unique(sub_gift((str(number), "x", "X"), gift_id="g"))) for number in range(50)]
    lucky = [("channel.subscribe", {**payloads.example("channel.subscribe", 1), "user_id": str(number)}) for number in range(50)]
    (bomb,) = events(tell(Deduplication(), *singles[:3], (NOTICE, _unique(community_gift(50, gift_id="g"))), *singles[3:], *lucky))
    assert bomb.amount == 50


def test_two_sessions_at_once_tell_one_thing() -> None:
    memory = Deduplication()
    for telling in (("channel.raid", raided(42)), ("channel.shoutout.create", payloads.example("channel.shoutout.create"))):
        assert tell(memory, telling, session="s1", rivals=frozenset({"s2"}))
        assert not tell(memory, telling, session="s2", rivals=frozenset({"s1"}))
    assert memory.echoes == 2


def test_sessions_one_after_the_other_tell_two_things() -> None:
    memory = Deduplication()
    assert tell(memory, ("channel.bits.use", bits(100)), session="s1")
    assert tell(memory, ("channel.bits.use", bits(100)), session="s2")


def test_the_same_id_is_the_same_thing_and_counts_as_told_by_both() -> None:
    memory = Deduplication()
    line = ("channel.chat.message", chat_message("Cheer100", cheer={"bits": 100}, message_id="c1"))
    assert len(tell(memory, line)) == 2
    assert tell(memory, line) == []
    assert tell(memory, line, session="s2", rivals=frozenset({"s1"})) == []
    assert memory.duplicates == 4


def test_a_redemption_is_remembered_however_long_ago_it_came() -> None:
    memory = Deduplication()
    topic = "channel.channel_points_custom_reward_redemption.add"
    assert tell(memory, (topic, payloads.example(topic)))
    assert tell(memory, (topic, payloads.example(topic)), at_s=1e6) == []


def test_retractions_and_test_events_always_pass() -> None:
    memory = Deduplication()
    gone = Retraction("twitch", author_id="twitch:1")
    assert [memory.is_new(gone, Teller("x"), 0.0) for _ in range(3)] == [True] * 3
    (told,) = events(tell(memory, ("channel.raid", raided(1))))
    assert memory.is_new(replace(told, id="twitch:test-1", is_test=True), Teller("test"), 0.0)


def test_the_same_message_again_is_not_new() -> None:
    memory = Deduplication()
    assert [memory.is_new_message("m", 0.0) for _ in range(2)] == [True, False]
    assert memory.duplicates == 1


def test_memory_is_bounded_in_time_and_number() -> None:
    ids = RecentIds(window_s=10.0, most=100)
    for number in range(1000):
        assert ids.is_new(str(number), 0.0)
    assert len(ids) == 100
    assert "999" in ids
    assert ids.is_new("later", 11.0)
    assert len(ids) == 1


def test_echoes_are_bounded_in_time_and_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("voxelle.integrations.twitch.deduplication.MOST_ECHOES", 50)
    echoes = Echoes()
    for number in range(500):
        (told,) = heard("channel.bits.use", bits(number))
        assert isinstance(told, ChannelEvent)
        assert echoes.is_new(told, Teller("channel.bits.use"), 0.0)
    assert len(echoes) == 50


def test_what_is_remembered_goes_round_and_the_oldest_is_forgotten_first() -> None:
    ids = RecentIds(window_s=10.0, most=3)
    assert [ids.is_new(key, at_s) for at_s, key in enumerate("abcdefg")] == [True] * 7
    assert [key in ids for key in "defg"] == [False, True, True, True]
    assert not ids.is_new("g", 15.5)
    assert [key in ids for key in "efg"] == [False, False, True], "e and f came more than 10 s ago"
    assert ids.is_new("e", 16.0)
    assert len(ids) == 2
    assert ids.is_new("z", 60.0)
    assert len(ids) == 1
