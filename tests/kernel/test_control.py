"""The door for `voxelle ctl`."""

from __future__ import annotations

import asyncio
import json
import os
import stat
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from voxelle.domain.errors import AuthError, InputError, SetupError, TemporaryError, VoxelleError
from voxelle.kernel import control
from voxelle.kernel.control import ControlServer, call
from voxelle.kernel.paths import Paths
from voxelle.kernel.tasks import TaskScope

# Time jumps, so a client that is sent away after a minute costs none; the sockets are real.
pytestmark = pytest.mark.virtual_time
_KINDS = [
    pytest.param(True, id="socket", marks=pytest.mark.skipif(sys.platform == "win32", reason="has no unix sockets")),
    pytest.param(False, id="port"),
]


class _BusyError(TemporaryError):
    """A child that the other side does not know."""


async def _perform(verb: str, arguments: dict[str, Any]) -> Any:
    match verb:
        case "add":
            return arguments["a"] + arguments["b"]
        case "nothing":
            return None
        case "refuse":
            kinds: dict[str, VoxelleError] = {
                "AuthError": AuthError("Sign in again."),
                "SetupError": SetupError("Choose a device."),
                "InputError": InputError("That is no number."),
                "TemporaryError": _BusyError("Wait a little."),
                "VoxelleError": VoxelleError("That went wrong."),
            }
            raise kinds[arguments["kind"]]
        case "break":
            raise ZeroDivisionError
        case "odd":
            return object()
        case "large":
            return "x" * arguments["size"]
        case "wait":
            await asyncio.Event().wait()
    return verb


@pytest.fixture(params=_KINDS)
def has_unix_sockets(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture
def path(paths: Paths) -> Iterator[Path]:
    yield paths.control_socket
    assert not paths.control_socket.exists()


@asynccontextmanager
async def _running(path: Path, *, has_unix_sockets: bool) -> AsyncIterator[TaskScope]:
    """Run a server; the scope it gives belongs to the test."""
    server = ControlServer(path, _perform, has_unix_sockets=has_unix_sockets)
    async with TaskScope("server") as scope:
        scope.start(server.run(), name="control")
        await server.listening.wait()
        async with TaskScope("test") as inner:
            yield inner


def _door(path: Path) -> dict[str, Any] | None:
    """Read the port and token, None for a socket."""
    return None if stat.S_ISSOCK(path.stat().st_mode) else json.loads(path.read_text())


async def _connect(path: Path) -> tuple[asyncio.StreamReader, asyncio.StreamWriter, dict[str, str]]:
    """Open a line as a client that does not follow the rules would."""
    door = _door(path)
    if door is None:
        return *await asyncio.open_unix_connection(path), {}
    return *await asyncio.open_connection("127.0.0.1", door["port"]), {"token": door["token"]}


async def _close(writer: asyncio.StreamWriter) -> None:
    writer.close()
    await writer.wait_closed()


async def test_a_command_is_done_and_answered(path: Path, has_unix_sockets: bool) -> None:
    async with _running(path, has_unix_sockets=has_unix_sockets):
        assert await call(path, "add", {"a": 2, "b": 3}, 5) == 5
        assert await call(path, "nothing", {}) is None
        assert await call(path, "größe 🎤", {}) == "größe 🎤"
        assert len(await call(path, "large", {"size": 1_000_000})) == 1_000_000


@pytest.mark.parametrize("kind", [AuthError, SetupError, InputError, TemporaryError, VoxelleError])
async def test_a_refusal_arrives_as_the_same_class_with_the_same_sentence(
    path: Path, has_unix_sockets: bool, kind: type[VoxelleError]
) -> None:
    async with _running(path, has_unix_sockets=has_unix_sockets):
        with pytest.raises(VoxelleError) as caught:
            await call(path, "refuse", {"kind": kind.__name__})
    assert type(caught.value) is kind
    assert caught.value.sentence.endswith(".")


@pytest.mark.parametrize("verb", ["break", "odd"])
async def test_a_mistake_of_ours_is_logged_and_the_caller_told(path: Path, has_unix_sockets: bool, verb: str) -> None:
    async with _running(path, has_unix_sockets=has_unix_sockets):
        with capture_logs() as logs:
            with pytest.raises(VoxelleError, match="the log has the details"):
                await call(path, verb, {})
            await asyncio.sleep(1)
        assert "errand.failed" in [line["event"] for line in logs]
        assert await call(path, "nothing", {}) is None


@pytest.mark.parametrize(
    "line, sentence",
    [
        (b"hello\n", "not JSON"),
        (b"\xff\xfe\x00\n", "not JSON"),
        (b"[" * 50_000 + b"\n", "not JSON"),
        (b"[]\n", "looks like"),
        (b"{}\n", "looks like"),
        (b'{"verb": 1}\n', "looks like"),
        (b'{"verb": "add", "arguments": []}\n', "looks like"),
        (b"x" * 70_000 + b"\n", "too long"),
    ],
)
async def test_what_is_no_command_is_refused_with_a_sentence(path: Path, has_unix_sockets: bool, line: bytes, sentence: str) -> None:
    async with _running(path, has_unix_sockets=has_unix_sockets):
        reader, writer, _ = await _connect(path)
        writer.write(line)
        answer = json.loads(await reader.readline())
        assert answer["kind"] == "InputError"
        assert sentence in answer["error"]
        await _close(writer)


async def test_one_line_carries_several_commands(path: Path, has_unix_sockets: bool) -> None:
    async with _running(path, has_unix_sockets=has_unix_sockets):
        reader, writer, extra = await _connect(path)
        for verb in ("one", "two"):
            writer.write(json.dumps({"verb": verb, **extra}).encode() + b"\n")
            assert json.loads(await reader.readline()) == {"ok": verb}
        writer.write(b"half a comm")
        writer.write_eof()
        assert await reader.read() == b""
        await _close(writer)


async def test_a_client_that_leaves_before_its_answer_harms_nobody(path: Path, has_unix_sockets: bool) -> None:
    async with _running(path, has_unix_sockets=has_unix_sockets):
        for _ in range(5):
            _, writer, extra = await _connect(path)
            writer.write(json.dumps({"verb": "large", "arguments": {"size": 5_000_000}, **extra}).encode() + b"\n")
            await writer.drain()
            writer.transport.abort()
            await asyncio.sleep(0)
        assert await call(path, "nothing", {}) is None


async def test_a_client_that_does_not_read_is_sent_away(path: Path, has_unix_sockets: bool) -> None:
    async with _running(path, has_unix_sockets=has_unix_sockets):
        reader, writer, extra = await _connect(path)
        writer.transport.pause_reading()  # type: ignore[attr-defined] # every socket's transport has it
        writer.write(json.dumps({"verb": "large", "arguments": {"size": 20_000_000}, **extra}).encode() + b"\n")
        with capture_logs() as logs:
            await asyncio.sleep(60)
        assert [line["event"] for line in logs] == ["control.client_lost", "control.line_broken"]
        writer.transport.resume_reading()  # type: ignore[attr-defined] # as above
        assert not (await reader.read()).endswith(b"\n")
        await _close(writer)
        assert await call(path, "nothing", {}) is None


async def test_a_client_that_says_nothing_for_long_is_sent_away(path: Path, has_unix_sockets: bool) -> None:
    async with _running(path, has_unix_sockets=has_unix_sockets):
        reader, writer, _ = await _connect(path)
        assert await reader.read() == b""
        await _close(writer)


async def test_too_many_clients_at_once_are_told_to_wait(path: Path, has_unix_sockets: bool) -> None:
    async with _running(path, has_unix_sockets=has_unix_sockets):
        lines = [await _connect(path) for _ in range(32)]
        with pytest.raises(TemporaryError, match="Too many commands"):
            await call(path, "nothing", {})
        for _, writer, _ in lines:
            await _close(writer)
        await asyncio.sleep(1)
        assert await call(path, "nothing", {}) is None


async def test_closing_answers_commands_under_way_and_leaves_no_client(path: Path, has_unix_sockets: bool) -> None:
    async with TaskScope("callers") as callers:
        async with _running(path, has_unix_sockets=has_unix_sockets):
            waiting = callers.start(call(path, "wait", {}), name="call")
            _, idle, _ = await _connect(path)
            await asyncio.sleep(1)
        with pytest.raises(VoxelleError, match="could not finish"):
            await waiting
        idle.transport.abort()


async def test_a_stranger_on_the_port_is_refused(path: Path) -> None:
    async with _running(path, has_unix_sockets=False):
        door = _door(path)
        assert door is not None
        for token in ("", "guess", "\ud800", None, 5):
            reader, writer = await asyncio.open_connection("127.0.0.1", door["port"])
            writer.write(json.dumps({"verb": "nothing", "token": token}).encode() + b"\n")
            assert json.loads(await reader.readline())["kind"] == "AuthError"
            await _close(writer)


def _modes(path: Path) -> list[int]:
    return [stat.S_IMODE(each.stat().st_mode) for each in (path, path.parent)]


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of POSIX")
async def test_only_this_user_can_open_the_door(path: Path, has_unix_sockets: bool) -> None:
    async with _running(path, has_unix_sockets=has_unix_sockets):
        assert _modes(path) == [0o600, 0o700]


@pytest.mark.skipif(sys.platform == "win32", reason="owners of POSIX")
async def test_a_folder_of_somebody_else_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getuid", lambda: 12345)
    with pytest.raises(SetupError, match="belongs to another user"):
        await ControlServer(path, _perform).run()


@pytest.mark.skipif(sys.platform == "win32", reason="has no unix sockets")
async def test_a_second_server_is_refused_and_the_first_goes_on(path: Path) -> None:
    async with _running(path, has_unix_sockets=True):
        with pytest.raises(SetupError, match="already running"):
            await ControlServer(path, _perform).run()
        assert await call(path, "nothing", {}) is None


async def test_what_a_dead_instance_left_is_replaced(path: Path, has_unix_sockets: bool) -> None:
    left = path.with_name("left")
    async with _running(path, has_unix_sockets=has_unix_sockets):
        os.link(path, left)
    os.rename(left, path)  # noqa: PTH104 -- pathlib's is refused in a coroutine
    with pytest.raises(SetupError, match="not running"):
        await call(path, "nothing", {})
    async with _running(path, has_unix_sockets=has_unix_sockets):
        assert await call(path, "nothing", {}) is None


@pytest.fixture
def folder_in_the_way(path: Path) -> Iterator[None]:
    path.mkdir()
    yield
    assert [each.name for each in path.parent.iterdir() if each.name != "fresh"] == [path.name]
    path.rmdir()


@pytest.mark.usefixtures("folder_in_the_way")
async def test_a_door_that_can_not_be_made_is_said(path: Path, has_unix_sockets: bool) -> None:
    with pytest.raises(SetupError, match="can't be used for commands"):
        await ControlServer(path, _perform, has_unix_sockets=has_unix_sockets).run()


async def test_a_port_whose_file_can_not_be_written_is_closed_again(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(control, "_write_private", refuse)
    with pytest.raises(SetupError, match="can't be used for commands"):
        await ControlServer(path, _perform, has_unix_sockets=False).run()


async def test_without_a_running_instance_the_caller_is_told_so(path: Path) -> None:
    with pytest.raises(SetupError, match="not running"):
        await call(path, "nothing", {})
    with pytest.raises(SetupError, match="not running"):
        await call(Path(__file__) / "below", "nothing", {})


@pytest.fixture
def broken_door(path: Path, request: pytest.FixtureRequest) -> Iterator[None]:
    path.write_text(request.param)
    yield
    path.unlink()


@pytest.mark.usefixtures("broken_door")
@pytest.mark.parametrize("broken_door", ["", "{}", "[]", '{"port": "x", "token": ""}'], indirect=True)
async def test_a_broken_file_in_place_of_the_door_is_said(path: Path) -> None:
    with pytest.raises(TemporaryError, match="without an answer"):
        await call(path, "nothing", {})


async def test_a_door_of_another_user_is_said(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: Path) -> None:
        raise PermissionError

    monkeypatch.setattr(control, "_read_door", refuse)
    with pytest.raises(SetupError, match="another user"):
        await call(path, "nothing", {})


async def test_an_instance_that_does_not_answer_in_time_is_said(path: Path, has_unix_sockets: bool) -> None:
    async with _running(path, has_unix_sockets=has_unix_sockets):
        with pytest.raises(TemporaryError, match=r"did not answer within 2\.5 seconds"):
            await call(path, "wait", {}, 2.5)


@pytest.mark.parametrize(
    "answer, kind", [(b"", TemporaryError), (b"[]\n", TemporaryError), (b"{}\n", VoxelleError), (b'{"kind": 5}\n', VoxelleError)]
)
async def test_an_answer_that_is_none_is_said(path: Path, answer: bytes, kind: type[VoxelleError]) -> None:
    async with TaskScope("impostor") as scope:

        async def reply(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readline()
            writer.write(answer)
            await _close(writer)

        def on_client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            scope.start(reply(reader, writer), name="reply")

        server = await asyncio.start_server(on_client, "127.0.0.1", 0)
        control._write_private(path, json.dumps({"port": server.sockets[0].getsockname()[1], "token": "t"}))
        with pytest.raises(VoxelleError) as caught:
            await call(path, "nothing", {})
        assert type(caught.value) is kind
        server.close()
        await server.wait_closed()
        os.unlink(path)  # noqa: PTH108 -- pathlib's is refused in a coroutine
