"""Her ears as the window sees them."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from tests.ui.show import Show
from voxelle.domain.errors import InputError, VoxelleError
from voxelle.domain.events import HearingChanged, MicrophoneHeard
from voxelle.domain.hearing import EarState, HearingSnapshot, ListeningMode
from voxelle.ui.models.hearing import HearingModel, loudness


@pytest.fixture
def model(show: Show) -> HearingModel:
    show.companion.ears_state = HearingSnapshot(EarState.LISTENING, ListeningMode.WAKE_NAME)
    made = HearingModel(show.bridge, show.bridge)
    made.load()
    show.settle()
    return made


def test_it_starts_with_the_state_as_it_is(model: HearingModel) -> None:
    assert model.snapshot.mode is ListeningMode.WAKE_NAME
    assert model.is_listening


def test_the_commands_reach_the_companion(model: HearingModel, show: Show) -> None:
    model.press()
    model.release()
    model.choose_mode(ListeningMode.TOGGLE)
    model.toggle_deaf()
    show.announce(HearingChanged(HearingSnapshot(EarState.DEAF, is_deaf=True)))
    model.toggle_deaf()
    show.settle()
    assert show.companion.calls == [
        ("press_to_talk",),
        ("release_to_talk",),
        ("set_listening_mode", ListeningMode.TOGGLE),
        ("set_deaf", True),
        ("set_deaf", False),
    ]


def test_listening_is_switched_in_the_settings(model: HearingModel, show: Show) -> None:
    model.set_enabled(True)
    show.settle()
    assert show.settings.current.hearing.is_enabled


def test_a_refusal_reaches_whoever_asked(model: HearingModel, show: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    async def refuse(*_arguments: object) -> None:
        msg = "It is set by an environment variable."
        raise InputError(msg)

    monkeypatch.setattr(show.settings, "change", refuse)
    refusals: list[VoxelleError] = []
    model.set_enabled(False, refusals.append)
    show.settle()
    assert [each.sentence for each in refusals] == ["It is set by an environment variable."]


def test_the_level_falls_to_nothing_when_the_microphone_is_closed(model: HearingModel, show: Show, qtbot: QtBot) -> None:
    show.announce(MicrophoneHeard(0.1, 0.9))
    assert model.level == pytest.approx(2 / 3)
    assert model.is_speech
    with qtbot.waitSignal(model.level_changed):
        show.announce(HearingChanged(HearingSnapshot(EarState.DEAF, is_deaf=True)))
    assert (model.level, model.is_speech) == (0.0, False)


@pytest.mark.parametrize("level, shown", [(0.0, 0.0), (0.001, 0.0), (0.0316227766, 0.5), (1.0, 1.0), (2.0, 1.0)])
def test_loudness_is_shown_on_a_scale_of_decibels(level: float, shown: float) -> None:
    assert loudness(level) == pytest.approx(shown, abs=1e-6)
