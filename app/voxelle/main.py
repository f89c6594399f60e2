"""Composition root of the window: the show in its own thread, Qt in this one."""

from __future__ import annotations

import asyncio
import signal
import sys
import threading
from concurrent.futures import Future
from functools import partial
from typing import TYPE_CHECKING

import structlog
from PySide6.QtWidgets import QApplication

from voxelle.domain.errors import VoxelleError
from voxelle.domain.events import NoticeLevel
from voxelle.ui.opening import OpeningWindow
from voxelle.ui.qt_loop import QtLoop

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from voxelle.headless import Show, ShowOptions
    from voxelle.kernel.paths import Paths
    from voxelle.ui.window import MainWindow

log = structlog.get_logger("app")

_EXIT_SETUP = 3


class ShowThread:
    """The show loop in a thread of its own: plain asyncio, uvloop where it exists."""

    def __init__(self, paths: Paths, options: Callable[[], ShowOptions] | None = None) -> None:
        self._paths = paths
        self._options = options
        self._opened: Future[Show] = Future()
        self._ended: Future[None] = Future()
        self._thread = threading.Thread(target=self._run, name="show")
        self._stop: asyncio.Event | None = None
        self.loop: asyncio.AbstractEventLoop | None = None

    async def open(self) -> Show:
        """Start the thread and wait until the show is open. Raises what opening raised."""
        self._thread.start()
        return await asyncio.wrap_future(self._opened)

    async def stop(self) -> None:
        """Ask the show to end; called on the show loop, returns at once."""
        if self._stop is not None:
            self._stop.set()

    def end_soon(self) -> None:
        """Ask the show to end, from any thread."""
        if self.loop is not None and self._stop is not None:
            self.loop.call_soon_threadsafe(self._stop.set)

    async def join(self) -> None:
        """Wait for the end of the show, on the window's loop."""
        await asyncio.wrap_future(self._ended)
        self._thread.join()

    def _run(self) -> None:
        try:
            with asyncio.Runner(loop_factory=new_loop) as runner:
                self.loop = runner.get_loop()
                runner.run(self._perform())
        except VoxelleError as error:
            self._fail(error)
        except BaseException as error:
            self._fail(error)
            raise
        finally:
            self._ended.set_result(None)

    def _fail(self, error: BaseException) -> None:
        if self._opened.done():
            log.error("show.ended", exc_info=error)
        else:
            self._opened.set_exception(error)

    async def _perform(self) -> None:
        from voxelle.headless import open_show, run_show
        from voxelle.kernel.tasks import TaskScope

        self._stop = asyncio.Event()
        async with open_show(self._paths, self._options() if self._options else None) as show, TaskScope("show") as scope:
            scope.start(run_show(show), name="services")
            self._opened.set_result(show)
            await self._stop.wait()


def _on_bug(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Write down what nobody caught: a slot of the window, a callback of Qt."""
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    log.error("window.bug", exc_info=(kind, error, trace))


def _spare_sources() -> None:
    """Keep Qt's bindings from reading the source of every module that is imported after them: 6 MB, and a tenth of the start.

    They look for modules that may switch on snake_case names or properties. Nobody here does.
    """
    feature = sys.modules.get("shibokensupport.feature")
    if hasattr(feature, "_mod_uses_pyside"):
        setattr(feature, "_mod_uses_pyside", lambda _module: False)  # noqa: B010 - no attribute that a type checker knows


def new_loop() -> asyncio.AbstractEventLoop:
    """Return the kind of loop that a show runs on."""
    if sys.platform == "win32":
        return asyncio.new_event_loop()
    import uvloop

    return uvloop.new_event_loop()


def run(
    paths: Paths,
    options: Callable[[], ShowOptions] | None = None,
    *,
    on_painted: Callable[[], None] = lambda: None,
    on_ready: Callable[[MainWindow], None] = lambda _window: None,
) -> int:
    """Open the window and stay until it is closed. Returns the exit code.

    `options` is called in the show's thread: what it imports comes after the first paint. `on_painted` is
    called once after the first paint, `on_ready` when the real window was shown.
    """
    sys.excepthook = _on_bug
    _spare_sources()
    app = QApplication(sys.argv[:1])
    app.setApplicationName("Voxelle")
    app.setDesktopFileName("voxelle")
    app.setQuitOnLastWindowClosed(False)
    opening = OpeningWindow(on_painted)
    opening.show()
    app.processEvents()
    with QtLoop(app) as loop:
        return int(loop.run_until_complete(_stay(paths, options, opening, on_ready)))


async def _stay(
    paths: Paths, options: Callable[[], ShowOptions] | None, opening: OpeningWindow, on_ready: Callable[[MainWindow], None]
) -> int:
    if await _raise_other(paths):
        opening.close()
        return 0
    from voxelle.kernel.limits import return_memory, settle_heap

    thread = ShowThread(paths, options)
    try:
        show = await thread.open()
    except VoxelleError as error:
        await opening.fail(error.sentence)
        await thread.join()
        return _EXIT_SETUP
    try:
        window = open_window(thread, show)
    except BaseException:
        thread.end_soon()
        await thread.join()
        raise
    opening.hand_over(window)
    closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    window.closed.connect(partial(_conclude, closed))
    show.verbs["show"] = window.raise_soon.emit
    show.verbs["quit"] = window.close_soon.emit
    _end_on_signals(window)
    # What opening needed once is not kept for a whole stream.
    settle_heap()
    return_memory()
    on_ready(window)
    await closed
    await thread.join()
    return 0


def _conclude(closed: asyncio.Future[None]) -> None:
    if not closed.done():
        closed.set_result(None)


def open_window(thread: ShowThread, show: Show) -> MainWindow:
    """Build the window of an open show, on Qt's thread."""
    from voxelle.ui.bridge import Bridge
    from voxelle.ui.window import MainWindow

    if thread.loop is None:
        msg = "the show is not open"
        raise RuntimeError(msg)
    bridge = Bridge(
        loop=thread.loop,
        companion=show.companion,
        engines=show.engines.room,
        settings=show.settings,
        connections=show.connections,
        sound=show.sound,
        secrets=show.secrets,
        log_tail=show.log_tail,
        clock=show.clock,
        log_folder=show.paths.logs,
    )
    window = MainWindow(bridge, shutdown=thread.stop, state_file=show.paths.config / "window.ini", rehearsal=show.rehearsal)
    for sentence in show.notices:
        bridge.notice(NoticeLevel.WARNING, sentence)
    return window


async def _raise_other(paths: Paths) -> bool:
    """Raise the window of an instance that runs already; False if there is none."""
    from voxelle.kernel.control import call

    try:
        await call(paths.control_socket, "show", {}, timeout_s=2.0)
    except VoxelleError:
        return False
    return True


def _end_on_signals(window: MainWindow) -> None:
    """Let Ctrl+C and a system's farewell close the window as its button does."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, window.close)
        except NotImplementedError:
            signal.signal(number, lambda *_: window.close_soon.emit())
