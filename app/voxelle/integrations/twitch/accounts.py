"""One signed-in account: its tokens, kept safe and fresh. Nothing but Twitch's own refusal ever ends a sign-in."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Final

import msgspec
import structlog

from voxelle.contracts.integration import SecretStore
from voxelle.domain.channel import AccountRole, AccountState, AccountStatus, DeviceCode
from voxelle.domain.errors import AuthError, SetupError, TemporaryError, VoxelleError
from voxelle.integrations.twitch import tokens
from voxelle.integrations.twitch.keepsake import Keepsake, Pair
from voxelle.integrations.twitch.limits import REFRESH_IDLE_DAYS, VALIDATE_EVERY_S
from voxelle.integrations.twitch.net import Net
from voxelle.integrations.twitch.replies import ValidateReply
from voxelle.integrations.twitch.scopes import WRITE_CHAT, missing_features
from voxelle.integrations.twitch.settings import TwitchSettings
from voxelle.integrations.twitch.shelter import Shelter
from voxelle.integrations.twitch.sign_in import NO_CLIENT, Asked, Granted, ask_code, wait_for_grant
from voxelle.integrations.twitch.waking import doze
from voxelle.kernel.clock import Clock
from voxelle.kernel.tasks import TaskScope

log = structlog.get_logger("app")

SIGN_IN: Final = "Sign in to Twitch on the Twitch page."
CLIENT_CHANGED: Final = "The client ID was changed: sign in to Twitch again with the new one."
UNREADABLE: Final = "The kept sign-in to Twitch can't be read: sign in again."
SIGN_IN_NOW: Final = "Or sign in to Twitch for as long as the program runs."
LAST: Final = "Twitch will not renew this sign-in: it still serves for some hours at most. Sign in again on the Twitch page."
ONLY_NOW: Final = "Until then the sign-in to Twitch lasts only as long as the program runs."
NOT_DELETED: Final = "You are signed out, but the password store still holds the old sign-in."
STRANGE: Final = "Twitch refuses a token it has just given. She tries again by herself."

RETRY_S: Final = 60.0
_DAY_S: Final = 86_400.0


class Account:
    """Keeper of the tokens of one account.

    - Many callers that need a new token cause one request.
    - A new pair is in the password store before it is used; if the store fails, it is kept in memory, and `is_kept` says so.
    - Somebody who is cancelled while he waits loses nothing for the others.
    - A broken line never signs anybody out.
    """

    def __init__(
        self,
        role: AccountRole,
        settings: TwitchSettings,
        net: Net,
        clock: Clock,
        secrets: SecretStore,
        scope: TaskScope,
        scopes: Callable[[], frozenset[str]],
        on_change: Callable[[AccountStatus], None],
    ) -> None:
        self.role = role
        self.status = AccountStatus(role)
        self._settings = settings
        self._net = net
        self._clock = clock
        self._scope = scope
        self._wanted = scopes
        self._on_change = on_change
        self._shelter = Shelter(scope)
        self._keepsake = Keepsake(secrets, f"twitch.{role.value}", self._shelter)
        self._loading = asyncio.Lock()
        self._changing = asyncio.Lock()
        """Held while a pair is written and put into use."""
        self._generation = 0
        """Counts sign-ins and sign-outs: what was begun before one does not count after it."""
        self._pair: Pair | None = None
        self._is_loaded = False
        self._store_failure: SetupError | None = None
        self._refused = ""
        self._sentence = ""
        self._warning = ""
        self._code: DeviceCode | None = None
        self._signing: asyncio.Task[None] | None = None
        self._renewing: asyncio.Task[str | VoxelleError] | None = None
        self._known_user = ("", "")
        self._checked_at: datetime | None = None

    @property
    def is_signed_in(self) -> bool:
        """Whether there is a token that Twitch has not refused, also while another sign-in is under way."""
        return self._pair is not None and not self._refused and self._pair.client_id == self._settings.client_id

    @property
    def user_id(self) -> str:
        """Whose the token is; empty until Twitch has said so."""
        return self._pair.user_id if self._pair is not None else ""

    @property
    def scopes(self) -> frozenset[str]:
        """What the user allowed."""
        return frozenset(self._pair.scopes) if self._pair is not None else frozenset()

    def use_settings(self, settings: TwitchSettings) -> None:
        """Take over changed switches: what is missing may be another thing now."""
        self._settings = settings
        self._announce()

    async def load(self) -> None:
        """Take what is kept in the password store; once. A store that does not serve is said in the status."""
        async with self._loading:
            if self._is_loaded:
                return
            generation = self._generation
            try:
                pair, is_unreadable = await self._keepsake.load()
            except SetupError as error:
                self._store_failure = error
            else:
                self._is_loaded = True
                self._store_failure = None
                if generation == self._generation and pair is not None:
                    self._pair = pair
                    self._known_user = (pair.user_id, pair.login)
                self._sentence = UNREADABLE if is_unreadable else self._sentence
        self._announce()

    async def token(self) -> str:
        """Return the access token to use now.

        AuthError: nobody is signed in, or Twitch refused. SetupError: no client id, or the password store is locked.
        """
        return (await self._ready()).access

    async def renew(self, stale: str) -> str:
        """Return a token in place of one that Twitch answered with 401. However many ask, one request is made.

        AuthError: Twitch refused for good, sign in again. TemporaryError: the line; the sign-in stands.
        """
        pair = await self._ready()
        if pair.access != stale:
            return pair.access
        if self._renewing is None or self._renewing.done():
            self._renewing = self._shelter.start(self._exchange(pair, self._generation), f"renew {self.role.value}")
        outcome = await self._shelter.wait(self._renewing)
        if isinstance(outcome, VoxelleError):
            raise outcome
        return outcome

    async def validate(self) -> None:
        """Ask Twitch whether the token is good and whose it is; a stale one is renewed. Errors as in `renew`."""
        for _ in range(2):
            pair = await self._ready()
            generation = self._generation
            try:
                answer = await tokens.check(self._net, self._settings, pair.access)
            except VoxelleError as error:
                self._say(error.sentence)
                raise
            if answer is not None:
                await self._on_valid(answer, generation)
                return
            await self.renew(pair.access)
        raise TemporaryError(STRANGE)

    async def keep(self) -> None:
        """Check the token every hour, and as soon as the computer woke from sleep. Lasts until cancelled.

        What it finds is in the status; a broken line is tried again, a refusal stays until somebody signs in.
        """
        wait = VALIDATE_EVERY_S
        while True:
            await doze(self._clock, wait)
            if not self.is_signed_in:
                wait = VALIDATE_EVERY_S
                continue
            try:
                await self.validate()
            except VoxelleError as error:
                log.info("twitch.not_validated", account=self.role.value, kind=type(error).__name__)
                wait = RETRY_S if isinstance(error, TemporaryError) else VALIDATE_EVERY_S
            else:
                wait = VALIDATE_EVERY_S

    async def sign_in(self) -> DeviceCode:
        """Get a code to be confirmed in a browser, and wait for that beside. Asks for what was granted and what is wanted.

        SetupError: a wrong client id or address. TemporaryError: the line. An older sign-in serves until the new one is there.
        """
        await self.load()
        asked = await ask_code(self._net, self._settings, self._wanted() | self.scopes, self._clock)
        self._stop_signing()
        self._code = asked.shown
        self._sentence = ""
        self._signing = self._scope.start(self._finish(asked), name=f"sign in {self.role.value}")
        self._announce()
        return asked.shown

    async def cancel(self) -> None:
        """Give up a sign-in that is under way; an older one stays."""
        self._stop_signing()
        self._announce()

    async def sign_out(self) -> None:
        """Forget the tokens, here and in the password store, and tell Twitch if it can be reached."""
        self._stop_signing()
        self._generation += 1
        pair, self._pair = self._pair, None
        self._is_loaded, self._known_user, self._checked_at = True, ("", ""), None
        self._refused = self._sentence = self._warning = ""
        self._announce()
        async with self._changing:
            if self._pair is None:
                try:
                    await self._keepsake.keep(None)
                except SetupError as error:
                    self._say(f"{NOT_DELETED} {error.sentence}")
        if pair is not None:
            try:
                await tokens.revoke(self._net, self._settings, pair.access)
            except VoxelleError as error:
                log.info("twitch.not_revoked", account=self.role.value, kind=type(error).__name__)

    async def _ready(self) -> Pair:
        if not self._settings.client_id:
            raise SetupError(NO_CLIENT)
        await self.load()
        if self._pair is None:
            raise SetupError(f"{self._store_failure.sentence} {SIGN_IN_NOW}") if self._store_failure else AuthError(SIGN_IN)
        if self._pair.client_id != self._settings.client_id:
            raise AuthError(CLIENT_CHANGED)
        if self._refused:
            raise AuthError(self._refused)
        return self._pair

    async def _exchange(self, pair: Pair, generation: int) -> str | VoxelleError:
        """Spend the refresh token. Runs sheltered, so that the new pair is put away whatever happens to those who wait."""
        try:
            granted = await tokens.refresh(self._net, self._settings, pair.refresh)
        except AuthError as error:
            return await self._on_refused(pair, generation, error)
        except VoxelleError as error:
            self._say(error.sentence)
            return error
        async with self._changing:
            if generation == self._generation and self._pair is not None:
                new = self._pair_of(granted, self._pair)
                await self._put_away(new)
                if generation == self._generation:
                    self._pair = new
                    self._sentence = self._warning = ""
                    self._announce()
        return self._access()

    async def _on_refused(self, pair: Pair, generation: int, error: AuthError) -> str | VoxelleError:
        """Twitch refused the refresh token. That ends the sign-in, unless a newer pair is kept or the access token still serves."""
        try:
            kept, _ = await self._keepsake.load()
        except SetupError:
            kept = None
        is_newer = kept is not None and kept.client_id == pair.client_id and kept.refresh != pair.refresh
        try:
            is_good = not is_newer and await tokens.check(self._net, self._settings, pair.access) is not None
        except VoxelleError as failure:
            return failure
        if generation != self._generation:
            return self._access()
        if is_newer:
            self._pair = kept
        elif is_good:
            self._warning = LAST
            self._say("")
        else:
            log.warning("twitch.refused", account=self.role.value)
            self._refused, self._checked_at = error.sentence, None
            self._announce()
            return error
        return self._access()

    def _access(self) -> str | VoxelleError:
        return self._pair.access if self._pair is not None else AuthError(SIGN_IN)

    async def _on_valid(self, answer: ValidateReply, generation: int) -> None:
        scopes = tuple(sorted(answer.scopes or ()))
        async with self._changing:
            if generation != self._generation or self._pair is None:
                return
            old = self._pair
            pair = msgspec.structs.replace(old, scopes=scopes, user_id=answer.user_id, login=answer.login)
            self._pair, self._refused, self._checked_at = pair, "", self._clock.now()
            if pair != old or self._store_failure is not None:
                await self._put_away(pair)
        (known_id, known), self._known_user = self._known_user, (answer.user_id, answer.login)
        is_other = known_id not in {"", answer.user_id}
        self._say(f"Another account is signed in now: {answer.login} in place of {known}." if is_other else "")

    async def _finish(self, asked: Asked) -> None:
        try:
            granted = await wait_for_grant(self._net, self._settings, asked, self._clock, self._say)
        except VoxelleError as error:
            self._code = None
            self._say(error.sentence)
            return
        await self._shelter.wait(self._shelter.start(self._take(granted, asked), f"signed in {self.role.value}"))

    async def _take(self, granted: Granted, asked: Asked) -> None:
        self._generation += 1
        generation = self._generation
        async with self._changing:
            new = self._pair_of(granted, Pair("", "", self._settings.client_id, asked.scopes))
            await self._put_away(new)
            if generation != self._generation:
                return
            self._pair, self._code, self._checked_at, self._is_loaded = new, None, None, True
            self._refused = self._warning = ""
        log.info("twitch.signed_in", account=self.role.value)
        self._announce()
        try:
            await self.validate()
        except VoxelleError as error:
            log.info("twitch.not_validated", account=self.role.value, kind=type(error).__name__)

    def _pair_of(self, granted: Granted, old: Pair) -> Pair:
        scopes = old.scopes if granted.scopes is None else granted.scopes
        return msgspec.structs.replace(old, access=granted.access, refresh=granted.refresh, scopes=scopes, obtained_at=self._clock.now())

    async def _put_away(self, pair: Pair) -> None:
        """Write a pair to the password store. A store that fails is said; the pair lives on in memory."""
        try:
            await self._keepsake.keep(pair)
        except SetupError as error:
            log.warning("twitch.sign_in_not_kept", account=self.role.value)
            self._store_failure = error
        else:
            self._store_failure = None

    def _stop_signing(self) -> None:
        if self._signing is not None:
            self._signing.cancel()
        self._signing = self._code = None

    def _say(self, sentence: str) -> None:
        self._sentence = sentence
        self._announce()

    def _announce(self) -> None:
        """Tell the whole status if it changed."""
        pair = self._pair
        unkept = f"{self._store_failure.sentence} {ONLY_NOW if pair else SIGN_IN_NOW}" if self._store_failure else ""
        status = AccountStatus(
            self.role,
            self._state(),
            name=pair.login if pair else "",
            user_id=self.user_id,
            scopes=pair.scopes if pair else (),
            missing=missing_features(self._settings, pair.scopes, self.role, is_writer=WRITE_CHAT in self._wanted()) if pair else (),
            checked_at=self._checked_at,
            days_left=_days_left(pair.obtained_at, self._clock.now()) if pair else None,
            is_kept=self._store_failure is None,
            code=self._code,
            sentence=self._refused or self._sentence or self._warning or unkept,
        )
        if status != self.status:
            self.status = status
            self._on_change(status)

    def _state(self) -> AccountState:
        if self._code is not None:
            return AccountState.SIGNING_IN
        if self._pair is None:
            return AccountState.SIGNED_OUT
        if not self.is_signed_in:
            return AccountState.REFUSED
        return AccountState.SIGNED_IN if self._checked_at is not None else AccountState.UNCHECKED


def _days_left(obtained_at: datetime | None, now: datetime) -> float | None:
    """A date that was set anew in between may make it wrong, never absurd."""
    if obtained_at is None:
        return None
    days = (now - obtained_at).total_seconds() / _DAY_S
    return round(min(REFRESH_IDLE_DAYS, max(0.0, REFRESH_IDLE_DAYS - days)), 2)
