"""The fake on real sockets: the application's own net meets it, and a person can steer it."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.fakes.twitch import CLIENT_ID, EVERY_SCOPE, FakeTwitch, Fault
from tests.fakes.twitch.auth import DEVICE_GRANT
from tests.fakes.twitch.serving import Urls, serve
from voxelle.domain.errors import TemporaryError
from voxelle.integrations.twitch.net import Net, Socket, SocketClosed, real_net
from voxelle.kernel.clock import Clock, Randomness


@pytest.fixture
def fake(clock: Clock, randomness: Randomness) -> FakeTwitch:
    return FakeTwitch(clock, randomness)


@pytest.fixture
async def urls(fake: FakeTwitch) -> AsyncIterator[Urls]:
    async with serve(fake) as urls:
        yield urls


@pytest.fixture
async def net(urls: Urls) -> AsyncIterator[Net]:
    net = real_net()
    yield net
    await net.http.close()


async def listening(net: Net, urls: Urls, fake: FakeTwitch) -> Socket:
    """Open a line that hears of follows."""
    socket = await net.connect(f"{urls.eventsub}?keepalive_timeout_seconds=600")
    session_id = json.loads(await socket.receive())["payload"]["session"]["id"]
    headers = {"Authorization": f"Bearer {fake.sign_in().access}", "Client-Id": CLIENT_ID}
    condition = {"broadcaster_user_id": fake.streamer.id, "moderator_user_id": fake.streamer.id}
    transport = {"method": "websocket", "session_id": session_id}
    body = {"type": "channel.follow", "version": "2", "condition": condition, "transport": transport}
    reply = await net.http.request("POST", f"{urls.helix}/eventsub/subscriptions", headers=headers, body=body)
    assert (reply.status, reply.json()["total"]) == (202, 1)
    return socket


async def command(net: Net, urls: Urls, verb: str, **arguments: Any) -> Any:
    """Steer the fake as a person would."""
    reply = await net.http.request("POST", f"{urls.control}/{verb}", body=arguments)
    return reply.json()


async def ending(socket: Socket) -> int:
    """Listen to the end and return the close code."""
    while True:
        try:
            await socket.receive()
        except SocketClosed as error:
            return error.code


@pytest.mark.parametrize("answer, status", [("approve", 200), ("deny", 400)])
async def test_a_code_is_confirmed_on_a_page(net: Net, urls: Urls, answer: str, status: int) -> None:
    form = {"client_id": CLIENT_ID, "scopes": "user:read:chat"}
    asked = (await net.http.request("POST", f"{urls.auth}/device", form=form)).json()
    page = await net.http.request("GET", asked["verification_uri"])
    assert (page.status, asked["user_code"] in page.body.decode()) == (200, True)
    given = await net.http.request("POST", urls.activate, form={"code": asked["user_code"], "answer": answer, "login": "assistant"})
    assert given.status == 200
    assert (await net.http.request("POST", urls.activate, form={"code": "NONSENSE", "answer": answer})).status == 404
    grant = {"client_id": CLIENT_ID, "device_code": asked["device_code"], "grant_type": DEVICE_GRANT}
    assert (await net.http.request("POST", f"{urls.auth}/token", form=grant)).status == status


async def test_events_arrive_and_codes_close(net: Net, urls: Urls, fake: FakeTwitch) -> None:
    socket = await listening(net, urls, fake)
    (sent,) = fake.emit("channel.follow")
    assert json.loads(await socket.receive())["metadata"]["message_id"] == sent
    fake.send_raw(b"\xff\xfe")
    assert await socket.receive() == b"\xff\xfe"
    assert fake.delivered == [sent]
    assert (await command(net, urls, "line", act="close", code=4006)) == {"lines": 1}
    assert await ending(socket) == 4006
    await socket.close()


async def test_a_line_breaks_without_a_word(net: Net, urls: Urls, fake: FakeTwitch) -> None:
    socket = await listening(net, urls, fake)
    await command(net, urls, "line", act="drop")
    assert await ending(socket) == 1006
    assert fake.subscriptions.enabled() == []


async def test_a_silent_line_stays_silent(net: Net, urls: Urls, fake: FakeTwitch) -> None:
    socket = await listening(net, urls, fake)
    await command(net, urls, "line", act="silence")
    fake.emit("channel.follow")
    assert fake.delivered == []
    await socket.close()


async def test_a_reconnect_leads_to_the_same_server(net: Net, urls: Urls, fake: FakeTwitch) -> None:
    old = await listening(net, urls, fake)
    await command(net, urls, "line", act="reconnect")
    url = json.loads(await old.receive())["payload"]["session"]["reconnect_url"]
    new = await net.connect(url)
    assert json.loads(await new.receive())["metadata"]["message_type"] == "session_welcome"
    await old.close()
    fake.emit("channel.follow")
    assert json.loads(await new.receive())["metadata"]["message_type"] == "notification"
    await new.close()


async def test_who_speaks_is_cut_off(urls: Urls, fake: FakeTwitch) -> None:
    from websockets.asyncio.client import connect
    from websockets.exceptions import ConnectionClosed

    async with connect(urls.eventsub, proxy=None) as socket:
        await socket.recv()
        await socket.send("hello")
        with pytest.raises(ConnectionClosed) as error:
            await socket.recv()
        assert error.value.rcvd is not None
        assert error.value.rcvd.code == 4001


async def test_requests_fail_as_planned(net: Net, urls: Urls, fake: FakeTwitch) -> None:
    await command(net, urls, "fault", kind="html", path="validate")
    assert (await net.http.request("GET", f"{urls.auth}/validate")).is_page
    await command(net, urls, "fault", kind="error", path="validate", status=503)
    assert (await net.http.request("GET", f"{urls.auth}/validate")).status == 503
    fake.faults.add(Fault("validate", is_lost=True, delay_s=0.01))
    with pytest.raises(TemporaryError):
        await net.http.request("GET", f"{urls.auth}/validate")
    fake.faults.add(Fault("validate", delay_s=0.01))
    assert (await net.http.request("GET", f"{urls.auth}/validate")).status == 401
    await command(net, urls, "offline", seconds=60)
    with pytest.raises(TemporaryError):
        await net.connect(urls.eventsub)
    await command(net, urls, "clear")
    token = fake.sign_in()
    form = {"grant_type": "refresh_token", "refresh_token": token.refresh, "client_id": CLIENT_ID}
    assert (await net.http.request("POST", f"{urls.auth}/token", form=form)).json()["scope"] == list(EVERY_SCOPE)
    broken = await net.http.request("POST", f"{urls.helix}/users", headers={"Content-Type": "application/json"})
    assert broken.status == 401


async def test_a_person_can_let_things_happen(net: Net, urls: Urls, fake: FakeTwitch) -> None:
    socket = await listening(net, urls, fake)
    commands: list[tuple[str, dict[str, Any]]] = [
        ("emit", {"topic": "channel.follow", "index": 0}),
        ("emit", {"topic": "channel.follow", "user_name": "Ada", "copies": 2}),
        ("say", {"text": "hello", "login": "somebody"}),
        ("gift_bomb", {"count": 3}),
        ("redeem", {"title": "Sing", "text": "please"}),
        ("redeem", {"title": "Sing"}),
        ("live", {"viewers": 5}),
        ("end", {}),
        ("frame", {"name": "a list"}),
        ("frame", {"text": "anything"}),
        ("refuse", {"topic": "channel.poll.begin"}),
        ("drop_next", {"code": "msg_rejected"}),
        ("skew", {"seconds": 60}),
        ("expire", {}),
        ("fault", {"path": "users", "is_lost": True}),
        ("revoke", {"topic": "channel.follow"}),
        ("disconnect", {"login": "streamer"}),
    ]
    for verb, arguments in commands:
        assert "error" not in await command(net, urls, verb, **arguments), verb
    state = await command(net, urls, "state")
    assert (state["subscriptions"], state["client_ids"], len(state["lines"])) == ([], [CLIENT_ID], 1)
    assert "error" in await command(net, urls, "nonsense")
    assert "error" in await command(net, urls, "emit", what="?")
    kinds = [json.loads(await socket.receive()) for _ in range(4)]
    assert [each["payload"]["event"]["user_name"] for each in kinds[:3]] == ["Viewer23", "Ada", "Ada"]
    await socket.close()


async def test_it_runs_by_hand(pytestconfig: pytest.Config) -> None:
    command_line = (sys.executable, "-m", "tests.fakes.twitch", "--port", "0", "--client-id", "another")
    program = await asyncio.create_subprocess_exec(*command_line, stdout=asyncio.subprocess.PIPE, cwd=pytestconfig.rootpath)
    assert program.stdout is not None
    try:
        urls = Urls(**json.loads(await program.stdout.readline()))
        net = real_net()
        assert (await command(net, urls, "state"))["client_ids"] == ["another", CLIENT_ID]
        await net.http.close()
    finally:
        program.terminate()
        await program.wait()
