"""The real network: httpx for requests, websockets for the event socket."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import msgspec

from voxelle.domain.errors import SetupError, TemporaryError
from voxelle.integrations.twitch import failures
from voxelle.integrations.twitch.limits import CONNECT_TIMEOUT_S, LARGEST_FRAME, LARGEST_REPLY, REQUEST_TIMEOUT_S
from voxelle.integrations.twitch.net import (
    ABNORMAL,
    NOTHING,
    OWN_FAULT,
    PROXY_REFUSES,
    HttpReply,
    Socket,
    SocketClosed,
    is_on_this_computer,
)


class RealHttp:
    """httpx with the system's certificates and proxies; none of the latter on the way to this computer itself."""

    def __init__(self) -> None:
        self._clients: dict[bool, Any] = {}
        self._opening = asyncio.Lock()

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
        """Send one request and read a bounded answer."""
        _check_address(url)
        client = await self._client(is_local=is_on_this_computer(url))
        import httpx2

        content = None if body is None else msgspec.json.encode(body)
        kind = {} if body is None else {"Content-Type": "application/json"}
        try:
            async with (
                asyncio.timeout(REQUEST_TIMEOUT_S),
                client.stream(method, url, headers={**headers, **kind}, params=list(query) or None, data=form, content=content) as response,
            ):
                return HttpReply(response.status_code, _lower(response.headers), await _read(response))
        except (httpx2.InvalidURL, httpx2.UnsupportedProtocol, ValueError) as error:
            raise _wrong_address() from error
        except httpx2.ConnectError as error:
            raise failures.network_error(error, failures.OFFLINE) from error
        except (httpx2.HTTPError, httpx2.StreamError, OSError) as error:
            raise failures.network_error(error) from error

    async def close(self) -> None:
        """Close all connections."""
        clients, self._clients = self._clients, {}
        for client in clients.values():
            await client.aclose()

    async def _client(self, *, is_local: bool) -> Any:
        async with self._opening:
            if is_local not in self._clients:
                self._clients[is_local] = await asyncio.to_thread(_make_client, is_local=is_local)
            return self._clients[is_local]


def _make_client(*, is_local: bool) -> Any:
    """Make a client; the import and the certificates are slow, so call it in a thread."""
    import httpx2

    try:
        return httpx2.AsyncClient(timeout=httpx2.Timeout(REQUEST_TIMEOUT_S, connect=CONNECT_TIMEOUT_S), trust_env=not is_local)
    except (ImportError, ValueError) as error:
        raise _unusable_proxy() from error


async def _read(response: Any) -> bytes:
    pieces, size = [], 0
    async for piece in response.aiter_bytes():
        size += len(piece)
        if size > LARGEST_REPLY:
            raise TemporaryError(failures.MALFORMED)
        pieces.append(piece)
    return b"".join(pieces)


def _lower(headers: Any) -> dict[str, str]:
    return {str(name).lower(): str(value) for name, value in headers.items()}


class RealSocket:
    """A web socket of the network."""

    def __init__(self, connection: Any) -> None:
        from websockets.exceptions import ConnectionClosed

        self._connection = connection
        self._closed = ConnectionClosed

    async def receive(self) -> str | bytes:
        """Return the next message, SocketClosed at the end."""
        try:
            message: str | bytes = await self._connection.recv()
        except self._closed as error:
            code, reason = (error.rcvd.code, error.rcvd.reason) if error.rcvd else (ABNORMAL, "")
            raise SocketClosed(code, reason) from error
        return message

    async def close(self) -> None:
        """Close it."""
        await self._connection.close()


async def connect(url: str) -> Socket:
    """Open a socket. It answers pings and sends nothing else: Twitch closes a line on which a client speaks (4001)."""
    from websockets.asyncio.client import connect as dial
    from websockets.exceptions import InvalidProxy, InvalidProxyMessage, InvalidProxyStatus, InvalidStatus, InvalidURI, WebSocketException

    _check_address(url)
    is_local = is_on_this_computer(url)
    secure = {"ssl": await asyncio.to_thread(_certificates)} if url.lower().startswith("wss:") else {}
    try:
        return RealSocket(
            await dial(
                url,
                proxy=None if is_local else True,
                open_timeout=CONNECT_TIMEOUT_S,
                close_timeout=2,
                ping_interval=None,
                compression=None,
                max_size=LARGEST_FRAME,
                max_queue=256,
                **secure,
            )
        )
    except ssl.SSLError as error:
        # Before the next: an error about a certificate is a ValueError as well.
        raise failures.network_error(error) from error
    except (InvalidURI, ValueError) as error:
        raise _wrong_address() from error
    except (InvalidProxy, ImportError) as error:
        raise _unusable_proxy() from error
    except (InvalidProxyMessage, InvalidProxyStatus) as error:
        raise TemporaryError(failures.PROXY) from error
    except InvalidStatus as error:
        raise _refused_socket(error.response.status_code) from error
    except (WebSocketException, OSError) as error:
        raise failures.network_error(error) from error


def _certificates() -> Any:
    """Those of the system, as for requests."""
    import httpx2

    return httpx2.create_ssl_context()


def _refused_socket(status: int) -> TemporaryError:
    if status == PROXY_REFUSES:
        return TemporaryError(failures.PROXY)
    if status >= OWN_FAULT:
        return TemporaryError(f"The event line of Twitch has a fault of its own ({status}). She tries again by herself.")
    return TemporaryError(f"The event line was refused ({status}): is a proxy in the way, or another address set?")


def _check_address(url: str) -> None:
    try:
        is_good = bool(urlsplit(url).hostname) and urlsplit(url).port != 0
    except ValueError as error:
        raise _wrong_address() from error
    if not is_good:
        raise _wrong_address()


def _wrong_address() -> SetupError:
    return SetupError("An address in the settings of Twitch is not valid: correct it, or put the default back.")


def _unusable_proxy() -> SetupError:
    return SetupError("The proxy of this system can't be used: choose an HTTP proxy in the settings of the system, or none.")
