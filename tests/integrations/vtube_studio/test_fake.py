"""The fake itself: its line, its tokens, its faults and what it notes, on a virtual clock."""

from __future__ import annotations

import asyncio
import base64
import json
from typing import Any

import pytest

from tests.fakes.vtube_studio import AKARI, Consent, ErrorId, FakeVTubeStudio, MemoryApi, memory_net
from tests.fakes.vtube_studio.pictures import jpg, png
from tests.integrations.vtube_studio.fake_lines import error, message, refusal, say
from voxelle.domain.errors import TemporaryError
from voxelle.integrations.vtube_studio.net import SocketClosed
from voxelle.kernel.clock import Clock

pytestmark = pytest.mark.virtual_time
NAMES = {"pluginName": "Plugin", "pluginDeveloper": "Developer"}


@pytest.fixture
def fake(clock: Clock) -> FakeVTubeStudio:
    return FakeVTubeStudio(clock)


@pytest.mark.parametrize(
    "given,error_id",
    [
        ("{", 2),
        ("[]", 2),
        (message(apiName="Other"), 3),
        (message(apiVersion="2.0"), 4),
        (message(requestID=""), 5),
        (message(requestID="x" * 65), 5),
        (message(requestID="ü"), 5),
        (message(""), 6),
        (message("NoSuchRequest"), 7),
        (message("StatisticsRequest"), 8),
        (message("AuthenticationRequest", {"pluginName": 5}), 2),
        (message("AuthenticationRequest", []), 2),
    ],
)
async def test_what_is_no_request_is_answered_with_its_error_and_noted(fake: FakeVTubeStudio, given: Any, error_id: int) -> None:
    assert error(fake, fake.open(), given) == error_id
    assert fake.violations


async def test_a_reply_bears_the_id_of_its_request_and_the_time(fake: FakeVTubeStudio, clock: Clock) -> None:
    session = fake.open()
    reply = say(fake, session, json.dumps(message()).encode())
    assert (reply["requestID"], reply["messageType"]) == ("a", "APIStateResponse")
    assert reply["timestamp"] == int(clock.now().timestamp() * 1000)
    without = message()
    del without["requestID"]
    assert 1 <= len(say(fake, session, without)["requestID"]) <= 64
    first = fake.log()[0]
    assert (first.kind, first.request_id, first.is_answered) == ("APIStateRequest", "a", True)


async def test_fields_that_no_request_has_are_answered_but_noted(fake: FakeVTubeStudio) -> None:
    api = MemoryApi(fake)
    await api.ask("HotkeyTriggerRequest", {"hotkeyID": "Wave", "hotkeyName": "Wave"})
    await api.ask("EventSubscriptionRequest", {"eventName": "ItemEvent", "subscribe": True, "config": {"all": True}})
    sentences = [each.sentence for each in fake.violations]
    assert sentences == ["HotkeyTriggerRequest.hotkeyName is no field", "ItemEvent.all is no field"]


# -- tokens --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "given,error_id",
    [
        ({**NAMES, "pluginName": "ab"}, 52),
        ({**NAMES, "pluginName": "x" * 33}, 52),
        ({**NAMES, "pluginDeveloper": "ab"}, 53),
        ({**NAMES, "pluginIcon": "no base64!"}, 54),
        ({**NAMES, "pluginIcon": base64.b64encode(b"neither").decode()}, 54),
        ({**NAMES, "pluginIcon": png(127, 128)}, 54),
        ({**NAMES, "pluginIcon": png()[:100]}, 54),
        ({**NAMES, "pluginIcon": jpg(128, 64)}, 54),
    ],
)
async def test_a_token_request_that_is_wrong_makes_no_pop_up(fake: FakeVTubeStudio, given: dict[str, str], error_id: int) -> None:
    assert error(fake, fake.open(), message("AuthenticationTokenRequest", given)) == error_id
    assert fake.sign_in.popups == []


@pytest.mark.parametrize("icon", [png(), jpg(), ""])
async def test_the_user_allows_at_last_and_the_token_serves(fake: FakeVTubeStudio, icon: str) -> None:
    session, other = fake.open(), fake.open()
    fake.receive(session, json.dumps(message("AuthenticationTokenRequest", {**NAMES, "pluginIcon": icon})))
    await asyncio.sleep(300)
    assert not session.outbox
    assert error(fake, other, message("AuthenticationTokenRequest", NAMES)) == ErrorId.TOKEN_REQUEST_ONGOING
    token = fake.sign_in.allow()
    assert json.loads(session.outbox.popleft())["data"] == {"authenticationToken": token}
    assert len(token) <= 64
    reply = say(fake, session, message("AuthenticationRequest", {**NAMES, "authenticationToken": token}))
    assert reply["data"]["authenticated"]
    assert say(fake, session, message())["data"]["currentSessionAuthenticated"]
    wrong = {**NAMES, "pluginName": "Renamed", "authenticationToken": token}
    assert not say(fake, other, message("AuthenticationRequest", wrong))["data"]["authenticated"]


@pytest.mark.parametrize("absent,error_id", [("authenticationToken", 100), ("pluginName", 101), ("pluginDeveloper", 102)])
async def test_what_is_missing_to_sign_in_is_named(fake: FakeVTubeStudio, absent: str, error_id: int) -> None:
    given = {**NAMES, "authenticationToken": "x", absent: ""}
    assert error(fake, fake.open(), message("AuthenticationRequest", given)) == error_id


async def test_asking_again_and_again_is_a_storm(fake: FakeVTubeStudio) -> None:
    fake.sign_in.consent = Consent.DENIES
    session = fake.open()
    assert [error(fake, session, message("AuthenticationTokenRequest", NAMES)) for _ in range(3)] == [ErrorId.TOKEN_DENIED] * 3
    assert [each.kind for each in fake.violations] == ["popups"]


@pytest.mark.parametrize("keeps,error_id", [(False, None), (True, ErrorId.TOKEN_REQUEST_ONGOING)])
async def test_the_pop_up_of_a_line_that_is_gone_closes_or_stays(fake: FakeVTubeStudio, keeps: bool, error_id: int | None) -> None:
    fake.sign_in.keeps_popup = keeps
    session = fake.open()
    fake.receive(session, json.dumps(message("AuthenticationTokenRequest", NAMES)))
    fake.drop(session)
    fake.receive(fake.open(), json.dumps(message("AuthenticationTokenRequest", NAMES)))
    assert fake.log()[-1].error_id == error_id


async def test_a_revoked_plugin_is_refused_loses_its_parameters_and_may_ask_once_more(fake: FakeVTubeStudio) -> None:
    api = MemoryApi(fake, "Plugin")
    given = {"parameterName": "PluginEnergy", "explanation": "", "min": 0, "max": 1, "defaultValue": 0}
    await api.ask("ParameterCreationRequest", given)
    fake.sign_in.revoke("Plugin")
    assert fake.parameters.custom == {}
    assert await refusal(api, "StatisticsRequest") == ErrorId.TOKEN_DENIED
    assert fake.violations == []
    await asyncio.sleep(1)
    fake.sign_in.revoked_error = int(ErrorId.NOT_AUTHENTICATED)
    assert await refusal(api, "StatisticsRequest") == ErrorId.NOT_AUTHENTICATED
    assert [each.kind for each in fake.violations] == ["unauthenticated"]


# -- lines and faults ----------------------------------------------------------------------------------------------


async def test_a_line_breaks_off_with_what_was_sent_before(fake: FakeVTubeStudio) -> None:
    line = await memory_net(fake).connect("ws://127.0.0.1:8001")
    await line.send(json.dumps(message()))
    fake.drop_all(1001, "bye")
    assert json.loads(await line.receive())["messageType"] == "APIStateResponse"
    with pytest.raises(SocketClosed, match="1001 bye"):
        await line.receive()
    with pytest.raises(SocketClosed):
        await line.send("x")
    await line.close()
    assert fake.sessions == []


async def test_nobody_answers_where_no_fake_is_or_its_api_is_off(fake: FakeVTubeStudio) -> None:
    net = memory_net(fake)
    with pytest.raises(TemporaryError):
        await net.connect("ws://127.0.0.1:8002")
    fake.api_off()
    with pytest.raises(TemporaryError):
        await net.connect("ws://127.0.0.1:8001")
    fake.api_on()
    await (await net.connect("ws://127.0.0.1:8001")).close()


async def test_an_api_that_is_off_on_an_open_line_says_so(fake: FakeVTubeStudio) -> None:
    api = MemoryApi(fake)
    fake.api_off(closes=False)
    assert await refusal(api, "StatisticsRequest") == ErrorId.API_OFF
    assert not (await api.ask("APIStateRequest"))["active"]
    fake.api_off()
    with pytest.raises(TemporaryError):
        await api.ask("APIStateRequest")


async def test_it_is_heard_every_two_seconds_even_while_its_api_is_off(fake: FakeVTubeStudio, clock: Clock) -> None:
    second = FakeVTubeStudio(clock, port=8002, instance_id="b" * 32, title="VTube Studio Window 2")
    heard: list[dict[str, Any]] = []
    ears = await memory_net(fake, second).listen(47779, lambda datagram, host: heard.append(json.loads(datagram)))
    fake.api_off()
    await asyncio.sleep(3)
    assert [(each["data"]["port"], each["data"]["active"]) for each in heard] == [(8001, False), (8002, True)] * 2
    assert heard[0]["messageType"] == "VTubeStudioAPIStateBroadcast"
    second.quit()
    fake.faults.is_silent = True
    await asyncio.sleep(10)
    assert len(heard) == 4
    ears.close()


async def test_a_second_start_has_another_id_and_knows_its_plugins(fake: FakeVTubeStudio) -> None:
    api, before = MemoryApi(fake), fake.instance_id
    await api.ask("InjectParameterDataRequest", {"parameterValues": [{"id": "MouthOpen", "value": 1}]})
    fake.quit()
    fake.start_again(AKARI)
    assert fake.instance_id != before
    assert fake.face().held == {}
    assert (await MemoryApi(fake).ask("StatisticsRequest"))["allowedPlugins"] == 1


async def test_trouble_comes_as_it_was_ordered(fake: FakeVTubeStudio) -> None:
    api, loop = MemoryApi(fake), asyncio.get_running_loop()
    fake.faults.fail_next("StatisticsRequest", 0, times=2)
    assert [await refusal(api, "StatisticsRequest") for _ in range(2)] == [0, 0]
    fake.faults.swallow_next("StatisticsRequest")
    with pytest.raises(TemporaryError, match="in time"):
        await api.ask("StatisticsRequest", timeout_s=3)
    fake.faults.delay_s = 2.5
    begun = loop.time()
    await asyncio.gather(api.ask("StatisticsRequest"), api.ask("VTSFolderInfoRequest"))
    assert loop.time() - begun == pytest.approx(2.5, abs=0.01)
    fake.faults.fail_next("StatisticsRequest", 0)
    fake.faults.clear()
    await api.ask("StatisticsRequest")
    assert fake.violations == []


async def test_a_watcher_may_end_the_line_in_the_middle_of_a_request(fake: FakeVTubeStudio) -> None:
    api = MemoryApi(fake)
    fake.watchers.append(lambda logged: fake.drop_all())
    with pytest.raises(TemporaryError, match="gone"):
        await api.ask("StatisticsRequest")


async def test_custom_images_need_a_permission_that_nobody_has(fake: FakeVTubeStudio) -> None:
    api = MemoryApi(fake)
    assert not (await api.ask("PermissionRequest", {"requestedPermission": ""}))["permissions"][0]["granted"]
    assert await refusal(api, "PermissionRequest", {"requestedPermission": "Everything"}) == ErrorId.PERMISSION_UNKNOWN
    custom = {"fileName": "own-image.png", "customDataBase64": "eA=="}
    assert await refusal(api, "ItemLoadRequest", custom) == ErrorId.NEEDS_PERMISSION
