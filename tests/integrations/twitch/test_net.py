"""The network, on this machine: real requests and real sockets."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest
from websockets.asyncio.server import ServerConnection, serve

from tests.fakes.http_server import Answer, HttpServer, Move, json_answer
from voxelle.domain.errors import InputError, SetupError, TemporaryError
from voxelle.integrations.twitch import failures, network
from voxelle.integrations.twitch.limits import LARGEST_FRAME, LARGEST_REPLY
from voxelle.integrations.twitch.net import ABNORMAL, HttpReply, Net, SocketClosed, checked, is_on_this_computer, real_net


@pytest.fixture
async def real() -> AsyncIterator[Net]:
    made = real_net()
    yield made
    await made.http.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def test_forms_queries_and_json_arrive_and_headers_come_back_small(real: Net) -> None:
    async with HttpServer(json_answer({"ok": True}, X_Thing="Yes")) as server:
        form = await real.http.request("POST", f"{server.url}/token", form={"a": "1 2", "b": "ü&"})
        query = [("id", "1"), ("id", "2")]
        await real.http.request("GET", f"{server.url}/users", headers={"Authorization": "Bearer x"}, query=query)
        await real.http.request("POST", f"{server.url}/chat", body={"text": "ü"})
    assert (form.status, form.json(), form.headers["x-thing"]) == (200, {"ok": True}, "Yes")
    first, second, third = server.calls
    assert first.body == b"a=1+2&b=%C3%BC%26"
    assert (second.path, second.headers["authorization"]) == ("/users?id=1&id=2", "Bearer x")
    assert (third.json(), third.headers["content-type"]) == ({"text": "ü"}, "application/json")


async def test_an_answer_is_an_answer_whatever_its_status(real: Net) -> None:
    async with HttpServer(json_answer({}, 404), json_answer({}, 500), Answer((), 204)) as server:
        assert [(await real.http.request("GET", server.url)).status for _ in range(3)] == [404, 500, 204]


async def test_a_redirect_is_not_followed(real: Net) -> None:
    async with HttpServer(Answer((), 302, headers={"Location": "http://127.0.0.1:1/"})) as server:
        assert (await real.http.request("GET", server.url)).status == 302


async def test_nobody_there_is_said(real: Net) -> None:
    address = f"127.0.0.1:{free_port()}"
    with pytest.raises(TemporaryError) as caught:
        await real.http.request("GET", f"http://{address}/")
    assert caught.value.sentence == failures.REFUSED
    with pytest.raises(TemporaryError) as caught:
        await real.connect(f"ws://{address}/ws")
    assert caught.value.sentence == failures.REFUSED


async def test_a_line_that_breaks_is_temporary(real: Net) -> None:
    async with HttpServer(Answer(("{", Move.DROP))) as server:
        with pytest.raises(TemporaryError) as caught:
            await real.http.request("GET", server.url)
    assert caught.value.sentence == failures.BROKEN_OFF


async def test_an_answer_without_end_is_cut_off(real: Net) -> None:
    async with HttpServer(Answer([b"x" * 1_000_000] * (LARGEST_REPLY // 1_000_000 + 1))) as server:
        with pytest.raises(TemporaryError) as caught:
            await real.http.request("GET", server.url)
    assert caught.value.sentence == failures.MALFORMED


async def test_a_server_that_is_silent_is_not_waited_for_longer_than_agreed(real: Net, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "REQUEST_TIMEOUT_S", 0.05)
    async with HttpServer(Answer((Move.HANG,))) as server:
        with pytest.raises(TemporaryError) as caught:
            await real.http.request("GET", server.url)
    assert caught.value.sentence == failures.TOO_SLOW


@pytest.mark.parametrize("address", ["http://[::1", "nothing", "http://127.0.0.1:99999/", "http://127.0.0.1:0/", "gopher://127.0.0.1/"])
async def test_a_wrong_address_is_a_setting(real: Net, address: str) -> None:
    with pytest.raises(SetupError, match="address"):
        await real.http.request("GET", address)


@pytest.mark.parametrize("address", ["ws://[::1", "http://127.0.0.1/", "nothing", "ws://127.0.0.1:99999"])
async def test_a_wrong_address_of_a_socket_is_a_setting(real: Net, address: str) -> None:
    with pytest.raises(SetupError, match="address"):
        await real.connect(address)


async def test_a_proxy_that_cannot_be_used_is_a_setting(real: Net, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:1")
    monkeypatch.setenv("https_proxy", "socks5://127.0.0.1:1")
    for attempt in (real.http.request("GET", "https://id.twitch.tv/"), real.connect("wss://eventsub.wss.twitch.tv/ws")):
        with pytest.raises(SetupError, match="proxy"):
            await attempt


async def test_a_proxy_that_wants_a_password_is_named(real: Net, monkeypatch: pytest.MonkeyPatch) -> None:
    async with HttpServer(Answer((), 407)) as server:
        monkeypatch.setenv("https_proxy", server.url)
        for attempt in (real.http.request("GET", "https://id.twitch.tv/"), real.connect("wss://eventsub.wss.twitch.tv/ws")):
            with pytest.raises(TemporaryError) as caught:
                await attempt
            assert caught.value.sentence == failures.PROXY


async def test_no_proxy_stands_before_this_computer(real: Net, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_port()}")
    async with HttpServer(json_answer({})) as server, serve(echo, "127.0.0.1", 0) as sockets:
        assert (await real.http.request("GET", server.url)).status == 200
        opened = await real.connect(f"ws://127.0.0.1:{sockets.sockets[0].getsockname()[1]}/")
        assert await opened.receive() == "welcome"
        await opened.close()


async def echo(connection: ServerConnection) -> None:
    await connection.send("welcome")
    await connection.send(b"bytes")
    await connection.close(4003, "connection unused")


async def test_a_socket_hears_and_says_how_it_ended(real: Net) -> None:
    async with serve(echo, "127.0.0.1", 0) as server:
        opened = await real.connect(f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/ws")
        assert [await opened.receive(), await opened.receive()] == ["welcome", b"bytes"]
        with pytest.raises(SocketClosed) as caught:
            await opened.receive()
        assert (caught.value.code, caught.value.reason) == (4003, "connection unused")
        await opened.close()
        await opened.close()


async def test_a_frame_that_is_too_large_ends_the_line(real: Net) -> None:
    async def flood(connection: ServerConnection) -> None:
        await connection.send("x" * (LARGEST_FRAME + 1))
        await connection.wait_closed()

    async with serve(flood, "127.0.0.1", 0, compression=None) as server:
        opened = await real.connect(f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/ws")
        with pytest.raises(SocketClosed):
            await opened.receive()
        await opened.close()


async def test_a_line_that_is_cut_is_abnormal(real: Net) -> None:
    async def cut(connection: ServerConnection) -> None:
        connection.transport.abort()

    async with serve(cut, "127.0.0.1", 0) as server:
        opened = await real.connect(f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/ws")
        with pytest.raises(SocketClosed) as caught:
            await opened.receive()
        assert caught.value.code == ABNORMAL
        await opened.close()


async def test_cancelling_a_wait_loses_nothing(real: Net) -> None:
    go = asyncio.Event()

    async def later(connection: ServerConnection) -> None:
        await go.wait()
        await connection.send("after all")
        await connection.wait_closed()

    async with serve(later, "127.0.0.1", 0) as server:
        opened = await real.connect(f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/ws")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0):
                await opened.receive()
        go.set()
        assert await opened.receive() == "after all"
        await opened.close()


@pytest.mark.parametrize("status, piece", [(407, "proxy"), (503, "fault of its own"), (403, "refused")])
async def test_a_socket_that_is_refused_says_why(real: Net, status: int, piece: str) -> None:
    async with HttpServer(Answer((), status)) as server:
        with pytest.raises(TemporaryError, match=piece):
            await real.connect(server.url.replace("http", "ws"))


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"[" * 100_000])
def test_a_body_that_is_no_json_is_refused(body: bytes) -> None:
    with pytest.raises(InputError):
        HttpReply(200, body=body).json()


def test_a_page_is_known_by_its_kind_or_its_beginning() -> None:
    assert HttpReply(200, {"content-type": "text/html; charset=utf-8"}).is_page
    assert HttpReply(200, body=b"\n <!DOCTYPE html>").is_page
    assert not HttpReply(200, body=b"{}").is_page


@pytest.mark.parametrize("status, sentence", [(407, failures.PROXY), (302, failures.PAGE)])
def test_what_answers_in_place_of_twitch_is_named(status: int, sentence: str) -> None:
    with pytest.raises(TemporaryError) as caught:
        checked(HttpReply(status))
    assert caught.value.sentence == sentence


def test_a_page_of_twitchs_own_trouble_is_theirs() -> None:
    assert checked(HttpReply(502, {"content-type": "text/html"})).status == 502


@pytest.mark.parametrize(
    "url, is_here",
    [
        ("http://localhost:1/", True),
        ("ws://127.0.0.1/", True),
        ("ws://[::1]:5/", True),
        ("https://twitch.tv", False),
        ("http://[::1", False),
        ("", False),
    ],
)
def test_this_computer_is_known(url: str, is_here: bool) -> None:
    assert is_on_this_computer(url) is is_here
