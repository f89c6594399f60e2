"""The loop whose time jumps."""

from __future__ import annotations

import asyncio
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voxelle.kernel.tasks import TaskScope
from voxelle.kernel.virtual_loop import VirtualTimeLoop, run_virtual


def _loop() -> VirtualTimeLoop:
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualTimeLoop)
    return loop


def test_a_year_passes_in_no_time() -> None:
    async def live() -> float:
        await asyncio.sleep(365 * 86400)
        return asyncio.get_running_loop().time()

    assert run_virtual(live()) == 365 * 86400


@given(st.lists(st.floats(min_value=0, max_value=1e7), max_size=20))
def test_timers_ring_in_order_at_their_exact_time(delays: list[float]) -> None:
    rung: list[tuple[float, float]] = []

    def ring(delay: float) -> None:
        rung.append((delay, asyncio.get_running_loop().time()))

    async def live() -> None:
        loop = asyncio.get_running_loop()
        for delay in delays:
            loop.call_later(delay, ring, delay)
        await asyncio.sleep(2e7)

    run_virtual(live())
    assert [delay for delay, _ in rung] == sorted(delays)
    assert all(at == pytest.approx(delay, abs=2e-6) for delay, at in rung)


@pytest.mark.virtual_time
async def test_the_marker_puts_a_test_on_this_loop() -> None:
    async with asyncio.timeout(10_001):
        await asyncio.sleep(10_000)
    assert _loop().time() == 10_000


@pytest.mark.virtual_time
async def test_time_stands_still_while_sockets_have_something_to_say() -> None:
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(await reader.readline())
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    async with TaskScope("echo") as scope:

        def on_client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            scope.start(echo(reader, writer), name="echo")

        server = await asyncio.start_server(on_client, "127.0.0.1", 0)
        host, port = server.sockets[0].getsockname()
        async with asyncio.timeout(3600):
            reader, writer = await asyncio.open_connection(host, port)
            writer.write(b"hello\n")
            assert await reader.readline() == b"hello\n"
            writer.close()
            await writer.wait_closed()
        server.close()
        await server.wait_closed()


@pytest.mark.virtual_time
async def test_a_thread_at_work_does_not_make_time_run_out() -> None:
    loop = _loop()
    go_on = threading.Event()

    def work() -> str:
        go_on.wait()
        return "done"

    loop.call_later(0.01, go_on.set)
    async with asyncio.timeout(3600):
        assert await asyncio.to_thread(work) == "done"
    assert loop.time() < 3600
    await asyncio.sleep(3600)
    assert loop.time() >= 3600


@pytest.mark.virtual_time
async def test_time_can_be_held_for_something_outside() -> None:
    loop = _loop()
    answered = asyncio.Event()
    began = loop.time()
    with loop.held():
        thread = threading.Thread(target=loop.call_soon_threadsafe, args=(answered.set,))
        async with asyncio.timeout(3600):
            thread.start()
            await answered.wait()
    assert loop.time() - began < 3600
    thread.join()


@pytest.mark.virtual_time
async def test_without_timers_it_waits_for_real() -> None:
    answered = asyncio.Event()
    thread = threading.Thread(target=asyncio.get_running_loop().call_soon_threadsafe, args=(answered.set,))
    thread.start()
    await answered.wait()
    thread.join()
    assert _loop().time() == 0
