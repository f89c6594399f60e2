"""The queue as rows that come, go and move."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPersistentModelIndex, Qt
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from tests.ui.facts import waiting
from tests.ui.show import Show
from voxelle.domain.chat import QueueSnapshot, Retraction
from voxelle.domain.events import MessagesRetracted, QueueChanged
from voxelle.ui.models.queue import QueueModel


def snapshot(*keys: str) -> QueueSnapshot:
    return QueueSnapshot(tuple(waiting(key) for key in keys))


def keys(model: QueueModel) -> list[str]:
    return [model.item(row).stimulus.id for row in range(model.rowCount())]


def test_it_is_a_proper_list_model(show: Show, qtmodeltester: ModelTester) -> None:
    model = QueueModel(show.bridge, show.bridge)
    show.announce(QueueChanged(snapshot("a", "b")))
    qtmodeltester.check(model)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.lists(st.sampled_from("abcdef"), unique=True), min_size=1, max_size=6))
def test_it_shows_exactly_what_waits_in_that_order(show: Show, queues: list[list[str]]) -> None:
    model = QueueModel(show.bridge)
    for queue in queues:
        model.show(snapshot(*queue))
        assert keys(model) == queue


def test_a_chosen_row_stays_chosen_while_others_come_and_go(show: Show) -> None:
    model = QueueModel(show.bridge)
    model.show(snapshot("a", "b", "c"))
    chosen = QPersistentModelIndex(model.index(1))
    model.show(snapshot("new", "b", "c", "d"))
    assert chosen.isValid()
    assert model.item(chosen.row()).stimulus.id == "b"


def test_a_changed_score_changes_its_row_alone(show: Show) -> None:
    model = QueueModel(show.bridge)
    model.show(QueueSnapshot((waiting("a"), waiting("b", 5))))
    changed: list[int] = []
    model.dataChanged.connect(lambda first, _last: changed.append(first.row()))
    model.show(QueueSnapshot((waiting("a"), waiting("b", 6))))
    assert changed == [1]


def test_it_starts_with_what_waits_already(show: Show) -> None:
    show.companion.waiting = snapshot("a")
    model = QueueModel(show.bridge, show.bridge)
    model.load()
    show.settle()
    assert keys(model) == ["a"]


def test_removing_asks_the_companion(show: Show) -> None:
    model = QueueModel(show.bridge, show.bridge)
    model.show(snapshot("a", "b"))
    model.remove(1)
    model.remove(7)
    show.settle()
    assert show.companion.calls == [("drop_queued", "b")]


def test_a_screen_reader_hears_score_and_reasons(show: Show) -> None:
    model = QueueModel(show.bridge)
    model.show(QueueSnapshot((waiting("a", 12.5, text="what?"),)))
    said = model.data(model.index(0), Qt.ItemDataRole.AccessibleTextRole)
    assert said == "viewer a: what?. Score 12.5. a question"
    assert model.data(model.index(0), Qt.ItemDataRole.DisplayRole) == "viewer a: what?"
    assert model.data(model.index(0), Qt.ItemDataRole.DecorationRole) is None


def test_a_queue_that_changes_all_the_time_is_shown_now_and_then(show: Show, qtbot: QtBot) -> None:
    model = QueueModel(show.bridge)
    shown: list[list[str]] = []
    model.changed.connect(lambda: shown.append(keys(model)))
    for number in range(50):
        model._on_changed(QueueChanged(snapshot(str(number))))
    assert shown == [[str(number)] for number in range(5)]
    model._go_on()
    assert keys(model) == ["49"]
    for number in range(50, 60):
        model._on_changed(QueueChanged(snapshot(str(number))))
        if number % 5 == 4:
            model._go_on()
    assert shown[5:] == [["49"], ["54"], ["59"]]
    model._on_changed(QueueChanged(snapshot("x", "newest")))
    assert keys(model) == ["59"]
    model._on_retracted(MessagesRetracted(Retraction("twitch", ("x",)), ("x",)))
    assert keys(model) == ["newest"], "what was taken back does not wait, nor come back"
    qtbot.waitUntil(lambda: not model._pause.isActive())
    model._on_changed(QueueChanged(snapshot("calm")))
    assert keys(model) == ["calm"]
    qtbot.waitUntil(lambda: not model._pause.isActive())
