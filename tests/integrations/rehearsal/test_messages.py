"""A line of a rehearsal file to a stimulus and back."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voxelle.domain.chat import Author, Role, Stimulus, StimulusKind, StreamEvent
from voxelle.domain.errors import InputError
from voxelle.integrations.rehearsal import messages
from voxelle.integrations.rehearsal.messages import RehearsalLine, read_line, write_line
from voxelle.kernel.clock import Clock, Ids, Randomness, SystemClock

CLOCK = SystemClock()
IDS = Ids(Randomness(1), CLOCK)


def read(values: Any, number: int = 1) -> RehearsalLine:
    return read_line(values if isinstance(values, str) else json.dumps(values), number=number, clock=CLOCK, ids=IDS)


def test_a_chat_line_needs_only_an_author_and_a_text() -> None:
    line = read({"author": "Pixel_Pete", "text": "hi"})
    assert line.at_s == 0.0
    assert line.stimulus.kind is StimulusKind.CHAT
    assert line.stimulus.author == Author("local:pixel_pete", "Pixel_Pete")
    assert line.stimulus.received_at.tzinfo is not None
    assert (line.stimulus.source, line.stimulus.is_mention, line.stimulus.id != "") == ("rehearsal", False, True)


def test_everything_a_line_can_say_is_read_and_what_is_unknown_is_ignored() -> None:
    line = read(
        {
            "at": 12.5,
            "id": "m-1",
            "author": "luna",
            "author_id": "77",
            "platform": "twitch",
            "text": "we come in peace",
            "event": "raid",
            "amount": 30,
            "roles": ["subscriber", "vip"],
            "mention": True,
            "colour": "#ff0000",
        }
    )
    author = Author("77", "luna", "twitch", frozenset({Role.SUBSCRIBER, Role.VIP}))
    assert line.at_s == 12.5
    assert (line.stimulus.id, line.stimulus.author, line.stimulus.kind) == ("m-1", author, StimulusKind.EVENT)
    assert (line.stimulus.event, line.stimulus.amount, line.stimulus.is_mention) == (StreamEvent.RAID, 30, True)


@pytest.mark.parametrize("kind", ["typed", "voice", "greeting", "idle"])
def test_what_comes_from_the_streamer_needs_no_author(kind: str) -> None:
    stimulus = read({"kind": kind, "text": "hello"}).stimulus
    assert stimulus.kind == kind
    assert stimulus.author.roles == {Role.BROADCASTER}


def test_an_event_may_be_silent_and_null_is_as_good_as_missing() -> None:
    stimulus = read({"author": "a", "event": "follow", "text": None, "id": None, "kind": None}).stimulus
    assert (stimulus.text, stimulus.kind) == ("", StimulusKind.EVENT)
    assert read({"author": "a", "text": "x", "event": "bits", "amount": 5, "kind": "chat"}).stimulus.kind is StimulusKind.CHAT


@pytest.mark.parametrize(
    "values, words",
    [
        ("", "not JSON"),
        ("{", "not JSON"),
        ("\x00\x01", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[]", "object in braces"),
        ('"hi"', "object in braces"),
        ({}, "“author” is missing"),
        ({"author": "a"}, "“text” is missing"),
        ({"author": " ", "text": "x"}, "“author” is empty"),
        ({"author": 7, "text": "x"}, "“author” has to be a text"),
        ({"author": "a" * 201, "text": "x"}, "longer than 200"),
        ({"author": "a", "text": ["x"]}, "“text” has to be a text"),
        ({"author": "a", "text": "x", "kind": "shout"}, "“kind” has to be one of typed, chat"),
        ({"author": "a", "text": "x", "event": "party"}, "“event” has to be one of follow"),
        ({"author": "a", "text": "x", "event": ["raid"]}, "“event” has to be one of"),
        ({"author": "a", "text": "x", "at": -1}, "“at”"),
        ({"author": "a", "text": "x", "at": "soon"}, "“at”"),
        ({"author": "a", "text": "x", "at": True}, "“at”"),
        ('{"author": "a", "text": "x", "at": NaN}', "“at”"),
        ('{"author": "a", "text": "x", "at": 1e999}', "“at”"),
        ({"author": "a", "text": "x", "at": 10**400}, "not JSON|“at”"),
        ({"author": "a", "text": "x", "amount": -1}, "“amount”"),
        ({"author": "a", "text": "x", "amount": 1.5}, "“amount”"),
        ({"author": "a", "text": "x", "amount": True}, "“amount”"),
        ({"author": "a", "text": "x", "mention": "yes"}, "“mention”"),
        ({"author": "a", "text": "x", "roles": "vip"}, "“roles”"),
        ({"author": "a", "text": "x", "roles": ["king"]}, "“roles”"),
        ({"author": "a", "text": "x", "roles": [["vip"]]}, "“roles”"),
    ],
)
def test_a_wrong_line_is_named_by_its_number(values: Any, words: str) -> None:
    with pytest.raises(InputError, match=words) as caught:
        read(values, number=17)
    assert str(caught.value).startswith("Line 17 of the rehearsal")


def test_a_line_beyond_all_measure_is_refused_and_a_megabyte_is_not() -> None:
    assert len(read({"author": "a", "text": "x" * 1_000_000}).stimulus.text) == 1_000_000
    with pytest.raises(InputError, match="longer than 4 million"):
        read(" " * (messages.LONGEST_LINE + 1))


def test_half_a_character_becomes_a_mark_and_two_halves_one_character() -> None:
    assert read('{"author": "a", "text": "\\ud83d! \\ud83d\\ude00"}').stimulus.text == "\ufffd! 😀"


STIMULI = st.builds(
    Stimulus,
    id=st.text(st.characters(codec="utf-8"), min_size=1, max_size=50),
    kind=st.sampled_from(StimulusKind),
    author=st.builds(
        Author,
        id=st.text(st.characters(codec="utf-8"), min_size=1, max_size=50),
        name=st.text(st.characters(codec="utf-8"), min_size=1, max_size=50).filter(str.strip),
        platform=st.text(st.characters(codec="utf-8"), max_size=20),
        roles=st.frozensets(st.sampled_from(Role), min_size=1),
    ),
    text=st.text(st.characters(codec="utf-8")),
    received_at=st.just(CLOCK.now()),
    source=st.just("rehearsal"),
    event=st.sampled_from(StreamEvent),
    amount=st.integers(0, messages.HIGHEST_AMOUNT),
    is_mention=st.booleans(),
)


@given(st.floats(0, messages.LATEST_S), STIMULI)
def test_what_is_written_is_read_as_the_same(at_s: float, stimulus: Stimulus) -> None:
    class Frozen(SystemClock):
        def now(self) -> Any:
            return stimulus.received_at

    clock: Clock = Frozen()
    line = RehearsalLine(at_s, stimulus)
    assert read_line(write_line(line), number=1, clock=clock, ids=IDS) == line


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text(), lambda each: st.lists(each) | st.dictionaries(st.text(), each)))
def test_no_json_value_is_a_bug(value: Any) -> None:
    try:
        read(value if isinstance(value, str) else json.dumps(value))
    except InputError as error:
        assert error.sentence.endswith(".")  # noqa: PT017 -- reading it is as good as refusing it
