"""Taking somebody out of the queue."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from tests.ui.facts import waiting
from tests.ui.show import Show
from voxelle.domain.chat import QueueSnapshot
from voxelle.domain.events import QueueChanged
from voxelle.ui.models.queue import QueueModel
from voxelle.ui.theme import Theme
from voxelle.ui.widgets.queue_card import QueueCard


@pytest.fixture
def card(show: Show, theme: Theme, qtbot: QtBot) -> QueueCard:
    made = QueueCard(QueueModel(show.bridge, show.bridge))
    made.resize(320, 300)
    qtbot.addWidget(made)
    made.show()
    show.announce(QueueChanged(QueueSnapshot((waiting("a", 140, merged=3), waiting("b", 8)), queued=9, merged=3, dropped=40)))
    return made


def test_it_says_how_many_wait_and_what_became_of_the_rest(card: QueueCard, show: Show) -> None:
    assert card.note.text() == "2 now · 9 taken · 3 joined · 40 skipped"
    assert card._stack.currentIndex() == 1
    show.announce(QueueChanged(QueueSnapshot()))
    assert card._stack.currentIndex() == 0


def test_the_cross_removes_its_row(card: QueueCard, show: Show, qtbot: QtBot) -> None:
    row = card.view.visualRect(card.view.model().index(1, 0))
    cross = card.view._rows.cross(row).center()
    qtbot.mouseMove(card.view.viewport(), cross)
    qtbot.mouseClick(card.view.viewport(), Qt.MouseButton.LeftButton, pos=cross)
    show.settle()
    assert show.companion.calls == [("drop_queued", "b")]


def test_a_click_elsewhere_chooses_and_delete_removes(card: QueueCard, show: Show, qtbot: QtBot) -> None:
    row = card.view.visualRect(card.view.model().index(0, 0))
    qtbot.mouseClick(card.view.viewport(), Qt.MouseButton.LeftButton, pos=row.center())
    qtbot.keyClick(card.view, Qt.Key.Key_Down)
    qtbot.keyClick(card.view, Qt.Key.Key_Delete)
    show.settle()
    assert show.companion.calls == [("drop_queued", "b")]
    card.grab()


def test_the_menu_removes_the_chosen_row(card: QueueCard, show: Show) -> None:
    card.view.setCurrentIndex(card.view.model().index(0, 0))
    at = QPoint(50, 10)
    QApplication.sendEvent(card.view.viewport(), QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, card.view.mapToGlobal(at)))
    menu = card.view.findChild(QMenu)
    assert menu is not None
    menu.actions()[0].trigger()
    menu.close()
    show.settle()
    assert show.companion.calls == [("drop_queued", "a")]


def test_nothing_chosen_removes_nothing(card: QueueCard, show: Show) -> None:
    card.view.clearSelection()
    card.view.setCurrentIndex(card.view.model().index(-1, 0))
    card.view.remove_current()
    show.settle()
    assert show.companion.calls == []
