"""Writing to her."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QMimeData, Qt
from pytestqt.qtbot import QtBot

from voxelle.ui.theme import Theme
from voxelle.ui.widgets.composer import LIMIT, NEAR, Composer


@pytest.fixture
def composer(theme: Theme, qtbot: QtBot) -> Composer:
    made = Composer()
    made.resize(400, 100)
    qtbot.addWidget(made)
    made.show()
    return made


def write(composer: Composer, qtbot: QtBot, text: str) -> None:
    qtbot.keyClicks(composer.edit, text)


def press(composer: Composer, qtbot: QtBot, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    qtbot.keyClick(composer.edit, key, modifier)


def test_enter_sends_and_empties_the_line(composer: Composer, qtbot: QtBot) -> None:
    sent: list[str] = []
    composer.submitted.connect(sent.append)
    write(composer, qtbot, " hello ")
    assert composer.send.isEnabled()
    press(composer, qtbot, Qt.Key.Key_Return)
    assert sent == ["hello"]
    assert composer.edit.toPlainText() == ""
    assert not composer.send.isEnabled()


def test_blanks_are_not_sent(composer: Composer, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(composer.submitted):
        write(composer, qtbot, "   ")
        press(composer, qtbot, Qt.Key.Key_Enter)


def test_the_button_sends_as_well(composer: Composer, qtbot: QtBot) -> None:
    write(composer, qtbot, "hello")
    with qtbot.waitSignal(composer.submitted) as caught:
        qtbot.mouseClick(composer.send, Qt.MouseButton.LeftButton)
    assert caught.args == ["hello"]


def test_shift_enter_breaks_the_line_and_the_line_grows(composer: Composer, qtbot: QtBot) -> None:
    low = composer.edit.height()
    write(composer, qtbot, "one")
    for _ in range(20):
        press(composer, qtbot, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert composer.edit.toPlainText() == "one" + "\n" * 20
    assert low < composer.edit.height() < 8 * low


def test_up_and_down_walk_through_what_was_sent_and_back_to_the_draft(composer: Composer, qtbot: QtBot) -> None:
    for text in ("one", "two", "one"):
        write(composer, qtbot, text)
        press(composer, qtbot, Qt.Key.Key_Return)
    write(composer, qtbot, "draft")
    seen = []
    for key in (Qt.Key.Key_Up, Qt.Key.Key_Up, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Down):
        press(composer, qtbot, key)
        seen.append(composer.edit.toPlainText())
    assert seen == ["one", "two", "two", "one", "draft", "draft"]


def test_up_inside_a_longer_text_moves_the_cursor_only(composer: Composer, qtbot: QtBot) -> None:
    write(composer, qtbot, "sent")
    press(composer, qtbot, Qt.Key.Key_Return)
    write(composer, qtbot, "one")
    press(composer, qtbot, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    write(composer, qtbot, "two")
    press(composer, qtbot, Qt.Key.Key_Up)
    assert composer.edit.toPlainText() == "one\ntwo"
    press(composer, qtbot, Qt.Key.Key_Up)
    assert composer.edit.toPlainText() == "sent"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=30)
@given(st.text(st.characters(codec="utf-8"), max_size=100), st.integers(0, 2 * LIMIT))
def test_no_paste_goes_beyond_the_limit(composer: Composer, text: str, repeat: int) -> None:
    data = QMimeData()
    data.setText((text or "x") * repeat)
    composer.edit.insertFromMimeData(data)
    composer.edit.insertFromMimeData(data)
    pasted = composer.edit.toPlainText()
    assert len(pasted) <= LIMIT
    assert "\x00" not in pasted


def test_only_plain_text_is_pasted(composer: Composer) -> None:
    data = QMimeData()
    data.setHtml("<b>bold</b>")
    data.setText("plain\x07 text")
    composer.edit.insertFromMimeData(data)
    assert composer.edit.toPlainText() == "plain  text"


def test_the_counter_appears_near_the_limit(composer: Composer) -> None:
    counter = composer._counter
    composer.edit.setPlainText("x" * (NEAR - 1))
    assert not counter.isVisible()
    composer.edit.setPlainText("x" * (LIMIT + 500))
    assert counter.isVisible()
    assert counter.text() == f"{LIMIT} of {LIMIT}"


def test_a_message_that_was_not_taken_comes_back_with_the_reason(composer: Composer, qtbot: QtBot) -> None:
    composer.show_problem("The queue is full.", "hello")
    assert composer.edit.toPlainText() == "hello"
    assert composer._problem.isVisible()
    press(composer, qtbot, Qt.Key.Key_Return)
    assert not composer._problem.isVisible()


def test_something_new_being_written_is_not_overwritten(composer: Composer) -> None:
    composer.edit.setPlainText("new")
    composer.show_problem("The queue is full.", "old")
    assert composer.edit.toPlainText() == "new"
