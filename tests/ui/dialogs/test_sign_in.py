"""The sign-in dialog shows code, QR code and time left, and how it ended."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from tests.ui.pages.connections import ConnectionsShow, channel, code, signed_in
from voxelle.domain.channel import AccountRole, AccountState, AccountStatus
from voxelle.domain.errors import TemporaryError
from voxelle.ui.dialogs.sign_in import SignInDialog, open_in_browser
from voxelle.ui.models.channel import ChannelModel
from voxelle.ui.models.connections import ConnectionsModel
from voxelle.ui.models.sign_in import SignInModel
from voxelle.ui.theme import Theme

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")  # the offscreen platform has no window manager to tell
Open = Callable[..., SignInDialog]


@pytest.fixture
def window(qtbot: QtBot, theme: Theme) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    made.show()
    return made


@pytest.fixture
def opened(window: QWidget, connections_show: ConnectionsShow) -> Open:
    connections = ConnectionsModel(connections_show.bridge, window)
    connections.refresh()
    connections_show.settle()
    shown = ChannelModel(connections, "twitch", connections_show.clock, window)
    connections_show.desk.results["sign_in"] = code(connections_show.clock.now())

    def make(role: AccountRole = AccountRole.BROADCASTER, *, can_open: bool = True) -> SignInDialog:
        dialog = SignInDialog(SignInModel(shown, role), window, lambda _address: can_open)
        dialog.open()
        connections_show.settle()
        return dialog

    return make


def test_the_code_stands_there_in_letters_and_as_qr_code(opened: Open) -> None:
    dialog = opened()
    assert dialog.code.text() == "ABCDEFGH"
    assert dialog.code.accessibleName() == "Your code: A B C D E F G H"
    assert dialog.qr.modules
    assert dialog.left.text() == "Serves for another 24:59"
    assert dialog.chip.word == "Waiting for you to confirm"
    assert dialog.progress.isVisible()
    assert not dialog.again_button.isVisible()


def test_before_the_code_is_there_it_says_so(opened: Open, connections_show: ConnectionsShow) -> None:
    connections_show.desk.results["sign_in"] = None
    dialog = opened(AccountRole.BOT)
    assert dialog.chip.word == "Asking for a code"
    assert not dialog.code_card.isVisible()
    assert "private window" in dialog.steps.text()


def test_code_and_link_can_be_copied(opened: Open) -> None:
    dialog = opened()
    dialog.copy_code_button.click()
    assert QGuiApplication.clipboard().text() == "ABCDEFGH"
    dialog.copy_link_button.click()
    assert QGuiApplication.clipboard().text() == "https://www.twitch.tv/activate?device-code=ABCDEFGH"


def test_without_a_browser_it_says_what_to_do(opened: Open) -> None:
    dialog = opened()
    dialog.open_button.click()
    assert not dialog.sentence.isVisible()
    dialog = opened(can_open=False)
    dialog.open_button.click()
    assert dialog.sentence.text() == "No browser could be opened. Copy the link and open it yourself."


def test_a_sentence_takes_no_room_from_the_code(opened: Open, connections_show: ConnectionsShow) -> None:
    dialog = opened()
    height = dialog.height()
    waiting = AccountStatus(
        AccountRole.BROADCASTER,
        AccountState.SIGNING_IN,
        code=code(connections_show.clock.now()),
        sentence="There is no password store, so the sign-in lasts only until the program ends. " * 3,
    )
    connections_show.tell(channel(connections_show.clock.now(), waiting))
    assert dialog.sentence.isVisible()
    assert dialog.height() > height
    assert dialog.qr.size() == dialog.qr.sizeHint()


def test_it_ends_with_the_name_of_who_signed_in(opened: Open, connections_show: ConnectionsShow) -> None:
    dialog = opened()
    connections_show.tell(channel(connections_show.clock.now(), signed_in(connections_show.clock.now())))
    assert dialog.chip.word == "Signed in as こはる_ch🌸"
    assert not dialog.code_card.isVisible()
    assert (dialog.close_button.text(), dialog.close_button.isDefault()) == ("Close", True)
    dialog.close_button.click()
    connections_show.settle()
    assert connections_show.commands("cancel_sign_in") == []


def test_a_denial_offers_a_new_code(opened: Open, connections_show: ConnectionsShow) -> None:
    dialog = opened()
    denied = AccountStatus(AccountRole.BROADCASTER, sentence="Signing in was declined.")
    connections_show.tell(channel(connections_show.clock.now(), denied))
    assert (dialog.chip.word, dialog.sentence.text()) == ("Not signed in", "Signing in was declined.")
    dialog.again_button.click()
    connections_show.settle()
    assert dialog.chip.word == "Waiting for you to confirm"
    assert len(connections_show.commands("sign_in")) == 2


def test_offline_is_told_and_can_be_tried_again(opened: Open, connections_show: ConnectionsShow) -> None:
    connections_show.desk.errors["sign_in"] = TemporaryError("Twitch can't be reached.")
    dialog = opened()
    assert dialog.sentence.text() == "Twitch can't be reached."
    assert dialog.again_button.isVisible()


def test_an_expired_code_is_no_longer_shown(opened: Open, connections_show: ConnectionsShow) -> None:
    connections_show.desk.results["sign_in"] = code(connections_show.clock.now(), -1)
    dialog = opened()
    dialog._model.tick()
    assert not dialog.code_card.isVisible()
    assert "expired" in dialog.sentence.text()


@pytest.mark.parametrize("state", [AccountState.SIGNED_OUT, AccountState.SIGNING_IN])
def test_escape_gives_the_sign_in_up(state: AccountState, opened: Open, connections_show: ConnectionsShow, qtbot: QtBot) -> None:
    if state is AccountState.SIGNING_IN:
        waiting = AccountStatus(AccountRole.BROADCASTER, state, code=code(connections_show.clock.now()))
        connections_show.tell(channel(connections_show.clock.now(), waiting))
    dialog = opened()
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    connections_show.settle()
    assert connections_show.commands("cancel_sign_in") == [("twitch", {"account": "broadcaster"})]


@pytest.mark.parametrize(
    "address, is_opened",
    [
        ("https://www.twitch.tv/activate?device-code=A", True),
        ("http://127.0.0.1:8080/activate", True),
        ("http://localhost/activate", True),
        ("http://example.org/", False),
        ("file:///etc/passwd", False),
        ("javascript:alert(1)", False),
        ("no address at all", False),
        ("", False),
    ],
)
def test_only_safe_addresses_reach_the_browser(address: str, is_opened: bool, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot) -> None:
    seen: list[QUrl] = []

    def open_url(url: QUrl) -> bool:
        seen.append(url)
        return True

    monkeypatch.setattr(QDesktopServices, "openUrl", open_url)
    assert open_in_browser(address) is is_opened
    assert bool(seen) is is_opened
