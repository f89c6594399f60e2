"""Widgets that go on in the next line."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from voxelle.ui.widgets.flow import FlowLayout


def test_a_full_line_goes_on_below(qtbot: QtBot) -> None:
    widget = QWidget()
    qtbot.addWidget(widget)
    flow = FlowLayout(widget, 4)
    boxs = [QWidget() for _ in range(5)]
    for box in boxs:
        box.setFixedSize(100, 20)
        flow.addWidget(box)
    widget.resize(220, 200)
    widget.show()
    assert [(box.x(), box.y()) for box in boxs] == [(0, 0), (104, 0), (0, 24), (104, 24), (0, 48)]
    assert flow.hasHeightForWidth()
    assert flow.heightForWidth(1000) == 20
    assert flow.heightForWidth(50) == 5 * 20 + 4 * 4
    assert flow.sizeHint().width() == 100
    assert flow.expandingDirections() == Qt.Orientation(0)
    assert flow.itemAt(9) is None
    assert flow.takeAt(9) is None
    taken = flow.takeAt(0)
    assert taken is not None
    assert flow.count() == 4
