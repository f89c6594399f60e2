"""Choosing devices, and trying them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from tests.fakes.sound import FakeDesk
from tests.ui.show import Show
from voxelle.contracts.audio import OUTPUT_RATE, SoundDevice
from voxelle.domain.errors import InputError, TemporaryError
from voxelle.domain.events import HearingChanged, MicrophoneHeard, ShowChanged, ShowSnapshot, Underrun
from voxelle.domain.hearing import EarState, HearingSnapshot
from voxelle.ui.models.sound import RECORD_S, SoundModel, Test, choices, told_apart
from voxelle.ui.pages.sound import SoundPage
from voxelle.ui.theme import Theme


@pytest.fixture
def desk(show: Show) -> FakeDesk:
    made = FakeDesk()
    show.bridge.sound = made
    return made


@pytest.fixture
def page(show: Show, desk: FakeDesk, theme: Theme, qtbot: QtBot) -> SoundPage:
    made = SoundPage(show.bridge)
    made.resize(1000, 640)
    qtbot.addWidget(made)
    made.show()
    show.settle()
    return made


def texts(page: SoundPage) -> list[str]:
    return [page.voice.device.itemText(row) for row in range(page.voice.device.count())]


def test_the_devices_are_listed_with_the_systems_default_first(page: SoundPage) -> None:
    assert texts(page) == ["The system's default (Built-in speakers)", "Built-in speakers", "Virtual cable"]
    assert page.microphone.device.itemText(0) == "The system's default (Desk microphone)"
    assert page.voice.device.currentIndex() == 0


def test_a_chosen_device_goes_into_the_settings(page: SoundPage, show: Show, qtbot: QtBot) -> None:
    page.voice.device.setFocus()
    qtbot.keyClick(page.voice.device, Qt.Key.Key_End)
    page.microphone.device.setFocus()
    qtbot.keyClick(page.microphone.device, Qt.Key.Key_End)
    show.settle()
    assert show.settings.current.voice.output_device == "cable"
    assert show.settings.current.hearing.input_device == "headset"


def test_a_device_that_is_not_plugged_in_stays_chosen(desk: FakeDesk, page: SoundPage, show: Show) -> None:
    page.model.change("hearing.input_device", "pulse:gone")
    show.settle()
    assert page.microphone.device.currentText() == "gone (not connected)"


def test_her_voice_goes_to_further_devices_three_at_the_most(page: SoundPage, show: Show, qtbot: QtBot) -> None:
    box = page.voice._boxes["cable"]
    qtbot.mouseClick(box, Qt.MouseButton.LeftButton, pos=QPoint(8, box.height() // 2))
    show.settle()
    assert list(show.settings.current.voice.further_outputs) == ["cable"]
    page.model.change("voice.further_outputs", ("a", "b", "c"))
    show.settle()
    assert not page.voice._boxes["cable"].isEnabled()
    assert page.voice._boxes["a"].text() == "a (not connected)"
    box = page.voice._boxes["a"]
    qtbot.mouseClick(box, Qt.MouseButton.LeftButton, pos=QPoint(8, box.height() // 2))
    show.settle()
    assert list(show.settings.current.voice.further_outputs) == ["b", "c"]
    assert "a" not in page.voice._boxes


def test_the_volume_is_kept_when_the_slider_is_let_go(page: SoundPage, show: Show, qtbot: QtBot) -> None:
    page.voice.volume.setFocus()
    qtbot.keyClick(page.voice.volume, Qt.Key.Key_Home)
    show.settle()
    assert show.settings.current.voice.volume == 0.0
    assert page.voice.loud.text() == "0 %"
    page.voice.volume.sliderMoved.emit(40)
    assert page.voice.loud.text() == "40 %"


def test_the_tone_is_played_where_her_voice_goes(page: SoundPage, show: Show, qtbot: QtBot) -> None:
    qtbot.mouseClick(page.voice.tone, Qt.MouseButton.LeftButton)
    assert page.model.test == "tone"
    assert not page.microphone.record.isEnabled()
    page.model.play_tone()
    page.model.record()
    show.settle()
    assert show.companion.calls == [("play_check", OUTPUT_RATE)]
    assert page.model.test == "none"
    assert page.microphone.record.isEnabled()


def test_a_recording_is_judged_and_played_back(page: SoundPage, show: Show, desk: FakeDesk, qtbot: QtBot) -> None:
    qtbot.mouseClick(page.microphone.record, Qt.MouseButton.LeftButton)
    assert page.microphone.progress.text() == "Speak now: recording for 4 seconds …"
    show.settle()
    assert desk.recorded_s == [RECORD_S]
    show.settle()
    assert show.companion.calls == [("play_check", RECORD_S * OUTPUT_RATE)]
    assert page.microphone.progress.text() == "She hears you."


def test_a_recording_that_is_being_played_says_so(page: SoundPage) -> None:
    page.model.verdict = "She hears you."
    page.model._begin(Test.PLAYING)
    assert page.microphone.progress.text() == "She hears you. This is how you sound."


def test_what_goes_wrong_is_a_sentence_and_the_next_try_is_free(page: SoundPage, show: Show, desk: FakeDesk) -> None:
    desk.error = TemporaryError("The microphone gave no sound.")
    page.model.record()
    show.settle()
    assert page.problem.text() == "The microphone gave no sound."
    assert page.microphone.record.isEnabled()
    desk.error = None
    show.companion.error = InputError("She is speaking. Stop her first, then try the sound.")
    page.model.play_tone()
    show.settle()
    assert page.problem.text().startswith("She is speaking.")


def test_switches_are_the_settings(page: SoundPage, show: Show, qtbot: QtBot) -> None:
    for box in (page.microphone.listens, page.microphone.echo, page.microphone.noise, page.microphone.interrupts):
        qtbot.mouseClick(box, Qt.MouseButton.LeftButton, pos=QPoint(8, box.height() // 2))
    show.settle()
    hearing = show.settings.current.hearing
    assert (hearing.is_enabled, hearing.cancel_echo, hearing.suppress_noise, hearing.is_interruptible) == (True, False, True, False)


def test_sentences_counters_and_level_follow_the_show(page: SoundPage, show: Show) -> None:
    show.announce(
        ShowChanged(ShowSnapshot(sound="Her voice goes to Virtual cable.")),
        HearingChanged(HearingSnapshot(EarState.STARTING, sentence="The microphone is closed.")),
    )
    page.model.change("hearing.is_enabled", True)
    show.settle()
    assert page.microphone.where.text() == "She is getting ready to hear you."
    show.announce(
        HearingChanged(HearingSnapshot(EarState.LISTENING, sentence="She hears you through Headset.", overruns=2)),
        Underrun(3, datetime.now(UTC)),
        MicrophoneHeard(0.03, 0.9),
    )
    assert page.voice.where.text() == "Her voice goes to Virtual cable."
    assert page.voice.gaps.text() == "Her voice had 3 gaps since the start."
    assert page.microphone.where.text() == "She hears you through Headset."
    assert page.microphone.gaps.text() == "The microphone lost sound 2 times."
    assert page.microphone.meter.lit == 10
    assert not page.microphone.still.isVisible()


def test_while_she_does_not_listen_the_page_tells_why_the_level_rests(page: SoundPage, show: Show) -> None:
    show.announce(HearingChanged(HearingSnapshot(sentence="She does not listen: switch the microphone on in the settings.")))
    assert page.microphone.still.isVisible()
    assert not page.microphone.where.isVisible()


def test_her_voice_is_not_offered_twice_to_the_systems_default(page: SoundPage) -> None:
    assert list(page.voice._boxes) == ["cable"]


def test_two_devices_of_one_title_are_numbered() -> None:
    named = told_apart((SoundDevice("a", "Headset"), SoundDevice("b", "Cable"), SoundDevice("c", "Headset")))
    assert [(each.name, each.title) for each in named] == [("a", "Headset (1)"), ("b", "Cable"), ("c", "Headset (2)")]


def test_a_show_that_writes_into_a_file_says_that_there_is_nothing_to_choose(show: Show, theme: Theme, qtbot: QtBot) -> None:
    page = SoundPage(show.bridge)
    qtbot.addWidget(page)
    page.show()
    show.settle()
    assert "into a file" in page.problem.text()
    assert not page.voice.tone.isEnabled()
    page.model.play_tone()
    page.model.record()
    assert page.model.test is Test.NONE


def test_the_wheel_changes_no_device(page: SoundPage, show: Show) -> None:
    box: QWidget = page.voice.device
    middle = QPointF(box.rect().center())
    none, pixels = Qt.MouseButton.NoButton, QPoint(0, -120)
    event = QWheelEvent(
        middle, QPointF(box.mapToGlobal(middle)), pixels, pixels, none, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False
    )
    QApplication.sendEvent(box, event)
    show.settle()
    assert show.settings.current.voice.output_device == ""


def test_without_a_known_default_it_is_named_plainly() -> None:
    found = choices((SoundDevice("a", "A"),), "", lambda title: f"default {title}".strip(), str)
    assert found == [("", "default"), ("a", "A")]


def test_the_model_needs_no_page(show: Show, desk: FakeDesk) -> None:
    model = SoundModel(show.bridge, show.bridge)
    model.load()
    show.settle()
    assert model.has_desk
    assert [device.name for device in model.inputs] == ["desk", "headset"]
