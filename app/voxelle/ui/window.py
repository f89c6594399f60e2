"""The window: navigation at the left, a page, notices above it and the engines' lights below."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import structlog
from PySide6.QtCore import QByteArray, QMargins, QRect, QSettings, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QGuiApplication, QIcon, QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from voxelle.domain.errors import VoxelleError
from voxelle.domain.events import SettingsChanged
from voxelle.kernel.paths import resource
from voxelle.ui.bridge import Bridge
from voxelle.ui.models.engine_lights import EngineLightsModel
from voxelle.ui.models.hearing import HearingModel
from voxelle.ui.models.notices import NoticeModel
from voxelle.ui.models.rehearsal import Rehearsal
from voxelle.ui.models.show import ShowModel
from voxelle.ui.pages.live import LivePage
from voxelle.ui.theme import current_theme
from voxelle.ui.widgets.engine_lights import EngineLights
from voxelle.ui.widgets.hearing_bar import DEAF_KEYS
from voxelle.ui.widgets.navigation import Navigation
from voxelle.ui.widgets.notice_bar import NoticeBar
from voxelle.ui.widgets.stage_bar import MUTE_KEYS, PANIC_KEYS, PAUSE_KEYS, STOP_KEYS

log = structlog.get_logger("window")

SMALLEST = QSize(900, 600)
_USUAL = QSize(1280, 800)
_PATIENCE_MS = 10_000
"""A show that has not ended by then ends with the program."""


@dataclass(frozen=True, slots=True)
class Page:
    """An entry of the navigation. `create` is called at the first visit."""

    id: str
    title: str
    icon: str
    create: Callable[[Bridge], QWidget]


@runtime_checkable
class Leavable(Protocol):
    """A page that may have something to ask before the window closes."""

    @property
    def has_unsaved(self) -> bool:
        """Whether anything would be lost."""

    def leave(self, then: Callable[[], None]) -> bool:
        """Ask, and go on with `then` unless the streamer wants to stay."""


class MainWindow(QWidget):
    """Closing it ends the show: `shutdown` runs on the show loop, then `closed` is emitted."""

    closed = Signal()
    raise_soon = Signal()
    """Emitted from any thread: come to the front."""
    close_soon = Signal()
    """Emitted from any thread: close as the button does."""

    def __init__(
        self,
        bridge: Bridge,
        *,
        shutdown: Callable[[], Coroutine[Any, Any, None]],
        state_file: Path,
        rehearsal: Rehearsal | None = None,
    ) -> None:
        super().__init__()
        self._bridge = bridge
        self._shutdown = shutdown
        self._state = QSettings(str(state_file), QSettings.Format.IniFormat)
        self._is_closing = False
        self._is_over = False
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(_PATIENCE_MS)
        self._patience.timeout.connect(self._on_patience_over)
        self._theme = current_theme()
        self._apply_settings()
        self.setWindowTitle("Voxelle")
        self.setWindowIcon(QIcon(str(resource("icons", "voxelle.svg"))))
        self.show_model = ShowModel(bridge, self)
        self.hearing_model = HearingModel(bridge, self)
        self.notices = NoticeModel(bridge, self)
        self.lights = EngineLightsModel(bridge, self)
        self.pages = self._pages(rehearsal)
        self._made: dict[int, QWidget] = {}
        self._build()
        self._bind_keys()
        bridge.subscribe(SettingsChanged, self._on_settings_changed)
        self.raise_soon.connect(self._come_to_front, Qt.ConnectionType.QueuedConnection)
        self.close_soon.connect(self.close, Qt.ConnectionType.QueuedConnection)
        self.show_model.load()
        self.hearing_model.load()
        self.lights.load()
        self._restore()
        self.go_to("live")

    def go_to(self, page_id: str) -> None:
        """Show a page, made now if it was never visited."""
        number = next((number for number, page in enumerate(self.pages) if page.id == page_id), None)
        if number is not None:
            self._turn_to(number)

    def closeEvent(self, event: QCloseEvent) -> None:
        """End the show first; the window goes when that is done."""
        if self._is_over:
            event.accept()
            return
        event.ignore()
        if not self._is_closing:
            self._leave_pages()

    def _leave_pages(self) -> None:
        """Close down once no page has anything to ask, such as whether to save."""
        for number, page in self._made.items():
            if isinstance(page, Leavable) and page.has_unsaved:
                self._turn_to(number)
                page.leave(self._close_down)
                return
        self._close_down()

    def _close_down(self) -> None:
        if self._is_closing:
            return
        self._is_closing = True
        self._remember()
        self.setWindowTitle(self.tr("Voxelle is closing …"))
        self.setEnabled(False)
        self._patience.start()
        self._bridge.run(self._shutdown, lambda _: self._finish(), self._on_shutdown_failed)

    def _come_to_front(self) -> None:
        """Be seen: another start asked for it."""
        if self.isMinimized():
            self.showNormal()
        self.show()
        self.raise_()
        self.activateWindow()

    # Building

    def _pages(self, rehearsal: Rehearsal | None) -> tuple[Page, ...]:
        """All pages, in the order of the navigation."""
        return (
            Page("live", self.tr("Live"), "live", lambda bridge: LivePage(bridge, self.show_model, rehearsal)),
            Page("characters", self.tr("Characters"), "characters", _characters),
            Page("connections", self.tr("Connections"), "connections", _connections),
            Page("reactions", self.tr("Reactions"), "reactions", _reactions),
            Page("sound", self.tr("Sound"), "sound", _sound),
            Page("engines", self.tr("Engines"), "engines", _engines),
            Page("logs", self.tr("Logs"), "logs", _logs),
            Page("settings", self.tr("Settings"), "settings", _settings),
        )

    def _build(self) -> None:
        self.navigation = Navigation([(page.title, page.icon) for page in self.pages])
        self.navigation.chosen.connect(self._turn_to)
        self._stack = QStackedWidget()
        lights = EngineLights(self.lights)
        lights.chosen.connect(partial(self.go_to, "engines"))
        self.notice_bar = NoticeBar(self.notices)
        content = QVBoxLayout()
        content.setContentsMargins(QMargins())
        content.setSpacing(0)
        content.addWidget(self.notice_bar)
        content.addWidget(self._stack, 1)
        content.addWidget(lights)
        row = QHBoxLayout(self)
        row.setContentsMargins(QMargins())
        row.setSpacing(0)
        row.addWidget(self.navigation)
        row.addLayout(content, 1)

    def _bind_keys(self) -> None:
        for number in range(len(self.pages)):
            QShortcut(QKeySequence(f"Ctrl+{number + 1}"), self, partial(self._turn_to, number))
        for keys, act in (
            (STOP_KEYS, self.show_model.stop),
            (MUTE_KEYS, self.show_model.toggle_muted),
            (PAUSE_KEYS, self.show_model.toggle_chat_paused),
            (PANIC_KEYS, self.show_model.panic),
            (DEAF_KEYS, self.hearing_model.toggle_deaf),
        ):
            QShortcut(QKeySequence(keys), self, act)

    def _turn_to(self, number: int) -> None:
        page = self._made.get(number)
        if page is None:
            page = self.pages[number].create(self._bridge)
            self._made[number] = page
            self._stack.addWidget(page)
        self._stack.setCurrentWidget(page)
        self.navigation.select(number)
        if not self.navigation.has_focus:
            page.setFocus(Qt.FocusReason.OtherFocusReason)

    # Settings and state

    def _on_settings_changed(self, event: SettingsChanged) -> None:
        if any(path.startswith("general.") for path in event.paths):
            self._apply_settings()

    def _apply_settings(self) -> None:
        general = self._bridge.settings.current.general
        self._theme.is_motion_reduced = general.reduced_motion
        self._theme.set_choice(general.theme)
        self._theme.set_text_scale(general.text_scale)

    def _restore(self) -> None:
        screen = QGuiApplication.primaryScreen().availableGeometry()
        self.setMinimumSize(SMALLEST.boundedTo(screen.size()))
        usual = QRect(screen.topLeft(), _USUAL.boundedTo(screen.size()))
        usual.moveCenter(screen.center())
        self.setGeometry(usual)
        saved = self._state.value("window/geometry")
        if isinstance(saved, QByteArray) and self.restoreGeometry(saved):
            self.setGeometry(clamped(self.geometry(), [each.availableGeometry() for each in QGuiApplication.screens()]))

    def _remember(self) -> None:
        self._state.setValue("window/geometry", self.saveGeometry())
        self._state.sync()
        if self._state.status() is not QSettings.Status.NoError:
            log.warning("window.geometry_not_saved")

    # Closing

    def _on_shutdown_failed(self, error: VoxelleError) -> None:
        log.error("window.shutdown_failed", kind=type(error).__name__)
        self._finish()

    def _on_patience_over(self) -> None:
        if not self._is_over:
            log.error("window.shutdown_took_too_long")
            self._finish()

    def _finish(self) -> None:
        if not self._is_over:
            self._is_over = True
            self._patience.stop()
            self.close()
            self.closed.emit()


def clamped(geometry: QRect, screens: list[QRect]) -> QRect:
    """Return a window's rectangle moved and shrunk to the screen it is on, or the first one."""
    home = max(screens, key=lambda screen: _area(screen.intersected(geometry)))
    size = geometry.size().expandedTo(SMALLEST).boundedTo(home.size())
    x = min(max(geometry.x(), home.left()), home.right() + 1 - size.width())
    y = min(max(geometry.y(), home.top()), home.bottom() + 1 - size.height())
    return QRect(x, y, size.width(), size.height())


def _area(rect: QRect) -> int:
    return rect.width() * rect.height() if rect.isValid() else 0


def _characters(bridge: Bridge) -> QWidget:
    from voxelle.ui.pages.characters.page import CharactersPage

    return CharactersPage(bridge)


def _connections(bridge: Bridge) -> QWidget:
    from voxelle.ui.pages.connections import ConnectionsPage

    return ConnectionsPage(bridge)


def _reactions(bridge: Bridge) -> QWidget:
    from voxelle.ui.pages.reactions import ReactionsPage

    return ReactionsPage(bridge)


def _sound(bridge: Bridge) -> QWidget:
    from voxelle.ui.pages.sound import SoundPage

    return SoundPage(bridge)


def _engines(bridge: Bridge) -> QWidget:
    from voxelle.ui.pages.engines import EnginesPage

    return EnginesPage(bridge)


def _logs(bridge: Bridge) -> QWidget:
    from voxelle.ui.pages.logs import LogsPage

    return LogsPage(bridge)


def _settings(bridge: Bridge) -> QWidget:
    from voxelle.ui.pages.settings import SettingsPage

    return SettingsPage(bridge)
