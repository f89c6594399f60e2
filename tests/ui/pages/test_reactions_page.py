"""The Reactions page: choosing a kind, its switch, templates, limits, trying it, and the lines of the chat."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from tests.ui.events import channel_event
from tests.ui.pages.connections import ConnectionsShow
from voxelle.domain.chat import StreamEvent
from voxelle.domain.errors import InputError, TemporaryError
from voxelle.domain.events import ChannelEventReceived
from voxelle.settings.service import SettingsService
from voxelle.ui.pages.reactions import ReactionsPage
from voxelle.ui.pages.reactions.editor import ReactionEditor
from voxelle.ui.pages.reactions.template import TemplateRow
from voxelle.ui.pages.settings.editors import NumberEditor, SwitchEditor
from voxelle.ui.pages.settings.rows import SettingRow
from voxelle.ui.theme import Theme

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")  # the offscreen platform has no window manager to tell
Open = Callable[..., ReactionsPage]
RAID = StreamEvent.RAID


@pytest.fixture
def opened(qtbot: QtBot, connections_show: ConnectionsShow, theme: Theme) -> Open:
    def make(kind: StreamEvent = RAID) -> ReactionsPage:
        page = ReactionsPage(connections_show.bridge)
        qtbot.addWidget(page)
        page.resize(900, 700)
        page.show()
        connections_show.settle()
        page.choose(kind)
        return page

    return make


def editor(page: ReactionsPage) -> ReactionEditor:
    assert page.editor is not None
    return page.editor


def template(page: ReactionsPage, name: str = "template") -> TemplateRow:
    found = editor(page).rows[page.model.path(editor(page).kind, name)]
    assert isinstance(found, TemplateRow)
    return found


def setting(page: ReactionsPage, name: str) -> SettingRow:
    found = editor(page).rows[page.model.path(editor(page).kind, name)]
    assert isinstance(found, SettingRow)
    return found


def applied(page: ReactionsPage, show: ConnectionsShow, qtbot: QtBot) -> None:
    page.model.settings.apply()
    qtbot.waitUntil(lambda: not page.model.settings.is_pending)
    show.settle()


def kept(show: ConnectionsShow, kind: StreamEvent = RAID) -> Any:
    return show.settings.current.reactions.of(kind)


def test_a_kind_is_chosen_by_list_or_drop_down(opened: Open, theme: Theme) -> None:
    page = opened()
    assert editor(page).kind is RAID
    assert editor(page).head.accessibleName() == "Raid"
    page.drop_down.activated.emit(page.drop_down.findData("bits"))
    assert editor(page).kind is StreamEvent.BITS
    assert page.kinds.currentItem().text() == "Bits"
    theme.set_text_scale(200)
    page.resize(740, 560)
    assert page.drop_down.isVisible()
    assert not page.kinds.isVisible()


def test_the_switch_and_the_list_show_and_change_the_same(opened: Open, connections_show: ConnectionsShow, qtbot: QtBot) -> None:
    page = opened()
    item = page.kinds.currentItem()
    assert item.checkState() is Qt.CheckState.Checked
    editor(page).head.switch.click()
    applied(page, connections_show, qtbot)
    assert not kept(connections_show).is_on
    assert item.checkState() is Qt.CheckState.Unchecked
    assert item.data(Qt.ItemDataRole.AccessibleTextRole) == "Raid, off"
    assert editor(page).head.state.text().startswith("Off")
    page.kinds.setFocus()
    qtbot.keyClick(page.kinds, Qt.Key.Key_Space)
    applied(page, connections_show, qtbot)
    assert kept(connections_show).is_on
    assert editor(page).head.switch.isChecked()


def test_a_template_is_checked_while_typing_and_shows_what_becomes_of_it(
    opened: Open, connections_show: ConnectionsShow, qtbot: QtBot
) -> None:
    page = opened()
    row = template(page)
    row.text.setPlainText("{name} brings {viewers}!")
    assert row.problem.text().startswith("What she is told can't be taken: there is no {viewers}; there are {name}")
    assert row.text.property("invalid") is True
    assert row.preview_head.text().startswith("Mend")
    applied(page, connections_show, qtbot)
    assert "viewers!" in kept(connections_show).template
    row.text.setPlainText("{name} brings {amount}!")
    assert row.problem.text() == ""
    assert row.preview.text() == "Haruka brings 42!"
    assert row.preview_head.text() == "She is told, for example:"
    applied(page, connections_show, qtbot)
    assert kept(connections_show).template == "{name} brings {amount}!"
    row.text.setPlainText("")
    assert row.preview_head.text().startswith("Empty: she is told in a few words")


def test_a_field_is_put_in_where_the_cursor_stands(opened: Open) -> None:
    page = opened()
    row = template(page)
    assert [chip.text() for chip in row.chips] == ["{name}", "{amount}"]
    assert row.chips[0].accessibleName() == "Insert name: who did it"
    row.text.setPlainText("Hello !")
    cursor = row.text.textCursor()
    cursor.setPosition(6)
    row.text.setTextCursor(cursor)
    row.chips[0].click()
    assert row.text.toPlainText() == "Hello {name}!"
    assert row.preview.text() == "Hello Haruka!"


def test_word_for_word_and_several_change_what_the_preview_says(opened: Open, connections_show: ConnectionsShow, qtbot: QtBot) -> None:
    page = opened()
    many = template(page, "template_many")
    assert many.preview.text().startswith("Haruka, tom_plays and Nightjar raid the stream with 71")
    word_for_word = setting(page, "is_verbatim").editor
    assert isinstance(word_for_word, SwitchEditor)
    word_for_word.box.click()
    assert many.preview_head.text() == "She says, for example:"
    template(page).text.setPlainText("")
    assert template(page).preview_head.text().startswith("Empty: there is nothing to say")
    merge = setting(page, "merge_s").editor
    assert isinstance(merge, NumberEditor)
    merge.line.setText("0")
    merge.line.textEdited.emit("0")
    assert many.preview_head.text().startswith("Not used now")
    many.text.setPlainText("")
    assert many.preview_head.text() == "Empty: as for one."
    merge.line.setText("soon")
    merge.line.textEdited.emit("soon")
    assert setting(page, "merge_s").problem.text() == "Join within (s) must be a number."


def test_one_text_or_the_whole_kind_goes_back_to_its_default_and_undo_brings_it_back(
    opened: Open, connections_show: ConnectionsShow, qtbot: QtBot
) -> None:
    page = opened()
    default = kept(connections_show)
    assert not editor(page).head.reset_button.isEnabled()
    template(page).text.setPlainText("Hi {name}!")
    applied(page, connections_show, qtbot)
    template(page).reset_button.click()
    qtbot.waitUntil(lambda: kept(connections_show) == default)
    connections_show.settle()
    template(page).text.setPlainText("Hello {name}!")
    editor(page).head.switch.click()
    applied(page, connections_show, qtbot)
    editor(page).head.reset_button.click()
    qtbot.waitUntil(lambda: kept(connections_show) == default)
    connections_show.settle()
    assert template(page).text.toPlainText() == default.template
    page.undo_button.click()
    qtbot.waitUntil(lambda: kept(connections_show).template == "Hello {name}!")
    connections_show.settle()
    assert not kept(connections_show).is_on
    assert template(page).text.toPlainText() == "Hello {name}!"
    page.redo_button.click()
    qtbot.waitUntil(lambda: kept(connections_show) == default)


def test_kinds_without_a_number_have_no_threshold_and_moderation_names_nobody(opened: Open) -> None:
    page = opened()
    assert page.model.path(RAID, "threshold") in editor(page).rows
    page.choose(StreamEvent.BAN)
    assert page.model.path(StreamEvent.BAN, "threshold") not in editor(page).rows
    assert template(page).chips == []


def test_a_reaction_is_tried_through_twitch_and_says_what_came_of_it(opened: Open, connections_show: ConnectionsShow, qtbot: QtBot) -> None:
    page = opened()
    head = editor(page).head
    template(page).text.setPlainText("Welcome {name}!")
    head.try_button.click()
    connections_show.settle()
    assert connections_show.commands("test_event") == [("twitch", {"kind": "raid"})]
    assert kept(connections_show).template == "Welcome {name}!"
    assert head.outcome.text() == "Sent …"
    connections_show.announce(ChannelEventReceived(channel_event("real"), "she answers", is_answered=True))
    assert head.outcome.text() == "Sent …"
    connections_show.announce(ChannelEventReceived(channel_event("test", is_test=True), "below 50"))
    assert head.outcome.text() == "It arrived: below 50."
    connections_show.desk.errors["test_event"] = TemporaryError("Twitch does not answer.")
    head.try_button.click()
    connections_show.settle()
    assert head.outcome.text() == "Twitch does not answer."


def test_where_it_can_not_be_tried_the_reason_is_told(opened: Open, connections_show: ConnectionsShow, qtbot: QtBot) -> None:
    page = opened()
    editor(page).head.switch.click()
    assert editor(page).head.obstacle.text() == "Switch the reaction on to try it."
    page.choose(StreamEvent.TOUCH)
    assert editor(page).head.obstacle.text() == "Click her model in VTube Studio to try it."
    page.choose(StreamEvent.BITS)
    assert editor(page).head.try_button.isEnabled()
    connections_show.do(lambda: connections_show.settings.change("integrations.twitch.is_enabled", value=False))
    connections_show.settle()
    assert not editor(page).head.try_button.isEnabled()
    assert "switch that on under Connections" in editor(page).head.obstacle.text()
    connections_show.desk.installed.pop("twitch")
    page.model.refresh()
    connections_show.settle()
    assert "not installed" in editor(page).head.obstacle.text()


def test_lines_of_the_chat_depend_on_each_other(opened: Open, connections_show: ConnectionsShow, qtbot: QtBot) -> None:
    page = opened(StreamEvent.NONE)
    chat = page.chat
    assert chat is not None
    assert page.editor is None
    assert not chat.lets_through.isEnabled()
    any_line = chat.whether.row("answer_all").editor
    assert isinstance(any_line, SwitchEditor)
    any_line.box.click()
    assert chat.lets_through.isEnabled()
    assert chat.hint.text().startswith("A line that fits")
    applied(page, connections_show, qtbot)
    assert not connections_show.settings.current.turn.answer_all
    answers = chat.whether.row("answer_chat").editor
    assert isinstance(answers, SwitchEditor)
    answers.box.click()
    assert not chat.lets_through.isEnabled()
    assert not chat.whose.isEnabled()
    assert chat.hint.text().startswith("She answers no line")


def test_what_the_environment_sets_is_shown_and_locked(opened: Open, connections_show: ConnectionsShow) -> None:
    connections_show.use_environment(
        {"VOXELLE_SETTING__REACTIONS__RAID__TEMPLATE": "Ahoy {name}!", "VOXELLE_SETTING__REACTIONS__RAID__IS_ON": "false"}
    )
    page = opened()
    assert template(page).text.toPlainText() == "Ahoy {name}!"
    assert not template(page).text.isEnabled()
    assert not editor(page).head.switch.isEnabled()


def test_settings_that_can_not_be_read_are_told_and_asked_for_again(
    opened: Open, connections_show: ConnectionsShow, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_service: SettingsService, **_: object) -> None:
        msg = "The settings are broken."
        raise InputError(msg)

    with monkeypatch.context() as patch:
        patch.setattr(SettingsService, "fields", broken)
        page = ReactionsPage(connections_show.bridge)
        connections_show.settle()
        assert not page.pane.is_content_shown
        assert page.pane.sentence.text() == "The settings are broken."
    page.pane.asked.emit()
    connections_show.settle()
    assert page.pane.is_content_shown
    assert editor(page).kind is StreamEvent.FOLLOW
    page.deleteLater()
