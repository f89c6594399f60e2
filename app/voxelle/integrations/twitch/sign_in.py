"""Signing in without a secret: a code on the screen, confirmed in any browser.

The device code flow of Twitch (dev.twitch.tv/docs/authentication/getting-tokens-oauth#device-code-grant-flow), RFC 8628.
Nothing here looks at the date: a computer whose clock is wrong signs in all the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import structlog

from voxelle.domain.channel import DeviceCode
from voxelle.domain.errors import AuthError, SetupError, TemporaryError, VoxelleError
from voxelle.integrations.twitch.limits import DEVICE_INTERVAL_S, DEVICE_LIFETIME_S, SLOW_DOWN_S
from voxelle.integrations.twitch.net import HttpReply, Net, checked
from voxelle.integrations.twitch.replies import DeviceReply, TokenReply, complaint, read
from voxelle.integrations.twitch.settings import TwitchSettings
from voxelle.kernel.clock import Clock

log = structlog.get_logger("app")

NO_CLIENT: Final = "No client ID is set: register an application in the Twitch developer console, and enter its client ID in the settings."
WRONG_CLIENT: Final = (
    "Twitch does not know this client ID: compare it with the one in the Twitch developer console, and change it on the Twitch page. "
    "It has no spaces and is not the secret."
)
NOT_PUBLIC: Final = (
    "Twitch asks for a secret, which she has none of: set the client type of your application to Public in the developer console."
)
DENIED: Final = "Signing in was declined in the browser. Sign in again if that was not meant."
EXPIRED: Final = "The code is no longer valid: it ran out, or was used already. Sign in again for a new one."
WRONG_ADDRESS: Final = "The sign-in address in the settings does not lead to Twitch: put the default back."

_GRANT: Final = "urn:ietf:params:oauth:grant-type:device_code"
_OK: Final = 200
_NOT_FOUND: Final = 404
_BUSY: Final = frozenset({408, 425, 429})
_OWN_FAULT: Final = 500


@dataclass(frozen=True, slots=True)
class Asked:
    """A code that waits for its confirmation."""

    device_code: str
    shown: DeviceCode
    scopes: tuple[str, ...]
    interval_s: float
    ends_at_s: float
    """By the monotonic clock."""


@dataclass(frozen=True, slots=True)
class Granted:
    """A pair of tokens. `scopes` are what the user gave, None if the answer did not say."""

    access: str
    refresh: str
    scopes: tuple[str, ...] | None

    def __repr__(self) -> str:
        return "Granted(…)"


@dataclass(frozen=True, slots=True)
class Waiting:
    """Not confirmed yet; ask again after so many seconds."""

    interval_s: float


async def ask_code(net: Net, settings: TwitchSettings, scopes: Iterable[str], clock: Clock) -> Asked:
    """Ask for a code. SetupError: a wrong client id or address. TemporaryError: the line."""
    if not settings.client_id:
        raise SetupError(NO_CLIENT)
    wanted = tuple(sorted(scopes))
    began = clock.monotonic()
    form = {"client_id": settings.client_id, "scopes": " ".join(wanted)}
    reply = checked(await net.http.request("POST", f"{settings.auth_base_url.rstrip('/')}/device", form=form))
    if reply.status != _OK:
        raise client_error(reply) or SetupError(f"Twitch refused to begin signing in: “{complaint(reply)}” ({reply.status}).")
    device = read(reply, DeviceReply)
    lifetime = _within(device.expires_in, 30.0, 24 * 3600.0, DEVICE_LIFETIME_S)
    shown = DeviceCode(device.user_code, device.verification_uri, clock.now() + timedelta(seconds=lifetime))
    interval = _within(device.interval, 1.0, 60.0, DEVICE_INTERVAL_S)
    return Asked(device.device_code, shown, wanted, interval, began + lifetime)


async def ask_once(net: Net, settings: TwitchSettings, asked: Asked, interval_s: float) -> Granted | Waiting:
    """Ask whether the code was confirmed. AuthError: declined or run out. SetupError, TemporaryError as in `ask_code`."""
    form = {
        "client_id": settings.client_id,
        "scopes": " ".join(asked.scopes),
        "device_code": asked.device_code,
        "grant_type": _GRANT,
    }
    reply = checked(await net.http.request("POST", f"{settings.auth_base_url.rstrip('/')}/token", form=form))
    if reply.status == _OK:
        return granted(reply)
    said = complaint(reply).lower().replace(" ", "_")
    if "authorization_pending" in said:
        return Waiting(interval_s)
    if "slow_down" in said:
        return Waiting(interval_s + SLOW_DOWN_S)
    if "denied" in said:
        raise AuthError(DENIED)
    if "expired" in said or "invalid_device_code" in said:
        raise AuthError(EXPIRED)
    raise client_error(reply) or AuthError(f"Twitch refused the sign-in: “{complaint(reply)}” ({reply.status}).")


async def wait_for_grant(
    net: Net, settings: TwitchSettings, asked: Asked, clock: Clock, say: Callable[[str], None] = lambda _sentence: None
) -> Granted:
    """Ask until the code is confirmed. A broken line is waited out until the code ends; `say` hears what is in the way, or nothing.

    Raises AuthError with a sentence when it was declined or ran out, SetupError for a wrong client id.
    """
    interval = asked.interval_s
    while True:
        left = asked.ends_at_s - clock.monotonic()
        if left <= 0:
            raise AuthError(EXPIRED)
        await clock.sleep(min(interval, left))
        try:
            outcome = await ask_once(net, settings, asked, interval)
        except TemporaryError as error:
            log.info("twitch.sign_in_waits", sentence=error.sentence)
            say(error.sentence)
            # A time-out asks for slower questions (RFC 8628 §3.5), a named pause for that pause.
            interval = max(asked.interval_s, min(error.retry_after_s or interval, 60.0))
            continue
        if isinstance(outcome, Granted):
            return outcome
        say("")
        interval = outcome.interval_s


def granted(reply: HttpReply) -> Granted:
    """Read a pair of tokens."""
    token = read(reply, TokenReply)
    return Granted(token.access_token, token.refresh_token, token.scopes())


def client_error(reply: HttpReply) -> VoxelleError | None:
    """Say what is wrong with the application or its server; None when it is something else."""
    if reply.status in _BUSY or reply.status >= _OWN_FAULT:
        return TemporaryError(f"The sign-in service of Twitch is busy or has a fault of its own ({reply.status}).")
    said = complaint(reply).lower()
    if "secret" in said:
        return SetupError(NOT_PUBLIC)
    if "client" in said:
        return SetupError(WRONG_CLIENT)
    if reply.status == _NOT_FOUND:
        return SetupError(WRONG_ADDRESS)
    return None


def _within(value: float, low: float, high: float, otherwise: float) -> float:
    """Return a number of seconds from outside, brought into bounds; zero or none means `otherwise`."""
    if not value > 0:
        return otherwise
    return min(max(value, low), high)
