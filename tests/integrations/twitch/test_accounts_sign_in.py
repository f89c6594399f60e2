"""Signing in and out of an account."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.fakes.twitch.faults import Fault
from tests.integrations.twitch.signed_in import LOCKED, Desk, confirmed, desk, state
from voxelle.domain.channel import AccountState
from voxelle.domain.errors import AuthError
from voxelle.integrations.twitch import accounts, sign_in
from voxelle.kernel.clock import Clock

pytestmark = pytest.mark.virtual_time


@pytest.fixture
async def house(clock: Clock) -> AsyncIterator[Desk]:
    async with desk(clock) as lent:
        yield lent


async def test_signing_in_keeps_the_pair_and_says_whose_it_is(house: Desk) -> None:
    account = house.account()
    await confirmed(house, account)
    kept = house.store.pair()
    assert kept is not None
    assert kept.access == await account.token()
    assert (kept.login, kept.user_id) == ("streamer", house.fake.streamer.id)
    assert [status.state for status in house.statuses[:1]] == [AccountState.SIGNING_IN]
    assert account.status.name == "streamer"
    assert account.status.code is None
    assert account.status.days_left == 30


async def test_no_status_ever_holds_a_token(house: Desk) -> None:
    account = house.account()
    await confirmed(house, account)
    house.fake.expire_access()
    await account.validate()
    kept = repr(house.statuses)
    assert all(token not in kept for token in [*house.fake.world.access, *house.fake.world.refresh])
    assert all(token not in repr(house.store.pair()) for token in house.fake.world.access)


async def test_a_declined_code_leaves_the_older_sign_in(house: Desk) -> None:
    account = await house.signed_in()
    before = await account.token()
    code = await account.sign_in()
    assert account.is_signed_in
    assert await account.token() == before
    house.fake.deny(code.user_code)
    await house.clock.sleep(20)
    assert state(account) is AccountState.SIGNED_IN
    assert account.status.sentence == sign_in.DENIED


async def test_a_network_that_fails_while_the_code_waits_is_said_and_ends_nothing(house: Desk) -> None:
    account = house.account()
    code = await account.sign_in()
    house.fake.faults.go_offline(20)
    await house.clock.sleep(15)
    assert state(account) is AccountState.SIGNING_IN
    assert "can't be reached" in account.status.sentence
    await house.clock.sleep(15)
    assert (state(account), account.status.sentence) == (AccountState.SIGNING_IN, "")
    house.fake.approve(code.user_code)
    await house.clock.sleep(15)
    assert (state(account), account.status.sentence) == (AccountState.SIGNED_IN, "")


async def test_a_cancelled_sign_in_shows_no_code_and_asks_no_more(house: Desk) -> None:
    account = house.account()
    await account.sign_in()
    await account.cancel()
    asked = house.count("token")
    await house.clock.sleep(60)
    assert state(account) is AccountState.SIGNED_OUT
    assert account.status.code is None
    assert house.count("token") == asked


async def test_a_second_click_gives_a_new_code_and_forgets_the_first(house: Desk) -> None:
    account = house.account()
    first = await account.sign_in()
    second = await account.sign_in()
    assert account.status.code == second
    house.fake.approve(first.user_code)
    await house.clock.sleep(60)
    assert state(account) is AccountState.SIGNING_IN
    house.fake.approve(second.user_code)
    await house.clock.sleep(60)
    assert state(account) is AccountState.SIGNED_IN


async def test_another_consent_asks_for_what_was_granted_and_what_is_wanted(house: Desk) -> None:
    account = await house.signed_in(scopes=("user:read:chat", "channel:read:goals"))
    assert account.status.missing == ("Follows", "Subscriptions and gifts", "Bits and power-ups", "Channel points")
    await account.sign_in()
    asked = set(house.fake.requests[-1].form["scopes"].split())
    assert {"channel:read:goals", "bits:read", "moderator:read:followers"} <= asked


async def test_another_user_is_noticed(house: Desk) -> None:
    account = await house.signed_in()
    code = await account.sign_in()
    house.fake.approve(code.user_code, house.fake.bot)
    await house.clock.sleep(20)
    assert account.user_id == house.fake.bot.id
    assert account.status.sentence == "Another account is signed in now: assistant in place of streamer."


async def test_a_sign_in_that_cannot_be_checked_yet_says_so(house: Desk) -> None:
    account = house.account()
    code = await account.sign_in()
    house.fake.approve(code.user_code)
    house.fake.faults.add(Fault("validate", is_refused=True))
    await house.clock.sleep(20)
    assert state(account) is AccountState.UNCHECKED
    await account.validate()
    assert state(account) is AccountState.SIGNED_IN


async def test_signing_out_deletes_revokes_and_forgets(house: Desk) -> None:
    account = await house.signed_in()
    token = await account.token()
    await account.sign_out()
    assert house.store.kept == {}
    assert house.fake.world.valid(token) is None
    assert state(account) is AccountState.SIGNED_OUT
    with pytest.raises(AuthError):
        await account.token()


async def test_signing_out_without_a_network_or_a_store_works_here(house: Desk) -> None:
    account = await house.signed_in()
    house.fake.faults.go_offline(100)
    house.store.is_locked = True
    await account.sign_out()
    assert state(account) is AccountState.SIGNED_OUT
    assert account.status.sentence == f"{accounts.NOT_DELETED} {LOCKED}"
