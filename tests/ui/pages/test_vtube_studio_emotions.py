"""The mapping editor of the VTube Studio panel: rows, drafts, saving, suggesting, importing."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.ui.pages.avatars import GONE, MAPPING, SMILE, avatar
from tests.ui.pages.connections import ConnectionsShow
from tests.ui.pages.mappings import PATH, edit, saved
from voxelle.domain.avatar import AvatarHotkey, AvatarSnapshot
from voxelle.domain.errors import InputError
from voxelle.ui.pages.connections.vtube_studio.emotions import LARGEST_FILE, EmotionsTab
from voxelle.ui.theme import Theme

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")  # the offscreen platform has no window manager to tell
Edit = Callable[..., EmotionsTab]


@pytest.fixture
def edited(qtbot: QtBot, connections_show: ConnectionsShow, theme: Theme) -> Edit:
    return lambda mapping=MAPPING: edit(qtbot, connections_show, mapping)


def titles(tab: EmotionsTab) -> list[str]:
    return [row.title.text() for row in tab.rows]


def test_the_mapping_of_the_loaded_model_is_shown_as_it_is_kept(edited: Edit) -> None:
    tab = edited()
    assert titles(tab) == ["Amusement, Joy", "Anger"]
    assert tab.mapping == MAPPING
    assert tab.rows[0].deeds[0].choice.currentText() == "Hotkey · Smile"
    assert not tab.rows[0].deeds[0].badge.isVisible()
    assert not tab.save_button.isEnabled()


def test_a_model_with_a_new_id_finds_its_mapping_by_its_name(edited: Edit, connections_show: ConnectionsShow) -> None:
    tab = edited()
    connections_show.tell(avatar(connections_show.clock.now(), model_id="m1-again"), "vtube_studio")
    assert titles(tab) == ["Amusement, Joy", "Anger"]
    tab.rows[0].hold.setValue(9)
    tab.save_button.click()
    connections_show.settle()
    ((_, arguments),) = connections_show.commands("save_mapping")
    assert arguments["model_id"] == "m1-again"


def test_a_target_that_vanished_has_a_badge_until_another_is_chosen(edited: Edit) -> None:
    line = edited().rows[1].deeds[0]
    assert line.badge.isVisible()
    assert (line.badge.text, line.choice.currentText()) == ("Not in this model", "Hotkey · Old dance")
    line.choice.setCurrentIndex(2)
    line.choice.activated.emit(2)
    assert not line.badge.isVisible()
    assert (line.deed["target"], line.deed["name"]) == ("h2", "<b>Wave</b>")
    line.choice.setCurrentIndex(0)
    line.choice.activated.emit(0)
    assert line.badge.isVisible()


def test_a_row_is_edited_and_saved_whole(edited: Edit, connections_show: ConnectionsShow) -> None:
    tab = edited()
    row = tab.rows[0]
    row.actions_of["excitement"].setChecked(True)
    row.actions_of["amusement"].setChecked(False)
    row.threshold.setValue(0.55)
    row.pause.setValue(10)
    row.hold.setValue(2.5)
    row.returns.setChecked(False)
    row.switch.setChecked(False)
    row.add_button.click()
    second = row.deeds[1]
    assert not second.test_button.isEnabled()
    second.choice.setCurrentIndex(2)
    second.choice.activated.emit(2)
    second.weight.setValue(3)
    tab.rows[1].deeds[0].remove_button.click()
    tab.save_button.click()
    connections_show.settle()
    mapping = saved(connections_show)
    assert mapping["rows"][0] == {
        "emotions": ["joy", "excitement"],
        "deeds": [SMILE, SMILE | {"kind": "expression", "target": "blush.exp3.json", "name": "Blush", "weight": 3.0}],
        "threshold": 0.55,
        "cooldown_s": 10.0,
        "hold_s": 2.5,
        "returns": False,
        "is_on": False,
    }
    assert mapping["rows"][1]["deeds"] == []
    assert not tab.is_dirty
    assert tab.outcome.label.text() == "Saved."


def test_a_saved_mapping_does_not_draw_the_rows_anew(edited: Edit, connections_show: ConnectionsShow) -> None:
    tab = edited()
    row = tab.rows[0]
    row.hold.setValue(9)
    tab.save_button.click()
    connections_show.settle()
    connections_show.do(lambda: connections_show.settings.change(PATH, {"m1": tab.mapping}))
    connections_show.settle()
    assert tab.rows[0] is row
    changed = deepcopy(MAPPING)
    changed["rows"] = changed["rows"][1:]
    connections_show.do(lambda: connections_show.settings.change(PATH, {"m1": changed}))
    connections_show.settle()
    assert titles(tab) == ["Anger"]


def test_a_refused_save_keeps_what_was_typed(edited: Edit, connections_show: ConnectionsShow) -> None:
    connections_show.desk.errors["save_mapping"] = InputError("The disk is full.")
    tab = edited()
    tab.rows[0].hold.setValue(9)
    tab.save_button.click()
    connections_show.settle()
    assert (tab.outcome.label.text(), tab.is_dirty) == ("The disk is full.", True)


def test_rows_are_added_moved_and_removed_and_all_of_it_taken_back(edited: Edit) -> None:
    tab = edited()
    tab.add_button.click()
    assert titles(tab) == ["Amusement, Joy", "Anger", "No emotion yet"]
    tab.rows[2].up_button.click()
    assert titles(tab) == ["Amusement, Joy", "No emotion yet", "Anger"]
    tab.rows[0].down_button.click()
    assert titles(tab) == ["No emotion yet", "Amusement, Joy", "Anger"]
    assert not tab.rows[0].up_button.isEnabled()
    tab.rows[1].remove_button.click()
    assert titles(tab) == ["No emotion yet", "Anger"]
    tab.discard_button.click()
    assert tab.mapping == MAPPING
    assert not tab.discard_button.isEnabled()


def test_the_default_row_serves_all_others_once_it_does_something(edited: Edit, connections_show: ConnectionsShow) -> None:
    tab = edited()
    row = tab.default_row
    assert (row.title.text(), tab.mapping["default"]) == ("All other emotions", None)
    assert not row.choose_button.isVisible()
    row.add_button.click()
    row.deeds[0].choice.setCurrentIndex(0)
    row.deeds[0].choice.activated.emit(0)
    row.deeds[0].test_button.click()
    tab.save_button.click()
    connections_show.settle()
    assert saved(connections_show)["default"]["deeds"] == [SMILE]
    assert connections_show.commands("play_deed") == [("vtube_studio", {"deed": SMILE})]


def test_every_row_can_be_tried(edited: Edit, connections_show: ConnectionsShow) -> None:
    connections_show.desk.errors["play_deed"] = InputError("This hotkey is not in the model.")
    tab = edited()
    tab.rows[1].deeds[0].test_button.click()
    connections_show.settle()
    assert connections_show.commands("play_deed") == [("vtube_studio", {"deed": GONE})]
    assert tab.outcome.label.text() == "This hotkey is not in the model."


def test_nothing_saved_yet_says_what_serves_meanwhile(edited: Edit) -> None:
    assert "what the names of its hotkeys suggest serves meanwhile" in edited(None).heading.text()


def test_what_is_typed_waits_for_its_model(edited: Edit, connections_show: ConnectionsShow) -> None:
    tab = edited()
    now = connections_show.clock.now()
    tab.rows[0].hold.setValue(7)
    connections_show.tell(avatar(now, model_id="m2", model_name="Other"), "vtube_studio")
    assert (titles(tab), tab.is_dirty) == ([], False)
    connections_show.tell(AvatarSnapshot(), "vtube_studio")
    assert tab.pane.heading.text() == "No model is loaded"
    connections_show.tell(avatar(now, hotkeys=(AvatarHotkey("h9", "Old dance", "TriggerAnimation"),)), "vtube_studio")
    assert (tab.rows[0].hold.value(), tab.is_dirty) == (7.0, True)
    assert not tab.rows[1].deeds[0].is_missing
    assert tab.rows[0].deeds[0].is_missing


def test_a_suggestion_is_shown_and_not_saved(edited: Edit, connections_show: ConnectionsShow) -> None:
    connections_show.desk.results["suggest_mapping"] = MAPPING
    tab = edited(None)
    assert titles(tab) == []
    tab.suggest_button.click()
    connections_show.settle()
    assert titles(tab) == ["Amusement, Joy", "Anger"]
    assert tab.is_dirty
    assert tab.outcome.label.text() == "2 rows suggested. Look at them, then save."
    assert not connections_show.commands("save_mapping")


def test_an_imported_file_is_reported_line_by_line(edited: Edit, connections_show: ConnectionsShow, tmp_path: Path) -> None:
    file = tmp_path / "hotkeys.json"
    file.write_text('\ufeff{"joy": "Smile"} // mine', encoding="utf-8")
    rows = [
        {"emotion": "joy", "target": "Smile", "found": "matched", "sentence": "Presses Smile."},
        {"emotion": "anger", "target": "Rage", "found": "missing", "sentence": "The model has no Rage."},
        {"emotion": "brrr", "target": "x", "found": "not_understood", "sentence": "“brrr” is no emotion."},
    ]
    connections_show.desk.results["import_mapping"] = {"mapping": MAPPING, "rows": rows}
    tab = edited(None)
    tab.ask_file = lambda _parent: str(file)
    for _ in range(2):
        tab.import_button.click()
        connections_show.settle()
    assert connections_show.commands("import_mapping")[0] == ("vtube_studio", {"text": '{"joy": "Smile"} // mine'})
    assert [chip.word for chip in tab.report.chips] == ["Matched", "Not in this model", "Not understood"]
    assert tab.report.total.text().startswith("1 of 3 lines fit")
    assert titles(tab) == ["Amusement, Joy", "Anger"]
    tab.report.close_button.click()
    assert not tab.report.isVisible()


@pytest.mark.parametrize(
    "content, sentence",
    [
        (b"\xff\xfe\x00", "This file can't be read as text."),
        (b" " * (LARGEST_FILE + 1), "This file is too large for a hotkey file."),
        (None, "This file can't be read as text."),
    ],
)
def test_a_file_that_is_no_text_gets_a_sentence(content: bytes | None, sentence: str, edited: Edit, tmp_path: Path) -> None:
    file = tmp_path / "odd.json"
    if content is not None:
        file.write_bytes(content)
    tab = edited()
    tab.ask_file = lambda _parent: str(file)
    tab.import_button.click()
    assert tab.outcome.label.text() == sentence
    tab.ask_file = lambda _parent: ""
    tab.import_button.click()
    assert tab.mapping == MAPPING


def test_the_menu_of_emotions_stays_while_they_are_ticked_by_key(edited: Edit, qtbot: QtBot) -> None:
    row = edited().rows[1]
    row.choose_button.click()
    qtbot.waitUntil(row.menu.isVisible)
    qtbot.keyClick(row.menu, Qt.Key.Key_Space)
    row.menu.setActiveAction(row.actions_of["disgust"])
    qtbot.keyClick(row.menu, Qt.Key.Key_Space)
    assert row.menu.isVisible()
    assert row.title.text() == "Anger, Disgust"
    box = row.menu.actionGeometry(row.actions_of["disgust"])
    qtbot.mouseMove(row.menu, box.center())
    row.menu.setActiveAction(row.actions_of["disgust"])
    qtbot.mouseClick(row.menu, Qt.MouseButton.LeftButton, pos=box.center())
    assert row.title.text() == "Anger"
    qtbot.keyClick(row.menu, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not row.menu.isVisible())


def test_the_mouse_wheel_changes_no_value(edited: Edit) -> None:
    row = edited().rows[0]
    for box in (row.hold, row.deeds[0].weight):
        before = box.value()
        nothing = Qt.KeyboardModifier.NoModifier
        turn = QWheelEvent(
            QPointF(5, 5), QPointF(5, 5), QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton, nothing, Qt.ScrollPhase.NoScrollPhase, False
        )
        QApplication.sendEvent(box, turn)
        assert box.value() == before
