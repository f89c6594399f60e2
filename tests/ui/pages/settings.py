"""Settings pages, for their tests."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from tests.fakes.companion_pages import MemorySecrets
from tests.ui.pages.show import PagesShow
from voxelle.ui.dialogs.confirm import ConfirmDialog
from voxelle.ui.pages.settings import SettingsPage

Make = Callable[..., SettingsPage]
T = TypeVar("T")


def settings_pages(qtbot: QtBot, pages_show: PagesShow) -> Make:
    """Return what opens a settings page."""
    pages: list[SettingsPage] = []

    def made(secrets: MemorySecrets | None = None, part: str = "") -> SettingsPage:
        page = SettingsPage(pages_show.bridge, secrets)
        qtbot.addWidget(page)
        pages.append(page)
        page.resize(900, 600)
        page.show()
        pages_show.settle()
        if part:
            page.show_part(part)
            pages_show.settle()
        return page

    return made


def editor(page: SettingsPage, path: str, kind: type[T]) -> T:
    found = page.rows[path].editor
    assert isinstance(found, kind)
    return found


def applied(page: SettingsPage, show: PagesShow, qtbot: QtBot) -> None:
    """Let what is typed be saved."""
    page.model.apply()
    qtbot.waitUntil(lambda: not page.model.is_pending)
    show.settle()


def press(page: SettingsPage, show: PagesShow, text: str) -> None:
    dialog = page.findChild(ConfirmDialog)
    assert isinstance(dialog, ConfirmDialog)
    next(button for button in dialog.findChildren(QPushButton) if button.text() == text).click()
    show.settle()
