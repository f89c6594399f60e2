"""One client of an official SDK: made off the loop, renewed when address or key change, its errors as sentences."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

import structlog

from voxelle.domain.errors import AuthError, VoxelleError
from voxelle.kernel.clock import Clock
from voxelle.providers.remote import KeyGetter, RemoteServer, broken_off, retry_after_s, status_error, unreachable

log = structlog.get_logger("engine")

KEY_AGE_S: Final = 60.0
"""A key is read from the keyring at most this often: reading costs a good part of a first token."""
CONNECT_TIMEOUT_S: Final = 5.0
READ_TIMEOUT_S: Final = 60.0

Build = Callable[[Any, RemoteServer, str, Any], Any]
"""Makes the client from: the SDK's module, the server, the key and the HTTP client to use."""


@dataclass(slots=True)
class _Lease:
    """A client and how many streams use it: one that is replaced lives until the last of them has ended."""

    client: Any
    server: RemoteServer
    key: str
    key_read_at: float
    users: int = 0
    is_retired: bool = False


class OfficialClient:
    """Gives the SDK's client for the server as it is set now. The SDK is imported at first use, in a thread."""

    def __init__(self, sdk: str, title: str, server: Callable[[], RemoteServer], key: KeyGetter, clock: Clock, build: Build) -> None:
        self.title = title
        self._sdk = sdk
        self._server = server
        self._key = key
        self._clock = clock
        self._build = build
        self._lease: _Lease | None = None
        self._retired: list[_Lease] = []
        self._opening = asyncio.Lock()

    async def ready(self) -> RemoteServer:
        """Make the client if there is none for the server as it is set now."""
        return (await self._current()).server

    @asynccontextmanager
    async def client(self) -> AsyncGenerator[tuple[Any, RemoteServer], None]:
        """Lend the client; inside, the SDK's own errors come out as the house's."""
        lease = await self._current()
        lease.users += 1
        try:
            yield lease.client, lease.server
        except self._errors() as error:
            failure = self.failure(error, lease.server)
            if isinstance(failure, AuthError):
                lease.key_read_at = float("-inf")
            raise failure from error
        finally:
            lease.users -= 1
            await self._release(lease)

    async def close(self) -> None:
        """Close all connections; streams that still run end with an error."""
        leases = [*self._retired, *([self._lease] if self._lease else [])]
        self._lease = None
        self._retired = []
        for lease in leases:
            await lease.client.close()

    def failure(self, error: Exception, server: RemoteServer) -> VoxelleError:
        """Say what an error of the SDK means."""
        sdk = importlib.import_module(self._sdk)
        if isinstance(error, sdk.APIStatusError):
            wait = retry_after_s(error.response.headers, self._clock.now())
            return status_error(self.title, server, error.status_code, complaint(error), wait)
        if isinstance(error, sdk.APIConnectionError):
            return unreachable(self.title, server)
        return broken_off(self.title, server)

    def _errors(self) -> tuple[type[Exception], ...]:
        """What the SDK, the HTTP client below it and unreadable answers raise."""
        http = importlib.import_module("httpx2")
        return importlib.import_module(self._sdk).APIError, http.HTTPError, http.StreamError, ValueError

    async def _current(self) -> _Lease:
        server = self._server()
        lease = self._lease
        if lease is not None and self._fits(lease, server):
            return lease
        async with self._opening:
            lease = self._lease
            if lease is not None and self._fits(lease, server):
                return lease
            key = await self._key()
            now = self._clock.monotonic()
            if lease is not None and lease.server == server and lease.key == key:
                lease.key_read_at = now
                return lease
            self._lease = fresh = _Lease(await asyncio.to_thread(self._make, server, key), server, key, now)
            if lease is not None:
                lease.is_retired = True
                self._retired.append(lease)
                await self._release(lease)
            return fresh

    def _fits(self, lease: _Lease, server: RemoteServer) -> bool:
        return lease.server == server and self._clock.monotonic() - lease.key_read_at < KEY_AGE_S

    async def _release(self, lease: _Lease) -> None:
        if lease.is_retired and not lease.users and lease in self._retired:
            self._retired.remove(lease)
            await lease.client.close()

    def _make(self, server: RemoteServer, key: str) -> Any:
        sdk = importlib.import_module(self._sdk)
        timeout = sdk.Timeout(READ_TIMEOUT_S, connect=CONNECT_TIMEOUT_S)
        # A proxy of the environment must not stand between us and a server on this computer.
        http = sdk.DefaultAsyncHttpxClient(trust_env=not server.is_loopback, timeout=timeout, follow_redirects=True)
        log.debug("engine.connected", sdk=self._sdk, is_local=server.is_loopback, has_key=bool(key))
        return self._build(sdk, server, key, http)


def complaint(error: Any) -> str:
    """Return what the server wrote about a refused request: to choose what to do, never to show or log."""
    body = getattr(error, "body", None)
    return str(body if body is not None else getattr(error, "message", ""))[:4000]
