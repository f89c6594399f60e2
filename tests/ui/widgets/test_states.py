"""Chips, switches, facts, the QR code and the ticking of times."""

from __future__ import annotations

import pytest
import segno
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from voxelle.settings.schema import Theme as ThemeChoice
from voxelle.ui.theme import Theme
from voxelle.ui.widgets.facts import Facts
from voxelle.ui.widgets.qr_code import QUIET_ZONE, QrCode
from voxelle.ui.widgets.status_chip import SIGNS, StatusChip
from voxelle.ui.widgets.switch import Switch
from voxelle.ui.widgets.ticker import Ticker
from voxelle.ui.widgets.yielding import Yielding

ADDRESS = "https://www.twitch.tv/activate?device-code=ABCDEFGH"


def picture(widget: QWidget) -> bytes:
    image = widget.grab().toImage()
    return bytes(image.constBits())


def test_a_chip_says_its_state_in_word_sign_and_colour(qtbot: QtBot, theme: Theme) -> None:
    chip = StatusChip("Works", "ok")
    qtbot.addWidget(chip)
    chip.setFixedSize(chip.sizeHint())
    pictures = set()
    for tone in SIGNS:
        chip.show_state("Works", tone)
        chip.show_state("Works", tone)
        pictures.add(picture(chip))
    assert len(pictures) == len(SIGNS)
    assert (chip.accessibleName(), chip.word, chip.tone) == ("Works", "Works", "muted")
    theme.set_text_scale(150)
    assert chip.sizeHint().width() > chip.width()


def test_a_switch_shows_its_state_by_the_place_of_its_knob(qtbot: QtBot, theme: Theme) -> None:
    switch = Switch("Twitch on")
    qtbot.addWidget(switch)
    switch.show()
    off = picture(switch)
    qtbot.mouseClick(switch, Qt.MouseButton.LeftButton, pos=QPoint(3, 3))
    assert switch.isChecked()
    assert picture(switch) != off
    switch.setFocus()
    qtbot.keyClick(switch, Qt.Key.Key_Space)
    assert not switch.isChecked()
    assert switch.accessibleName() == "Twitch on"
    switch.setEnabled(False)
    assert picture(switch) != off


def test_facts_leave_out_what_is_not_known(qtbot: QtBot, theme: Theme) -> None:
    facts = Facts()
    qtbot.addWidget(facts)
    facts.show_pairs((("Category", "Music"), ("Viewers", ""), ("Asked", "just now")))
    assert (facts.value("Category"), facts.value("Viewers"), facts.value("Asked")) == ("Music", "", "just now")
    facts.show_pairs((("Asked", "3 s ago"),))
    assert (facts.value("Category"), facts.value("Asked")) == ("", "3 s ago")
    assert facts.accessibleDescription() == "Asked: 3 s ago"


@pytest.mark.parametrize("choice", [ThemeChoice.DARK, ThemeChoice.LIGHT])
@pytest.mark.parametrize("scale", [100, 170])
def test_a_qr_code_is_painted_crisp_dark_on_white_with_its_quiet_zone(choice: ThemeChoice, scale: int, qtbot: QtBot, theme: Theme) -> None:
    theme.set_choice(choice)
    theme.set_text_scale(scale)
    qr = QrCode()
    qtbot.addWidget(qr)
    qr.resize(qr.sizeHint())
    qr.show_text(ADDRESS)
    image = qr.grab().toImage()
    count = len(qr.modules) + 2 * QUIET_ZONE
    module = image.width() // count
    edge = (image.width() - module * count) // 2
    painted = [
        [image.pixelColor(edge + x * module + dx, edge + y * module + dx) == QColor("#000000") for x in range(count)]
        for y in range(count)
        for dx in (0, module - 1)
    ]
    expected = [[bool(cell) for cell in row] for row in segno.make_qr(ADDRESS).matrix_iter(border=QUIET_ZONE) for _corner in range(2)]
    assert painted == expected
    colours = {
        image.pixelColor(x, y).name() for x in range(edge, edge + module * count) for y in range(edge, edge + module * count, module)
    }
    assert colours == {"#000000", "#ffffff"}


def test_a_qr_code_of_nothing_or_too_much_stays_blank(qtbot: QtBot, theme: Theme) -> None:
    qr = QrCode()
    qtbot.addWidget(qr)
    qr.resize(qr.sizeHint())
    blank = picture(qr)
    qr.show_text("x" * 5000)
    assert (qr.modules, picture(qr)) == ((), blank)
    qr.show_text(ADDRESS)
    qr.show_text(ADDRESS)
    assert qr.accessibleName() == "QR code with the link to confirm"
    qr.show_text("")
    assert (qr.accessibleName(), picture(qr)) == ("", blank)


def test_times_go_on_only_while_they_are_seen(qtbot: QtBot, theme: Theme) -> None:
    widget = QWidget()
    qtbot.addWidget(widget)
    ticker = Ticker(widget)
    ticks: list[None] = []
    ticker.ticked.connect(lambda: ticks.append(None))
    assert not ticker.is_running
    widget.show()
    assert (ticker.is_running, len(ticks)) == (True, 1)
    widget.hide()
    assert not ticker.is_running


def test_what_yields_can_be_narrower_than_its_content(qtbot: QtBot, theme: Theme) -> None:
    yielding, wide = Yielding(), QWidget()
    qtbot.addWidget(yielding)
    wide.setMinimumSize(900, 40)
    QVBoxLayout(yielding).addWidget(wide)
    assert yielding.minimumSizeHint().width() == 160
    assert yielding.minimumSizeHint().height() >= 40
