"""The streamer's switches: which lines of the chat may be answered."""

from __future__ import annotations

from typing import Any

import pytest

from tests.companion.conftest import chat
from voxelle.companion.admission import Keywords
from voxelle.companion.triage import Triage
from voxelle.domain.chat import Author, Role, Stimulus, StimulusKind, StreamEvent, Verdict
from voxelle.settings.schema import TurnSettings

NO_MODES: dict[str, Any] = {
    "answer_all": False,
    "answer_mentions": False,
    "answer_highlighted": False,
    "answer_bits_from": 0,
    "answer_first_time": False,
}
REFUSED = "nothing in it that you let her answer"


def by(role: Role, **changes: Any) -> Stimulus:
    """Return a line of somebody of a standing."""
    return chat("hello there", "v", author=Author("v", "v", "twitch", frozenset({role})), **changes)


def bits(amount: int) -> Stimulus:
    """Return a line with bits."""
    return chat("hello there", event=StreamEvent.BITS, amount=amount)


@pytest.mark.parametrize(
    "switches,stimulus,is_taken",
    [
        ({}, chat("what game is this?"), False),
        ({"answer_all": True}, chat("hello there"), True),
        ({"answer_mentions": True}, chat("hello Mira", is_mention=True), True),
        ({"answer_mentions": True}, chat("hello there"), False),
        ({"answer_questions": True}, chat("what game is this"), True),
        ({"answer_questions": True}, chat("nice game"), False),
        ({"answer_keywords": ("SONG",)}, chat("which song, Mira"), True),
        ({"answer_keywords": ("song",)}, chat("songs are nice"), False),
        ({"answer_highlighted": True}, chat("look at me", is_highlighted=True), True),
        ({"answer_bits_from": 100}, bits(100), True),
        ({"answer_bits_from": 100}, bits(99), False),
        ({"answer_bits_from": 0}, bits(9999), False),
        ({"answer_first_time": True}, by(Role.FIRST_TIME), True),
        ({"answer_mentions": True, "answer_questions": True}, chat("why is that?"), True),
        ({}, chat("anything", kind=StimulusKind.TYPED), True),
        ({}, chat("anything", kind=StimulusKind.EVENT, event=StreamEvent.RAID), True),
    ],
)
def test_any_switch_that_fits_lets_a_line_through(switches: dict[str, Any], stimulus: Stimulus, is_taken: bool) -> None:
    decision = Triage(TurnSettings(**{**NO_MODES, **switches})).submit(stimulus, 0.0)
    assert (decision.verdict is Verdict.QUEUED) == is_taken
    assert is_taken or decision.reason == REFUSED


@pytest.mark.parametrize("role", [Role.SUBSCRIBER, Role.VIP, Role.MODERATOR, Role.BROADCASTER])
def test_supporters_only_leaves_the_others_out(role: Role) -> None:
    queue = Triage(TurnSettings(only_supporters=True))
    assert queue.submit(by(role), 0.0).verdict is Verdict.QUEUED
    assert queue.submit(by(Role.FIRST_TIME, stimulus_id="x"), 0.0).reason == "only supporters are answered"


def test_supporters_only_goes_with_the_other_switches() -> None:
    queue = Triage(TurnSettings(only_supporters=True, answer_all=False))
    assert queue.submit(by(Role.VIP), 0.0).reason == REFUSED
    assert queue.submit(by(Role.VIP, stimulus_id="x", is_mention=True), 0.0).verdict is Verdict.QUEUED


def test_shared_chat_is_answered_only_when_wanted() -> None:
    line = chat("hello there", is_shared=True)
    assert Triage(TurnSettings()).submit(line, 0.0).reason == "from another channel's chat"
    assert Triage(TurnSettings(answer_shared_chat=True)).submit(line, 0.0).verdict is Verdict.QUEUED


def test_what_is_only_shown_is_never_answered() -> None:
    for kind in (StimulusKind.CHAT, StimulusKind.EVENT):
        decision = Triage(TurnSettings()).submit(chat("hello there", kind=kind, is_answerable=False), 0.0)
        assert (decision.verdict, decision.reason) == (Verdict.DROPPED, "only shown, never answered")


def test_changed_switches_hold_at_once() -> None:
    queue = Triage(TurnSettings())
    queue.use(TurnSettings(**NO_MODES, answer_keywords=("fox",)))
    assert queue.submit(chat("hello there"), 0.0).reason == REFUSED
    assert queue.submit(chat("a FOX!", "rika"), 0.0).reason == "a chat line, has a keyword"


def test_highlighted_and_test_lines_say_so() -> None:
    queue = Triage(TurnSettings())
    decision = queue.submit(chat("look at me", is_highlighted=True, is_test=True, is_guaranteed=True), 0.0)
    assert decision.reason == "a chat line, highlighted, never passed over, a test"


def test_a_test_is_no_flood_and_waits_for_no_pause() -> None:
    queue = Triage(TurnSettings())
    for number in range(12):
        assert queue.submit(chat(f"test {number}", is_test=True), 0.0).verdict is Verdict.QUEUED
        queue.pick(0.0)


@pytest.mark.parametrize(
    "word,text,is_there",
    [
        ("song", "a song!", True),
        ("song", "Song", True),
        ("song", "songs", False),
        ("straße", "in der STRASSE", True),
        ("c++", "I like C++.", True),
        ("top 10", "the TOP 10 of all", True),
        ("歌", "この歌は", True),
        ("  ", "anything", False),
        ("(", "a ( here", True),
    ],
)
def test_keywords_are_whole_words_in_any_case(word: str, text: str, is_there: bool) -> None:
    assert Keywords((word,)).find(text) is is_there
