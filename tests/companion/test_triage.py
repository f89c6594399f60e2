"""Triage: what is answered first, what is merged, what is dropped, and why."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.companion.conftest import broadcaster, chat, raid
from voxelle.companion.triage import MAX_TEXT, Triage, clean_text, likeness
from voxelle.domain.chat import Author, Role, StimulusKind, StreamEvent, Verdict
from voxelle.settings.schema import TurnSettings


def triage(**changes: object) -> Triage:
    """Return an empty queue."""
    return Triage(TurnSettings(**changes))


def picked_texts(queue: Triage, now_s: float = 0.0) -> list[str]:
    """Return everything in the order in which it would be answered."""
    texts = []
    while (picked := queue.pick(now_s)) is not None:
        texts.append(picked.item.stimulus.text)
    return texts


def test_the_streamer_then_events_then_mentions_then_questions_then_the_rest() -> None:
    queue = triage()
    for stimulus in (
        chat("just talking here", "a"),
        chat("what is this game?", "b"),
        chat("hey Mira nice one", "c", is_mention=True),
        replace(raid("d", 30), text="raid!"),
        chat("typed by me", "e", kind=StimulusKind.TYPED),
    ):
        assert queue.submit(stimulus, 0.0).verdict is Verdict.QUEUED
    assert picked_texts(queue) == ["typed by me", "raid!", "hey Mira nice one", "what is this game?", "just talking here"]


def test_every_decision_says_why() -> None:
    queue = triage()
    decision = queue.submit(chat("can you hear me?", "boss", author=broadcaster()), 0.0)
    assert decision.reason == "a chat line, from the broadcaster, a question"
    [item] = queue.snapshot(0.0).items
    assert item.reasons == ("a chat line", "from the broadcaster", "a question")


def test_bits_and_roles_raise_the_score() -> None:
    queue = triage()
    plain = queue.submit(chat("hello there", "a"), 0.0).score
    vip = queue.submit(chat("hello you", "b", author=Author("b", "b", "twitch", frozenset({Role.VIP}))), 0.0).score
    bits = queue.submit(chat("hello all", "c", event=StreamEvent.BITS, amount=100), 0.0).score
    assert plain < vip < bits


@pytest.mark.parametrize(
    "text,reason",
    [
        ("", "it is empty"),
        ("\u202e\u200f", "it is empty"),
        ("!drop me", "a command for another bot"),
        ("https://spam.example/x", "only a link"),
        ("😀😀😀", "nothing to answer in it"),
        ("?", "nothing to answer in it"),
    ],
)
def test_lines_that_hold_nothing_are_dropped(text: str, reason: str) -> None:
    queue = triage()
    decision = queue.submit(chat(text), 0.0)
    assert (decision.verdict, decision.reason) == (Verdict.DROPPED, reason)
    assert queue.snapshot(0.0).last_drops == (decision,)


def test_bots_paused_chat_and_switched_off_chat_are_dropped() -> None:
    queue = triage()
    bot = Author("n", "nightbot", "twitch", frozenset({Role.BOT}))
    assert queue.submit(chat("buy things", "n", author=bot), 0.0).reason == "from a bot"
    queue.is_paused = True
    assert queue.submit(chat("hello there"), 0.0).reason == "chat is paused"
    assert queue.submit(raid("zoe", 5), 0.0).verdict is Verdict.QUEUED
    queue = triage(answer_chat=False)
    assert queue.submit(chat("hello there"), 0.0).reason == "answering chat is switched off"
    assert queue.submit(chat("", kind=StimulusKind.TYPED), 0.0).verdict is Verdict.DROPPED


def test_the_same_words_of_many_viewers_become_one_more_urgent_line() -> None:
    queue = triage()
    first = queue.submit(chat("What game is this??", "v0"), 0.0)
    for number in range(1, 40):
        decision = queue.submit(chat("what GAME is thiiiis", f"v{number}") if number == 1 else chat("what game is this", f"v{number}"), 0.0)
        assert decision.merged_into in (first.stimulus_id, None) or number == 1
    snapshot = queue.snapshot(0.0)
    head = snapshot.items[0]
    assert head.merged_count >= 38
    assert head.score > first.score
    assert snapshot.merged >= 38


def test_one_viewer_repeating_himself_does_not_become_more_urgent() -> None:
    queue = triage()
    first = queue.submit(chat("hello Mira there", "a"), 0.0)
    queue.submit(chat("hello mira there!", "a", stimulus_id="again"), 20.0)
    assert queue.snapshot(0.0).items[0].score <= first.score + 0.1


def test_a_flood_from_one_viewer_is_dropped() -> None:
    queue = triage()
    verdicts = [queue.submit(chat(f"line number {number}", "a"), number * 0.1).verdict for number in range(8)]
    assert verdicts[:5] == [Verdict.QUEUED] * 5
    assert verdicts[5:] == [Verdict.DROPPED] * 3
    assert queue.submit(chat("later again", "a"), 60.0).verdict is Verdict.QUEUED


def test_who_floods_is_still_known_among_more_viewers_than_are_remembered() -> None:
    queue, loud = triage(), []
    for number in range(12_000):
        queue.submit(chat(f"line {number}", f"viewer {number}"), number / 2_000)
        if number % 1_000 == 0:
            loud.append(queue.submit(chat(f"me again {number}", "loud"), number / 2_000))
    assert loud[-1].reason == "too many lines from one viewer"
    assert len(queue._admission._lines) == 5_000


def test_a_viewer_answered_a_moment_ago_waits_unless_she_is_named() -> None:
    queue = triage()
    queue.submit(chat("first question?", "a"), 0.0)
    queue.pick(0.0)
    assert queue.submit(chat("second question?", "a"), 5.0).reason == "this viewer was answered a moment ago"
    assert queue.submit(chat("Mira, third?", "a", is_mention=True), 6.0).verdict is Verdict.QUEUED
    assert queue.submit(chat("fourth question?", "a"), 30.0).verdict is Verdict.QUEUED


def test_a_full_queue_keeps_the_more_urgent() -> None:
    queue = triage(queue_limit=2)
    queue.submit(chat("nothing much", "a"), 0.0)
    queue.submit(chat("a question?", "b"), 0.0)
    assert queue.submit(chat("also nothing", "c"), 0.0).verdict is Verdict.DROPPED
    assert queue.submit(chat("Mira, hello", "d", is_mention=True), 0.0).verdict is Verdict.QUEUED
    assert picked_texts(queue) == ["Mira, hello", "a question?"]
    assert queue.snapshot(0.0).last_drops[-1].reason == "something more urgent came"


def test_old_chat_is_not_answered_any_more_but_events_are() -> None:
    queue = triage()
    queue.submit(chat("an old question?"), 0.0)
    queue.submit(replace(raid("zoe", 5), text="raid"), 0.0)
    assert queue.ready_in(500.0, None) == 0.0
    assert picked_texts(queue, 500.0) == ["raid"]


def test_waiting_chat_ages() -> None:
    queue = triage()
    queue.submit(chat("older line", "a"), 0.0)
    queue.submit(chat("newer line", "b"), 10.0)
    assert picked_texts(queue, 10.0) == ["newer line", "older line"]


def test_equals_are_answered_in_the_order_they_came() -> None:
    queue = triage()
    for name in "abc":
        queue.submit(chat(f"line of {name}", name, kind=StimulusKind.TYPED), 0.0)
    assert picked_texts(queue)[0] == "line of a"


def test_the_pause_between_answers_holds_chat_only() -> None:
    queue = triage(chat_cooldown_s=2.0)
    assert queue.ready_in(0.0, None) is None
    queue.submit(chat("a question?"), 10.0)
    assert queue.ready_in(10.5, 10.0) == pytest.approx(1.5)
    assert queue.ready_in(13.0, 10.0) == 0.0
    queue.submit(chat("typed", kind=StimulusKind.TYPED), 10.5)
    assert queue.ready_in(10.5, 10.0) == 0.0


def test_removing_and_clearing_are_told() -> None:
    queue = triage()
    queue.submit(chat("one question?", "a", stimulus_id="1"), 0.0)
    queue.submit(chat("two question?", "b", stimulus_id="2"), 0.0)
    assert queue.remove("1", 0.0)
    assert not queue.remove("1", 0.0)
    assert queue.clear(0.0) == 1
    assert [drop.reason for drop in queue.snapshot(0.0).last_drops] == ["removed by you", "the queue was cleared"]
    assert queue.pick(0.0) is None


def test_what_is_remembered_of_viewers_stays_bounded() -> None:
    queue = triage(queue_limit=1)
    for number in range(12_000):
        queue.submit(chat(f"question {number}?", f"v{number}"), float(number))
        queue.pick(float(number))
    assert len(queue._admission._lines) <= 5_001
    assert len(queue._admission._answered_at) <= 5_001


@given(st.text(max_size=3000))
def test_cleaned_text_is_one_bounded_line_without_controls(text: str) -> None:
    cleaned = clean_text(text)
    assert len(cleaned) <= MAX_TEXT
    assert cleaned.isprintable()
    assert clean_text(cleaned) == cleaned


def test_likeness_levels_case_stretching_and_punctuation() -> None:
    assert likeness("WHAT game is thiiiiis??") == likeness("what game, is thiis")
    assert likeness("!!!") == ""


def test_an_event_in_the_pause_does_not_let_chat_slip_through() -> None:
    queue = triage(chat_cooldown_s=60.0)
    queue.submit(chat("Mira, a question?", is_mention=True), 0.0)
    queue.submit(replace(raid("zoe", 1), event=StreamEvent.FOLLOW, text="follows"), 0.0)
    picked = queue.pick(1.0, 0.0)
    assert picked is not None
    assert picked.item.stimulus.text == "follows"
    assert queue.pick(1.0, 0.0) is None
    assert queue.pick(61.0, 0.0) is not None
    assert len(queue) == 0


def test_however_many_say_the_same_the_streamer_comes_first() -> None:
    queue = triage()
    for number in range(200):
        queue.submit(chat("what game is this?", f"v{number}"), 0.0)
    queue.submit(replace(raid("zoe", 1), event=StreamEvent.SUBSCRIPTION, text="subscribes"), 0.0)
    queue.submit(chat("mine", "me", kind=StimulusKind.TYPED), 0.0)
    assert picked_texts(queue) == ["mine", "subscribes", "what game is this?"]


def test_what_must_not_be_missed_is_never_pushed_out_and_takes_no_room() -> None:
    queue = triage(queue_limit=1)
    queue.submit(chat("paid one", "a", is_guaranteed=True), 0.0)
    queue.submit(chat("paid two", "b", is_guaranteed=True), 0.0)
    assert queue.submit(chat("plain line", "c"), 0.0).verdict is Verdict.QUEUED
    assert queue.submit(chat("Mira, hello", "d", is_mention=True), 0.0).verdict is Verdict.QUEUED
    assert queue.submit(chat("my own line", kind=StimulusKind.TYPED), 0.0).verdict is Verdict.QUEUED
    assert {item.stimulus.text for item in queue.snapshot(0.0).items} == {"paid one", "paid two", "my own line"}


def test_what_must_not_be_missed_never_expires_and_comes_nearer() -> None:
    queue = triage()
    queue.submit(chat("a paid line", "a", is_guaranteed=True), 0.0)
    queue.submit(chat("a paid line", "b", is_guaranteed=True), 0.0)
    queue.submit(chat("a new mention, a question?", "c", is_mention=True), 500.0)
    assert len(queue) == 3
    assert picked_texts(queue, 500.0) == ["a paid line", "a paid line", "a new mention, a question?"]


def test_what_must_not_be_missed_is_kept_through_a_flood_and_a_pause_of_the_viewer() -> None:
    queue = triage()
    for number in range(10):
        decision = queue.submit(chat(f"line {number}", "a", is_guaranteed=True), number * 0.1)
        assert decision.verdict is Verdict.QUEUED
        queue.pick(number * 0.1)


def test_urgency_of_a_reaction_takes_the_place_of_ours_but_never_beats_the_streamer() -> None:
    queue = triage()
    queue.submit(replace(raid("low", 5), cue="a raid", priority=-30.0), 0.0)
    queue.submit(replace(raid("high", 5), cue="a raid", priority=100.0), 0.0)
    queue.submit(chat("mine", "me", kind=StimulusKind.TYPED), 0.0)
    names = []
    while (picked := queue.pick(0.0)) is not None:
        names.append((picked.item.stimulus.author.name, picked.item.score))
    assert names == [("me", 100.0), ("high", 99.0), ("low", 30.0)]


def test_an_event_of_any_kind_says_what_it_is() -> None:
    queue = triage()
    reasons = {event: queue.submit(replace(raid(event, 1), event=event), 0.0).reason for event in StreamEvent}
    assert reasons[StreamEvent.HYPE_TRAIN_BEGIN] == "hype train begins"
    assert reasons[StreamEvent.NONE] == "something happened on the stream"
    assert all(reasons.values())


def test_different_viewers_are_counted_once_each() -> None:
    queue = triage()
    for number, name in enumerate(("a", "b", "b", "c")):
        queue.submit(chat("what game is this?", name, stimulus_id=str(number)), number * 5.0)
    [item] = queue.snapshot(20.0).items
    assert (item.merged_count, item.people) == (3, 3)


def test_written_and_spoken_answers_are_not_joined() -> None:
    queue = triage()
    queue.submit(chat("what game is this?", "a"), 0.0)
    assert queue.submit(chat("what game is this?", "b", is_spoken=False), 0.0).verdict is Verdict.QUEUED


def test_a_group_goes_on_without_those_who_were_taken_back() -> None:
    queue = triage()
    for name in ("a", "b", "c"):
        queue.submit(chat("what game is this?", name, stimulus_id=name), 0.0)
    assert queue.retract(lambda stimulus: stimulus.id in {"a", "b"}, 0.0, "taken back") == ["a", "b"]
    [item] = queue.snapshot(0.0).items
    assert (item.stimulus.id, item.merged, item.merged_count, item.people) == ("c", (), 0, 1)
    assert queue.retract(lambda _: True, 0.0, "banned") == ["c"]
    assert queue.snapshot(0.0).last_drops[-1].reason == "banned"
    assert queue.retract(lambda _: True, 0.0, "banned") == []
