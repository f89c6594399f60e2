"""Whatever happens in whatever order, an account can still get a token, or Twitch has really refused."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes.twitch.faults import Fault
from tests.integrations.twitch.signed_in import Desk, desk
from voxelle.domain.channel import AccountState
from voxelle.domain.errors import VoxelleError
from voxelle.integrations.twitch.accounts import Account
from voxelle.kernel.clock import LoopClock, Randomness
from voxelle.kernel.virtual_loop import run_virtual


def unwritable(house: Desk) -> None:
    house.store.is_unwritable = True


def locked(house: Desk) -> None:
    house.store.is_locked = True


def slow(house: Desk) -> None:
    house.store.delay_s = 3


def well(house: Desk) -> None:
    house.store.is_unwritable = house.store.is_locked = False
    house.store.delay_s = 0


TROUBLES: dict[str, Callable[[Desk], None]] = {
    "expire": lambda house: house.fake.expire_access(),
    "request refused": lambda house: house.fake.faults.add(Fault("oauth2", is_refused=True)),
    "answer late": lambda house: house.fake.faults.add(Fault("oauth2", delay_s=5)),
    "answer lost": lambda house: house.fake.faults.add(Fault("token", is_lost=True)),
    "own fault": lambda house: house.fake.faults.error(503, "oops", "oauth2"),
    "proxy": lambda house: house.fake.faults.html("oauth2"),
    "offline": lambda house: house.fake.faults.go_offline(10),
    "store unwritable": unwritable,
    "store locked": locked,
    "store slow": slow,
    "store well": well,
}
DEEDS = (*TROUBLES, "renew", "renew", "token", "validate", "cancel a caller", "cancel a caller", "restart", "sign in")
_Deed = tuple[str, float]
_Callers = list[asyncio.Task[Any]]


async def outcome(account: Account, deed: str) -> None:
    """Do what a caller does; expected failures are his."""
    try:
        if deed == "validate":
            await account.validate()
        else:
            token = await account.token()
            if deed == "renew":
                await account.renew(token)
    except VoxelleError:
        return


class Evening:
    """A run of deeds on one house."""

    def __init__(self, house: Desk, account: Account, seed: int) -> None:
        self.house = house
        self.account = account
        self.callers: _Callers = []
        self.randomness = Randomness(seed)
        self.has_lost = False

    async def play(self, deed: str) -> None:
        """Do one thing."""
        if deed in {"renew", "token", "validate"}:
            self.callers.append(self.house.scope.start(outcome(self.account, deed), name=deed))
        elif deed == "cancel a caller" and self.callers:
            self.randomness.choice(self.callers).cancel()
        elif deed == "restart":
            await self.restart()
        elif deed == "sign in":
            await self.sign_in()
        elif deed in TROUBLES:
            TROUBLES[deed](self.house)
        self.has_lost = self.has_lost or deed == "answer lost"

    async def restart(self) -> None:
        """End the program as it ends itself, and start it again; only with a store that kept what was given."""
        if self.house.store.is_unwritable or self.house.store.is_locked or not self.account.status.is_kept:
            return
        await self.house.scope.close()
        self.house.scope = type(self.house.scope)("twitch")
        self.account = self.house.account()

    async def sign_in(self) -> None:
        """Sign in anew, and confirm it in the browser."""
        try:
            code = await self.account.sign_in()
        except VoxelleError:
            return
        self.house.fake.approve(code.user_code)


async def run(deeds: list[_Deed], seed: int) -> None:
    clock = LoopClock()
    async with desk(clock) as house:
        evening = Evening(house, await house.signed_in(), seed)
        for deed, pause in deeds:
            await evening.play(deed)
            await clock.sleep(pause)
        # Everything is well again.
        house.fake.faults.clear()
        await evening.play("store well")
        await clock.sleep(3600)
        account = evening.account
        try:
            await account.validate()
        except VoxelleError:
            assert evening.has_lost, "only an answer that was lost may cost the sign-in"
            assert account.status.state is AccountState.REFUSED
            kept = house.store.pair()
            assert kept is not None
            assert house.fake.world.valid(kept.access) is None
            assert house.fake.world.refresh[kept.refresh].is_refresh_used
            return
        assert account.status.state is AccountState.SIGNED_IN
        assert account.status.is_kept
        kept = house.store.pair()
        assert kept is not None
        assert kept.access == await account.token()
        assert house.fake.world.valid(kept.access)


_EVENINGS = st.lists(st.tuples(st.sampled_from(DEEDS), st.sampled_from((0.0, 0.005, 0.015, 0.03, 1.0, 4.0, 30.0))), max_size=30)


@given(_EVENINGS, st.integers(0, 1000))
@settings(max_examples=150)
def test_a_token_can_still_be_had_or_twitch_has_really_refused(deeds: list[_Deed], seed: int) -> None:
    run_virtual(run(deeds, seed))


@pytest.mark.parametrize("seed", range(60))
def test_long_evenings_lose_no_token(seed: int) -> None:
    randomness = Randomness(seed)
    deeds = [(randomness.choice(DEEDS), randomness.choice((0.0, 0.005, 0.015, 0.03, 1.0, 4.0))) for _ in range(200)]
    run_virtual(run([each for each in deeds if each[0] != "answer lost"], seed))
