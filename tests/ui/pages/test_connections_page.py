"""The Connections page: the list, the heading of the chosen one, its panel, and what is said when there is nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from tests.fakes.connections import VTUBE_STUDIO
from tests.ui.pages.connections import ConnectionsShow
from voxelle.domain.errors import SetupError, TemporaryError
from voxelle.domain.events import HealthLevel
from voxelle.ui.pages.connections import ConnectionsPage
from voxelle.ui.pages.connections.generic import GenericPanel
from voxelle.ui.pages.connections.twitch import TwitchPanel
from voxelle.ui.pages.connections.wording import level_look
from voxelle.ui.pages.settings.editors import NumberEditor
from voxelle.ui.theme import Theme

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")  # the offscreen platform has no window manager to tell
Make = Callable[[], ConnectionsPage]


@pytest.fixture
def make(qtbot: QtBot, connections_show: ConnectionsShow, theme: Theme) -> Make:
    def made() -> ConnectionsPage:
        page = ConnectionsPage(connections_show.bridge)
        qtbot.addWidget(page)
        page.resize(900, 600)
        page.show()
        connections_show.settle()
        return page

    return made


def generic(page: ConnectionsPage, connection: str = "rehearsal") -> GenericPanel:
    page.choose(connection)
    panel = page.panel(connection)
    assert isinstance(panel, GenericPanel)
    return panel


def test_every_connection_has_an_entry_and_the_first_with_a_panel_is_chosen(make: Make) -> None:
    page = make()
    assert list(page.entries) == ["rehearsal", "twitch", "vtube_studio"]
    assert page.chosen == "twitch"
    assert isinstance(page.panel("twitch"), TwitchPanel)
    assert page.heading.title.text() == "Twitch"


def test_a_light_is_word_sign_and_sentence(make: Make, connections_show: ConnectionsShow) -> None:
    page = make()
    assert "She reads the chat" in page.heading.sentence.text()
    connections_show.light("twitch", HealthLevel.NEEDS_YOU, "Sign in again.")
    assert page.entries["twitch"].chip.word == page.heading.chip.word == "Needs you"
    assert page.entries["twitch"].accessibleName() == "Twitch: Needs you"
    assert page.heading.sentence.text() == "Sign in again."


def test_every_level_has_a_word(qtbot: QtBot) -> None:
    assert len({level_look(level)[0] for level in HealthLevel}) == len(HealthLevel)


def test_entries_are_chosen_by_mouse_and_keyboard(make: Make, connections_show: ConnectionsShow, qtbot: QtBot) -> None:
    page = make()
    entry = page.entries["vtube_studio"]
    qtbot.mouseClick(entry, Qt.MouseButton.LeftButton, pos=QPoint(entry.width() // 2, entry.height() - 6))
    assert (page.chosen, entry.isChecked()) == ("vtube_studio", True)
    page.entries["rehearsal"].setFocus()
    qtbot.keyClick(page.entries["rehearsal"], Qt.Key.Key_Space)
    assert page.chosen == "rehearsal"
    assert not entry.isChecked()
    page.choose("no such one")
    assert page.chosen == "rehearsal"


def test_a_switch_switches_its_connection_without_choosing_it(make: Make, connections_show: ConnectionsShow, qtbot: QtBot) -> None:
    page = make()
    qtbot.mouseClick(page.entries["vtube_studio"].switch, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: connections_show.settings.current.integrations.get("vtube_studio", {}).get("is_enabled") is True)
    connections_show.settle()
    assert page.chosen == "twitch"
    assert page.entries["vtube_studio"].switch.isChecked()


def test_the_heading_switches_and_restarts_the_chosen_one(make: Make, connections_show: ConnectionsShow) -> None:
    page = make()
    page.heading.restart_button.click()
    connections_show.settle()
    page.heading.switch.click()
    connections_show.settle()
    assert connections_show.commands("restart") == [("twitch",)]
    assert connections_show.commands("switch") == [("twitch", False)]
    assert not page.heading.restart_button.isVisible()


def test_a_command_that_fails_says_so_in_the_heading(make: Make, connections_show: ConnectionsShow) -> None:
    page = make()
    connections_show.desk.errors["restart"] = SetupError("It is not running.")
    page.heading.restart_button.click()
    connections_show.settle()
    assert page.heading.sentence.text() == "It is not running."
    assert page.heading.sentence.property("tone") == "danger"


def test_where_it_is_narrow_a_drop_down_replaces_the_list(make: Make) -> None:
    page = make()
    assert not page.drop_down.isVisible()
    page.resize(500, 600)
    assert page.drop_down.isVisible()
    assert not page.entries["twitch"].isVisible()
    page.drop_down.activated.emit(page.drop_down.findData("vtube_studio"))
    assert page.chosen == "vtube_studio"


def test_where_it_is_low_only_what_matters_is_said(make: Make, connections_show: ConnectionsShow) -> None:
    page = make()
    page.resize(900, 340)
    assert not page.heading.sentence.isVisible()
    connections_show.light("twitch", HealthLevel.RETRYING, "The line dropped.")
    assert page.heading.sentence.isVisible()


def test_the_generic_panel_shows_the_settings_as_the_settings_page_does(
    make: Make, connections_show: ConnectionsShow, qtbot: QtBot
) -> None:
    page = make()
    rows = generic(page).rows
    assert "integrations.rehearsal.is_enabled" not in rows.rows
    editor = rows.row("speed").editor
    assert isinstance(editor, NumberEditor)
    editor.line.textEdited.emit("3")
    page.settings.apply()
    qtbot.waitUntil(lambda: connections_show.settings.current.integrations.get("rehearsal", {}).get("speed") == 3)
    connections_show.do(lambda: connections_show.settings.change("integrations.rehearsal.speed", 5))
    connections_show.settle()
    qtbot.waitUntil(lambda: editor.line.text() == "5")


def test_settings_that_can_not_be_read_are_told_on_the_panel(
    make: Make, connections_show: ConnectionsShow, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*, include_hidden: bool = False) -> None:
        msg = "The settings file is gone."
        raise SetupError(msg)

    monkeypatch.setattr(connections_show.settings, "fields", fail)
    panel = generic(make())
    assert panel.pane.sentence.text() == "The settings file is gone."
    monkeypatch.undo()
    panel.pane.button.click()
    connections_show.settle()
    assert panel.pane.is_content_shown


def test_a_connection_with_an_unknown_icon_gets_the_common_one(make: Make, connections_show: ConnectionsShow) -> None:
    connections_show.desk.installed = {"odd": replace(VTUBE_STUDIO, id="odd", icon="no such icon")}
    page = make()
    assert page.chosen == "odd"
    assert generic(page, "odd").pane.heading.text() == "Nothing to set here"


def test_a_page_without_connections_says_why(make: Make, connections_show: ConnectionsShow) -> None:
    connections_show.desk.installed = {}
    page = make()
    assert page.pane.heading.text() == "No connections are installed"
    page.pane.button.click()
    connections_show.settle()
    connections_show.bridge.connections = None
    assert make().pane.heading.text() == "No connections here"


def test_a_desk_that_fails_can_be_asked_again(make: Make, connections_show: ConnectionsShow) -> None:
    connections_show.desk.errors["declarations"] = TemporaryError("Not open yet.")
    page = make()
    assert page.pane.sentence.text() == "Not open yet."
    connections_show.call(partial(connections_show.desk.errors.clear))
    page.pane.button.click()
    connections_show.settle()
    assert page.pane.is_content_shown
