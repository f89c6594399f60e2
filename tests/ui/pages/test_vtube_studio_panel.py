"""The VTube Studio panel: the way in, the line, the mouth, the timeline, the model, the stage, the settings."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QColorDialog
from pytestqt.qtbot import QtBot

from tests.ui.pages.avatars import HERE, OTHER, avatar, cue
from tests.ui.pages.connections import ConnectionsShow
from voxelle.domain.avatar import AvatarExpression, AvatarHotkey, AvatarInstance, AvatarSnapshot, AvatarState, Emotion, MouthShape
from voxelle.domain.errors import InputError
from voxelle.domain.events import MouthMoved
from voxelle.ui.pages.connections import ConnectionsPage
from voxelle.ui.pages.connections.vtube_studio import VTubeStudioPanel
from voxelle.ui.pages.connections.vtube_studio.tint import choose_colour
from voxelle.ui.pages.connections.vtube_studio.wording import hotkey_title, kind_title, state_look, state_sentence
from voxelle.ui.theme import Theme

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")  # the offscreen platform has no window manager to tell
Open = Callable[..., VTubeStudioPanel]


@pytest.fixture
def opened(qtbot: QtBot, connections_show: ConnectionsShow, theme: Theme) -> Open:
    def make(snapshot: AvatarSnapshot | None = None, tab: int = 0, *, is_on: bool = True) -> VTubeStudioPanel:
        connections_show.do(lambda: connections_show.settings.change("integrations.vtube_studio.is_enabled", is_on))
        connections_show.desk.snapshots["vtube_studio"] = snapshot or avatar(connections_show.clock.now())
        page = ConnectionsPage(connections_show.bridge)
        qtbot.addWidget(page)
        page.resize(1000, 700)
        page.show()
        connections_show.settle()
        page.choose("vtube_studio")
        panel = page.panel("vtube_studio")
        assert isinstance(panel, VTubeStudioPanel)
        panel.tabs.setCurrentIndex(tab)
        connections_show.settle()
        return panel

    return make


@pytest.mark.parametrize("state", list(AvatarState))
def test_every_state_is_a_word_and_says_what_to_do(state: AvatarState, opened: Open) -> None:
    card = opened(AvatarSnapshot(state=state)).overview.state
    assert card.chip.word == state_look(state)[0]
    assert card.sentence.text() == state_sentence(state)
    assert card.ask_button.isVisible() is (state is AvatarState.REFUSED)
    assert card.search_button.isVisible() is (state in {AvatarState.SEARCHING, AvatarState.API_OFF, AvatarState.CONNECTING})


def test_a_refused_permission_is_asked_for_again_at_a_press(opened: Open, connections_show: ConnectionsShow) -> None:
    connections_show.desk.results["allow"] = "VTube Studio asks now: click “Allow” over there."
    card = opened(AvatarSnapshot(state=AvatarState.REFUSED, sentence="It was denied.")).overview.state
    assert card.sentence.text() == "It was denied."
    card.ask_button.click()
    connections_show.settle()
    assert connections_show.commands("allow") == [("vtube_studio", {})]
    assert card.outcome.label.text() == "VTube Studio asks now: click “Allow” over there."


def test_a_found_instance_is_connected_to_at_a_press(opened: Open, connections_show: ConnectionsShow) -> None:
    silent = AvatarInstance("10.0.0.5", 8002, "Silent", is_api_on=False)
    now = connections_show.clock.now()
    card = opened(avatar(now, instances=(HERE, OTHER, silent))).overview.state
    (button,) = card.connect_buttons
    assert button.accessibleDescription() == "192.168.1.20:8001"
    button.click()
    connections_show.settle()
    assert connections_show.commands("connect") == [("vtube_studio", {"host": "192.168.1.20", "port": 8001})]


def test_a_search_that_can_not_be_done_says_why(opened: Open, connections_show: ConnectionsShow) -> None:
    connections_show.desk.errors["search"] = InputError("Not now.")
    card = opened(AvatarSnapshot()).overview.state
    card.search_button.click()
    connections_show.settle()
    assert card.outcome.label.text() == "Not now."


def test_switched_off_nothing_is_known_and_it_can_be_switched_on(opened: Open, connections_show: ConnectionsShow, qtbot: QtBot) -> None:
    panel = opened(is_on=False)
    card = panel.overview.state
    assert card.chip.word == "Off"
    assert panel.avatar.snapshot == AvatarSnapshot()
    card.on_button.click()
    qtbot.waitUntil(lambda: connections_show.settings.current.integrations.get("vtube_studio", {}).get("is_enabled"))
    qtbot.waitUntil(lambda: card.chip.word == "Connected")


def test_the_line_says_when_it_was_checked_and_a_test_shows_the_way_there_and_back(opened: Open, connections_show: ConnectionsShow) -> None:
    connections_show.desk.results["test_event"] = {"answer_s": 0.0021, "round_trip_s": 0.512}
    line = opened().overview.line
    assert line.facts.value("Checked") == "3 s ago"
    assert line.facts.value("Program") == "1.32.71"
    assert line.notes.text() == "The hotkey Old dance is not in this model."
    line.test_button.click()
    connections_show.settle()
    assert line.outcome.label.text() == "Answered within 2 ms; what was sent came back as an event after 512 ms."
    connections_show.tell(AvatarSnapshot(), "vtube_studio")
    assert not line.test_button.isEnabled()
    assert not line.outcome.label.isVisible()


def test_the_last_errors_are_told_in_words(opened: Open, connections_show: ConnectionsShow) -> None:
    errors = opened().overview.errors
    assert "it was pressed too often" in errors.problems.text()
    connections_show.tell(AvatarSnapshot(), "vtube_studio")
    assert errors.problems.text() == "None so far."


def test_a_test_that_fails_says_why(opened: Open, connections_show: ConnectionsShow) -> None:
    connections_show.desk.errors["test_event"] = InputError("VTube Studio did not answer.")
    line = opened().overview.line
    line.test_button.click()
    connections_show.settle()
    assert line.outcome.label.text() == "VTube Studio did not answer."


def test_the_timeline_has_the_last_twenty_with_the_newest_on_top(opened: Open, connections_show: ConnectionsShow) -> None:
    timeline = opened().overview.timeline
    assert [row.emotion.text() for row in timeline.rows] == ["Anger", "Joy"]
    assert (timeline.rows[0].chip.word, timeline.rows[1].chip.word) == ("Not done", "Done")
    assert timeline.rows[0].bar.accessibleName() == "Anger: 20 %"
    now = connections_show.clock.now()
    many = tuple(cue(now - timedelta(seconds=30 - number), deed=f"hotkey {number}") for number in range(25))
    connections_show.tell(avatar(now, cues=many), "vtube_studio")
    assert [row.deed.text() for row in timeline.rows][:2] == ["hotkey 24", "hotkey 23"]
    assert len(timeline.rows) == 20
    connections_show.tell(avatar(now, cues=(cue(now, Emotion.FEAR),)), "vtube_studio")
    assert [row.emotion.text() for row in timeline.rows if row.emotion.isVisible()] == ["Fear"]


def test_the_meter_shows_the_mouth_and_closes_with_the_connection(opened: Open, connections_show: ConnectionsShow) -> None:
    panel = opened()
    meter = panel.overview.mouth.meter
    shape = MouthShape(0.5, a=0.9)
    for mood in (0.6, -0.4):
        connections_show.call(partial(connections_show.bus.announce, MouthMoved(shape, mood)))
        connections_show.settle()
        assert (meter.shape, meter.mood) == (shape, mood)
        assert not meter.grab().isNull()
    connections_show.tell(AvatarSnapshot(), "vtube_studio")
    assert (meter.shape, meter.mood) == (MouthShape(), 0.0)


def test_hotkeys_and_expressions_are_played_and_names_stay_plain_text(opened: Open, connections_show: ConnectionsShow) -> None:
    tab = opened(tab=1).abilities
    assert tab.pane.is_content_shown
    assert [each.accessibleName() for each in tab.play_buttons] == ["Play “Smile”", "Play “<b>Wave</b>”"]
    tab.play_buttons[1].click()
    assert [tab.switches[each].isChecked() for each in ("blush.exp3.json", "cry.exp3.json")] == [False, True]
    tab.switches["cry.exp3.json"].click()
    connections_show.settle()
    assert connections_show.commands("play_hotkey") == [("vtube_studio", {"id": "h2"})]
    assert connections_show.commands("set_expression") == [("vtube_studio", {"file": "cry.exp3.json", "active": False})]
    switch = tab.switches["blush.exp3.json"]
    now = connections_show.clock.now()
    connections_show.tell(avatar(now, expressions=(AvatarExpression("blush.exp3.json", "Blush", is_active=True),)), "vtube_studio")
    assert list(tab.switches) == ["blush.exp3.json"]
    assert tab.switches["blush.exp3.json"] is not switch


def test_an_expression_that_can_not_be_set_goes_back(opened: Open, connections_show: ConnectionsShow) -> None:
    connections_show.desk.errors["set_expression"] = InputError("This expression is gone.")
    tab = opened(tab=1).abilities
    tab.switches["blush.exp3.json"].click()
    connections_show.settle()
    assert not tab.switches["blush.exp3.json"].isChecked()
    assert tab.outcome.label.text() == "This expression is gone."


def test_without_a_model_the_lists_say_so(opened: Open, connections_show: ConnectionsShow) -> None:
    tab = opened(AvatarSnapshot(), tab=1).abilities
    assert tab.pane.heading.text() == "Not connected"
    connections_show.tell(AvatarSnapshot(state=AvatarState.READY), "vtube_studio")
    assert tab.pane.heading.text() == "No model is loaded"
    connections_show.tell(AvatarSnapshot(state=AvatarState.READY, model_id="bare"), "vtube_studio")
    assert tab.pane.is_content_shown


def test_the_stage_moves_keeps_places_and_clears_up(opened: Open, connections_show: ConnectionsShow, qtbot: QtBot) -> None:
    stage = opened(tab=3).stage
    assert list(stage.go_buttons) == ["Chat", "Full screen", "React"]
    stage.go_buttons["React"].click()
    stage.keep_buttons["Chat"].click()
    assert not stage.add_button.isEnabled()
    stage.name.setText(" Sofa ")
    qtbot.keyClick(stage.name, Qt.Key.Key_Return)
    stage.item.setText("duck.png")
    qtbot.keyClick(stage.item, Qt.Key.Key_Return)
    stage.unload_button.click()
    connections_show.settle()
    assert connections_show.commands("go_to_preset") == [("vtube_studio", {"name": "React"})]
    assert connections_show.commands("save_preset") == [("vtube_studio", {"name": "Chat"}), ("vtube_studio", {"name": "Sofa"})]
    assert connections_show.commands("load_item") == [("vtube_studio", {"file": "duck.png"})]
    assert connections_show.commands("unload_items") == [("vtube_studio", {})]
    connections_show.tell(AvatarSnapshot(), "vtube_studio")
    assert not stage.go_buttons["React"].isEnabled()
    for field in (stage.name, stage.item):
        field.setText("x")
        qtbot.keyClick(field, Qt.Key.Key_Return)
    connections_show.settle()
    assert len(connections_show.commands("save_preset")) == 2


def test_a_tint_is_chosen_shown_and_taken_off(opened: Open, connections_show: ConnectionsShow) -> None:
    stage = opened(tab=3).stage
    tint = stage.tint
    tint.ask_colour = lambda _parent, _now, chosen: chosen(QColor(160, 192, 255))
    assert not tint.off_button.isEnabled()
    tint.choose_button.click()
    connections_show.settle()
    assert connections_show.commands("tint") == [("vtube_studio", {"r": 160, "g": 192, "b": 255, "a": 255})]
    assert (tint.words.text(), tint.swatch.accessibleName()) == ("#a0c0ff", "Tint: #a0c0ff")
    assert stage.outcome.label.text() == "Tinted."
    assert not tint.swatch.grab().isNull()
    tint.off_button.click()
    connections_show.settle()
    assert connections_show.commands("tint")[1] == ("vtube_studio", {"r": 255, "g": 255, "b": 255, "a": 255})
    assert (tint.words.text(), stage.outcome.label.text()) == ("No tint", "The tint is off.")
    connections_show.desk.errors["tint"] = InputError("No model is loaded, so nothing can be tinted.")
    tint.choose_button.click()
    connections_show.settle()
    assert (tint.words.text(), stage.outcome.label.text()) == ("No tint", "No model is loaded, so nothing can be tinted.")


def test_the_dialog_of_colours_begins_with_the_tint_and_tells_what_was_chosen(opened: Open, qtbot: QtBot) -> None:
    tint = opened(tab=3).stage.tint
    chosen: list[QColor] = []
    choose_colour(tint, QColor("#a0c0ff"), chosen.append)
    (dialog,) = tint.findChildren(QColorDialog)
    qtbot.waitUntil(dialog.isVisible)
    assert dialog.currentColor() == QColor("#a0c0ff")
    dialog.setCurrentColor(QColor("#808080"))
    dialog.accept()
    qtbot.waitUntil(lambda: chosen == [QColor("#808080")])
    qtbot.waitUntil(lambda: not tint.findChildren(QColorDialog))


def test_the_only_one_that_was_found_is_not_offered_while_it_is_asked(opened: Open, connections_show: ConnectionsShow) -> None:
    card = opened(AvatarSnapshot(state=AvatarState.WAITING_FOR_CONSENT, instances=(HERE,))).overview.state
    assert card.connect_buttons == []
    connections_show.tell(AvatarSnapshot(state=AvatarState.SEARCHING, instances=(HERE,)), "vtube_studio")
    assert len(card.connect_buttons) == 1
    connections_show.tell(AvatarSnapshot(state=AvatarState.WAITING_FOR_CONSENT, instances=(HERE, OTHER)), "vtube_studio")
    assert len(card.connect_buttons) == 2


def test_what_a_button_said_is_gone_with_its_state(opened: Open, connections_show: ConnectionsShow) -> None:
    connections_show.desk.results["allow"] = "VTube Studio asks now: click “Allow” over there."
    card = opened(AvatarSnapshot(state=AvatarState.REFUSED)).overview.state
    card.ask_button.click()
    connections_show.settle()
    assert card.outcome.label.isVisible()
    connections_show.tell(avatar(connections_show.clock.now()), "vtube_studio")
    assert not card.outcome.label.isVisible()


def test_a_hotkey_says_what_it_does_and_an_unknown_kind_as_it_is_called() -> None:
    assert hotkey_title("ToggleExpression") == "Switches an expression on or off"
    assert hotkey_title("TurnTheTables") == "TurnTheTables"


def test_a_hotkey_without_a_name_says_so(opened: Open, connections_show: ConnectionsShow) -> None:
    nameless = avatar(connections_show.clock.now(), hotkeys=(AvatarHotkey("h1", "", "Unset"),))
    assert opened(nameless, tab=1).abilities.play_buttons[0].accessibleName() == "Play “Without a name”"


def test_the_settings_are_built_at_the_first_look(opened: Open) -> None:
    panel = opened(tab=4)
    assert panel.place.row("port").isVisible()
    assert "integrations.vtube_studio.moves_mouth" in panel.features.rows
    assert "integrations.vtube_studio.is_enabled" not in panel.features.rows
    panel.tabs.setCurrentIndex(0)
    panel.tabs.setCurrentIndex(4)
    assert panel.features.isVisible()


def test_an_unknown_kind_of_deed_is_called_what_it_is() -> None:
    assert [kind_title(each) for each in ("hotkey", "pose", "dance")] == ["Hotkey", "Pose", "dance"]
