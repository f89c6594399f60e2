"""What is asked of the sign-in service about tokens: a new pair, whether one is good, and its end.

dev.twitch.tv/docs/authentication: refresh-tokens, validate-tokens, revoke-tokens. A public client sends no secret.
"""

from __future__ import annotations

from typing import Final

from voxelle.domain.errors import AuthError, TemporaryError
from voxelle.integrations.twitch.net import HttpReply, Net, checked
from voxelle.integrations.twitch.replies import ValidateReply, read
from voxelle.integrations.twitch.settings import TwitchSettings
from voxelle.integrations.twitch.sign_in import Granted, client_error, granted

SIGN_IN_AGAIN: Final = "Twitch no longer takes this sign-in: sign in again on the Twitch page."
_OK: Final = 200
_BAD_REQUEST: Final = 400
_UNAUTHORIZED: Final = 401


async def refresh(net: Net, settings: TwitchSettings, refresh_token: str) -> Granted:
    """Exchange a refresh token, which serves once, for a new pair.

    AuthError: Twitch refused the token itself. SetupError: the application is wrong. TemporaryError: everything else.
    """
    form = {"client_id": settings.client_id, "grant_type": "refresh_token", "refresh_token": refresh_token}
    reply = checked(await net.http.request("POST", _address(settings, "token"), form=form))
    if reply.status == _OK:
        return granted(reply)
    failure = client_error(reply)
    if failure is not None:
        raise failure
    if reply.status in {_BAD_REQUEST, _UNAUTHORIZED}:
        raise AuthError(SIGN_IN_AGAIN)
    raise _strange(reply)


async def check(net: Net, settings: TwitchSettings, access: str) -> ValidateReply | None:
    """Return whose a token is and what it allows, None if it is no longer good. TemporaryError: could not be asked."""
    reply = checked(await net.http.request("GET", _address(settings, "validate"), headers={"Authorization": f"OAuth {access}"}))
    if reply.status == _OK:
        return read(reply, ValidateReply)
    if reply.status == _UNAUTHORIZED:
        return None
    raise client_error(reply) or _strange(reply)


async def revoke(net: Net, settings: TwitchSettings, access: str) -> None:
    """Tell Twitch that a token is no longer needed. One that is no longer good is no error."""
    form = {"client_id": settings.client_id, "token": access}
    reply = checked(await net.http.request("POST", _address(settings, "revoke"), form=form))
    if reply.status not in {_OK, _BAD_REQUEST}:
        raise client_error(reply) or _strange(reply)


def _address(settings: TwitchSettings, path: str) -> str:
    return f"{settings.auth_base_url.rstrip('/')}/{path}"


def _strange(reply: HttpReply) -> TemporaryError:
    return TemporaryError(f"The sign-in service of Twitch gave an answer nobody expected ({reply.status}). She tries again by herself.")
