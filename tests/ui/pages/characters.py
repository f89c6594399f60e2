"""Characters pages, for their tests."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from tests.ui.pages.show import PagesShow
from voxelle.ui.dialogs.confirm import ConfirmDialog
from voxelle.ui.pages.characters import CharactersPage

Make = Callable[[], CharactersPage]


def characters_pages(qtbot: QtBot, pages_show: PagesShow) -> Make:
    """Return what opens a characters page."""
    pages: list[CharactersPage] = []

    def made() -> CharactersPage:
        page = CharactersPage(pages_show.bridge)
        qtbot.addWidget(page)
        pages.append(page)
        page.resize(900, 600)
        page.show()
        pages_show.settle()
        return page

    return made


def answer(page: CharactersPage, pages_show: PagesShow, text: str) -> None:
    """Press a button of the question that is open."""
    dialog = page.findChild(ConfirmDialog)
    assert isinstance(dialog, ConfirmDialog)
    buttons = {button.text(): button for button in dialog.findChildren(QPushButton)}
    assert text in buttons, sorted(buttons)
    buttons[text].click()
    pages_show.settle()


def names(page: CharactersPage) -> list[str]:
    return [page.model.index(row).data() for row in range(page.model.rowCount())]
