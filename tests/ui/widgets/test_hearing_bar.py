"""Her ears on the live page."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from tests.ui.show import Show
from voxelle.domain.events import HearingChanged, MicrophoneHeard, UtteranceDropped
from voxelle.domain.hearing import BargeInState, EarState, HearingSnapshot, ListeningMode
from voxelle.settings.schema import Theme as ThemeChoice
from voxelle.ui.models.hearing import HearingModel
from voxelle.ui.theme import Theme
from voxelle.ui.widgets.hearing_bar import HearingBar

LISTENING = HearingSnapshot(EarState.LISTENING, sentence="She hears you through the headset.")


@pytest.fixture
def bar(show: Show, theme: Theme, qtbot: QtBot) -> HearingBar:
    made = HearingBar(HearingModel(show.bridge, show.bridge))
    made.resize(760, 44)
    qtbot.addWidget(made)
    made.show()
    return made


def test_off_it_offers_to_listen_and_shows_no_more(bar: HearingBar, show: Show, qtbot: QtBot) -> None:
    assert bar.listen.isVisible()
    assert not bar.deafen.isVisible()
    assert not bar.meter.isVisible()
    assert "microphone is closed" in bar.sentence.text()
    qtbot.mouseClick(bar.listen, Qt.MouseButton.LeftButton)
    show.settle()
    assert show.settings.current.hearing.is_enabled


@pytest.mark.parametrize(
    "hearing, words",
    [
        (LISTENING, "Listening"),
        (replace(LISTENING, mode=ListeningMode.WAKE_NAME, open_for_s=28.6), "Listening for 29 s"),
        (replace(LISTENING, state=EarState.DEAF, is_deaf=True), "Deaf"),
        (replace(LISTENING, state=EarState.LOST), "No microphone"),
        (replace(LISTENING, state=EarState.STARTING), "Getting ready"),
        (replace(LISTENING, state=EarState.CLOSED), "Waits for the key"),
        (replace(LISTENING, state=EarState.WAITING), "Waits for her name"),
        (replace(LISTENING, state=EarState.HEARING), "Hearing you"),
        (replace(LISTENING, state=EarState.HEARING, speaker="Nova"), "Hears Nova"),
        (replace(LISTENING, state=EarState.RECOGNISING), "Understanding"),
        (replace(LISTENING, state=EarState.HEARING, barge_in=BargeInState.PAUSED), "Interrupted"),
    ],
)
def test_it_says_what_her_ears_do(bar: HearingBar, show: Show, hearing: HearingSnapshot, words: str) -> None:
    show.announce(HearingChanged(hearing))
    assert bar.chip.word == words
    assert not bar.listen.isVisible()
    bar.grab()


def test_what_she_understood_so_far_is_shown_in_place_of_the_microphone(bar: HearingBar, show: Show) -> None:
    show.announce(HearingChanged(LISTENING))
    assert bar.sentence.text() == "She hears you through the headset."
    assert not bar.words.isVisible()
    show.announce(HearingChanged(replace(LISTENING, state=EarState.HEARING, interim="what do you\nthink of")))
    assert bar.words.text() == "what do you think of"
    assert not bar.sentence.isVisible()
    bar.words.resize(60, 20)
    bar.words.grab()
    assert "what do you think of" in bar.words.toolTip()


def test_what_did_not_reach_her_is_told_until_somebody_speaks_again(bar: HearingBar, show: Show) -> None:
    show.announce(HearingChanged(LISTENING), UtteranceDropped("too unclear to be understood"))
    assert bar.sentence.text() == "What was said last did not reach her: too unclear to be understood."
    show.announce(HearingChanged(LISTENING))
    assert "too unclear" in bar.sentence.text()
    show.announce(HearingChanged(replace(LISTENING, state=EarState.HEARING)))
    assert bar.sentence.text() == "She hears you through the headset."


def test_while_she_gets_ready_the_microphone_is_not_called_closed(bar: HearingBar, show: Show) -> None:
    show.announce(HearingChanged(HearingSnapshot(EarState.STARTING, sentence="The microphone is closed.")))
    assert bar.sentence.text().startswith("In a moment she hears you")


def test_deafen_stops_her_ears_and_says_how_to_open_them(bar: HearingBar, show: Show, qtbot: QtBot) -> None:
    show.announce(HearingChanged(LISTENING))
    qtbot.mouseClick(bar.deafen, Qt.MouseButton.LeftButton)
    show.announce(HearingChanged(replace(LISTENING, state=EarState.DEAF, is_deaf=True)))
    assert show.companion.calls == [("set_deaf", True)]
    assert bar.deafen.words == "Let her hear"
    assert bar.deafen.isChecked()


def test_the_button_talks_while_it_is_held(bar: HearingBar, show: Show, qtbot: QtBot) -> None:
    show.announce(HearingChanged(replace(LISTENING, state=EarState.CLOSED, mode=ListeningMode.PUSH_TO_TALK)))
    assert bar.talk.words == "Hold to talk"
    qtbot.mousePress(bar.talk, Qt.MouseButton.LeftButton)
    qtbot.mouseRelease(bar.talk, Qt.MouseButton.LeftButton)
    show.settle()
    assert show.companion.calls == [("press_to_talk",), ("release_to_talk",)]


def test_a_button_that_is_held_while_the_bar_goes_away_is_let_go(bar: HearingBar, show: Show, qtbot: QtBot) -> None:
    show.announce(HearingChanged(replace(LISTENING, state=EarState.CLOSED, mode=ListeningMode.PUSH_TO_TALK)))
    qtbot.mousePress(bar.talk, Qt.MouseButton.LeftButton)
    bar.hide()
    show.settle()
    assert show.companion.calls == [("press_to_talk",), ("release_to_talk",)]


@pytest.mark.parametrize("is_down, words", [(False, "Talk to her"), (True, "Stop talking to her")])
def test_in_toggle_mode_the_button_says_what_a_press_does(bar: HearingBar, show: Show, is_down: bool, words: str) -> None:
    show.announce(HearingChanged(replace(LISTENING, mode=ListeningMode.TOGGLE, is_key_down=is_down)))
    assert bar.talk.words == words


def test_another_mode_is_chosen_by_the_streamer_alone(bar: HearingBar, show: Show, qtbot: QtBot) -> None:
    show.announce(HearingChanged(replace(LISTENING, mode=ListeningMode.WAKE_NAME)))
    assert bar.modes.currentText() == "When I say her name"
    assert show.companion.calls == []
    bar.modes.setFocus()
    qtbot.keyClick(bar.modes, Qt.Key.Key_Home)
    show.settle()
    assert show.companion.calls == [("set_listening_mode", ListeningMode.OPEN)]


def test_the_meter_follows_the_microphone(bar: HearingBar, show: Show, theme: Theme) -> None:
    show.announce(HearingChanged(LISTENING), MicrophoneHeard(0.03, 0.9))
    assert bar.meter.lit == 10
    for level, speech in ((1.0, 0.9), (0.01, 0.1)):
        show.announce(MicrophoneHeard(level, speech))
        bar.meter.grab()
    theme.set_choice(ThemeChoice.LIGHT)
    bar.meter.grab()
    assert bar.meter.lit == 7


def test_where_it_is_narrow_the_words_of_the_buttons_go(bar: HearingBar, show: Show) -> None:
    show.announce(HearingChanged(LISTENING))
    bar.resize(480, 44)
    assert bar.deafen.text() == ""
    assert bar.deafen.accessibleName() == "Deafen"
    assert not bar.meter.isVisible()
