"""The true lines, on this machine: a websocket, broadcasts, and strangers at the port."""

from __future__ import annotations

import asyncio
import functools
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from websockets.asyncio.server import ServerConnection, serve

from tests.fakes.vtube_studio import AKARI, Consent, FakeVTubeStudio
from tests.fakes.vtube_studio.server import serve as serve_fake
from tests.integrations.vtube_studio.room import Room
from voxelle.domain.errors import SetupError, TemporaryError
from voxelle.domain.events import HealthLevel
from voxelle.integrations.vtube_studio import net, service
from voxelle.integrations.vtube_studio.net import HERE, Net, SocketClosed, listen, open_socket, real_net
from voxelle.kernel.clock import Clock

Serving = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def free_port(kind: socket.SocketKind) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind((HERE, 0))
        port: int = probe.getsockname()[1]
        return port


@asynccontextmanager
async def tcp(serving: Serving) -> AsyncIterator[int]:
    async with await asyncio.start_server(serving, HERE, 0) as server:
        yield server.sockets[0].getsockname()[1]


async def test_it_joins_a_real_server_that_it_heard_of_by_udp(clock: Clock) -> None:
    fake = FakeVTubeStudio(clock)
    fake.sign_in.consent = Consent.ALLOWS
    udp_port = free_port(socket.SOCK_DGRAM)
    lines = Net(open_socket, functools.partial(listen, address=HERE))
    async with serve_fake(fake, udp_port=udp_port):
        async with Room(clock, net=lines, port=1, discovery_port=udp_port).open() as room:
            await room.until_ready(20)
            assert room.snapshot.model_id == AKARI
            assert room.snapshot.connected_to is not None
            assert room.snapshot.connected_to.port == fake.port
            await room.perform("tint", r=100, g=100, b=100)
            fake.drop_all()
            await room.until(lambda: room.service.session is None, 10)
            await room.until_ready(20)
            assert fake.stage.tints
        assert fake.violations == []


async def test_messages_go_both_ways_as_text_and_bytes_are_taken() -> None:
    async def echo(connection: ServerConnection) -> None:
        async for message in connection:
            assert isinstance(message, str)
            await connection.send(message)
            await connection.send(message.encode())

    async with serve(echo, HERE, 0) as server:
        line = await open_socket(f"ws://{HERE}:{server.sockets[0].getsockname()[1]}")
        await line.send("ä")
        assert [await line.receive(), await line.receive()] == ["ä", "ä"]
        await line.close()
        await line.close()
        with pytest.raises(SocketClosed):
            await line.receive()
        with pytest.raises(SocketClosed):
            await line.send("x")


async def test_a_message_beyond_the_bound_closes_the_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(net, "LARGEST_MESSAGE", 1000)

    async def flood(connection: ServerConnection) -> None:
        await connection.send("x" * 2000)
        await connection.wait_closed()

    async with serve(flood, HERE, 0) as server:
        line = await open_socket(f"ws://{HERE}:{server.sockets[0].getsockname()[1]}")
        with pytest.raises(SocketClosed) as raised:
            await line.receive()
        assert raised.value.code == 1009
        await line.close()


async def test_who_does_not_say_goodbye_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(net, "CLOSE_TIMEOUT_S", 0.05)
    gone = asyncio.Event()

    async def deaf(connection: ServerConnection) -> None:
        connection.transport.pause_reading()
        await gone.wait()
        connection.transport.abort()

    async with serve(deaf, HERE, 0) as server:
        line = await open_socket(f"ws://{HERE}:{server.sockets[0].getsockname()[1]}")
        await line.close()
        gone.set()


async def test_nobody_there_is_told() -> None:
    with pytest.raises(TemporaryError, match="Nothing is listening"):
        await open_socket(f"ws://{HERE}:{free_port(socket.SOCK_STREAM)}")


async def test_an_address_that_is_none_is_a_wrong_setting() -> None:
    with pytest.raises(SetupError, match="is no address"):
        await open_socket("ws://")


async def test_a_computer_that_is_not_found_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    async def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "not known")

    monkeypatch.setattr(asyncio.get_running_loop(), "create_connection", unknown)
    with pytest.raises(TemporaryError, match="computer studio-pc was not found"):
        await open_socket("ws://studio-pc:8001")


async def test_a_network_that_is_down_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    async def unreachable(*_: object, **__: object) -> None:
        raise OSError(101, "unreachable")

    monkeypatch.setattr(asyncio.get_running_loop(), "create_connection", unreachable)
    with pytest.raises(TemporaryError, match="can't be reached"):
        await open_socket(f"ws://{HERE}:8001")


async def http(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi")
    await writer.drain()
    writer.close()
    await writer.wait_closed()


async def noise(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"\x00\xff" * 500 + b"\r\n")
    await writer.drain()
    await reader.read(1000)
    writer.close()
    await writer.wait_closed()


async def hang_up(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.close()
    await writer.wait_closed()


@pytest.mark.parametrize("serving", [http, noise, hang_up])
async def test_something_else_at_the_port_is_told(serving: Serving) -> None:
    async with tcp(serving) as port:
        with pytest.raises(TemporaryError, match=r"is not VTube Studio|can't be reached"):
            await open_socket(f"ws://{HERE}:{port}")


async def test_a_door_that_opens_and_says_nothing_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(net, "CONNECT_TIMEOUT_S", 0.05)
    gone = asyncio.Event()

    async def mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await gone.wait()
        writer.close()
        await writer.wait_closed()

    async with tcp(mute) as port:
        with pytest.raises(TemporaryError, match=r"Nothing at .* answered within"):
            await open_socket(f"ws://{HERE}:{port}")
        gone.set()


async def obs(connection: ServerConnection) -> None:
    """Greet as the socket of OBS does, and hang up on strangers."""
    await connection.send(json.dumps({"op": 0, "d": {"obsWebSocketVersion": "5.5.0", "rpcVersion": 1}}))
    await connection.recv()
    await connection.close(4002, "no op")


async def babble(connection: ServerConnection) -> None:
    """Send what nobody can read."""
    for number in range(100):
        await connection.send(f"{number} garbage")
    await connection.wait_closed()


@pytest.mark.parametrize("stranger", [obs, babble])
async def test_a_stranger_with_a_websocket_is_told_and_left_for_the_true_one(
    clock: Clock, stranger: Callable[[ServerConnection], Awaitable[None]]
) -> None:
    fake = FakeVTubeStudio(clock)
    fake.sign_in.consent = Consent.ALLOWS
    async with serve(stranger, HERE, 0) as server, serve_fake(fake):
        port = server.sockets[0].getsockname()[1]
        async with Room(clock, net=real_net(), host=HERE, port=port, discovery_port=0).open() as room:
            await room.until(lambda: room.light[0] is HealthLevel.RETRYING, 10)
            assert room.light[1] == service.STRANGER.format(place=f"{HERE}:{port}")
            await room.perform("connect", host=HERE, port=fake.port)
            await room.until_ready(20)


async def test_broadcasts_are_heard_beside_another_listener() -> None:
    heard: list[tuple[bytes, str]] = []
    port = free_port(socket.SOCK_DGRAM)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind((HERE, port))
        ears = await listen(port, lambda payload, host: heard.append((payload, host)), address=HERE)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            while not heard:
                sender.sendto(b"hello", (HERE, port))
                sender.sendto(b"x" * 5000, (HERE, port))
                other.setblocking(False)
                await asyncio.sleep(0.01)
        ears.close()
        assert set(heard) == {(b"hello", HERE)}


async def test_a_port_that_somebody_holds_alone_is_told() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind((HERE, 0))
        with pytest.raises(TemporaryError, match="another program holds it"):
            await listen(other.getsockname()[1], lambda _payload, _host: None, address=HERE)


def test_what_comes_by_udp_is_handed_over_unless_it_is_too_long_and_trouble_is_only_noted() -> None:
    heard: list[bytes] = []
    datagrams = net._Datagrams(lambda payload, _host: heard.append(payload))
    datagrams.datagram_received(b"hello", (HERE, 1))
    datagrams.datagram_received(b"x" * 5000, (HERE, 1))
    datagrams.error_received(ConnectionResetError())
    assert heard == [b"hello"]


def test_this_computer_knows_its_own_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    def foreign(*_: object) -> None:
        raise OSError(99, "not ours")

    assert net._is_own(HERE)
    monkeypatch.setattr(socket.socket, "bind", foreign)
    assert not net._is_own("192.0.2.1")
