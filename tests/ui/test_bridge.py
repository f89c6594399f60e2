"""What crosses between the window and the show, and in which order."""

from __future__ import annotations

import asyncio
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QCoreApplication, QEvent, QObject
from pytestqt.qtbot import QtBot

from tests.ui.facts import AT, heard, message, stimulus
from tests.ui.show import Show
from voxelle.domain.avatar import CLOSED_MOUTH, AvatarSnapshot, MouthTrack
from voxelle.domain.channel import ChannelSnapshot
from voxelle.domain.chat import Author, ChannelEvent, QueueSnapshot, Retraction, StreamEvent
from voxelle.domain.errors import InputError, VoxelleError
from voxelle.domain.events import (
    ChannelEventReceived,
    CharacterSaved,
    ClauseHeard,
    ConnectionChanged,
    EngineChanged,
    EngineState,
    EngineStatus,
    Event,
    HealthChanged,
    HealthLevel,
    MessageReceived,
    MessagesRetracted,
    MouthMoved,
    MouthTrackGrown,
    NoticeLevel,
    NoticeRaised,
    PlayheadMoved,
    QueueChanged,
    ReplyGrown,
    SettingsChanged,
    WordHeard,
)
from voxelle.ui.bridge import BATCH, EventQueue


class Receiver(QObject):
    """A widget's stand-in that notes what reaches it."""

    def __init__(self) -> None:
        super().__init__()
        self.got: list[object] = []

    def take(self, what: object) -> None:
        self.got.append(what)


def drained(queue: EventQueue) -> list[Event]:
    events: list[Event] = []
    while len(queue):
        events += queue.take(BATCH)
    return events


def test_states_arrive_only_with_their_latest_value() -> None:
    queue = EventQueue()
    for waiting in range(100):
        queue.put(QueueChanged(QueueSnapshot(queued=waiting)))
        queue.put(WordHeard("t", 0, waiting, waiting + 1))
        queue.put(EngineChanged(EngineStatus("a", "llm", "A", EngineState.LOADING, progress=waiting / 100)))
        queue.put(HealthChanged("net", HealthLevel.RETRYING, str(waiting)))
    assert [type(event) for event in drained(queue)] == [QueueChanged, WordHeard, EngineChanged, HealthChanged]


def test_engines_do_not_hide_each_other() -> None:
    queue = EventQueue()
    for name in "ab":
        queue.put(EngineChanged(EngineStatus(name, "llm", name, EngineState.READY)))
    assert len(drained(queue)) == 2


def test_pieces_of_a_reply_add_up() -> None:
    queue = EventQueue()
    for piece in ("Hel", "lo", "!"):
        queue.put(ReplyGrown("t", piece))
    assert drained(queue) == [ReplyGrown("t", "Hello!")]


def test_settings_that_changed_add_up() -> None:
    queue = EventQueue()
    queue.put(SettingsChanged(("a", "b"), needs_restart=True))
    queue.put(SettingsChanged(("b", "c")))
    assert drained(queue) == [SettingsChanged(("a", "b", "c"), needs_restart=True)]


def test_a_stalled_window_loses_the_oldest_chat_lines_and_nothing_else() -> None:
    queue = EventQueue(message_limit=3)
    queue.put(heard("Hello"))
    for number in range(5):
        queue.put(message(stimulus(key=str(number))))
    assert queue.skipped == 2
    events = drained(queue)
    assert [event.stimulus.id for event in events if isinstance(event, MessageReceived)] == ["2", "3", "4"]
    assert isinstance(events[0], ClauseHeard)
    assert queue.skipped == 0


@given(st.lists(st.sampled_from(["message", "heard", "word"]), max_size=200), st.integers(1, 20))
def test_conversation_events_are_never_lost_and_keep_their_order(kinds: list[str], batch: int) -> None:
    queue = EventQueue()
    sent: list[Event] = []
    got: list[Event] = []
    for number, kind in enumerate(kinds):
        event: Event = {"message": message(str(number)), "heard": heard(str(number)), "word": WordHeard("t", 0, number, number + 1)}[kind]
        queue.put(event)
        if kind != "word":
            sent.append(event)
        if number % 7 == 0:
            got += queue.take(batch)
    got += drained(queue)
    assert [event for event in got if not isinstance(event, WordHeard)] == sent


def test_connections_show_their_latest_state_and_do_not_hide_each_other() -> None:
    queue = EventQueue()
    for count in range(3):
        queue.put(ConnectionChanged("twitch", ChannelSnapshot(counters=(("received", count),))))
    queue.put(ConnectionChanged("vtube_studio", AvatarSnapshot()))
    queue.put(MouthMoved(CLOSED_MOUTH))
    queue.put(MouthMoved(CLOSED_MOUTH))
    assert drained(queue) == [
        ConnectionChanged("twitch", ChannelSnapshot(counters=(("received", 2),))),
        ConnectionChanged("vtube_studio", AvatarSnapshot()),
        MouthMoved(CLOSED_MOUTH),
    ]


def test_what_only_the_avatar_needs_does_not_wake_the_window() -> None:
    queue = EventQueue()
    assert not queue.put(PlayheadMoved("t", 0, 0.1, 12.0))
    assert not queue.put(MouthTrackGrown(MouthTrack("t", 0, 0, (CLOSED_MOUTH,), "timings")))
    assert len(queue) == 0


def test_a_stalled_window_loses_the_oldest_events_of_a_channel() -> None:
    queue = EventQueue(message_limit=2)
    for number in range(4):
        queue.put(ChannelEventReceived(ChannelEvent(str(number), StreamEvent.FOLLOW, Author("1", "a"), AT, "twitch"), "she answers"))
    assert queue.skipped == 2
    assert [event.channel_event.id for event in drained(queue) if isinstance(event, ChannelEventReceived)] == ["2", "3"]


def test_too_many_retractions_become_one_of_everything_and_none_is_lost() -> None:
    queue = EventQueue(message_limit=3)
    queue.put(MessagesRetracted(Retraction("youtube", author_id="kept")))
    for number in range(4):
        queue.put(MessagesRetracted(Retraction("twitch", author_id=str(number))))
    assert queue.skipped == 0
    retractions = [event.retraction for event in drained(queue) if isinstance(event, MessagesRetracted)]
    assert retractions == [
        Retraction("youtube", author_id="kept"),
        Retraction("twitch", is_everything=True),
        Retraction("twitch", author_id="3"),
    ]


def test_only_the_first_event_asks_for_a_wake_up() -> None:
    queue = EventQueue()
    assert queue.put(message("a"))
    assert not queue.put(message("b"))
    queue.take(BATCH)
    assert queue.put(message("c"))


def test_events_arrive_on_the_window_thread(show: Show) -> None:
    threads: list[threading.Thread] = []
    show.bridge.subscribe(MessageReceived, lambda _: threads.append(threading.current_thread()))
    show.announce(message())
    assert threads == [threading.current_thread()]


def test_a_flood_arrives_in_few_batches(show: Show, qtbot: QtBot) -> None:
    got: list[Event] = []
    batches: list[int] = []
    show.bridge.subscribe(MessageReceived, got.append)
    show.bridge.delivered.connect(lambda: batches.append(len(got)))
    show.call(lambda: [show.bus.announce(message(stimulus(key=str(n)))) for n in range(3 * BATCH)])  # type: ignore[func-returns-value]
    qtbot.waitUntil(lambda: len(got) == 3 * BATCH)
    assert len(batches) <= 4


def test_events_are_delivered_without_being_asked_for(show: Show, qtbot: QtBot) -> None:
    got: list[Event] = []
    show.bridge.subscribe(QueueChanged, got.append)
    show.call(lambda: show.bus.announce(QueueChanged(QueueSnapshot(queued=1))))
    qtbot.waitUntil(lambda: len(got) == 1)
    show.call(lambda: show.bus.announce(QueueChanged(QueueSnapshot(queued=2))))
    qtbot.waitUntil(lambda: len(got) == 2)


def test_a_subscription_ends_when_asked_and_with_its_widget(show: Show) -> None:
    first, second = Receiver(), Receiver()
    end = show.bridge.subscribe(MessageReceived, first.take)
    show.bridge.subscribe(MessageReceived, second.take)
    end()
    second.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    show.announce(message())
    assert first.got == []
    assert second.got == []


def test_a_command_runs_on_the_show_loop_and_answers_on_the_window_thread(show: Show) -> None:
    async def work() -> asyncio.AbstractEventLoop:
        return asyncio.get_running_loop()

    answers: list[tuple[asyncio.AbstractEventLoop, threading.Thread]] = []
    show.bridge.run(work, lambda loop: answers.append((loop, threading.current_thread())))
    show.settle()
    assert answers == [(show.loop, threading.current_thread())]


def test_an_expected_error_reaches_who_asked(show: Show) -> None:
    show.companion.error = InputError("That is empty.")
    errors: list[VoxelleError] = []
    show.bridge.run(show.companion.stop_talking, failed=errors.append)
    show.settle()
    assert [error.sentence for error in errors] == ["That is empty."]


def test_an_error_nobody_waits_for_becomes_a_notice(show: Show) -> None:
    notices: list[NoticeRaised] = []
    show.bridge.subscribe(NoticeRaised, notices.append)
    show.companion.error = InputError("That is empty.")
    show.bridge.run(show.companion.stop_talking)
    show.settle()
    assert notices == [NoticeRaised(NoticeLevel.ERROR, "That is empty.")]


def test_a_bug_is_logged_and_told_as_a_plain_sentence(show: Show, capsys: pytest.CaptureFixture[str]) -> None:
    show.companion.error = ZeroDivisionError("secret detail")
    errors: list[VoxelleError] = []
    show.bridge.run(show.companion.stop_talking, failed=errors.append)
    show.settle()
    assert "secret" not in errors[0].sentence
    assert "Logs page" in errors[0].sentence
    assert "window.command_failed" in capsys.readouterr().out


def test_nobody_is_called_whose_widget_is_gone(show: Show) -> None:
    receiver = Receiver()
    got = receiver.got
    show.bridge.run(show.companion.characters, receiver.take)
    show.companion.error = InputError("no")
    show.bridge.run(show.companion.stop_talking, failed=receiver.take)
    receiver.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    show.settle()
    assert got == []


def test_closing_cancels_commands_and_refuses_later_ones(show: Show) -> None:
    was_cancelled = threading.Event()

    async def forever() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            was_cancelled.set()

    errors: list[VoxelleError] = []
    show.bridge.run(forever)
    show.settle()
    show.bridge.close()
    show.bridge.close()
    show.settle()
    assert was_cancelled.wait(5)
    show.bridge.run(forever, failed=errors.append)
    show.settle()
    assert [error.sentence for error in errors] == ["Voxelle is closing."]


def test_a_closed_bridge_hears_nothing_more(show: Show) -> None:
    got: list[Event] = []
    show.bridge.subscribe(CharacterSaved, got.append)
    show.bridge.close()
    show.announce(CharacterSaved(show.companion.cast[0]))
    assert got == []
