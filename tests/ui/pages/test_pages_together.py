"""What all pages have in common: nothing flashes up, everything can be reached and is named, large text fits."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QAbstractButton, QAbstractSlider, QApplication, QComboBox, QLineEdit, QPlainTextEdit, QScrollBar, QWidget
from pytestqt.qtbot import QtBot

from tests.fakes.companion_pages import MemorySecrets
from tests.ui.pages.connections import ConnectionsShow
from voxelle.settings.schema import Theme as ThemeChoice
from voxelle.ui.bridge import Bridge
from voxelle.ui.pages.characters import CharactersPage
from voxelle.ui.pages.connections import ConnectionsPage
from voxelle.ui.pages.engines import EnginesPage
from voxelle.ui.pages.logs import LogsPage
from voxelle.ui.pages.reactions import ReactionsPage
from voxelle.ui.pages.settings import SettingsPage
from voxelle.ui.theme import Theme

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")  # the offscreen platform has no window manager to tell
PAGES: dict[str, Callable[[Bridge], QWidget]] = {
    "characters": CharactersPage,
    "connections": ConnectionsPage,
    "reactions": ReactionsPage,
    "engines": EnginesPage,
    "logs": lambda bridge: LogsPage(bridge, Path()),
    "settings": lambda bridge: SettingsPage(bridge, MemorySecrets()),
}


class Watch(QObject):
    """Notes every window that is shown."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: list[str] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802  # Qt's name
        if event.type() is QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
            self.shown.append(type(watched).__name__)
        return False


@pytest.mark.parametrize("name", PAGES)
def test_a_page_shows_no_window_besides_itself(name: str, qtbot: QtBot, connections_show: ConnectionsShow, theme: Theme) -> None:
    watch = Watch()
    app = QApplication.instance()
    assert app is not None
    app.installEventFilter(watch)
    page = PAGES[name](connections_show.bridge)
    qtbot.addWidget(page)
    page.show()
    connections_show.settle()
    app.removeEventFilter(watch)
    assert watch.shown == [type(page).__name__]


@pytest.mark.parametrize("name", PAGES)
def test_every_control_has_a_name_and_takes_the_focus_by_keyboard(
    name: str, qtbot: QtBot, connections_show: ConnectionsShow, theme: Theme
) -> None:
    page = PAGES[name](connections_show.bridge)
    qtbot.addWidget(page)
    page.resize(900, 600)
    page.show()
    connections_show.settle()
    kinds = (QAbstractButton, QComboBox, QLineEdit, QPlainTextEdit, QAbstractSlider)
    controls = [
        each for each in page.findChildren(QWidget) if isinstance(each, kinds) and not isinstance(each, QScrollBar) and each.isVisible()
    ]
    own = [each for each in controls if not each.objectName().startswith("qt_") and not isinstance(each.parent(), QLineEdit | QComboBox)]
    assert own
    nameless = [type(each).__name__ for each in own if not each.accessibleName() and not getattr(each, "text", str)()]
    assert nameless == []
    unreachable = [each.accessibleName() for each in own if each.isEnabled() and not each.focusPolicy() & Qt.FocusPolicy.TabFocus]
    assert unreachable == []


@pytest.mark.parametrize("scale", [100, 200])
@pytest.mark.parametrize("choice", [ThemeChoice.LIGHT, ThemeChoice.DARK])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_keeps_to_the_width_it_is_given(
    name: str, choice: ThemeChoice, scale: int, qtbot: QtBot, connections_show: ConnectionsShow, theme: Theme
) -> None:
    theme.set_choice(choice)
    theme.set_text_scale(scale)
    page = PAGES[name](connections_show.bridge)
    qtbot.addWidget(page)
    page.resize(740, 560)
    page.show()
    connections_show.settle()
    assert page.width() == 740
    too_wide = [
        (type(each).__name__, each.accessibleName())
        for each in page.findChildren(QWidget)
        if isinstance(each, (QAbstractButton, QComboBox, QLineEdit, QPlainTextEdit))
        and each.isVisible()
        and not each.objectName().startswith("qt_")
        and each.mapTo(page, each.rect().topRight()).x() > 740
    ]
    assert too_wide == []
