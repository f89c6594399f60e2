"""The way to the outside: HTTP requests and the event socket, both exchangeable for a test."""

from __future__ import annotations

import ipaddress
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

import msgspec

from voxelle.domain.errors import InputError, TemporaryError
from voxelle.integrations.twitch import failures

NOTHING: Final[Mapping[str, str]] = MappingProxyType({})
ABNORMAL: Final = 1006
"""The line ended without a closing handshake (RFC 6455 §7.1.5)."""
PROXY_REFUSES: Final = 407
_FIRST_REDIRECT: Final = 300
_FIRST_ERROR: Final = 400
OWN_FAULT: Final = 500


@dataclass(frozen=True, slots=True)
class HttpReply:
    """An answer, whatever its status. Header names are in small letters."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def json(self) -> Any:
        """Return the body as JSON. InputError when it is none."""
        try:
            return msgspec.json.decode(self.body)
        except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
            raise InputError(failures.MALFORMED) from error

    @property
    def is_page(self) -> bool:
        """Whether a web page came where data was asked for."""
        kind = self.headers.get("content-type", "").lower()
        return "text/html" in kind or self.body[:64].lstrip().lower().startswith((b"<!doctype", b"<html"))


class Http(Protocol):
    """Sends requests. Whatever happens on the way is a TemporaryError with a sentence; every answer is a reply."""

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] = NOTHING,
        query: Sequence[tuple[str, str]] = (),
        form: Mapping[str, str] | None = None,
        body: Any = None,
    ) -> HttpReply:
        """Send one request: `form` is sent as a form, `body` as JSON."""
        ...

    async def close(self) -> None:
        """Close all connections."""
        ...


class SocketClosed(TemporaryError):  # noqa: N818 -- how a line ends, not a mistake
    """The other side closed the socket, or the line was lost (then the code is 1006)."""

    def __init__(self, code: int, reason: str = "") -> None:
        super().__init__(failures.BROKEN_OFF)
        self.code = code
        self.reason = reason


class Socket(Protocol):
    """A web socket that is open and only listens."""

    async def receive(self) -> str | bytes:
        """Return the next message. Raises SocketClosed once there are no more. Cancelling loses nothing."""
        ...

    async def close(self) -> None:
        """Close it; closing twice changes nothing."""
        ...


@dataclass(frozen=True, slots=True)
class Net:
    """Everything that reaches outside. `connect` opens a socket at an address, or raises TemporaryError."""

    http: Http
    connect: Callable[[str], Awaitable[Socket]]


def real_net() -> Net:
    """Give the real network. Opens nothing yet."""
    from voxelle.integrations.twitch.network import RealHttp, connect

    return Net(RealHttp(), connect)


def checked(reply: HttpReply) -> HttpReply:
    """Give the reply back if it comes from Twitch. TemporaryError: something on the way answered in its place."""
    if reply.status == PROXY_REFUSES:
        raise TemporaryError(failures.PROXY)
    is_away = _FIRST_REDIRECT <= reply.status < _FIRST_ERROR
    if is_away or (reply.is_page and reply.status < OWN_FAULT):
        raise TemporaryError(failures.PAGE)
    return reply


def is_on_this_computer(url: str) -> bool:
    """Whether an address is this computer's own, where no proxy may stand in between."""
    try:
        host = urlsplit(url).hostname or ""
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
