"""Settings page: keys are set and never shown."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from tests.fakes.companion_pages import MemorySecrets
from tests.ui.pages.settings import Make, press, settings_pages
from tests.ui.pages.show import PagesShow
from voxelle.domain.errors import SetupError
from voxelle.ui.dialogs.key import KeyDialog
from voxelle.ui.pages.settings.keys import KeysPanel
from voxelle.ui.pages.settings.page import KEYS
from voxelle.ui.theme import Theme

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")  # the offscreen platform has no window manager to tell


@pytest.fixture
def make(qtbot: QtBot, pages_show: PagesShow, theme: Theme) -> Make:
    return settings_pages(qtbot, pages_show)


def test_keys_show_only_whether_one_is_stored(make: Make, pages_show: PagesShow) -> None:
    secrets = MemorySecrets("openai")
    page = make(secrets, part=KEYS)
    panel = page.findChild(KeysPanel)
    assert isinstance(panel, KeysPanel)
    assert panel.status.text() == "Keys are kept in a store of this test."
    assert panel.rows["openai"].badge.text == "A key is stored"
    assert panel.rows["anthropic"].badge.text == "No key"
    assert not panel.rows["anthropic"].delete_button.isVisible()
    assert not page.reset_button.isVisible()


def test_a_key_is_set_through_the_dialog(make: Make, pages_show: PagesShow) -> None:
    secrets = MemorySecrets()
    page = make(secrets, part=KEYS)
    panel = page.findChild(KeysPanel)
    assert isinstance(panel, KeysPanel)
    panel.rows["anthropic"].set_button.click()
    dialog = page.findChild(KeyDialog)
    assert isinstance(dialog, KeyDialog)
    assert dialog.field.echoMode() is dialog.field.EchoMode.Password
    dialog.reveal.click()
    assert dialog.field.echoMode() is dialog.field.EchoMode.Normal
    assert not dialog.save_button.isEnabled()
    dialog.field.setText("two words")
    assert "no spaces" in dialog.problem.text()
    assert not dialog.save_button.isEnabled()
    dialog.field.setText(" sk-123\n")
    dialog.save_button.click()
    pages_show.settle()
    assert secrets.kept == {"anthropic": "sk-123"}
    assert panel.rows["anthropic"].badge.text == "A key is stored"
    assert panel.rows["anthropic"].set_button.text() == "Replace …"


def test_a_key_is_deleted_after_a_question(make: Make, pages_show: PagesShow) -> None:
    secrets = MemorySecrets("speech")
    page = make(secrets, part=KEYS)
    panel = page.findChild(KeysPanel)
    assert isinstance(panel, KeysPanel)
    panel.rows["speech"].delete_button.click()
    press(page, pages_show, "Delete key")
    assert secrets.kept == {}
    assert panel.rows["speech"].badge.text == "No key"
    assert page.keys is not None
    page.keys.delete_key("speech")
    pages_show.settle()
    assert panel.notice.label.text() == "There is no such key."


def test_without_a_password_store_nothing_can_be_set_and_it_says_why(make: Make) -> None:
    page = make(MemorySecrets(is_available=False), part=KEYS)
    panel = page.findChild(KeysPanel)
    assert isinstance(panel, KeysPanel)
    assert "no password store" in panel.status.text()
    assert panel.status.property("tone") == "warning"
    assert not panel.rows["openai"].set_button.isEnabled()


def test_a_store_that_fails_is_told(make: Make, pages_show: PagesShow) -> None:
    secrets = MemorySecrets()
    secrets.error = SetupError("The password store is locked.")
    page = make(secrets, part=KEYS)
    panel = page.findChild(KeysPanel)
    assert isinstance(panel, KeysPanel)
    assert panel.status.text() == "The password store is locked."


def test_without_secrets_there_is_no_page_of_keys(make: Make) -> None:
    page = make()
    assert page.keys is None
    assert page.categories.count() == 8
