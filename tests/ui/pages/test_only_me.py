"""Recording the streamer's voice on the sound page."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from tests.fakes.sound import FakeDesk
from tests.ui.show import Show
from voxelle.contracts.audio import INPUT_RATE
from voxelle.domain.errors import InputError, TemporaryError
from voxelle.domain.hearing import HearingSnapshot
from voxelle.ui.models.voice_print import ENROL_S
from voxelle.ui.pages.sound import SoundPage
from voxelle.ui.pages.sound.only_me import OnlyMeGroup
from voxelle.ui.theme import Theme


@pytest.fixture
def desk(show: Show) -> FakeDesk:
    made = FakeDesk()
    show.bridge.sound = made
    return made


@pytest.fixture
def page(show: Show, desk: FakeDesk, theme: Theme, qtbot: QtBot) -> SoundPage:
    page = SoundPage(show.bridge)
    page.resize(1000, 900)
    qtbot.addWidget(page)
    page.show()
    show.settle()
    return page


@pytest.fixture
def group(page: SoundPage) -> OnlyMeGroup:
    return page.microphone.only_me


def test_a_voice_is_recorded_and_she_is_deaf_meanwhile(group: OnlyMeGroup, show: Show, desk: FakeDesk, qtbot: QtBot) -> None:
    assert group.sentence.isVisible()
    assert not group.forget.isVisible()
    qtbot.mouseClick(group.record, Qt.MouseButton.LeftButton)
    assert group.state.text() == "Recording: read this aloud until it ends."
    assert not group.record.isEnabled()
    group._model.record()
    show.settle()
    assert desk.recorded_s == [ENROL_S]
    assert show.companion.calls == [("set_deaf", True), ("set_deaf", False), ("enrol_voice", ENROL_S * INPUT_RATE)]
    assert group.state.text().startswith("Your voice was recorded on ")
    assert not group.sentence.isVisible()
    assert group.record.isEnabled()


def test_who_was_deaf_stays_deaf(group: OnlyMeGroup, show: Show) -> None:
    show.companion.ears_state = HearingSnapshot(is_deaf=True)
    group._model.record()
    show.settle()
    assert [call[0] for call in show.companion.calls] == ["enrol_voice"]


def test_a_recorded_voice_can_be_forgotten(group: OnlyMeGroup, show: Show, qtbot: QtBot) -> None:
    show.companion.voice_print = "2026-03-01T12:00:00+00:00"
    group._model.load()
    show.settle()
    assert group.forget.isVisible()
    qtbot.mouseClick(group.forget, Qt.MouseButton.LeftButton)
    show.settle()
    assert show.companion.calls == [("forget_voice",)]
    assert group.state.text() == "Press Record and read this aloud:"


def test_the_switch_is_the_setting_and_says_what_is_missing(group: OnlyMeGroup, show: Show, qtbot: QtBot) -> None:
    qtbot.mouseClick(group.is_on, Qt.MouseButton.LeftButton, pos=QPoint(8, group.is_on.height() // 2))
    show.settle()
    assert show.settings.current.hearing.only_me
    assert group.state.text().startswith("She still hears everybody")


def test_a_recording_of_no_use_is_explained_and_she_hears_again(group: OnlyMeGroup, show: Show, desk: FakeDesk) -> None:
    desk.error = TemporaryError("The microphone gave no sound.")
    group._model.record()
    show.settle()
    assert group.problem.text() == "The microphone gave no sound."
    assert show.companion.calls[-1] == ("set_deaf", False)
    desk.error = None
    show.companion.error = InputError("That was too quiet.")
    group._model.record()
    show.settle()
    assert group.problem.text() == "That was too quiet."
    assert group.record.isEnabled()


def test_without_devices_nothing_can_be_recorded(group: OnlyMeGroup, show: Show) -> None:
    show.bridge.sound = None
    group._model.record()
    group._model.changed.emit()
    assert not group.record.isEnabled()
    assert show.companion.calls == []
