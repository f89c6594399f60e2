"""Signing in: the token that VTube Studio gives once its user clicked “Allow”, and every session after that.

https://github.com/DenchiSoft/VTubeStudio#authentication
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import structlog

from voxelle.contracts.integration import SecretStore
from voxelle.domain.avatar import AvatarInstance
from voxelle.domain.errors import AuthError, SetupError, TemporaryError
from voxelle.integrations.vtube_studio.api import Api, ApiError
from voxelle.integrations.vtube_studio.discovery import plain_host
from voxelle.integrations.vtube_studio.errors import ASKED_ALREADY, DENIED, ICON_REFUSED, ApiOffError, Remedy, UnansweredError, remedy_for
from voxelle.integrations.vtube_studio.messages import flag_of, read_api_state, read_token
from voxelle.kernel.paths import resource

log = structlog.get_logger("app")

PLUGIN_NAME: Final = "Voxelle"
PLUGIN_DEVELOPER: Final = "The Voxelle developers"
"""Both 3 to 32 characters. A token is good for these names alone: changing one asks every streamer anew."""
CONSENT_S: Final = 600.0
"""How long “Allow” is waited for."""

CLICK_ALLOW: Final = "Click “Allow” in VTube Studio: it asks whether Voxelle may move the model."
_ASK_HERE: Final = "Press “Ask VTube Studio for permission” here, then click “Allow” over there."
NOT_ALLOWED: Final = f"VTube Studio has not allowed Voxelle yet. {_ASK_HERE}"
DENIED_SENTENCE: Final = f"Access was denied in VTube Studio. {_ASK_HERE}"
REVOKED: Final = f"VTube Studio no longer takes the permission it gave: it was taken back, or VTube Studio was set up anew. {_ASK_HERE}"
ASKED_SENTENCE: Final = f"VTube Studio still shows a plugin's question: answer it over there. {_ASK_HERE}"
UNHEARD: Final = f"Nobody clicked “Allow” within {CONSENT_S / 60:g} minutes. {_ASK_HERE}"
_PERMISSION_WORDS: Final = {DENIED: DENIED_SENTENCE, ASKED_ALREADY: ASKED_SENTENCE}


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of one place."""

    token: str = ""
    was_asked: bool = False
    """The streamer was asked there once, so the next time is at a click alone."""


class Tokens:
    """One token for every place and plugin name, in the keyring; in memory where there is none."""

    def __init__(self, secrets: SecretStore) -> None:
        self._secrets = secrets
        self._memory: dict[str, Kept] = {}
        self.is_kept = True
        """False: there is no password store, so a permission lasts until the program ends."""

    async def load(self, place: AvatarInstance) -> Kept:
        """Return what is kept."""
        name = _name_of(place)
        if name in self._memory:
            return self._memory[name]
        try:
            kept = _read(await self._secrets.get(name))
        except SetupError:
            self._lack()
            return Kept()
        self.is_kept = True
        return kept

    async def save(self, place: AvatarInstance, kept: Kept) -> None:
        """Keep it."""
        name = _name_of(place)
        try:
            await self._secrets.set(name, json.dumps({"token": kept.token, "was_asked": kept.was_asked}))
        except SetupError:
            self._memory[name] = kept
            self._lack()
            return
        self._memory.pop(name, None)
        self.is_kept = True

    async def drop(self, place: AvatarInstance) -> None:
        """Forget the token; that the streamer was asked stays known, so that no question pops up by itself."""
        await self.save(place, Kept(was_asked=True))

    def _lack(self) -> None:
        if self.is_kept:
            log.warning("vtube_studio.token_not_kept")
        self.is_kept = False


def _name_of(place: AvatarInstance) -> str:
    whole = f"{plain_host(place.host)}:{place.port}|{PLUGIN_NAME}|{PLUGIN_DEVELOPER}"
    return f"vtube_studio.{hashlib.sha256(whole.encode()).hexdigest()[:32]}"


def _read(text: str | None) -> Kept:
    try:
        values = json.loads(text or "{}")
    except ValueError:
        values = {}
    if not isinstance(values, dict):
        return Kept()
    token = values.get("token")
    return Kept(token if isinstance(token, str) else "", values.get("was_asked") is True)


class SignIn:
    """Signs one line in."""

    def __init__(self, api: Api, tokens: Tokens, place: AvatarInstance, on_waiting: Callable[[], None]) -> None:
        self._api = api
        self._tokens = tokens
        self._place = place
        self._on_waiting = on_waiting

    async def run(self, *, is_wanted: bool) -> str:
        """Sign in and return VTube Studio's version.

        Its question pops up at the very first time, and later only when the streamer asked for it (`is_wanted`).
        AuthError: the streamer has to ask or allow. ApiOffError and other TemporaryErrors: not now.
        """
        state = read_api_state(await self._ask("APIStateRequest"))
        if not state.is_active:
            raise ApiOffError
        if state.is_signed_in:
            return state.version
        kept = await self._tokens.load(self._place)
        if kept.token:
            if await self._authenticate(kept.token):
                return state.version
            log.info("vtube_studio.token_refused")
            await self._tokens.drop(self._place)
            if not is_wanted:
                raise AuthError(REVOKED)
        elif kept.was_asked and not is_wanted:
            raise AuthError(NOT_ALLOWED)
        # Noted before it is asked: whatever happens meanwhile, nothing pops up a second time by itself.
        await self._tokens.save(self._place, Kept(was_asked=True))
        token = await self._consent()
        await self._tokens.save(self._place, Kept(token, was_asked=True))
        if not await self._authenticate(token):
            await self._tokens.drop(self._place)
            raise AuthError(REVOKED)
        log.info("vtube_studio.allowed", is_kept=self._tokens.is_kept)
        return state.version

    async def _authenticate(self, token: str) -> bool:
        data = {"pluginName": PLUGIN_NAME, "pluginDeveloper": PLUGIN_DEVELOPER, "authenticationToken": token}
        try:
            reply = await self._api.ask("AuthenticationRequest", data)
        except ApiError as error:
            if remedy_for(error.error_id) is Remedy.SIGN_IN:
                return False
            raise TemporaryError(error.sentence) from error
        return flag_of(reply, "authenticated")

    async def _consent(self) -> str:
        """Have the question pop up and wait for the answer."""
        self._on_waiting()
        try:
            reply = await self._question(_plugin(_icon()))
        except ApiError as error:
            if error.error_id != ICON_REFUSED:
                raise _consent_error(error) from error
            log.warning("vtube_studio.icon_refused")
            reply = await self._question_without_icon()
        token = read_token(reply)
        if not token:
            msg = "VTube Studio allowed Voxelle, but sent no token: ask again."
            raise AuthError(msg)
        return token

    async def _question(self, plugin: dict[str, str]) -> dict[str, Any]:
        try:
            return await self._api.ask("AuthenticationTokenRequest", plugin, timeout_s=CONSENT_S)
        except UnansweredError as error:
            raise AuthError(UNHEARD) from error

    async def _question_without_icon(self) -> dict[str, Any]:
        try:
            return await self._question(_plugin(""))
        except ApiError as error:
            raise _consent_error(error) from error

    async def _ask(self, kind: str) -> dict[str, Any]:
        try:
            return await self._api.ask(kind)
        except ApiError as error:
            raise TemporaryError(error.sentence) from error


def _consent_error(error: ApiError) -> AuthError | TemporaryError:
    words = _PERMISSION_WORDS.get(error.error_id)
    if words is not None:
        return AuthError(words)
    return TemporaryError(error.sentence) if remedy_for(error.error_id) is Remedy.RETRY else AuthError(error.sentence)


def _plugin(icon: str) -> dict[str, str]:
    names = {"pluginName": PLUGIN_NAME, "pluginDeveloper": PLUGIN_DEVELOPER}
    return names | {"pluginIcon": icon} if icon else names


def _icon() -> str:
    """Return our icon, exactly 128 by 128, as VTube Studio wants it; none if it does not lie there."""
    try:
        return base64.b64encode(resource("icons", "plugin-128.png").read_bytes()).decode()
    except OSError:
        log.warning("vtube_studio.icon_missing")
        return ""
