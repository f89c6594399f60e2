"""The list of events by mouse and keyboard, its filter, and why it is empty."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent, QGuiApplication, QHelpEvent, QMouseEvent
from PySide6.QtWidgets import QApplication, QMenu, QToolTip
from pytestqt.qtbot import QtBot

from tests.ui.events import kept, received
from tests.ui.facts import AT
from tests.ui.show import Show
from voxelle.domain.chat import KeptEvent, Retraction, StreamEvent
from voxelle.domain.errors import TemporaryError
from voxelle.domain.events import MessagesRetracted
from voxelle.settings.schema import Theme as ThemeChoice
from voxelle.ui.models.channel_events import EventFilter
from voxelle.ui.theme import Theme
from voxelle.ui.widgets.event_feed import EventFeed

KINDS = (StreamEvent.FOLLOW, StreamEvent.BITS, StreamEvent.BAN)


@pytest.fixture
def feed(show: Show, theme: Theme, qtbot: QtBot) -> EventFeed:
    """Newest first: a ban, bits, and a follow that was acknowledged."""
    events: list[KeptEvent] = [kept(kind.value, kind, kind.value, text="text", amount=100) for kind in KINDS]
    show.companion.happened = [replace(events[0], acknowledged_at=AT), *events[1:]]
    return opened(show, qtbot)


def opened(show: Show, qtbot: QtBot) -> EventFeed:
    made = EventFeed(show.bridge, "twitch")
    made.resize(700, 300)
    qtbot.addWidget(made)
    made.show()
    show.settle()
    return made


def button(feed: EventFeed, row: int, number: int) -> QPoint:
    return feed.view.rows.buttons(feed.view.visualRect(feed.shown.index(row, 0)))[number].center()


def click(feed: EventFeed, show: Show, qtbot: QtBot, at: QPoint) -> None:
    qtbot.mouseMove(feed.view.viewport(), at)
    qtbot.mouseClick(feed.view.viewport(), Qt.MouseButton.LeftButton, pos=at)
    show.settle()


def test_the_buttons_of_a_row_acknowledge_and_let_her_react_again(feed: EventFeed, show: Show, qtbot: QtBot) -> None:
    click(feed, show, qtbot, button(feed, 0, 0))
    click(feed, show, qtbot, button(feed, 1, 1))
    click(feed, show, qtbot, button(feed, 0, 0))  # it is gone by now
    assert show.companion.calls == [("acknowledge", "twitch:ban"), ("react_again", "twitch:bits")]
    assert feed.model.row(0).is_acknowledged
    assert feed.count.text() == "1 open of 3"
    feed.grab()


def test_the_keys_do_the_same_for_the_chosen_row(feed: EventFeed, show: Show, qtbot: QtBot) -> None:
    qtbot.keyClick(feed.view, Qt.Key.Key_Space)  # nothing is chosen yet
    qtbot.keyClick(feed.view, Qt.Key.Key_R)
    qtbot.keyClick(feed.view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    feed.view.setCurrentIndex(feed.shown.index(0, 0))
    qtbot.keyClick(feed.view, Qt.Key.Key_Down)
    qtbot.keyClick(feed.view, Qt.Key.Key_Space)
    qtbot.keyClick(feed.view, Qt.Key.Key_R)
    qtbot.keyClick(feed.view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    show.settle()
    assert show.companion.calls == [("acknowledge", "twitch:bits"), ("react_again", "twitch:bits")]
    assert "bits cheers. 100 bits. text" in QGuiApplication.clipboard().text()


def test_the_buttons_above_follow_the_chosen_row(feed: EventFeed, show: Show, qtbot: QtBot) -> None:
    states = []
    for row in (0, 2):
        feed.view.setCurrentIndex(feed.shown.index(row, 0))
        states.append((feed.acknowledge_button.isEnabled(), feed.react_button.isEnabled()))
    assert states == [(True, True), (False, True)]
    feed.view.setCurrentIndex(feed.shown.index(0, 0))
    feed.acknowledge_button.click()
    feed.react_button.click()
    show.settle()
    assert show.companion.calls == [("acknowledge", "twitch:ban"), ("react_again", "twitch:ban")]
    assert not feed.acknowledge_button.isEnabled()


def test_the_menu_offers_all_of_it_and_everything_at_once(feed: EventFeed, show: Show) -> None:
    at = QPoint(50, 10)
    QApplication.sendEvent(feed.view.viewport(), QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, feed.view.mapToGlobal(at)))
    menu = feed.view.findChild(QMenu)
    assert menu is not None
    menu.actions()[-1].trigger()
    menu.close()
    show.settle()
    assert show.companion.calls == [("acknowledge", "twitch:ban"), ("acknowledge", "twitch:bits")]


def test_the_filter_leaves_some_and_says_when_there_are_none(feed: EventFeed, show: Show) -> None:
    feed.filters.setCurrentIndex(feed.filters.findData(EventFilter.PAID.value))
    assert [row.kind for row in feed.shown.rows()] == [StreamEvent.BITS]
    feed.filters.setCurrentIndex(feed.filters.findData(EventFilter.PROGRAM.value))
    assert feed._stack.currentIndex() == 0
    assert feed._why_empty()[0] == "None of this kind"
    show.announce(received("train", StreamEvent.HYPE_TRAIN_END))
    assert feed._stack.currentIndex() == 1


def test_an_empty_list_says_what_will_be_here(show: Show, theme: Theme, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    feed = opened(show, qtbot)
    assert feed._why_empty()[0] == "Nothing has happened yet"
    feed.model.is_loaded = False
    assert feed._why_empty()[0] == "Reading the events …"

    async def broken(_limit: int) -> None:
        msg = "The disk is full."
        raise TemporaryError(msg)

    monkeypatch.setattr(show.companion, "channel_events", broken)
    feed.model.load()
    show.settle()
    assert feed._why_empty() == ("The events could not be read", "The disk is full.")


def test_what_is_looked_at_stays_while_new_ones_come_in_above(feed: EventFeed, show: Show) -> None:
    show.announce(*(received(f"old {number}") for number in range(40)))
    bar = feed.view.verticalScrollBar()
    bar.setValue(300)
    before = feed.shown.row(feed.view.indexAt(QPoint(10, 10)))
    show.announce(*(received(f"new {number}") for number in range(5)))
    QApplication.processEvents()
    after = feed.shown.row(feed.view.indexAt(QPoint(10, 10)))
    assert before is not None
    assert after is not None
    assert after.id == before.id
    bar.setValue(0)
    show.announce(received("newest"))
    top = feed.shown.row(feed.view.indexAt(QPoint(10, 10)))
    assert top is not None
    assert top.id == "twitch:newest"


def test_hovering_tells_the_whole_row_and_names_its_buttons(feed: EventFeed, monkeypatch: pytest.MonkeyPatch) -> None:
    tips: list[str] = []
    monkeypatch.setattr(QToolTip, "showText", lambda _pos, text, *_: tips.append(text))
    for at in (QPoint(60, 10), button(feed, 0, 0), button(feed, 0, 1), QPoint(60, 290)):
        QApplication.sendEvent(feed.view.viewport(), QHelpEvent(QEvent.Type.ToolTip, at, at))
    assert "ban was banned" in tips[0]
    assert tips[1:] == ["<qt>Acknowledge (Space)</qt>", "<qt>React again (R)</qt>"]
    over = QPointF(button(feed, 0, 0))
    none = (Qt.MouseButton.NoButton, Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(feed.view.viewport(), QMouseEvent(QEvent.Type.MouseMove, over, over, *none))
    assert feed.view.rows.hovered == (0, True)
    feed.grab()
    QApplication.sendEvent(feed.view, QEvent(QEvent.Type.Leave))
    assert feed.view.rows.hovered is None


@pytest.mark.parametrize("choice", [ThemeChoice.LIGHT, ThemeChoice.DARK])
@pytest.mark.parametrize("percent", [80, 200])
@pytest.mark.parametrize("width", [320, 1200])
def test_every_row_can_be_painted(feed: EventFeed, show: Show, theme: Theme, choice: ThemeChoice, percent: int, width: int) -> None:
    show.announce(
        *(
            received(f"x{kind.value}", kind, "名前" * 20, text="長い " * 200, amount=9_999, is_test=True, is_shared=True)
            for kind in StreamEvent
        )
    )
    show.announce(MessagesRetracted(Retraction("twitch", ("twitch:xraid",), reason="deleted")))
    theme.set_choice(choice)
    theme.set_text_scale(percent)
    feed.resize(width, 3_000)
    feed.view.setFocus()
    feed.view.setCurrentIndex(feed.shown.index(0, 0))
    assert not feed.grab().isNull()
