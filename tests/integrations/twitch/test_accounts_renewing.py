"""Renewing: tokens are never lost, and nothing but Twitch's refusal ends a sign-in."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.fakes.twitch.faults import Fault
from tests.fakes.twitch.replies import auth_error
from tests.integrations.twitch.signed_in import LOCKED, Desk, confirmed, desk, state
from voxelle.domain.channel import AccountState
from voxelle.domain.errors import AuthError, SetupError, TemporaryError
from voxelle.integrations.twitch import accounts, failures, sign_in, tokens
from voxelle.kernel.clock import Clock

pytestmark = pytest.mark.virtual_time


@pytest.fixture
async def house(clock: Clock) -> AsyncIterator[Desk]:
    async with desk(clock) as lent:
        yield lent


async def test_many_callers_cause_one_request(house: Desk) -> None:
    account = await house.signed_in()
    stale = await account.token()
    fresh = await asyncio.gather(*(account.renew(stale) for _ in range(50)))
    assert house.fake.auth.refreshes == 1
    assert set(fresh) == {await account.token()}
    assert await account.renew(stale) == fresh[0]
    assert house.fake.auth.refreshes == 1


async def test_a_new_pair_is_in_the_store_before_anybody_gets_it(house: Desk) -> None:
    account = await house.signed_in()
    stale = await account.token()
    house.store.delay_s = 3
    renewing = house.scope.start(account.renew(stale), name="renew")
    await house.clock.sleep(1)
    assert await account.token() == stale
    assert not renewing.done()
    fresh = await renewing
    kept = house.store.pair()
    assert kept is not None
    assert kept.access == fresh
    assert kept.login == "streamer"


async def test_a_caller_who_is_cancelled_loses_nothing(house: Desk) -> None:
    account = await house.signed_in()
    stale = await account.token()
    house.store.delay_s = 1
    caller = house.scope.start(account.renew(stale), name="renew")
    await house.clock.sleep(0.005)
    caller.cancel()
    await house.clock.sleep(5)
    kept = house.store.pair()
    assert kept is not None
    assert kept.access == await account.token() != stale


async def test_closing_waits_for_a_pair_that_is_on_its_way(house: Desk) -> None:
    account = await house.signed_in()
    stale = await account.token()
    house.store.delay_s = 1
    house.scope.start(account.renew(stale), name="renew")
    await house.clock.sleep(0.005)
    await house.scope.close()
    kept = house.store.pair()
    assert kept is not None
    assert kept.access != stale
    assert house.fake.world.valid(kept.access)


async def test_closing_does_not_wait_for_ever(house: Desk) -> None:
    account = await house.signed_in()
    house.fake.faults.add(Fault("token", delay_s=19))
    caller = asyncio.gather(account.renew(await account.token()), return_exceptions=True)
    await house.clock.sleep(1)
    began = house.clock.monotonic()
    await house.scope.close()
    assert house.clock.monotonic() - began == pytest.approx(10, abs=0.1)
    assert [str(error) for error in await caller] == ["The connection to Twitch is being closed."]
    with pytest.raises(TemporaryError):
        await account.renew(await account.token())


async def test_a_store_that_fails_leaves_the_pair_in_memory_and_says_so(house: Desk) -> None:
    account = await house.signed_in()
    house.store.is_unwritable = True
    fresh = await account.renew(await account.token())
    assert await account.token() == fresh
    assert not account.status.is_kept
    assert account.status.sentence == f"{LOCKED} {accounts.ONLY_NOW}"
    house.store.is_unwritable = False
    await account.validate()
    assert account.status.is_kept
    assert account.status.sentence == ""
    kept = house.store.pair()
    assert kept is not None
    assert kept.access == fresh


async def test_a_store_that_does_not_answer_does_not_hold_the_show(house: Desk) -> None:
    account = await house.signed_in()
    house.store.delay_s = 500
    fresh = await account.renew(await account.token())
    assert not account.status.is_kept
    house.store.delay_s = 0
    await account.validate()
    await house.clock.sleep(600)
    kept = house.store.pair()
    assert kept is not None
    assert kept.access == fresh


async def test_no_network_signs_nobody_out(house: Desk) -> None:
    account = await house.signed_in()
    house.fake.expire_access()
    house.fake.faults.go_offline(100)
    for _ in range(3):
        with pytest.raises(TemporaryError):
            await account.validate()
    assert account.is_signed_in
    await house.clock.sleep(101)
    await account.validate()
    assert state(account) is AccountState.SIGNED_IN


@pytest.mark.parametrize("status", [500, 503, 429, 408])
async def test_a_fault_of_theirs_signs_nobody_out(house: Desk, status: int) -> None:
    account = await house.signed_in()
    house.fake.faults.error(status, "oops", "token")
    with pytest.raises(TemporaryError):
        await account.renew(await account.token())
    await account.renew(await account.token())


async def test_a_page_of_a_proxy_signs_nobody_out(house: Desk) -> None:
    account = await house.signed_in()
    house.fake.faults.html(times=2, status=400)
    with pytest.raises(TemporaryError) as caught:
        await account.renew(await account.token())
    assert caught.value.sentence == failures.PAGE
    with pytest.raises(TemporaryError):
        await account.validate()
    await account.validate()


async def test_a_refused_refresh_token_asks_to_sign_in_again(house: Desk) -> None:
    account = await house.signed_in()
    house.fake.disconnect_app()
    with pytest.raises(AuthError) as caught:
        await account.validate()
    assert caught.value.sentence == tokens.SIGN_IN_AGAIN
    assert state(account) is AccountState.REFUSED
    assert account.status.sentence == tokens.SIGN_IN_AGAIN
    assert account.status.name == "streamer"
    with pytest.raises(AuthError):
        await account.token()
    await confirmed(house, account)
    assert account.status.sentence == ""


async def test_a_lost_answer_does_not_end_a_token_that_still_serves(house: Desk) -> None:
    account = await house.signed_in()
    house.fake.faults.add(Fault("token", is_lost=True))
    stale = await account.token()
    with pytest.raises(TemporaryError):
        await account.renew(stale)
    assert await account.renew(stale) == stale
    assert account.status.sentence == accounts.LAST
    assert state(account) is AccountState.SIGNED_IN
    house.fake.expire_access()
    with pytest.raises(AuthError):
        await account.renew(stale)


async def test_a_refusal_that_cannot_be_checked_is_not_final(house: Desk) -> None:
    account = await house.signed_in()
    stale = await account.token()
    house.fake.disconnect_app()
    house.fake.faults.add(Fault("validate", is_refused=True))
    with pytest.raises(TemporaryError):
        await account.renew(stale)
    assert account.is_signed_in
    with pytest.raises(AuthError):
        await account.renew(stale)


async def test_a_newer_pair_in_the_store_is_taken(house: Desk) -> None:
    account = await house.signed_in()
    other = house.account()
    fresh = await other.renew(await other.token())
    assert await account.renew(await account.token()) == fresh


async def test_an_unreadable_store_does_not_change_a_refusal(house: Desk) -> None:
    account = await house.signed_in()
    house.fake.disconnect_app()
    house.store.is_locked = True
    with pytest.raises(AuthError):
        await account.validate()


async def test_a_wrong_client_id_is_a_setting_and_not_a_refusal(house: Desk) -> None:
    account = await house.signed_in()
    del house.fake.world.apps[house.fake.app.client_id]
    with pytest.raises(SetupError) as caught:
        await account.renew(await account.token())
    assert caught.value.sentence == sign_in.WRONG_CLIENT
    assert account.is_signed_in


async def test_an_unknown_refusal_is_temporary(house: Desk) -> None:
    account = await house.signed_in()
    house.fake.faults.add(Fault("token", reply=auth_error(418, "teapot")))
    with pytest.raises(TemporaryError, match="418"):
        await account.renew(await account.token())
    house.fake.faults.add(Fault("validate", reply=auth_error(418, "teapot")))
    with pytest.raises(TemporaryError, match="418"):
        await account.validate()


async def test_signing_out_while_renewing_keeps_nothing(house: Desk) -> None:
    account = await house.signed_in()
    house.store.delay_s = 1
    renewing = asyncio.gather(account.renew(await account.token()), return_exceptions=True)
    await house.clock.sleep(0.5)
    await account.sign_out()
    assert isinstance((await renewing)[0], AuthError)
    await house.clock.sleep(5)
    assert house.store.kept == {}
    assert state(account) is AccountState.SIGNED_OUT


async def test_signing_out_while_a_refusal_is_checked_leaves_no_refusal(house: Desk) -> None:
    account = await house.signed_in()
    house.fake.disconnect_app()
    house.fake.faults.add(Fault("validate", delay_s=1))
    renewing = asyncio.gather(account.renew(await account.token()), return_exceptions=True)
    await house.clock.sleep(0.5)
    await account.sign_out()
    assert [str(error) for error in await renewing] == [accounts.SIGN_IN]
    assert state(account) is AccountState.SIGNED_OUT
    assert account.status.sentence == ""


async def test_signing_in_while_renewing_keeps_the_new_sign_in(house: Desk) -> None:
    account = await house.signed_in()
    code = await account.sign_in()
    house.fake.approve(code.user_code)
    await house.clock.sleep(4.9)
    house.fake.faults.add(Fault("token", delay_s=3))
    stale = await account.token()
    renewed = await account.renew(stale)
    await house.clock.sleep(5)
    kept = house.store.pair()
    assert kept is not None
    assert kept.access == await account.token()
    assert renewed in house.fake.world.access
    assert house.fake.world.valid(kept.access)
    assert kept.refresh in house.fake.world.refresh
    assert not house.fake.world.refresh[kept.refresh].is_refresh_used


async def test_signing_out_while_the_grant_is_put_away_keeps_nothing(house: Desk) -> None:
    account = house.account()
    code = await account.sign_in()
    house.fake.approve(code.user_code)
    house.store.delay_s = 2
    await house.clock.sleep(6)
    await account.sign_out()
    await house.clock.sleep(10)
    assert house.store.kept == {}
    assert not account.is_signed_in
