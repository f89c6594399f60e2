"""What a row does: poses, fades, and what happens while she is silent."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QComboBox, QDoubleSpinBox, QLineEdit
from pytestqt.qtbot import QtBot

from tests.ui.pages.avatars import MAPPING, SMILE
from tests.ui.pages.connections import ConnectionsShow
from tests.ui.pages.mappings import edit, saved
from voxelle.ui.pages.connections.vtube_studio.deeds import DeedLine
from voxelle.ui.pages.connections.vtube_studio.emotions import EmotionsTab
from voxelle.ui.theme import Theme

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")  # the offscreen platform has no window manager to tell
Edit = Callable[..., EmotionsTab]
POSE = {"kind": "pose", "target": "", "name": "Grin", "pose": [{"parameter": "MouthSmile", "value": 1.0}], "weight": 1.0, "fade_s": 0.25}


@pytest.fixture
def edited(qtbot: QtBot, connections_show: ConnectionsShow, theme: Theme) -> Edit:
    return lambda mapping=MAPPING: edit(qtbot, connections_show, mapping)


def with_deed(deed: dict[str, Any]) -> dict[str, Any]:
    mapping = deepcopy(MAPPING)
    mapping["rows"][0]["deeds"] = [deed]
    return mapping


def choose(line: DeedLine, words: str) -> None:
    number = next(number for number in range(line.choice.count()) if words in line.choice.itemText(number))
    line.choice.setCurrentIndex(number)
    line.choice.activated.emit(number)


def test_a_pose_is_shown_as_it_is_kept_and_edited(edited: Edit, connections_show: ConnectionsShow) -> None:
    tab = edited(with_deed(POSE))
    line = tab.rows[0].deeds[0]
    assert line.choice.currentText().startswith("Pose")
    assert (line.deed, line.pose.isVisible(), line.fade.isVisible()) == (POSE, True, True)
    assert not line.badge.isVisible()
    assert line.pose.name.text() == "Grin"
    line.pose.name.textEdited.emit("")
    line.fade.setValue(1.5)
    line.pose.rows[0].value.setValue(-0.4)
    line.pose.add_button.click()
    second = line.pose.rows[1]
    assert line.deed["pose"] == [{"parameter": "MouthSmile", "value": -0.4}], "where no input is chosen there is nothing"
    second.choice.setCurrentIndex(2)
    second.choice.activated.emit(2)
    line.test_button.click()
    tab.save_button.click()
    connections_show.settle()
    pose = [{"parameter": "MouthSmile", "value": -0.4}, {"parameter": "VoxelleMood", "value": 1.0}]
    assert saved(connections_show)["rows"][0]["deeds"] == [POSE | {"fade_s": 1.5, "pose": pose}]
    assert connections_show.commands("play_deed") == [("vtube_studio", {"deed": POSE | {"fade_s": 1.5, "pose": pose}})]
    for each in (line.pose.rows[1], line.pose.rows[0]):
        each.remove_button.click()
    assert not line.test_button.isEnabled()
    assert tab.mapping["rows"][0]["deeds"] == [], "a pose without inputs is nothing to do"


def test_a_new_pose_is_made_by_choosing_it(edited: Edit) -> None:
    row = edited().rows[0]
    row.add_button.click()
    line = row.deeds[1]
    assert (line.pose.isHidden(), line.fade.isHidden()) == (True, True)
    choose(line, "Pose")
    assert (line.pose.isHidden(), line.test_button.isEnabled()) == (False, False)
    assert line.window().focusWidget() is line.pose.add_button
    line.pose.add_button.click()
    entry = line.pose.rows[0]
    assert line.window().focusWidget() is entry.choice
    entry.choice.setCurrentIndex(0)
    entry.choice.activated.emit(0)
    assert line.test_button.isEnabled()
    assert line.deed["pose"] == [{"parameter": "MouthOpen", "value": 1.0}]
    choose(line, "Blush")
    assert (line.pose.isHidden(), line.fade.isHidden()) == (True, False)
    assert (line.deed["kind"], line.deed["pose"]) == ("expression", [])


def test_an_input_of_a_pose_that_is_not_there_has_a_badge(edited: Edit) -> None:
    pose = POSE | {"pose": [{"parameter": "TailWag", "value": 1.0}]}
    line = edited(with_deed(pose)).rows[0].deeds[0]
    entry = line.pose.rows[0]
    assert (entry.badge.text, line.deed) == ("Not in this model", pose)
    entry.choice.setCurrentIndex(1)
    entry.choice.activated.emit(1)
    assert not entry.badge.isVisible()
    assert line.deed["pose"] == [{"parameter": "MouthOpen", "value": 1.0}]


def test_what_happens_while_she_is_silent_is_edited_and_saved(edited: Edit, connections_show: ConnectionsShow) -> None:
    mapping = deepcopy(MAPPING) | {"idle": [SMILE], "thinking": SMILE}
    tab = edited(mapping)
    assert tab.mapping == mapping
    silent = tab.silent
    assert (silent.idle.add_button.isVisible(), silent.listening.add_button.isVisible(), silent.thinking.add_button.isVisible()) == (
        True, True, False,
    )  # fmt: skip
    assert (silent.idle.lines[0].weight.isVisible(), silent.thinking.lines[0].weight.isVisible()) == (True, False)
    silent.idle.add_button.click()
    choose(silent.idle.lines[1], "Wave")
    silent.idle.lines[1].weight.setValue(2)
    silent.listening.add_button.click()
    choose(silent.listening.lines[0], "Blush")
    silent.listening.lines[0].test_button.click()
    silent.thinking.lines[0].remove_button.click()
    assert tab.window().focusWidget() is silent.thinking.add_button
    tab.save_button.click()
    connections_show.settle()
    blush = SMILE | {"kind": "expression", "target": "blush.exp3.json", "name": "Blush"}
    kept = saved(connections_show)
    assert kept["idle"] == [SMILE, SMILE | {"target": "h2", "name": "<b>Wave</b>", "weight": 2.0}]
    assert (kept["listening"], kept["thinking"]) == (blush, None)
    assert connections_show.commands("play_deed") == [("vtube_studio", {"deed": blush})]
    assert not tab.is_dirty


def test_everything_in_the_editor_has_a_name_and_can_be_reached_by_key(edited: Edit) -> None:
    tab = edited(with_deed(POSE) | {"idle": [SMILE], "listening": SMILE, "thinking": POSE})
    for kind in (QAbstractButton, QComboBox, QDoubleSpinBox, QLineEdit):
        for each in tab.findChildren(kind):
            if not each.isVisible() or each.objectName().startswith("qt_"):
                continue
            assert each.accessibleName() or getattr(each, "text", str)(), each
            assert each.focusPolicy() & Qt.FocusPolicy.TabFocus, each
