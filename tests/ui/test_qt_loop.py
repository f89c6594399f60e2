"""The window's loop keeps asyncio's promises about timers."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from voxelle.ui.qt_loop import QtLoop


@pytest.fixture
def loop(qapp: QApplication, qtbot: QtBot) -> Iterator[QtLoop]:
    was_quitting = qapp.quitOnLastWindowClosed()
    qapp.setQuitOnLastWindowClosed(False)
    made = QtLoop(qapp)
    asyncio.set_event_loop(made)
    yield made
    made.close()
    asyncio.set_event_loop(None)
    qapp.setQuitOnLastWindowClosed(was_quitting)


def test_no_sleep_ends_early(loop: QtLoop) -> None:
    async def slept(seconds: float) -> float:
        start = loop.time()
        await asyncio.sleep(seconds)
        return float(loop.time() - start)

    async def all_of_them() -> list[tuple[float, float]]:
        lengths = [0.0, 0.0004, 0.003, 0.021, 0.05, 0.11]
        return [(each, await slept(each)) for each in lengths]

    assert all(took >= wanted for wanted, took in loop.run_until_complete(all_of_them()))


def test_a_timer_knows_when_it_is_due(loop: QtLoop) -> None:
    handle = loop.call_at(loop.time() + 300, lambda: None)
    assert isinstance(handle, asyncio.TimerHandle)
    assert handle.when() == pytest.approx(loop.time() + 300, abs=1)
    handle.cancel()


def test_a_cancelled_timer_is_gone_at_once(loop: QtLoop) -> None:
    before = loop.alive_timers()
    handles = [loop.call_later(300, lambda: None) for _ in range(50)]
    assert loop.alive_timers() == before + 50
    for handle in handles:
        handle.cancel()
        handle.cancel()
    assert loop.alive_timers() == before


def test_finished_time_outs_leave_no_timer(loop: QtLoop) -> None:
    async def many() -> int:
        for _ in range(100):
            await asyncio.wait_for(asyncio.sleep(0), timeout=300)
        return loop.alive_timers()

    assert loop.run_until_complete(many()) < 10


def test_callbacks_run_in_the_order_they_were_asked_for(loop: QtLoop) -> None:
    ran: list[int] = []

    async def wait() -> None:
        for number in range(20):
            loop.call_soon(ran.append, number)
        await asyncio.sleep(0.01)

    loop.run_until_complete(wait())
    assert ran == list(range(20))


def test_other_threads_can_wake_it(loop: QtLoop) -> None:
    async def wait() -> str:
        future: asyncio.Future[str] = loop.create_future()
        thread = threading.Thread(target=lambda: loop.call_soon_threadsafe(future.set_result, "woken"))
        thread.start()
        try:
            return await asyncio.wait_for(future, 5)
        finally:
            thread.join()

    assert loop.run_until_complete(wait()) == "woken"


def test_a_coroutine_function_is_no_callback(loop: QtLoop) -> None:
    async def nothing() -> None:
        pass

    with pytest.raises(TypeError, match="coroutines"):
        loop.call_later(1, nothing)


def test_a_closed_loop_holds_no_timer(qapp: QApplication, qtbot: QtBot) -> None:
    loop = QtLoop(qapp)
    loop.set_debug(enabled=True)
    loop.call_later(300, lambda: None)
    loop.close()
    assert loop.alive_timers() == 0
