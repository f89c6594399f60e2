"""The fake seen from outside, by the independent client `pyvts` of PyPI."""

from __future__ import annotations

import asyncio
import base64
import importlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.vtube_studio import AKARI, HIYORI, Consent, ErrorId, FakeVTubeStudio
from tests.fakes.vtube_studio.pictures import png
from tests.fakes.vtube_studio.server import serve
from voxelle.kernel.clock import Clock

pyvts: Any = importlib.import_module("pyvts")


@pytest.fixture
def fake(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> FakeVTubeStudio:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    return FakeVTubeStudio(clock)


@asynccontextmanager
async def client(fake: FakeVTubeStudio, folder: Path) -> AsyncIterator[Any]:
    place = {"version": "1.0", "name": "VTubeStudioPublicAPI", "host": "127.0.0.1", "port": fake.port}
    plugin = {"plugin_name": "pyvts", "developer": "Somebody else", "authentication_token_path": str(folder / "token.txt")}
    made = pyvts.vts(plugin_info=plugin, vts_api_info=place)
    await made.connect()
    try:
        yield made
    finally:
        await made.close()


async def data(client: Any, message: dict[str, Any]) -> dict[str, Any]:
    reply = await client.request(message)
    assert reply["requestID"] == message["requestID"]
    return dict(reply["data"])


async def test_it_signs_in_and_its_token_serves_again_on_the_next_line(fake: FakeVTubeStudio, tmp_path: Path) -> None:
    fake.sign_in.consent = Consent.ALLOWS
    async with serve(fake):
        async with client(fake, tmp_path) as first:
            await first.request_authenticate_token()
            assert await first.request_authenticate()
        async with client(fake, tmp_path) as second:
            await second.request_authenticate_token()
            assert await second.request_authenticate()
    assert len(fake.sign_in.popups) == 1
    assert fake.violations == []


async def test_an_icon_drawn_by_opencv_is_accepted(fake: FakeVTubeStudio, tmp_path: Path) -> None:
    fake.sign_in.consent = Consent.ALLOWS
    picture = tmp_path / "icon.png"
    picture.write_bytes(base64.b64decode(png(300, 200)))
    async with serve(fake), client(fake, tmp_path) as made:
        made.load_icon(str(picture))
        made.vts_request.plugin_icon = made.plugin_icon
        await made.request_authenticate_token()
    assert len(fake.sign_in.popups) == 1


async def test_a_revoked_token_is_told_and_makes_no_pop_up(fake: FakeVTubeStudio, tmp_path: Path) -> None:
    fake.sign_in.consent = Consent.ALLOWS
    async with serve(fake), client(fake, tmp_path) as made:
        await made.request_authenticate_token()
        assert await made.request_authenticate()
        fake.sign_in.revoke("pyvts")
        told = await data(made, made.vts_request.requestHotKeyList())
        assert told["errorID"] == ErrorId.TOKEN_DENIED
        assert not await made.request_authenticate()
    assert len(fake.sign_in.popups) == 1


async def test_who_did_not_sign_in_gets_error_8(fake: FakeVTubeStudio, tmp_path: Path) -> None:
    async with serve(fake), client(fake, tmp_path) as made:
        told = await data(made, made.vts_request.requestHotKeyList())
    assert told["errorID"] == ErrorId.NOT_AUTHENTICATED
    assert [each.kind for each in fake.violations] == ["unauthenticated"]


async def test_hotkeys_parameters_moves_and_tints_answer_as_it_expects(fake: FakeVTubeStudio, tmp_path: Path) -> None:
    fake.sign_in.consent = Consent.ALLOWS
    async with serve(fake), client(fake, tmp_path) as made:
        await made.request_authenticate_token()
        await made.request_authenticate()
        ask = made.vts_request
        hotkeys = await data(made, ask.requestHotKeyList())
        assert hotkeys["modelID"] == AKARI
        assert (await data(made, ask.requestTriggerHotKey(hotkeys["availableHotkeys"][0]["hotkeyID"])))["hotkeyID"]
        assert fake.face().by_plugins == ("Smile.exp3.json",)
        assert (await data(made, ask.requestCustomParameter("pyvtsEnergy", info="Loudness")))["parameterName"] == "pyvtsEnergy"
        assert await data(made, ask.requestSetParameterValue("pyvtsEnergy", 0.4, weight=0.5)) == {}
        assert await data(made, ask.requestSetMultiParameterValue(["MouthOpen", "MouthSmile"], [1.0, 0.3])) == {}
        assert (await data(made, ask.requestParameterValue("pyvtsEnergy")))["value"] == pytest.approx(0.2)
        assert set(fake.face().held) == {"pyvtsEnergy", "MouthOpen", "MouthSmile"}
        listed = await data(made, ask.requestTrackingParameterList())
        assert [each["addedBy"] for each in listed["customParameters"]] == ["pyvts"]
        assert await data(made, ask.requestDeleteCustomParameter("pyvtsEnergy")) == {"parameterName": "pyvtsEnergy"}
        assert await data(made, ask.requestMoveModel(0.1, 0.2, rot=10, size=-20, relative=False, move_time=0)) == {}
        assert fake.stage.spot.told() == {"positionX": 0.1, "positionY": 0.2, "rotation": 10.0, "size": -20.0}


async def test_events_reach_it(fake: FakeVTubeStudio, tmp_path: Path) -> None:
    fake.sign_in.consent = Consent.ALLOWS
    async with serve(fake), client(fake, tmp_path) as made:
        await made.request_authenticate_token()
        await made.request_authenticate()
        subscribed = await made.event_subscribe(made.vts_request.eventSubscriptionModelLoaded())
        assert subscribed["data"] == {"subscribedEventCount": 1, "subscribedEvents": ["ModelLoadedEvent"]}
        fake.stage.load(HIYORI)
        told = [json.loads(await asyncio.wait_for(made.websocket.recv(), 30))["data"] for _ in range(2)]
        assert [each["modelLoaded"] for each in told] == [False, True]
        await made.event_subscribe(made.vts_request.eventSubscriptionTest("ping"))
        event = json.loads(await asyncio.wait_for(made.websocket.recv(), 30))
        assert (event["messageType"], event["data"]["yourTestMessage"]) == ("TestEvent", "ping")
