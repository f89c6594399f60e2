"""The list of events as it grows, is ticked off and loses what was taken back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from PySide6.QtCore import QModelIndex, Qt
from pytestqt.modeltest import ModelTester

from tests.ui.events import channel_event, kept, received
from tests.ui.facts import AT
from tests.ui.show import Show
from voxelle.domain.chat import Decision, Retraction, StreamEvent, Verdict
from voxelle.domain.errors import InputError, TemporaryError
from voxelle.domain.events import ChannelEventReceived, MessagesRetracted, NoticeRaised
from voxelle.ui.models.channel_events import ChannelEventsModel, EventFilter, ShownEvents
from voxelle.ui.models.event_rows import EventRow, spoken_event


@pytest.fixture
def model(show: Show) -> ChannelEventsModel:
    return ChannelEventsModel(show.bridge, "twitch", show.bridge, row_limit=50)


def ids(model: ChannelEventsModel) -> list[str]:
    return [model.row(number).id.removeprefix("twitch:") for number in range(model.rowCount())]


def row(model: ChannelEventsModel, key: str = "e1") -> EventRow:
    return next(model.row(number) for number in range(model.rowCount()) if model.row(number).id == f"twitch:{key}")


def load(model: ChannelEventsModel, show: Show) -> None:
    model.load()
    show.settle()


def test_it_is_a_proper_list_model(model: ChannelEventsModel, show: Show, qtmodeltester: ModelTester) -> None:
    show.announce(*(received(str(number)) for number in range(70)))
    qtmodeltester.check(model)
    assert model.data(QModelIndex()) is None
    assert model.data(model.index(0), Qt.ItemDataRole.FontRole) is None


def test_earlier_events_are_read_and_new_ones_come_on_top(model: ChannelEventsModel, show: Show) -> None:
    show.companion.happened = [kept("old"), replace(kept("older"), acknowledged_at=AT)]
    load(model, show)
    assert model.is_loaded
    assert ids(model) == ["older", "old"]
    show.announce(received("a"), received("b"))
    assert ids(model) == ["b", "a", "older", "old"]
    assert model.open_count == 3


def test_what_came_before_the_answer_stays_and_nothing_is_there_twice(model: ChannelEventsModel, show: Show) -> None:
    show.announce(received("old"), received("new"))
    show.companion.happened = [kept("older"), kept("old")]
    load(model, show)
    show.announce(received("old"))
    assert ids(model) == ["new", "old", "older"]


def test_another_connections_events_are_left_out(model: ChannelEventsModel, show: Show) -> None:
    show.companion.happened = [kept("touched", source="vtube_studio")]
    load(model, show)
    show.announce(received("touched again", source="vtube_studio"), received("a"))
    assert ids(model) == ["a"]


def test_a_flood_is_announced_in_batches_and_bounded(model: ChannelEventsModel, show: Show) -> None:
    inserted: list[int] = []
    model.rowsInserted.connect(lambda _parent, first, last: inserted.append(last - first + 1))
    for number in range(300):
        show.call(partial(show.bus.announce, received(str(number))))
    show.settle()
    show.announce(*(received(f"later {number}") for number in range(10)))
    assert model.rowCount() == 50
    assert (ids(model)[0], ids(model)[-1]) == ("later 9", "260")
    assert len(inserted) < 20


def test_a_line_says_who_what_how_much_and_what_she_makes_of_it(model: ChannelEventsModel, show: Show) -> None:
    event = channel_event(
        "x", StreamEvent.BITS, "さくら\u202e🌸", amount=1200, text="take\nthis", is_test=True, is_shared=True, received_at=show.clock.now()
    )
    show.announce(ChannelEventReceived(event, "joined with 4 others", is_answered=True))
    shown = row(model, "x")
    assert (shown.name, shown.words, shown.amount, shown.text) == ("さくら🌸", "cheers", "1,200 bits", "take this")
    assert spoken_event(shown).endswith("さくら🌸 cheers. 1,200 bits. take this. Joined with 4 others. Test. From a shared chat")
    assert model.data(model.index(0)) == spoken_event(shown)
    assert len(shown.time) == len("20:15")


def test_nobody_in_particular_and_the_unnamed_are_told_as_such(model: ChannelEventsModel, show: Show) -> None:
    show.announce(
        received("train", StreamEvent.HYPE_TRAIN_BEGIN, "", received_at=show.clock.now() - timedelta(days=3)),
        received("gift", StreamEvent.GIFT, "x", is_anonymous=True),
        received("follow", StreamEvent.FOLLOW, ""),
    )
    assert [row(model, key).name for key in ("train", "gift", "follow")] == ["", "Somebody unnamed", "Somebody"]
    assert len(row(model, "train").time) > len("20:15")


def test_an_event_is_ticked_off_once_the_companion_has_done_it(model: ChannelEventsModel, show: Show) -> None:
    show.companion.happened = [kept("a"), kept("b")]
    load(model, show)
    model.acknowledge("twitch:a", "twitch:b")
    model.acknowledge()
    assert not row(model, "a").is_acknowledged
    show.settle()
    assert row(model, "a").is_acknowledged
    assert model.open_count == 0
    assert spoken_event(row(model, "a")).endswith("Acknowledged")
    assert show.companion.calls == [("acknowledge", "twitch:a"), ("acknowledge", "twitch:b")]


@pytest.mark.parametrize("verdict, said", [(Verdict.QUEUED, "She reacts again"), (Verdict.DROPPED, "Not again: taken back")])
def test_she_reacts_again_and_the_line_says_so(model: ChannelEventsModel, show: Show, verdict: Verdict, said: str) -> None:
    show.companion.decision = Decision("s", verdict, 0.0, "taken back")
    show.announce(received("a"))
    model.react_again("twitch:a")
    show.settle()
    assert show.companion.calls == [("react_again", "twitch:a")]
    assert row(model, "a").reaction == said


def test_an_event_that_is_gone_becomes_a_notice(model: ChannelEventsModel, show: Show) -> None:
    notices: list[str] = []
    show.bridge.subscribe(NoticeRaised, lambda notice: notices.append(notice.sentence))
    show.companion.error = InputError("That event is not at hand any more.")
    show.announce(received("a"))
    model.react_again("twitch:a")
    model.acknowledge("twitch:a")
    show.settle()
    assert notices == ["That event is not at hand any more."] * 2
    assert not row(model, "a").is_acknowledged


def test_what_was_taken_back_loses_its_text_at_once(model: ChannelEventsModel, show: Show) -> None:
    show.announce(
        received("a", author="rude", text="terrible"),
        received("b", text="deleted"),
        received("c", text="kind"),
        received("ban", StreamEvent.BAN, "rude", text="ban"),
    )
    show.announce(
        MessagesRetracted(Retraction("twitch", author_id="twitch:rude", reason="banned")),
        MessagesRetracted(Retraction("twitch", ("twitch:b",), reason="deleted by a moderator"), ("twitch:b",)),
    )
    assert [row(model, key).text for key in ("a", "b", "c", "ban")] == [
        "removed: banned",
        "removed: deleted by a moderator",
        "kind",
        "ban",
    ]


def test_when_everything_is_taken_back_the_list_is_read_anew(model: ChannelEventsModel, show: Show) -> None:
    show.announce(received("a", text="terrible"), received("b", text="fine"), received("c", text="gone"))
    show.announce(MessagesRetracted(Retraction("twitch", ("twitch:c",), reason="deleted"), ("twitch:c",)))
    show.companion.happened = [kept("a"), kept("b", text="fine"), kept("c")]
    show.announce(MessagesRetracted(Retraction("twitch", is_everything=True)))
    assert [row(model, key).text for key in ("a", "b", "c")] == ["removed", "fine", "removed: deleted"]


def test_a_store_that_can_not_be_read_is_told(model: ChannelEventsModel, show: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(_limit: int) -> None:
        msg = "The disk is full."
        raise TemporaryError(msg)

    monkeypatch.setattr(show.companion, "channel_events", broken)
    load(model, show)
    assert (model.is_loaded, model.error) == (True, "The disk is full.")


@pytest.mark.parametrize(
    "wanted, left",
    [
        (EventFilter.ALL, ["ban", "train", "bits", "follow"]),
        (EventFilter.OPEN, ["ban", "train", "bits"]),
        (EventFilter.AUDIENCE, ["follow"]),
        (EventFilter.PAID, ["bits"]),
        (EventFilter.PROGRAM, ["train"]),
        (EventFilter.MODERATION, ["ban"]),
    ],
)
def test_a_filter_leaves_what_is_wanted(model: ChannelEventsModel, show: Show, wanted: EventFilter, left: list[str]) -> None:
    shown = ShownEvents(model, model)
    show.announce(
        received("follow", StreamEvent.FOLLOW),
        received("bits", StreamEvent.BITS),
        received("train", StreamEvent.HYPE_TRAIN_END),
        received("ban", StreamEvent.BAN),
    )
    model.acknowledge("twitch:follow")
    show.settle()
    shown.show_only(wanted)
    assert [each.id.removeprefix("twitch:") for each in shown.rows()] == left
    assert shown.row(QModelIndex()) is None
