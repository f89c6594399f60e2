"""The live page does what a streamer expects of it."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QWidget
from pytestqt.qtbot import QtBot

from tests.fakes.companion import FakeRehearsal
from tests.ui.facts import ended, heard, message, started
from tests.ui.models.test_latency import MARKS
from tests.ui.show import Show
from voxelle.domain.errors import InputError
from voxelle.domain.events import ShowChanged, ShowSnapshot, TurnStateChanged
from voxelle.domain.speech import TurnState
from voxelle.ui.models.show import Light, ShowModel
from voxelle.ui.pages.live import LivePage
from voxelle.ui.theme import Theme
from voxelle.ui.widgets.live_panels import Arrangement
from voxelle.ui.widgets.rehearsal_bar import RehearsalBar


@pytest.fixture
def rehearsal() -> FakeRehearsal:
    return FakeRehearsal()


@pytest.fixture
def page(show: Show, theme: Theme, rehearsal: FakeRehearsal, qtbot: QtBot) -> LivePage:
    model = ShowModel(show.bridge, show.bridge)
    made = LivePage(show.bridge, model, rehearsal)
    qtbot.addWidget(made)
    made.resize(1180, 760)
    made.show()
    model.load()
    show.settle()
    return made


def click(qtbot: QtBot, button: QWidget) -> None:
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_what_is_typed_reaches_her_and_the_feed(page: LivePage, show: Show, qtbot: QtBot) -> None:
    qtbot.keyClicks(page.composer.edit, "hello")
    qtbot.keyClick(page.composer.edit, Qt.Key.Key_Return)
    show.settle()
    assert ("tell", "hello") in show.companion.calls
    assert page.conversation.rowCount() == 1


def test_what_she_can_not_take_comes_back_with_a_sentence(page: LivePage, show: Show, qtbot: QtBot) -> None:
    show.companion.error = InputError("There is nothing to read in that line.")
    qtbot.keyClicks(page.composer.edit, "???")
    qtbot.keyClick(page.composer.edit, Qt.Key.Key_Return)
    show.settle()
    assert page.composer.edit.toPlainText() == "???"
    assert page.composer._problem.text() == "There is nothing to read in that line."


def test_the_buttons_stop_mute_pause_and_panic(page: LivePage, show: Show, qtbot: QtBot) -> None:
    assert not page.stage.stop.isEnabled()
    show.announce(TurnStateChanged(TurnState.SPEAKING, "t1"))
    for button in (page.stage.stop, page.stage.mute, page.stage.pause, page.stage.panic):
        click(qtbot, button)
    show.settle()
    assert sorted(show.companion.calls) == [("panic",), ("set_chat_paused", True), ("set_muted", True), ("stop_talking",)]


def test_the_bar_shows_who_is_on_stage_and_how_things_stand(page: LivePage, show: Show) -> None:
    assert page.stage._name.text() == "Mira"
    assert page.stage._sound.text() == "Built-in speakers"
    show.announce(ShowChanged(ShowSnapshot(is_muted=True, is_chat_paused=True)))
    assert (page.stage.mute.words, page.stage.pause.words) == ("Unmute", "Resume chat")
    assert page.stage.light.light is Light.MUTED
    assert page.stage._name.text() == "Getting ready …"


def test_an_empty_page_says_what_to_do_and_offers_the_sample_stream(
    page: LivePage, show: Show, rehearsal: FakeRehearsal, qtbot: QtBot
) -> None:
    assert page._stack.currentIndex() == 0
    assert not page.player.isVisible()
    offer = page._empty.findChild(RehearsalBar)
    assert offer is not None
    offer.speed.setCurrentIndex(offer.speed.findText("10×"))
    click(qtbot, offer.play)
    show.settle()
    assert rehearsal.speeds == [10.0]
    show.announce(message("hello"))
    assert page._stack.currentIndex() == 1
    assert page.player.isVisible()
    assert page.player.play.words == "Stop the sample stream"
    assert not page.player.speed.isEnabled()
    click(qtbot, page.player.play)
    show.settle()
    assert not rehearsal.is_playing


def test_a_turn_fills_feed_caption_and_timing(page: LivePage, show: Show) -> None:
    show.announce(started(), heard("A dragon."), ended("A dragon.", marks=MARKS))
    assert page.conversation.rowCount() == 1
    assert page.caption.text == "A dragon."
    assert page.latency_card._stack.currentIndex() == 1


@pytest.mark.parametrize(
    "width, height, percent, arrangement",
    [
        (1180, 760, 100, Arrangement.SIDE),
        (800, 560, 100, Arrangement.SIDE_TABS),
        (800, 560, 200, Arrangement.TABS),
        (3400, 1300, 100, Arrangement.WIDE),
    ],
)
def test_the_panels_suit_the_room(page: LivePage, theme: Theme, width: int, height: int, percent: int, arrangement: Arrangement) -> None:
    theme.set_text_scale(percent)
    page.resize(width, height)
    assert page.panels.arrangement is arrangement
    is_tabbed = arrangement is Arrangement.TABS
    assert page._stack.isVisible()
    assert page.panels.tabs.isVisible() is is_tabbed
    assert page.composer.isVisible()
    if is_tabbed:
        page.panels.tabs.setCurrentIndex(2)
        assert page.latency_card.isVisible()
        assert not page.composer.isVisible()
        assert not page.queue_card.isVisible()
        page.panels.tabs.setCurrentIndex(0)
    elif arrangement is Arrangement.SIDE_TABS:
        page.panels.side_tabs.setCurrentIndex(1)
        assert page.latency_card.isVisible()
        assert not page.queue_card.isVisible()
    else:
        assert page.queue_card.isVisible()
        assert page.latency_card.isVisible()


def test_in_a_very_low_page_the_feed_alone_shows_her_words(page: LivePage) -> None:
    assert page._caption.isVisible()
    page.setMinimumSize(1, 1)
    page.resize(1180, 200)
    assert not page._caption.isVisible()


def test_every_button_has_a_name(page: LivePage) -> None:
    buttons = [each for each in page.findChildren(QAbstractButton) if each.isVisible()]
    assert buttons
    assert all(each.accessibleName() or each.text() for each in buttons)
