"""Short ways to talk to the fake VTube Studio and to hear it."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from tests.fakes.vtube_studio import FakeVTubeStudio, MemoryApi
from tests.fakes.vtube_studio.session import Session
from voxelle.integrations.vtube_studio.api import ApiError
from voxelle.kernel.tasks import TaskScope

Heard = list[tuple[float, str, dict[str, Any]]]


def message(kind: str = "APIStateRequest", data: Any = None, **other: Any) -> dict[str, Any]:
    return {"apiName": "VTubeStudioPublicAPI", "apiVersion": "1.0", "requestID": "a", "messageType": kind, "data": data, **other}


def say(fake: FakeVTubeStudio, session: Session, given: Any) -> dict[str, Any]:
    """Send a message and return the reply."""
    fake.receive(session, given if isinstance(given, str | bytes) else json.dumps(given))
    reply: dict[str, Any] = json.loads(session.outbox.popleft())
    return reply


def error(fake: FakeVTubeStudio, session: Session, given: Any) -> int:
    reply = say(fake, session, given)
    assert reply["messageType"] == "APIError"
    return int(reply["data"]["errorID"])


async def refusal(api: MemoryApi, kind: str, data: dict[str, Any] | None = None) -> int:
    with pytest.raises(ApiError) as caught:
        await api.ask(kind, data)
    return caught.value.error_id


async def listening(api: MemoryApi, *names: str, **config: Any) -> Heard:
    """Subscribe to events and return the growing list of what was heard."""
    heard: Heard = []
    loop = asyncio.get_running_loop()
    api.on_event = lambda kind, data: heard.append((loop.time(), kind, data))
    for name in names:
        await api.ask("EventSubscriptionRequest", {"eventName": name, "subscribe": True, "config": config})
    return heard


async def wait(api: MemoryApi, seconds: float) -> None:
    """Let time pass while events come in."""
    async with TaskScope("ears") as scope:
        scope.start(api.listen(), name="listen")
        await asyncio.sleep(seconds)


async def inject(api: MemoryApi, name: str, value: float, mode: str = "set", **other: Any) -> None:
    await api.ask("InjectParameterDataRequest", {"mode": mode, "parameterValues": [{"id": name, "value": value, **other}]})
