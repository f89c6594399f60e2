"""Messages that were taken back disappear from the feed and the queue, whatever named them."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest

from tests.ui.facts import message, record, stimulus, waiting
from tests.ui.show import Show
from voxelle.domain.chat import Author, QueueSnapshot, Retraction, Role, Stimulus, StimulusKind, StreamEvent, Verdict
from voxelle.domain.events import MessagesRetracted, QueueChanged
from voxelle.ui.models.badges import role_badge
from voxelle.ui.models.conversation import ConversationModel
from voxelle.ui.models.queue import QueueModel
from voxelle.ui.models.rows import MessageRow, plain_text, spoken_text


@pytest.fixture
def model(show: Show) -> ConversationModel:
    return ConversationModel(show.bridge, show.bridge)


def texts(model: ConversationModel) -> list[str]:
    return [plain_text(model.row(index)) for index in range(model.rowCount())]


def first(model: ConversationModel) -> MessageRow:
    row = model.row(0)
    assert isinstance(row, MessageRow)
    return row


LINES = (
    message(stimulus("terrible", key="a", author="rude")),
    message(stimulus("kind", key="b", author="nice")),
    message(stimulus("to her", key="c", kind=StimulusKind.TYPED, author="nice")),
)


@pytest.mark.parametrize(
    "retraction, left",
    [
        (
            Retraction("twitch", ("a",), reason="deleted by a moderator"),
            ["rude: removed: deleted by a moderator", "nice: kind", "nice: to her"],
        ),
        (Retraction("twitch", author_id="id-rude", reason="banned"), ["rude: removed: banned", "nice: kind", "nice: to her"]),
        (Retraction("twitch", is_everything=True), ["rude: removed", "nice: removed", "nice: to her"]),
        (Retraction("elsewhere", author_id="id-rude"), ["rude: terrible", "nice: kind", "nice: to her"]),
        (Retraction("elsewhere", is_everything=True), ["rude: terrible", "nice: kind", "nice: to her"]),
    ],
)
def test_the_feed_loses_what_was_taken_back(model: ConversationModel, show: Show, retraction: Retraction, left: list[str]) -> None:
    show.announce(*LINES)
    show.announce(MessagesRetracted(retraction, retraction.stimulus_ids))
    assert texts(model) == left


def test_a_line_that_comes_and_goes_in_one_batch_is_never_shown(model: ConversationModel, show: Show) -> None:
    seen: list[str] = []
    model.rowsInserted.connect(lambda *_: seen.extend(texts(model)))
    show.announce(*LINES[:1], MessagesRetracted(Retraction("twitch", ("a",)), ("a",)))
    assert texts(model) == ["rude: removed"]
    assert not any("terrible" in each for each in texts(model))


def test_what_somebody_writes_afterwards_stays(model: ConversationModel, show: Show) -> None:
    for event in (
        LINES[0],
        MessagesRetracted(Retraction("twitch", author_id="id-rude", reason="timed out")),
        message(stimulus("back", key="z", author="rude")),
    ):
        show.call(partial(show.bus.announce, event))
    show.settle()
    assert texts(model) == ["rude: removed: timed out", "rude: back"]


def test_a_line_that_comes_blank_was_taken_back(model: ConversationModel, show: Show) -> None:
    blank = replace(stimulus(""), is_answerable=False)
    show.companion.turns = [record("Hm.", stimuli=[blank])]
    show.announce(message(blank, Verdict.DROPPED, "taken back"))
    model.load()
    show.settle()
    assert texts(model)[0] == "kenji: removed"
    assert texts(model)[-1] == "kenji: removed"


def test_the_queue_lets_go_of_it_without_waiting_for_the_next(show: Show) -> None:
    queue = QueueModel(show.bridge, show.bridge)
    joined = replace(waiting("b"), merged=(stimulus(key="m"),))
    show.announce(QueueChanged(QueueSnapshot((waiting("a"), joined, waiting("c")), queued=3)))
    show.announce(MessagesRetracted(Retraction("twitch", ("m", "a")), ("m", "a")))
    assert [queue.item(row).stimulus.id for row in range(queue.rowCount())] == ["c"]
    show.announce(MessagesRetracted(Retraction("twitch", ("x",)), ("x",)))
    assert queue.rowCount() == 1
    assert queue.snapshot.queued == 3


def test_a_line_has_the_badges_of_its_author_and_its_own(model: ConversationModel, show: Show) -> None:
    whole = Stimulus(
        "s",
        StimulusKind.CHAT,
        Author("id", "tom", "twitch", frozenset({Role.SUBSCRIBER, Role.MODERATOR})),
        "Cheer100 hi",
        stimulus().received_at,
        event=StreamEvent.BITS,
        amount=100,
        is_highlighted=True,
        is_shared=True,
        is_test=True,
    )
    show.announce(message(whole))
    assert [badge.mark for badge in first(model).badges] == ["TEST", "MOD", "SUB", "SHARED", "HIGHLIGHTED", "100 bits"]
    assert spoken_text(first(model)) == "tom (test, moderator, subscriber, from a shared chat, highlighted, 100 bits): Cheer100 hi"
    assert plain_text(first(model)) == "tom: Cheer100 hi"


def test_what_the_streamer_types_has_none_and_a_sentence_has_no_name(model: ConversationModel, show: Show) -> None:
    train = replace(stimulus("", kind=StimulusKind.EVENT, event=StreamEvent.HYPE_TRAIN_BEGIN, amount=1), is_test=True)
    show.announce(message(train), message(stimulus(kind=StimulusKind.TYPED, roles=frozenset({Role.BROADCASTER}))))
    assert texts(model) == ["A hype train starts: level 1", "kenji: hi"]
    assert spoken_text(model.row(0)) == "A hype train starts: level 1 (test)"
    assert spoken_text(model.row(1)) == "kenji: hi"


@pytest.mark.parametrize("role", list(Role))
def test_every_role_has_a_mark_and_a_word(role: Role) -> None:
    badge = role_badge(role)
    assert badge.mark.isupper()
    assert badge.words
