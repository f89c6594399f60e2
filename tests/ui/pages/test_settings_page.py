"""Settings page: drawn from the schema, checked while typing, applied, taken back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.ui.pages.settings import Make, applied, editor, press, settings_pages
from tests.ui.pages.show import PagesShow
from voxelle.domain.errors import SetupError
from voxelle.domain.events import EngineChanged, EngineState, EngineStatus
from voxelle.settings.fields import FieldKind, SettingField
from voxelle.ui.pages.settings.editors import ChainEditor, ChoiceEditor, LineEditor, NumberEditor, SwitchEditor, WordsEditor, editor_for
from voxelle.ui.pages.settings.wording import choice_title, restart_text
from voxelle.ui.theme import Theme

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")  # the offscreen platform has no window manager to tell


@pytest.fixture
def make(qtbot: QtBot, pages_show: PagesShow, theme: Theme) -> Make:
    return settings_pages(qtbot, pages_show)


def test_categories_come_from_the_schema(make: Make) -> None:
    page = make()
    assert [category.title for category in page.model.categories()] == [
        "General",
        "Thinking",
        "Voice",
        "Hearing",
        "Answering",
        "Safety",
        "Storage",
        "Logs",
    ]
    assert page.heading.text() == "General"
    assert "general.character_id" not in page.rows
    assert page.rows["general.theme"].editor.input_widget().accessibleName() == "Theme"


def test_each_kind_has_its_editor(make: Make) -> None:
    page = make(part="voice")
    assert isinstance(page.rows["voice.chain"].editor, ChainEditor)
    assert isinstance(page.rows["voice.volume"].editor, NumberEditor)
    assert isinstance(page.rows["voice.is_muted"].editor, SwitchEditor)
    assert isinstance(page.rows["voice.output_device"].editor, LineEditor)
    page.show_part("safety")
    assert isinstance(page.rows["safety.blocked_words"].editor, WordsEditor)
    page.show_part("logs")
    assert isinstance(page.rows["logs.level"].editor, ChoiceEditor)


def test_a_change_is_applied_and_saved(make: Make, pages_show: PagesShow, qtbot: QtBot, tmp_path: Path) -> None:
    page = make(part="turn")
    line = editor(page, "turn.queue_limit", NumberEditor).line
    line.selectAll()
    qtbot.keyClicks(line, "55")
    qtbot.waitUntil(lambda: pages_show.settings.current.turn.queue_limit == 55)
    file = tmp_path / "settings.json"
    qtbot.waitUntil(lambda: file.exists() and json.loads(file.read_text(encoding="utf-8"))["turn"]["queue_limit"] == 55)
    applied(page, pages_show, qtbot)
    assert page.rows["turn.queue_limit"].reset_button.isVisible()


@pytest.mark.parametrize(
    "text, sentence",
    [
        ("0", "Longest queue must be at least 1."),
        ("501", "Longest queue must be at most 500."),
        ("many", "Longest queue must be a whole number."),
        ("", "Longest queue must be a whole number."),
    ],
)
def test_a_wrong_value_is_told_while_typing_and_never_applied(
    make: Make, pages_show: PagesShow, qtbot: QtBot, text: str, sentence: str
) -> None:
    page = make(part="turn")
    row = page.rows["turn.queue_limit"]
    line = editor(page, "turn.queue_limit", NumberEditor).line
    line.setText(text)
    line.textEdited.emit(text)
    assert row.problem.text() == sentence
    assert row.problem.isVisible()
    assert line.property("invalid") is True
    assert line.accessibleDescription() == sentence
    page.model.apply()
    pages_show.settle()
    assert pages_show.settings.current.turn.queue_limit == 30
    assert line.text() == text
    line.setText("31")
    line.textEdited.emit("31")
    assert not row.problem.isVisible()


def test_a_wrong_value_can_be_reset(make: Make, pages_show: PagesShow, qtbot: QtBot) -> None:
    page = make(part="turn")
    line = editor(page, "turn.queue_limit", NumberEditor).line
    line.textEdited.emit("9999")
    page.rows["turn.queue_limit"].reset_button.click()
    pages_show.settle()
    assert line.text() == "30"
    assert not page.rows["turn.queue_limit"].problem.isVisible()


def test_a_value_the_service_refuses_is_told_under_the_field(make: Make, pages_show: PagesShow, qtbot: QtBot) -> None:
    page = make(part="storage")
    line = editor(page, "storage.database_url", LineEditor).line
    line.setText("postgresql+psycopg://me:secret@localhost/db")
    line.textEdited.emit(line.text())
    assert "Leave the password out of the address" in page.rows["storage.database_url"].problem.text()


def test_undo_and_redo_by_keys(make: Make, pages_show: PagesShow, qtbot: QtBot) -> None:
    page = make(part="turn")
    assert not page.undo_button.isEnabled()
    box = editor(page, "turn.answer_chat", SwitchEditor).box
    box.click()
    applied(page, pages_show, qtbot)
    assert not pages_show.settings.current.turn.answer_chat
    assert page.undo_button.isEnabled()
    qtbot.keyClick(box, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: pages_show.settings.current.turn.answer_chat and page.redo_button.isEnabled())
    assert box.isChecked()
    qtbot.keyClick(box, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil(lambda: not pages_show.settings.current.turn.answer_chat and page.undo_button.isEnabled())
    assert not box.isChecked()


def test_an_undo_with_nothing_to_take_back_is_told(make: Make, pages_show: PagesShow) -> None:
    page = make()
    page.model.undo()
    pages_show.settle()
    assert page.notice.label.text() == "There is no change of settings to take back."
    page.model.redo()
    pages_show.settle()
    assert page.notice.label.text() == "There is no change of settings to make again."


def test_resetting_a_page_asks_and_is_one_step(make: Make, pages_show: PagesShow, qtbot: QtBot) -> None:
    page = make(part="turn")
    editor(page, "turn.answer_chat", SwitchEditor).box.click()
    editor(page, "turn.history_turns", NumberEditor).line.textEdited.emit("3")
    applied(page, pages_show, qtbot)
    page.reset_button.click()
    press(page, pages_show, "Reset page")
    qtbot.waitUntil(lambda: pages_show.settings.current.turn.history_turns == 12)
    assert pages_show.settings.current.turn.answer_chat
    pages_show.settle()
    page.undo_button.click()
    qtbot.waitUntil(lambda: pages_show.settings.current.turn.history_turns == 3)
    assert not pages_show.settings.current.turn.answer_chat


def test_a_change_from_elsewhere_is_shown(make: Make, pages_show: PagesShow, qtbot: QtBot) -> None:
    page = make(part="voice")
    line = editor(page, "voice.volume", NumberEditor).line
    pages_show.do(lambda: pages_show.settings.change("voice.volume", 0.25))
    pages_show.settle()
    qtbot.waitUntil(lambda: line.text() == "0.25")
    slider = editor(page, "voice.volume", NumberEditor).slider
    assert slider is not None
    assert slider.value() == 25


def test_what_the_environment_sets_is_locked(make: Make, pages_show: PagesShow) -> None:
    pages_show.use_environment({"VOXELLE_SETTING__VOICE__SPEED": "1.5"})
    page = make(part="voice")
    row = page.rows["voice.speed"]
    assert not row.editor.isEnabled()
    assert "VOXELLE_SETTING__VOICE__SPEED" in row.locked.text()
    assert not row.reset_button.isVisible()
    page.model.set_value("voice.speed", 1.0)
    assert page.model.shown_value("voice.speed") == 1.5


def test_a_change_that_waits_for_an_engine_has_a_badge_until_it_loads(make: Make, pages_show: PagesShow, qtbot: QtBot) -> None:
    page = make(part="language_model")
    row = page.rows["language_model.threads"]
    assert not row.badge.isVisible()
    editor(page, "language_model.threads", NumberEditor).line.textEdited.emit("4")
    applied(page, pages_show, qtbot)
    assert row.badge.text == "Engine restart needed"
    assert "Engines page" in row.badge.toolTip()
    pages_show.announce(EngineChanged(EngineStatus("sound", "sound", "Sound", EngineState.LOADING)))
    assert row.badge.isVisible()
    pages_show.announce(EngineChanged(EngineStatus("llama_cpp", "llm", "llama.cpp", EngineState.READY)))
    assert row.badge.isVisible()
    pages_show.announce(EngineChanged(EngineStatus("llama_cpp", "llm", "llama.cpp", EngineState.LOADING)))
    assert not row.badge.isVisible()


def test_searching_finds_settings_of_all_pages(make: Make, pages_show: PagesShow) -> None:
    page = make(part="turn")
    page.search.setText("server address")
    assert "voice.speech_base_url" in page.rows
    assert "language_model.openai_base_url" in page.rows
    assert "settings found" in page.heading.text()
    assert not page.reset_button.isVisible()
    page.search.setText("unheard of")
    assert page.results.heading.text() == "No setting fits"
    page.results.button.click()
    assert page.heading.text() == "Answering"
    page.search.setText("volume")
    page.categories.setCurrentRow(0)
    assert page.search.text() == ""
    assert page.heading.text() == "General"


def test_settings_that_can_not_be_read_offer_to_try_again(make: Make, pages_show: PagesShow, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(**_: object) -> None:
        msg = "The settings are locked."
        raise SetupError(msg)

    with monkeypatch.context() as patch:
        patch.setattr(pages_show.settings, "fields", fail)
        page = make()
    assert page.pane.sentence.text() == "The settings are locked."
    page.pane.button.click()
    pages_show.settle()
    assert page.pane.is_content_shown


def test_a_chain_is_ordered_and_ticked(make: Make, pages_show: PagesShow, qtbot: QtBot) -> None:
    page = make(part="voice")
    chain = editor(page, "voice.chain", ChainEditor)
    shown = [chain.list.item(row).text() for row in range(chain.list.count())]
    assert shown == ["Embedded voice (Hibari)", "eSpeak NG", "Embedded voice (Kokoro)", "Speech server"]
    chain.list.setCurrentRow(1)
    chain.up.click()
    assert page.model.shown_value("voice.chain") == ["espeak", "hibari"]
    chain.down.click()
    chain.down.click()
    chain.down.click()
    assert not chain.down.isEnabled()
    chain.down.click()
    chain.list.item(2).setCheckState(Qt.CheckState.Checked)
    assert page.model.shown_value("voice.chain") == ["hibari", "openai_speech", "espeak"]
    applied(page, pages_show, qtbot)
    assert [each.value for each in pages_show.settings.current.voice.chain] == ["hibari", "openai_speech", "espeak"]
    chain.show_value(["espeak"])
    assert [chain.list.item(row).checkState() for row in range(4)] == [
        Qt.CheckState.Checked,
        Qt.CheckState.Unchecked,
        Qt.CheckState.Unchecked,
        Qt.CheckState.Unchecked,
    ]


def test_words_stand_one_a_line(make: Make, pages_show: PagesShow, qtbot: QtBot) -> None:
    page = make(part="safety")
    text = editor(page, "safety.blocked_words", WordsEditor).text
    text.setPlainText("one\n\n two ")
    applied(page, pages_show, qtbot)
    assert pages_show.settings.current.safety.blocked_words == ("one", "two")
    assert text.toPlainText() == "one\n\n two "


def test_a_choice_is_applied(make: Make, pages_show: PagesShow, qtbot: QtBot) -> None:
    page = make(part="logs")
    box = editor(page, "logs.level", ChoiceEditor).box
    assert box.currentData() == "info"
    box.setCurrentIndex(box.findData("debug"))
    box.activated.emit(box.currentIndex())
    applied(page, pages_show, qtbot)
    assert pages_show.settings.current.logs.level == "debug"


def test_arrow_keys_step_a_number_within_its_bounds(make: Make, pages_show: PagesShow, qtbot: QtBot) -> None:
    page = make(part="voice")
    line = editor(page, "voice.volume", NumberEditor).line
    qtbot.keyClick(line, Qt.Key.Key_Up)
    assert line.text() == "1"
    qtbot.keyClick(line, Qt.Key.Key_Up)
    assert page.model.shown_value("voice.volume") == 1.0
    qtbot.keyClick(line, Qt.Key.Key_PageDown)
    assert line.text() == "0"
    line.setText("x")
    qtbot.keyClick(line, Qt.Key.Key_Up)
    assert line.text() == "x"
    slider = editor(page, "voice.volume", NumberEditor).slider
    assert slider is not None
    slider.setValue(40)
    assert line.text() == "0.4"


def test_a_number_without_bounds_steps_freely(qtbot: QtBot, theme: Theme) -> None:
    number = editor_for(SettingField("x.y", "x", "X", "Y", "", FieldKind.INT, value=5))
    qtbot.addWidget(number)
    assert isinstance(number, NumberEditor)
    number.show_value(5)
    got: list[object] = []
    number.edited.connect(got.append)
    number.line.stepped.emit(10)
    assert got == [15]


def test_the_wheel_scrolls_the_page_and_changes_nothing(make: Make, qtbot: QtBot) -> None:
    page = make(part="logs")
    box = editor(page, "logs.level", ChoiceEditor).box
    before = box.currentIndex()
    spot = QPointF(box.rect().center())
    event = QWheelEvent(
        spot,
        box.mapToGlobal(spot),
        QPoint(),
        QPoint(0, -120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(box, event)
    assert box.currentIndex() == before


def test_the_categories_become_a_drop_down_where_it_is_narrow(make: Make, pages_show: PagesShow, theme: Theme) -> None:
    theme.set_text_scale(200)
    page = make()
    page.resize(740, 560)
    pages_show.settle()
    assert page.width() == 740
    assert not page.categories.isVisible()
    page.drop_down.activated.emit(2)
    assert page.heading.text() == "Voice"


def test_words_for_choices_and_restarts() -> None:
    assert choice_title("some_thing") == "Some thing"
    assert restart_text("sound")[0] == "Sound restart needed"
    assert restart_text("app")[0] == "Restart needed"
