"""What engines behind an address share: where they are, and how their failures become sentences."""

from __future__ import annotations

import ipaddress
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final
from urllib.parse import urlsplit, urlunsplit

from voxelle.domain.errors import AuthError, SetupError, TemporaryError, VoxelleError

KeyGetter = Callable[[], Awaitable[str]]
"""Fetches the key from the keyring at the moment it is needed; empty means that none is set."""

LONGEST_RETRY_AFTER_S: Final = 3600.0
_UNAUTHORIZED: Final = 401
_FORBIDDEN: Final = 403
_NOT_FOUND: Final = 404
_PAYMENT_REQUIRED: Final = 402
_BUSY: Final = frozenset({408, 409, 425, 429})
_SERVER_ERROR: Final = 500
_FIRST_ERROR: Final = 400
_ENDPOINTS: Final = ("/chat/completions", "/completions", "/audio/speech", "/audio/transcriptions", "/models", "/messages")


@dataclass(frozen=True, slots=True)
class RemoteServer:
    """Where an engine is and what to ask it for. Read anew for every request, so a changed setting applies at once."""

    base_url: str
    model: str
    voice: str = ""
    """Only voices have one."""

    @property
    def place(self) -> str:
        """Host and port for a sentence; never the credentials an address may hold."""
        parts = urlsplit(self.base_url)
        return parts.netloc.rpartition("@")[2] or self.base_url

    @property
    def is_loopback(self) -> bool:
        """Whether the server runs on this computer, where no proxy may stand in between."""
        host = urlsplit(self.base_url).hostname or ""
        if host == "localhost":
            return True
        try:
            return ipaddress.ip_address(host).is_loopback
        except ValueError:
            return False


def api_root(base_url: str, version: str = "v1") -> str:
    """Bring an address as people paste it into the form `https://host/v1`, without a slash at the end.

    A whole endpoint (`…/v1/chat/completions`) loses its end; a bare host gains the version. Any other
    path is somebody's intention and stays.
    """
    scheme, netloc, path, _, _ = urlsplit(base_url.strip())
    path = path.rstrip("/")
    for endpoint in _ENDPOINTS:
        path = path.removesuffix(endpoint)
    if not path and version:
        path = f"/{version}"
    return urlunsplit((scheme, netloc, path, "", ""))


def host_root(base_url: str) -> str:
    """Return the address without `/v1` or `/api`, for servers whose paths begin at the host."""
    root = api_root(base_url, version="")
    return root.removesuffix("/v1").removesuffix("/api").rstrip("/")


def retry_after_s(headers: Mapping[str, str], now: datetime) -> float | None:
    """Read how long the server asks to wait: seconds or a date (RFC 9110 §10.2.3), or milliseconds as some clouds send."""
    milliseconds = headers.get("retry-after-ms")
    value = headers.get("retry-after", "").strip()
    try:
        if milliseconds is not None:
            seconds = float(milliseconds) / 1000
        elif value.replace(".", "", 1).isdecimal():
            seconds = float(value)
        elif value:
            at = parsedate_to_datetime(value)
            seconds = ((at if at.tzinfo else at.replace(tzinfo=UTC)) - now).total_seconds()
        else:
            return None
    except (ValueError, OverflowError):
        return None
    return min(max(0.0, seconds), LONGEST_RETRY_AFTER_S) if seconds == seconds else None  # noqa: PLR0124 -- NaN is the one number unlike itself


def status_error(title: str, server: RemoteServer, status: int, body: str, retry_after: float | None = None) -> VoxelleError:
    """Turn a refused request into what helps. `body` decides only between kinds; it is never shown nor logged."""
    known = body.lower()
    if status in {_UNAUTHORIZED, _FORBIDDEN}:
        return AuthError(f"{title} at {server.place} refused the key: enter a valid one in the settings.")
    if status == _PAYMENT_REQUIRED or "insufficient_quota" in known or "credit balance" in known:
        return AuthError(f"{title} at {server.place} says that the account has no credit left.")
    if status == _NOT_FOUND:
        return _missing(title, server, known)
    if status in _BUSY:
        return TemporaryError(f"{title} at {server.place} is busy and asks to wait.", retry_after_s=retry_after)
    if status >= _SERVER_ERROR or status < _FIRST_ERROR:
        return TemporaryError(f"{title} at {server.place} has a fault of its own ({status}).", retry_after_s=retry_after)
    if "context" in known and ("length" in known or "window" in known or "exceed" in known):
        return SetupError(f"The conversation is too long for “{server.model}”: lower Context in the settings.")
    return SetupError(
        f"{title} at {server.place} does not accept the request for “{server.model}” ({status}): check the address and the model."
    )


def _missing(title: str, server: RemoteServer, known: str) -> SetupError:
    if "model" in known:
        return SetupError(f"{title} at {server.place} has no model called “{server.model}”: choose another one in the settings.")
    return SetupError(
        f"{title} at {server.place} knows neither this address nor the model “{server.model}”: "
        "check both in the settings; the address often ends in /v1."
    )


def unreachable(title: str, server: RemoteServer) -> TemporaryError:
    """Nobody answers there, or the line dropped."""
    hint = "is it running?" if server.is_loopback else "check the connection."
    return TemporaryError(f"{title} at {server.place} can't be reached: {hint}")


def broken_off(title: str, server: RemoteServer) -> TemporaryError:
    """The answer ended in the middle, or could not be read."""
    return TemporaryError(f"{title} at {server.place} broke off in the middle of its answer.")
