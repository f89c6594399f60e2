"""When what is said reaches her."""

from __future__ import annotations

from typing import Any

import pytest

from voxelle.companion.hearing.modes import Gate
from voxelle.domain.hearing import ListeningMode
from voxelle.settings.hearing import HearingSettings

NAMES = ("Mira",)


def gate_for(mode: ListeningMode, **settings: Any) -> Gate:
    """Return a gate of a mode."""
    return Gate(HearingSettings(mode=mode, **settings))


def test_an_open_microphone_hears_everything_but_when_deaf() -> None:
    gate = gate_for(ListeningMode.OPEN)
    assert gate.hears(1.0)
    assert gate.judge("hello", NAMES, 1.0).is_admitted
    assert gate.judge("hello Mira", NAMES, 1.0).is_mention
    gate.press(1.0)
    assert not gate.is_key_down
    gate.is_deaf = True
    assert not gate.hears(1.0)
    assert not gate.is_open(1.0)
    assert gate.judge("hello", NAMES, 1.0).reason == "she is deaf"


def test_push_to_talk_hears_while_the_key_is_down_and_a_tail() -> None:
    gate = gate_for(ListeningMode.PUSH_TO_TALK)
    assert not gate.hears(1.0)
    assert not gate.press(1.0)
    assert gate.is_held
    assert gate.hears(50.0)
    assert gate.release(50.0)
    assert gate.hears(50.2)
    assert not gate.hears(50.3)
    assert not gate.release(51.0)
    gate.press(60.0)
    gate.release(61.0)
    gate.shut()
    assert not gate.hears(61.1)


def test_toggle_changes_with_every_press() -> None:
    gate = gate_for(ListeningMode.TOGGLE)
    assert not gate.press(1.0)
    assert not gate.release(1.1)
    assert gate.hears(100.0)
    assert not gate.is_held
    assert gate.press(100.0)
    assert gate.hears(100.2)
    assert not gate.hears(100.4)


def test_after_her_name_she_stays_open_for_a_while() -> None:
    gate = gate_for(ListeningMode.WAKE_NAME, open_after_name_s=30.0)
    assert gate.hears(1.0)
    assert not gate.is_open(1.0)
    assert gate.judge("nice weather", NAMES, 1.0).reason == "her name was not said"
    assert gate.judge("Hey Myra, nice weather", NAMES, 2.0).is_admitted
    gate.extend(3.0)
    assert gate.open_for_s(13.0) == 20.0
    assert gate.judge("and tomorrow?", NAMES, 32.9).is_admitted
    assert not gate.judge("and tomorrow?", NAMES, 33.0).is_admitted
    assert gate.open_for_s(40.0) == 0.0


def test_a_key_is_as_good_as_her_name() -> None:
    gate = gate_for(ListeningMode.WAKE_NAME)
    gate.press(10.0)
    assert gate.is_open(11.0)
    assert not gate.release(11.0)


@pytest.mark.parametrize("mode", [ListeningMode.PUSH_TO_TALK, ListeningMode.TOGGLE])
def test_in_another_mode_the_key_begins_anew(mode: ListeningMode) -> None:
    gate = gate_for(mode)
    gate.press(1.0)
    gate.use(HearingSettings(mode=mode))
    assert gate.is_key_down
    gate.use(HearingSettings(mode=ListeningMode.OPEN))
    assert not gate.is_key_down
    gate.use(HearingSettings(mode=mode))
    assert not gate.hears(2.0)
