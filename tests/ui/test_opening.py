"""The opening window: painted at once, gone when the real one comes, readable when there will be none."""

from __future__ import annotations

import asyncio

from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from voxelle.ui.opening import OpeningWindow
from voxelle.ui.qt_loop import QtLoop


def test_the_first_paint_is_told_once(qtbot: QtBot) -> None:
    painted: list[bool] = []
    window = OpeningWindow(lambda: painted.append(True))
    qtbot.addWidget(window)
    with qtbot.waitExposed(window):
        window.show()
    window.repaint()
    window.repaint()
    assert painted == [True]


def test_it_makes_way_for_the_real_window(qtbot: QtBot) -> None:
    opening, real = OpeningWindow(lambda: None), QWidget()
    qtbot.addWidget(real)
    opening.show()
    opening.hand_over(real)
    assert real.isVisible()
    assert not opening.isVisible()
    qtbot.waitSignal(opening.destroyed).wait()


def test_a_show_that_cannot_open_is_explained_until_it_was_read(qtbot: QtBot, qapp: QApplication) -> None:
    window = OpeningWindow(lambda: None)
    qtbot.addWidget(window)
    window.show()

    async def read_and_close() -> None:
        loop = asyncio.get_running_loop()
        button = window.findChild(QPushButton)
        assert isinstance(button, QPushButton)
        loop.call_soon(loop.call_soon, button.click)
        await window.fail("The disk is full: make room.")

    with QtLoop(qapp) as loop:
        loop.run_until_complete(read_and_close())
    label = window.findChild(QLabel)
    assert isinstance(label, QLabel)
    assert label.text() == "The disk is full: make room."
    assert not window.isVisible()
