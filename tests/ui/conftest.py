"""Fixtures of the window's tests. They are plain, synchronous tests: qtbot never waits inside a coroutine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.ui.pages.connections import ConnectionsShow
from tests.ui.show import Show
from voxelle.settings.schema import Theme as ThemeChoice
from voxelle.ui.theme import Theme, current_theme


@pytest.fixture
def show(qtbot: QtBot, tmp_path: Path) -> Iterator[Show]:
    """A show whose companion is a fake, with a bridge to it."""
    made = Show(tmp_path)
    yield made
    made.end()
    made.bridge.deleteLater()


@pytest.fixture
def connections_show(qtbot: QtBot, tmp_path: Path) -> Iterator[ConnectionsShow]:
    """A show with connections that do what a test says; Twitch is switched on and has a client ID."""
    made = ConnectionsShow(tmp_path)
    yield made
    made.end()
    made.bridge.deleteLater()


@pytest.fixture
def theme(qtbot: QtBot) -> Iterator[Theme]:
    """The application's theme, back at 100 % and dark afterwards."""
    found = current_theme()
    found.set_choice(ThemeChoice.DARK)
    found.set_text_scale(100)
    yield found
    found.set_choice(ThemeChoice.DARK)
    found.set_text_scale(100)
    found.is_motion_reduced = False


def pytest_itemcollected(item: pytest.Item) -> None:
    """Ignore what the offscreen platform says of itself; every other warning of Qt fails a test."""
    item.add_marker(pytest.mark.qt_log_ignore("This plugin does not support"))
