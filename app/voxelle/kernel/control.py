"""The door for `voxelle ctl`: one request and one answer a line, for this user alone."""

from __future__ import annotations

import asyncio
import hmac
import json
import os
import secrets
import socket
import stat
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import structlog

from voxelle.domain.errors import AuthError, InputError, SetupError, TemporaryError, VoxelleError
from voxelle.kernel.instance import InstanceLock
from voxelle.kernel.paths import make_private
from voxelle.kernel.tasks import TaskScope

__all__ = ["ControlServer", "InstanceLock", "Perform", "call"]

log = structlog.get_logger("app")
Perform = Callable[[str, dict[str, Any]], Awaitable[Any]]
"""Does what a verb says and returns what JSON can hold; raises VoxelleError children for the caller."""

_LONGEST_REQUEST = 64 * 1024
_LONGEST_ANSWER = 16 * 1024 * 1024
_MOST_CLIENTS = 32
_FRESH = "fresh"
"""Name of a door that is being made."""
_IDLE_S = 60.0
_SEND_S = 5.0
_HAS_UNIX_SOCKETS = sys.platform != "win32"
_KINDS = {each.__name__: each for each in (VoxelleError, TemporaryError, AuthError, SetupError, InputError)}


class ControlServer:
    """A service that listens on a unix socket only this user can open.

    Where there are none (Windows) it listens on a port of the loopback interface, and a file only this user
    can read holds the port and a random token that each request must carry. A client sends
    `{"verb": …, "arguments": {…}}` and gets `{"ok": …}` or `{"error": sentence, "kind": class}`.
    """

    name = "control"

    def __init__(self, path: Path, perform: Perform, *, has_unix_sockets: bool = _HAS_UNIX_SOCKETS) -> None:
        self._path = path
        self._perform = perform
        self._has_unix_sockets = has_unix_sockets
        self._token = ""
        self._clients = 0
        self.listening = asyncio.Event()
        """Set while commands are taken."""

    async def run(self) -> None:
        """Listen until cancelled. Raises SetupError when another instance listens here or the path can't be used.

        What a dead instance left at the path is replaced; the instance lock is what keeps a second one away.
        """
        make_private(self._path.parent)
        _require_own(self._path.parent)
        if await _is_answered(self._path):
            msg = "Another Voxelle is already running with these folders."
            raise SetupError(msg)
        async with TaskScope("control") as scope:
            server = await self._listen(scope)
            self.listening.set()
            try:
                await asyncio.get_running_loop().create_future()
            finally:
                self.listening.clear()
                server.close()
                self._path.unlink(missing_ok=True)

    async def _listen(self, scope: TaskScope) -> asyncio.Server:
        def on_client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            scope.start(self._welcome(reader, writer), name="client")

        try:
            if self._has_unix_sockets and sys.platform != "win32":
                server = await asyncio.start_unix_server(on_client, sock=_bind(self._path), limit=_LONGEST_REQUEST)
            else:
                server = await asyncio.start_server(on_client, sock=socket.create_server(("127.0.0.1", 0)), limit=_LONGEST_REQUEST)
                self._token = secrets.token_urlsafe(32)
                try:
                    _write_private(self._path, json.dumps({"port": server.sockets[0].getsockname()[1], "token": self._token}))
                except OSError:
                    server.close()
                    raise
        except OSError as error:
            msg = f"{self._path} can't be used for commands to the running Voxelle: check the permissions of its folder."
            raise SetupError(msg) from error
        return server

    async def _welcome(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one client and see it off, whatever happens."""
        self._clients += 1
        try:
            if self._clients > _MOST_CLIENTS:
                await _send(writer, _refusal(TemporaryError("Too many commands at once: try again.")))
            else:
                await self._serve(reader, writer)
        except (ConnectionError, TimeoutError):
            log.debug("control.client_lost")
        finally:
            self._clients -= 1
            await _close(writer)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one client's requests until it leaves. Raises TimeoutError when it is idle for long."""
        while True:
            try:
                async with asyncio.timeout(_IDLE_S):
                    line = await reader.readline()
            except ValueError:
                await _send(writer, _refusal(InputError("The command is too long.")))
                return
            if not line.endswith(b"\n"):
                return
            # What is sent when `perform` is cancelled or fails by a mistake of ours, which the scope logs.
            answer = _refusal(VoxelleError("Voxelle could not finish this command; the log has the details."))
            try:
                answer = await self._answer(line)
            finally:
                writer.write(answer)
            async with asyncio.timeout(_SEND_S):
                await writer.drain()

    async def _answer(self, line: bytes) -> bytes:
        try:
            verb, arguments = self._parse(line)
            return _encode({"ok": await self._perform(verb, arguments)})
        except VoxelleError as error:
            return _refusal(error)

    def _parse(self, line: bytes) -> tuple[str, dict[str, Any]]:
        try:
            request = json.loads(line)
        except (ValueError, RecursionError) as error:
            msg = "The command is not JSON."
            raise InputError(msg) from error
        verb, arguments = (request.get("verb"), request.get("arguments", {})) if isinstance(request, dict) else (None, None)
        if not isinstance(verb, str) or not isinstance(arguments, dict):
            msg = 'A command looks like {"verb": "mute", "arguments": {}}.'
            raise InputError(msg)
        if self._token and not hmac.compare_digest(str(request.get("token", "")).encode(errors="replace"), self._token.encode()):
            msg = "This command does not come from this computer's user."
            raise AuthError(msg)
        return verb, arguments


async def call(path: Path, verb: str, arguments: dict[str, Any], timeout_s: float = 10.0) -> Any:
    """Have the running instance do something and return what it answers.

    Raises SetupError when none is running, TemporaryError when it does not answer, and what the instance
    raised, as the same class with the same sentence.
    """
    try:
        async with asyncio.timeout(timeout_s):
            answer = await _ask(path, {"verb": verb, "arguments": arguments})
    except TimeoutError as error:
        msg = f"Voxelle did not answer within {timeout_s:g} seconds."
        raise TemporaryError(msg) from error
    except (FileNotFoundError, NotADirectoryError, ConnectionRefusedError) as error:
        msg = "Voxelle is not running. Start it, then try again."
        raise SetupError(msg) from error
    except PermissionError as error:
        msg = "The running Voxelle belongs to another user."
        raise SetupError(msg) from error
    except (OSError, ValueError, KeyError) as error:
        msg = "Voxelle closed the line without an answer. Try again."
        raise TemporaryError(msg) from error
    if "ok" in answer:
        return answer["ok"]
    raise _KINDS.get(str(answer.get("kind")), VoxelleError)(str(answer.get("error", "Voxelle gave no reason.")))


async def _ask(path: Path, request: dict[str, Any]) -> dict[str, Any]:
    """Send one request; what kind of door it is shows in the kind of file."""
    door = _read_door(path)
    if sys.platform != "win32" and door is None:
        reader, writer = await asyncio.open_unix_connection(path, limit=_LONGEST_ANSWER)
    else:
        port, request["token"] = door or (0, "")
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=_LONGEST_ANSWER)
    try:
        writer.write(_encode(request))
        await writer.drain()
        answer = json.loads(await reader.readline())
    finally:
        await _close(writer)
    if not isinstance(answer, dict):
        msg = "not an answer"
        raise ValueError(msg)  # noqa: TRY004 -- like any other text that is no answer
    return answer


def _read_door(path: Path) -> tuple[int, str] | None:
    """Return port and token, or None for a unix socket. Raises OSError when there is neither, ValueError for anything else."""
    if stat.S_ISSOCK(path.stat().st_mode):
        return None
    door = json.loads(path.read_bytes())
    if not isinstance(door, dict):
        msg = "not a door"
        raise ValueError(msg)  # noqa: TRY004 -- like any other text that is no door
    return int(door["port"]), str(door["token"])


async def _is_answered(path: Path) -> bool:
    """Whether somebody listens on the socket.

    A port says nothing, for another program may have it by now: there the instance lock alone decides.
    """
    if sys.platform == "win32":  # pragma: no cover -- tested by the `port` variants on Windows alone
        return False
    try:
        _, writer = await asyncio.open_unix_connection(path)
    except OSError:
        return False
    await _close(writer)
    return True


async def _send(writer: asyncio.StreamWriter, line: bytes) -> None:
    writer.write(line)
    async with asyncio.timeout(_SEND_S):
        await writer.drain()


async def _close(writer: asyncio.StreamWriter) -> None:
    """Close a line: what is written goes out, unless the other side does not read."""
    writer.close()
    try:
        async with asyncio.timeout(_SEND_S):
            await writer.wait_closed()
    except OSError:
        log.debug("control.line_broken")
    finally:
        writer.transport.abort()


def _encode(message: dict[str, Any]) -> bytes:
    return json.dumps(message).encode() + b"\n"


def _refusal(error: VoxelleError) -> bytes:
    kind = next(each.__name__ for each in type(error).__mro__ if each.__name__ in _KINDS)
    return _encode({"error": error.sentence, "kind": kind})


def _write_private(path: Path, text: str) -> None:
    """Put a file in place that only this user can read, whole from its first moment."""
    fresh = path.with_name(_FRESH)
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    fresh.replace(path)


if sys.platform != "win32":

    def _bind(path: Path) -> socket.socket:
        """Listen on a unix socket that, when its name appears, only this user can open."""
        fresh = path.with_name(_FRESH)
        fresh.unlink(missing_ok=True)
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            listener.bind(str(fresh))
            fresh.chmod(0o600)
            listener.listen()
            fresh.replace(path)
        except OSError:
            listener.close()
            fresh.unlink(missing_ok=True)
            raise
        return listener


def _require_own(folder: Path) -> None:
    """Refuse a folder that somebody else made for us, as can happen in a shared temp folder."""
    if sys.platform != "win32" and folder.lstat().st_uid != os.getuid():
        msg = f"{folder} belongs to another user: remove it, or set VOXELLE_RUNTIME_DIR to a folder of your own."
        raise SetupError(msg)
