"""The fake on loopback, and by hand: its socket, its broadcasts, and the orders it takes."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.vtube_studio import AKARI, FakeVTubeStudio
from tests.fakes.vtube_studio.__main__ import obey
from tests.fakes.vtube_studio.server import serve
from tests.integrations.vtube_studio.fake_lines import message
from voxelle.domain.errors import TemporaryError
from voxelle.integrations.vtube_studio.net import SocketClosed, listen, open_socket
from voxelle.kernel.clock import Clock

ROOT = Path(__file__).resolve().parents[3]
NAMES = {"pluginName": "Plugin", "pluginDeveloper": "Developer"}


@pytest.fixture
def fake(clock: Clock) -> FakeVTubeStudio:
    return FakeVTubeStudio(clock)


async def test_a_line_carries_messages_both_ways_and_is_closed_by_either_side(fake: FakeVTubeStudio) -> None:
    async with serve(fake):
        line = await open_socket(f"ws://127.0.0.1:{fake.port}")
        await line.send(json.dumps(message()))
        assert json.loads(await line.receive())["data"]["active"]
        await line.close()
        line = await open_socket(f"ws://127.0.0.1:{fake.port}")
        await line.send(json.dumps(message()))
        await line.receive()
        fake.drop_all(4000, "enough")
        with pytest.raises(SocketClosed, match="4000 enough"):
            await line.receive()
    assert fake.sessions == []


async def test_who_connects_while_the_api_is_off_finds_nobody_and_later_somebody(fake: FakeVTubeStudio) -> None:
    async with serve(fake):
        url = f"ws://127.0.0.1:{fake.port}"
        line = await open_socket(url)
        fake.api_off()
        with pytest.raises(SocketClosed):
            await line.receive()
        async with asyncio.timeout(30):
            await _until_refused(url)
            fake.api_on()
            line = await _until_open(url)
        fake.quit()
        with pytest.raises(SocketClosed, match="1006"):
            await line.receive()


async def _until_refused(url: str) -> None:
    while True:
        try:
            line = await open_socket(url)
        except TemporaryError:
            return
        await line.close()


async def _until_open(url: str) -> Any:
    while True:
        try:
            return await open_socket(url)
        except TemporaryError:
            await asyncio.sleep(0)


async def test_its_broadcast_is_heard_by_udp(fake: FakeVTubeStudio) -> None:
    heard: asyncio.Queue[bytes] = asyncio.Queue()
    ears = await listen(0, lambda datagram, host: heard.put_nowait(datagram), address="127.0.0.1")
    port = ears.get_extra_info("sockname")[1]  # type: ignore[attr-defined]
    async with serve(fake, udp_port=port):
        told = json.loads(await asyncio.wait_for(heard.get(), 30))
    ears.close()
    assert told["data"] == {"active": True, "port": fake.port, "instanceID": fake.instance_id, "windowTitle": "VTube Studio"}


async def test_a_port_that_is_taken_is_an_error_at_once(fake: FakeVTubeStudio, clock: Clock) -> None:
    async with serve(fake):
        with pytest.raises(OSError, match="address"):
            async with serve(FakeVTubeStudio(clock), port=fake.port):
                pass


def test_orders_by_hand_do_what_they_say(fake: FakeVTubeStudio) -> None:
    orders = ["load Hiyori", "press happy", "click", "item hat.gif", "hold MouthOpen", "release MouthOpen", "track", "lose", "config"]
    orders += ["fail StatisticsRequest 0", "delay 0.5", "api off", "api on", "close", "start", "drop", "revoke", "log", "violations"]
    answers = [obey(fake, order) for order in orders]
    assert [each for each in answers if "error" in each] == []
    assert obey(fake, '{"order": "load", "model": "Akari"}') == {"order": "load", "result": None}
    assert fake.model is fake.stage.library[AKARI]
    assert obey(fake, "face")["result"]["model"] == "Akari"
    assert obey(fake, "allow") == {"order": "allow", "error": "no pop-up is shown"}
    assert obey(fake, "deny")["error"] == "no pop-up is shown"
    assert "There is no order dance" in obey(fake, "dance")["error"]
    assert obey(fake, f"click_item {next(iter(fake.items.scene))}") == {"order": "click_item", "result": None}


async def test_it_runs_by_hand() -> None:
    program = [sys.executable, "-m", "tests.fakes.vtube_studio", "--port", "0", "--allow", "--log"]
    process = await asyncio.create_subprocess_exec(
        *program,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT / "app")},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    ready = json.loads(await process.stdout.readline())
    line = await open_socket(f"ws://127.0.0.1:{ready['port']}")
    await line.send(json.dumps(message("AuthenticationTokenRequest", NAMES)))
    assert json.loads(await line.receive())["data"]["authenticationToken"]
    assert json.loads(await process.stdout.readline())["kind"] == "AuthenticationTokenRequest"
    await line.close()
    said, _ = await process.communicate(b"\nface\nquit\n")
    assert json.loads(said)["result"]["is_neutral"]
    assert process.returncode == 0
