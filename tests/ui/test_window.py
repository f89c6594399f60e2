"""The window opens, goes from page to page, remembers its place and ends the show when closed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QToolButton, QWidget
from pytestqt.qtbot import QtBot

from tests.ui.show import Show
from voxelle.domain.errors import TemporaryError
from voxelle.domain.events import EngineChanged, EngineState, EngineStatus, NoticeLevel, NoticeRaised
from voxelle.settings.schema import Theme as ThemeChoice
from voxelle.ui.theme import Theme
from voxelle.ui.widgets.engine_lights import _LightButton
from voxelle.ui.window import SMALLEST, MainWindow, clamped


class Ending:
    """An injected shutdown that a test can watch, hold or fail."""

    def __init__(self) -> None:
        self.count = 0
        self.error: Exception | None = None
        self.thread: threading.Thread | None = None

    async def __call__(self) -> None:
        self.count += 1
        self.thread = threading.current_thread()
        if self.error is not None:
            raise self.error


@pytest.fixture
def ending() -> Ending:
    return Ending()


@pytest.fixture
def open_window(show: Show, theme: Theme, ending: Ending, tmp_path: Path, qtbot: QtBot) -> Iterator[Callable[[], MainWindow]]:
    opened: list[MainWindow] = []

    def make() -> MainWindow:
        window = MainWindow(show.bridge, shutdown=ending.__call__, state_file=tmp_path / "window.ini")
        opened.append(window)
        window.show()
        show.settle()
        return window

    yield make
    for window in opened:
        window._is_over = True
        window.close()
        window.deleteLater()


@pytest.fixture
def window(open_window: Callable[[], MainWindow]) -> MainWindow:
    return open_window()


def shown(window: MainWindow) -> QWidget:
    page = window._stack.currentWidget()
    assert page is not None
    return page


def test_it_opens_with_the_live_page_and_makes_no_other(window: MainWindow) -> None:
    assert type(shown(window)).__name__ == "LivePage"
    assert window._stack.count() == 1


def test_every_page_can_be_reached_by_keyboard_and_is_made_once(window: MainWindow, show: Show, qtbot: QtBot) -> None:
    names = []
    for number in (1, 2, 3, 4, 5, 6, 7, 8, 1):
        qtbot.keyClick(window, Qt.Key(Qt.Key.Key_0.value + number), Qt.KeyboardModifier.ControlModifier)
        show.settle()
        names.append(type(shown(window)).__name__)
    others = ["CharactersPage", "ConnectionsPage", "ReactionsPage", "SoundPage", "EnginesPage", "LogsPage", "SettingsPage"]
    assert names == ["LivePage", *others, "LivePage"]
    assert window._stack.count() == 8


def test_the_navigation_walks_with_the_arrow_keys(window: MainWindow, show: Show, qtbot: QtBot) -> None:
    first = window.navigation._group.button(0)
    first.setFocus()
    qtbot.keyClick(window.navigation, Qt.Key.Key_Down)
    show.settle()
    assert type(shown(window)).__name__ == "CharactersPage"
    qtbot.keyClick(window.navigation, Qt.Key.Key_Up)
    assert type(shown(window)).__name__ == "LivePage"
    qtbot.keyClick(window.navigation, Qt.Key.Key_A)
    assert type(shown(window)).__name__ == "LivePage"


def test_the_navigation_drops_its_words_where_the_window_is_low(window: MainWindow, theme: Theme) -> None:
    button = window.navigation._group.button(0)
    assert isinstance(button, QToolButton)
    window.resize(1280, 800)
    assert button.toolButtonStyle() is Qt.ToolButtonStyle.ToolButtonTextUnderIcon
    theme.set_text_scale(200)
    window.resize(900, 600)
    assert button.toolButtonStyle() is Qt.ToolButtonStyle.ToolButtonIconOnly
    assert button.accessibleName() == "Live"


@pytest.mark.parametrize(
    "key, modifiers, call",
    [
        (Qt.Key.Key_Escape, Qt.KeyboardModifier.NoModifier, ("stop_talking",)),
        (Qt.Key.Key_M, Qt.KeyboardModifier.ControlModifier, ("set_muted", True)),
        (Qt.Key.Key_P, Qt.KeyboardModifier.ControlModifier, ("set_chat_paused", True)),
        (Qt.Key.Key_X, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier, ("panic",)),
    ],
)
def test_she_can_be_stopped_from_every_page(
    window: MainWindow, show: Show, qtbot: QtBot, key: Qt.Key, modifiers: Qt.KeyboardModifier, call: tuple[object, ...]
) -> None:
    window.go_to("engines")
    window.go_to("nowhere")
    qtbot.keyClick(window, key, modifiers)
    show.settle()
    assert call in show.companion.calls


def test_a_notice_is_shown_above_every_page_and_dismissed(window: MainWindow, show: Show, qtbot: QtBot) -> None:
    assert not window.notice_bar.isVisible()
    show.announce(NoticeRaised(NoticeLevel.WARNING, "One."), NoticeRaised(NoticeLevel.ERROR, "Two."))
    assert window.notice_bar.isVisible()
    assert window.notice_bar.accessibleName() == "Problem: Two."
    assert window.notice_bar._count.text() == "and 1 more"
    for _ in range(2):
        qtbot.mouseClick(window.notice_bar.dismiss, Qt.MouseButton.LeftButton)
    assert not window.notice_bar.isVisible()


def test_a_light_leads_to_the_engines(window: MainWindow, show: Show, qtbot: QtBot) -> None:
    show.announce(EngineChanged(EngineStatus("a", "llm", "Llama", EngineState.FAILED, sentence="Load it again.")))
    light = window.findChild(_LightButton)
    assert light is not None
    qtbot.mouseClick(light, Qt.MouseButton.LeftButton)
    show.settle()
    assert type(shown(window)).__name__ == "EnginesPage"


def test_settings_of_the_window_take_effect_at_once(window: MainWindow, show: Show, theme: Theme) -> None:
    async def change() -> None:
        await show.settings.change("general.theme", "light")
        await show.settings.change("general.text_scale", 150)
        await show.settings.change("general.reduced_motion", value=True)
        await show.settings.change("voice.volume", 0.5)

    show.bridge.run(change)
    for _ in range(5):
        show.settle()
    assert (theme.is_dark, theme.scale, theme.is_motion_reduced) == (False, 1.5, True)
    assert show.settings.current.general.theme is ThemeChoice.LIGHT


def test_closing_ends_the_show_first(window: MainWindow, show: Show, ending: Ending, qtbot: QtBot) -> None:
    with qtbot.waitSignal(window.closed):
        window.close()
        window.close()
        assert window.isVisible()
    assert not window.isVisible()
    assert ending.count == 1
    assert ending.thread is show._thread


def test_another_thread_can_bring_it_to_the_front_or_close_it(window: MainWindow, show: Show, ending: Ending, qtbot: QtBot) -> None:
    window.showMinimized()
    show.call(window.raise_soon.emit)
    qtbot.waitUntil(lambda: not window.isMinimized())
    with qtbot.waitSignal(window.closed):
        show.call(window.close_soon.emit)
    assert ending.count == 1


class Unsaved(QWidget):
    """A page with a question before the end."""

    def __init__(self) -> None:
        super().__init__()
        self.has_unsaved = True
        self.then: Callable[[], None] | None = None

    def leave(self, then: Callable[[], None]) -> bool:
        self.then = then
        return False


def test_a_page_with_unsaved_work_is_shown_and_asks_first(window: MainWindow, show: Show, ending: Ending, qtbot: QtBot) -> None:
    page = Unsaved()
    window._made[1] = page
    window._stack.addWidget(page)
    window.close()
    show.settle()
    assert shown(window) is page
    assert ending.count == 0
    assert page.then is not None
    with qtbot.waitSignal(window.closed):
        page.then()
        page.then()
    assert ending.count == 1


def test_a_show_that_fails_to_end_closes_all_the_same(window: MainWindow, ending: Ending, qtbot: QtBot) -> None:
    ending.error = TemporaryError("The disk is full.")
    with qtbot.waitSignal(window.closed):
        window.close()
    assert not window.isVisible()


def test_a_show_that_does_not_end_is_not_waited_for_forever(window: MainWindow, qtbot: QtBot) -> None:
    window._is_closing = True
    with qtbot.waitSignal(window.closed):
        window._on_patience_over()
    window._on_patience_over()
    assert not window.isVisible()


def test_it_comes_back_where_it_was(open_window: Callable[[], MainWindow], qtbot: QtBot) -> None:
    first = open_window()
    screen = QGuiApplication.primaryScreen().availableGeometry()
    place = clamped(QRect(screen.left() + 10, screen.top() + 20, 950, 620), [screen])
    first.setGeometry(place)
    with qtbot.waitSignal(first.closed):
        first.close()
    assert open_window().size() == place.size()


@pytest.mark.parametrize(
    "saved, expected",
    [
        (QRect(100, 100, 1000, 700), QRect(100, 100, 1000, 700)),
        (QRect(-5000, -5000, 1000, 700), QRect(0, 0, 1000, 700)),
        (QRect(1800, 1000, 1000, 700), QRect(1920, 740, 1000, 700)),
        (QRect(2000, 100, 1000, 700), QRect(2000, 100, 1000, 700)),
        (QRect(0, 0, 99_999, 99_999), QRect(1920, 0, 2560, 1440)),
        (QRect(50, 50, 10, 10), QRect(50, 50, SMALLEST.width(), SMALLEST.height())),
    ],
)
def test_a_window_is_never_off_screen(saved: QRect, expected: QRect) -> None:
    assert clamped(saved, [QRect(0, 0, 1920, 1080), QRect(1920, 0, 2560, 1440)]) == expected


def test_it_fits_a_small_screen() -> None:
    assert clamped(QRect(0, 0, 2000, 2000), [QRect(0, 0, 800, 480)]).size() == QSize(800, 480)
