"""The state of the show and the streamer's commands."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.fakes.companion import MIRA
from tests.ui.facts import ended, heard, started
from tests.ui.show import Show
from voxelle.domain.chat import Decision, Verdict
from voxelle.domain.errors import InputError
from voxelle.domain.events import CharacterSaved, ShowChanged, ShowSnapshot, TurnStateChanged, WordHeard
from voxelle.domain.speech import TurnState
from voxelle.ui.models.rows import Word
from voxelle.ui.models.show import CaptionModel, Light, ShowModel


@pytest.fixture
def model(show: Show) -> ShowModel:
    made = ShowModel(show.bridge, show.bridge)
    made.load()
    show.settle()
    return made


def test_it_starts_with_the_state_as_it_is(model: ShowModel) -> None:
    assert model.character == MIRA
    assert model.light is Light.IDLE


@pytest.mark.parametrize(
    "state, is_muted, is_paused, light",
    [
        (TurnState.IDLE, False, False, Light.IDLE),
        (TurnState.IDLE, True, False, Light.MUTED),
        (TurnState.IDLE, False, True, Light.PAUSED),
        (TurnState.IDLE, True, True, Light.MUTED),
        (TurnState.THINKING, True, True, Light.THINKING),
        (TurnState.SPEAKING, False, False, Light.SPEAKING),
        (TurnState.INTERRUPTED, False, False, Light.INTERRUPTED),
        (TurnState.STOPPED, False, False, Light.STOPPED),
    ],
)
def test_the_light_says_what_she_does_or_what_keeps_her(
    model: ShowModel, show: Show, state: TurnState, is_muted: bool, is_paused: bool, light: Light
) -> None:
    show.announce(ShowChanged(ShowSnapshot(state, is_muted=is_muted, is_chat_paused=is_paused)), TurnStateChanged(state, "t1"))
    assert model.light is light
    assert model.is_busy is (state in {TurnState.THINKING, TurnState.SPEAKING})


def test_every_button_is_one_command(model: ShowModel, show: Show) -> None:
    model.stop()
    model.toggle_muted()
    model.toggle_chat_paused()
    model.panic()
    show.settle()
    assert sorted(show.companion.calls) == [("panic",), ("set_chat_paused", True), ("set_muted", True), ("stop_talking",)]


def test_a_toggle_goes_back_from_where_the_show_is(model: ShowModel, show: Show) -> None:
    show.announce(ShowChanged(ShowSnapshot(is_muted=True, is_chat_paused=True)))
    model.toggle_muted()
    model.toggle_chat_paused()
    show.settle()
    assert sorted(show.companion.calls) == [("set_chat_paused", False), ("set_muted", False)]


def test_telling_her_ends_in_done_or_in_a_sentence(model: ShowModel, show: Show) -> None:
    done: list[str] = []
    failed: list[str] = []
    model.tell("hi", lambda: done.append("done"), failed.append)
    show.settle()
    show.companion.decision = Decision("s", Verdict.DROPPED, 0, "The queue is full.")
    model.tell("hi", lambda: done.append("done"), failed.append)
    show.settle()
    show.companion.error = InputError("There is nothing to read in that line.")
    model.tell("hi", lambda: done.append("done"), failed.append)
    show.settle()
    assert done == ["done"]
    assert failed == ["The queue is full.", "There is nothing to read in that line."]


def test_her_new_name_is_taken_up(model: ShowModel, show: Show) -> None:
    show.companion.show = ShowSnapshot(character=replace(MIRA, name="Miranda"))
    show.announce(CharacterSaved(replace(MIRA, name="Miranda")))
    assert model.character is not None
    assert model.character.name == "Miranda"


def test_the_caption_follows_the_words_and_stays_after_the_end(show: Show) -> None:
    caption = CaptionModel(show.bridge, show.bridge)
    show.announce(started(), heard("A dragon\x07 flew by.", 0), WordHeard("t1", 0, 2, 8))
    assert (caption.text, caption.word, caption.is_live) == ("A dragon  flew by.", Word(0, 2, 8), True)
    show.announce(heard("It was red.", 1))
    assert (caption.text, caption.word) == ("It was red.", None)
    show.announce(WordHeard("t1", 0, 2, 8))
    assert caption.word is None
    show.announce(ended("A dragon flew by.", "It was red."))
    assert (caption.text, caption.is_live) == ("It was red.", False)


def test_the_end_of_another_turn_leaves_the_caption_alone(show: Show) -> None:
    caption = CaptionModel(show.bridge, show.bridge)
    show.announce(started("t2"), heard("Hi.", turn="t2"), ended(turn="t1"))
    assert caption.is_live
