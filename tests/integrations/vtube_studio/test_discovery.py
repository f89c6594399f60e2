"""Which VTube Studios run."""

from __future__ import annotations

import json
from typing import Any

import pytest

from voxelle.integrations.vtube_studio.discovery import FRESH_S, MOST_INSTANCES, Discovery, address_of, plain_host
from voxelle.integrations.vtube_studio.net import HERE
from voxelle.kernel.clock import Clock
from voxelle.kernel.tasks import TaskScope

pytestmark = pytest.mark.virtual_time


def broadcast(**data: Any) -> bytes:
    values = {"active": True, "port": 8001, "instanceID": "a", "windowTitle": "VTube Studio", **data}
    return json.dumps({"messageType": "VTubeStudioAPIStateBroadcast", "data": values}).encode()


async def test_instances_are_listed_while_they_are_heard(clock: Clock) -> None:
    discovery = Discovery(clock)
    discovery.on_broadcast(broadcast(instanceID="b", port=8002, windowTitle="VTube Studio Window 2", active=False), HERE)
    discovery.on_broadcast(broadcast(), HERE)
    discovery.on_broadcast(broadcast(instanceID="c"), "10.0.0.9")
    assert [(each.host, each.port, each.is_api_on) for each in discovery.instances()] == [
        (HERE, 8001, True),
        (HERE, 8002, False),
        ("10.0.0.9", 8001, True),
    ]
    await clock.sleep(4)
    discovery.on_broadcast(broadcast(), HERE)
    await clock.sleep(FRESH_S - 3)
    assert [each.instance_id for each in discovery.instances()] == ["a"]
    await clock.sleep(4)
    assert discovery.instances() == ()


async def test_a_restart_is_another_instance(clock: Clock) -> None:
    discovery = Discovery(clock)
    discovery.on_broadcast(broadcast(), HERE)
    await clock.sleep(5)
    discovery.on_broadcast(broadcast(instanceID="new"), HERE)
    await clock.sleep(3)
    assert [each.instance_id for each in discovery.instances()] == ["new"]


@pytest.mark.parametrize(
    "payload",
    [b"", b"\xff\xfe", b"[]", b'{"messageType": "APIStateResponse", "data": {"port": 8001}}', broadcast(port=0), broadcast(port="8001")],
)
async def test_anything_else_is_passed_over(clock: Clock, payload: bytes) -> None:
    discovery = Discovery(clock)
    discovery.on_broadcast(payload, HERE)
    assert discovery.instances() == ()


async def test_a_flood_of_instances_is_bounded(clock: Clock) -> None:
    discovery = Discovery(clock)
    for number in range(1000):
        discovery.on_broadcast(broadcast(instanceID=f"{number}"), HERE)
    assert len(discovery.instances()) == MOST_INSTANCES
    await clock.sleep(FRESH_S + 1)
    discovery.on_broadcast(broadcast(), HERE)
    assert len(discovery.instances()) == 1


async def test_waiting_ends_with_news_or_time(clock: Clock) -> None:
    discovery = Discovery(clock)
    discovery.on_broadcast(broadcast(), HERE)
    async with TaskScope("test") as scope:
        waiting = scope.start(discovery.wait(10), name="wait", is_awaited=True)
        await clock.sleep(1)
        discovery.on_broadcast(broadcast(), HERE)
        await clock.sleep(1)
        assert not waiting.done()
        discovery.on_broadcast(broadcast(active=False), HERE)
        await waiting
        assert clock.monotonic() == pytest.approx(2, abs=0.01)
        await discovery.wait(10)
        assert clock.monotonic() == pytest.approx(12, abs=0.01)


def test_addresses_are_written_for_a_socket() -> None:
    assert address_of("studio-pc", 8001) == "ws://studio-pc:8001"
    assert address_of("fe80::1", 8001) == address_of("[fe80::1]", 8001) == "ws://[fe80::1]:8001"
    assert {plain_host(name) for name in ("localhost", "LOCALHOST", "::1", "[::1]", "")} == {HERE}
