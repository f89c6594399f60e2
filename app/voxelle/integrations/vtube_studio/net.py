"""The two lines to VTube Studio: its socket, and the broadcasts by which it is found."""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, Protocol

import structlog
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidURI

from voxelle.domain.errors import SetupError, TemporaryError

log = structlog.get_logger("app")

CONNECT_TIMEOUT_S: Final = 10.0
CLOSE_TIMEOUT_S: Final = 1.0
LARGEST_MESSAGE: Final = 4 * 1024 * 1024
"""Bytes. The longest true replies are lists of items and parameters, far below."""
LARGEST_BROADCAST: Final = 4096
TOO_BIG: Final = 1009
"""Close code of RFC 6455 §7.4.1 for a message beyond the bound."""
HERE: Final = "127.0.0.1"


class SocketClosed(Exception):  # noqa: N818 -- what happened, not a mistake
    """The line is gone. `code` and `reason` as in RFC 6455; 1006 where nothing was said."""

    def __init__(self, code: int = 1006, reason: str = "") -> None:
        super().__init__(f"{code} {reason}".strip())
        self.code = code
        self.reason = reason


class Socket(Protocol):
    """One open line of text messages."""

    async def send(self, text: str) -> None:
        """Send a message. Raises SocketClosed."""
        ...

    async def receive(self) -> str:
        """Wait for the next message. Raises SocketClosed."""
        ...

    async def close(self) -> None:
        """Close the line, within a second; one that is closed already is no error."""
        ...


class Ears(Protocol):
    """An open listener for broadcasts."""

    def close(self) -> None:
        """Stop listening, at once."""
        ...


Connect = Callable[[str], Awaitable[Socket]]
"""Open a line to an address like `ws://127.0.0.1:8001`. Raises TemporaryError or SetupError with a sentence."""
OnBroadcast = Callable[[bytes, str], None]
"""Told of every datagram, with the host that sent it: `127.0.0.1` for this computer, by whichever way it came."""
Listen = Callable[[int, OnBroadcast], Awaitable[Ears]]
"""Listen on a UDP port. Raises TemporaryError with a sentence."""


@dataclass(frozen=True, slots=True)
class Net:
    """How the outside is reached; tests put their own here."""

    connect: Connect
    listen: Listen


def real_net() -> Net:
    """Return the true network."""
    return Net(open_socket, listen)


class _WebSocket:
    """A line of the websockets library."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection

    async def send(self, text: str) -> None:
        """Send a text frame."""
        try:
            await self._connection.send(text)
        except ConnectionClosed as error:
            raise _closed(error) from error

    async def receive(self) -> str:
        """Return the next frame; bytes are taken for UTF-8, as VTube Studio does itself."""
        try:
            message = await self._connection.recv()
        except ConnectionClosed as error:
            raise _closed(error) from error
        return message if isinstance(message, str) else message.decode("utf-8", "replace")

    async def close(self) -> None:
        """Say goodbye; who does not answer is cut off."""
        try:
            async with asyncio.timeout(CLOSE_TIMEOUT_S):
                await self._connection.close()
        except TimeoutError:
            log.info("vtube_studio.cut_off")
        finally:
            self._connection.transport.abort()


def _closed(error: ConnectionClosed) -> SocketClosed:
    frame = error.rcvd or error.sent
    return SocketClosed() if frame is None else SocketClosed(frame.code, frame.reason)


async def open_socket(url: str) -> Socket:
    """Open a websocket. TemporaryError: nobody answers, or not yet. SetupError: something else lives there."""
    place = url.removeprefix("ws://")
    try:
        async with asyncio.timeout(CONNECT_TIMEOUT_S):
            connection = await connect(
                url,
                proxy=None,  # it lives on this computer or beside it
                compression=None,
                open_timeout=None,
                ping_interval=None,  # its own events are the heartbeat
                close_timeout=CLOSE_TIMEOUT_S,
                max_size=LARGEST_MESSAGE,
            )
    except TimeoutError as error:
        msg = f"Nothing at {place} answered within {CONNECT_TIMEOUT_S:g} seconds: does VTube Studio run there, and is no firewall between?"
        raise TemporaryError(msg) from error
    except InvalidURI as error:
        msg = f"“{place}” is no address: correct computer and port of VTube Studio."
        raise SetupError(msg) from error
    except (InvalidHandshake, EOFError, ValueError) as error:
        msg = f"Something answers at {place}, but it is not VTube Studio: look its port up in VTube Studio's settings, and set it here."
        raise TemporaryError(msg, retry_after_s=10.0) from error
    except OSError as error:
        raise TemporaryError(_unreachable(place, error)) from error
    return _WebSocket(connection)


def _unreachable(place: str, error: OSError) -> str:
    if isinstance(error, socket.gaierror):
        return f"The computer {place.rpartition(':')[0]} was not found: check its name, or use its address."
    if isinstance(error, ConnectionRefusedError):
        return f"Nothing is listening at {place}: start VTube Studio, and switch on “Start API (allow plugins)” in its settings."
    return f"{place} can't be reached: check the network, and the computer's name and port."


class _Datagrams(asyncio.DatagramProtocol):
    """Hands over what comes."""

    def __init__(self, on_broadcast: OnBroadcast) -> None:
        self._on_broadcast = on_broadcast

    def datagram_received(self, data: bytes, address: tuple[str, int]) -> None:
        """Pass it on, unless nothing of ours can be so long."""
        if len(data) <= LARGEST_BROADCAST:
            self._on_broadcast(data, HERE if _is_own(address[0]) else address[0])

    def error_received(self, error: Exception) -> None:
        """Note what the system says of a line that others use as well."""
        log.info("vtube_studio.broadcast_error", kind=type(error).__name__)


async def listen(port: int, on_broadcast: OnBroadcast, *, address: str = "") -> Ears:
    """Listen beside whoever else does. `address` is for tests; broadcasts reach only a socket bound to all."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        listener.setblocking(False)  # noqa: FBT003 -- the signature is the system's
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if hasattr(socket, "SO_REUSEPORT"):
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        listener.bind((address, port))
        transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(lambda: _Datagrams(on_broadcast), sock=listener)
    except OSError as error:
        listener.close()
        what = "another program holds it" if error.errno == errno.EADDRINUSE else "the system refused it"
        msg = f"VTube Studio can't be searched for on port {port}, for {what}: set computer and port by hand."
        raise TemporaryError(msg) from error
    except BaseException:
        listener.close()
        raise
    return transport


def _is_own(host: str) -> bool:
    """Tell whether an address is one of this computer: only those can be bound."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((host, 0))
        except OSError:
            return False
    return True
