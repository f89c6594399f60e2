"""Accounts on the fake Twitch, with a password store that can be made to fail."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from tests.fakes.twitch import CLIENT_ID, EVERY_SCOPE, FakeTwitch, memory_net
from tests.fakes.twitch.world import Token, User
from voxelle.domain.channel import AccountRole, AccountState, AccountStatus
from voxelle.domain.errors import SetupError
from voxelle.integrations.twitch.accounts import Account
from voxelle.integrations.twitch.helix import Helix
from voxelle.integrations.twitch.keepsake import Pair
from voxelle.integrations.twitch.net import Net
from voxelle.integrations.twitch.scopes import scopes_for
from voxelle.integrations.twitch.settings import TwitchSettings
from voxelle.kernel.clock import Clock, Randomness
from voxelle.kernel.tasks import TaskScope

LOCKED = "The password store is locked."


class Store:
    """A password store in memory. It can refuse, and it can take its time."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}
        self.is_locked = False
        self.is_unwritable = False
        self.delay_s = 0.0
        self.writes: list[str] = []

    async def get(self, name: str) -> str | None:
        self._check(is_locked=self.is_locked)
        return self.kept.get(name)

    async def set(self, name: str, value: str) -> None:
        await asyncio.sleep(self.delay_s)
        self._check(is_locked=self.is_locked or self.is_unwritable)
        self.kept[name] = value
        self.writes.append(value)

    async def delete(self, name: str) -> None:
        await asyncio.sleep(self.delay_s)
        self._check(is_locked=self.is_locked or self.is_unwritable)
        self.kept.pop(name, None)

    def pair(self, role: AccountRole = AccountRole.BROADCASTER) -> Pair | None:
        """Return what is kept of an account."""
        text = self.kept.get(f"twitch.{role.value}")
        return None if text is None else msgspec.json.decode(text, type=Pair)

    def put(self, token: Token, user: User, role: AccountRole = AccountRole.BROADCASTER, **changes: Any) -> None:
        """Keep a pair, as an earlier session did."""
        kept = Pair(token.access, token.refresh, token.client_id, token.scopes, user.id, user.login, datetime(2026, 1, 1, tzinfo=UTC))
        self.kept[f"twitch.{role.value}"] = msgspec.json.encode(msgspec.structs.replace(kept, **changes)).decode()

    def _check(self, *, is_locked: bool) -> None:
        if is_locked:
            raise SetupError(LOCKED)


class DriftingClock(Clock):
    """A clock whose date can be set anew, and whose computer can sleep."""

    def __init__(self, inner: Clock) -> None:
        self._inner = inner
        self.skew = timedelta()
        self.slept = 0.0

    def monotonic(self) -> float:
        return self._inner.monotonic() + self.slept

    def now(self) -> datetime:
        return self._inner.now() + self.skew

    async def sleep(self, seconds: float) -> None:
        await self._inner.sleep(seconds)


class Desk:
    """One installation: settings, store, scope, and both accounts."""

    def __init__(self, clock: Clock, **switches: Any) -> None:
        self.clock = clock
        self.fake = FakeTwitch(clock, Randomness(1))
        self.net: Net = memory_net(self.fake)
        self.store = Store()
        self.scope = TaskScope("twitch")
        self.settings = TwitchSettings(client_id=CLIENT_ID, **switches)
        self.statuses: list[AccountStatus] = []

    def account(self, role: AccountRole = AccountRole.BROADCASTER) -> Account:
        """Make an account, as a fresh start of the program does."""
        return Account(
            role,
            self.settings,
            self.net,
            self.clock,
            self.store,
            self.scope,
            lambda: scopes_for(self.settings, role),
            self.statuses.append,
        )

    async def signed_in(
        self, role: AccountRole = AccountRole.BROADCASTER, user: User | None = None, scopes: tuple[str, ...] = EVERY_SCOPE
    ) -> Account:
        """Make an account that was signed in before and is checked."""
        owner = user or (self.fake.streamer if role is AccountRole.BROADCASTER else self.fake.bot)
        self.store.put(self.fake.sign_in(owner, scopes), owner, role)
        account = self.account(role)
        await account.validate()
        return account

    def helix(self, account: Account) -> Helix:
        """Give the API in the name of an account."""
        return Helix(self.net, account, self.settings, self.clock)

    def paths(self) -> list[str]:
        """What was asked of Twitch, without the root."""
        return [request.path.removeprefix("/oauth2/").removeprefix("/helix/") for request in self.fake.requests]

    def count(self, path: str) -> int:
        """How often something was asked."""
        return self.paths().count(path)


@asynccontextmanager
async def desk(clock: Clock, **switches: Any) -> AsyncIterator[Desk]:
    """Lend a desk, and close its scope."""
    lent = Desk(clock, **switches)
    try:
        yield lent
    finally:
        await lent.scope.close()


def state(account: Account) -> AccountState:
    """Return where an account stands now."""
    return account.status.state


async def confirmed(house: Desk, account: Account) -> None:
    """Sign in, and let the browser confirm."""
    code = await account.sign_in()
    house.fake.approve(code.user_code, house.fake.streamer if account.role is AccountRole.BROADCASTER else house.fake.bot)
    while state(account) is not AccountState.SIGNED_IN:
        await house.clock.sleep(1)
