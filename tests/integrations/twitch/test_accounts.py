"""An account from its start, hour by hour."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from tests.fakes.twitch import EVERY_SCOPE
from tests.integrations.twitch.signed_in import LOCKED, Desk, confirmed, desk, state
from voxelle.domain.channel import AccountRole, AccountState
from voxelle.domain.errors import AuthError, SetupError, TemporaryError
from voxelle.integrations.twitch import accounts, sign_in
from voxelle.integrations.twitch.accounts import Account
from voxelle.integrations.twitch.settings import TwitchSettings
from voxelle.kernel.clock import Clock

pytestmark = pytest.mark.virtual_time


@pytest.fixture
async def house(clock: Clock) -> AsyncIterator[Desk]:
    async with desk(clock) as lent:
        yield lent


async def test_what_an_earlier_session_kept_is_used(house: Desk) -> None:
    account = await house.signed_in()
    assert state(account) is AccountState.SIGNED_IN
    assert account.status.missing == ()
    assert house.store.writes == []


async def test_nobody_is_signed_in_at_first(house: Desk) -> None:
    account = house.account()
    with pytest.raises(AuthError) as caught:
        await account.token()
    assert caught.value.sentence == accounts.SIGN_IN
    assert account.scopes == frozenset()
    assert account.user_id == ""


async def test_without_a_client_id_that_is_said_first(house: Desk) -> None:
    house.settings = TwitchSettings()
    with pytest.raises(SetupError) as caught:
        await house.account().token()
    assert caught.value.sentence == sign_in.NO_CLIENT


async def test_a_locked_store_is_said_and_tried_again(house: Desk) -> None:
    house.store.put(house.fake.sign_in(), house.fake.streamer)
    house.store.is_locked = True
    account = house.account()
    with pytest.raises(SetupError, match="locked"):
        await account.token()
    assert not account.status.is_kept
    assert state(account) is AccountState.SIGNED_OUT
    house.store.is_locked = False
    await account.token()
    assert account.status.is_kept
    assert state(account) is AccountState.UNCHECKED


async def test_with_a_locked_store_one_can_sign_in_for_this_session(house: Desk) -> None:
    house.store.is_locked = True
    account = house.account()
    await confirmed(house, account)
    await account.token()
    assert not account.status.is_kept
    assert account.status.sentence == f"{LOCKED} {accounts.ONLY_NOW}"


@pytest.mark.parametrize("kept", ["", "not JSON", '{"access": 1}', '{"access": "a b", "refresh": "x"}'])
async def test_a_kept_sign_in_that_cannot_be_read_asks_to_sign_in_again(house: Desk, kept: str) -> None:
    house.store.kept["twitch.broadcaster"] = kept
    account = house.account()
    with pytest.raises(AuthError):
        await account.token()
    assert account.status.sentence == accounts.UNREADABLE


async def test_another_client_id_needs_another_sign_in_and_the_old_one_comes_back_with_it(house: Desk) -> None:
    account = await house.signed_in()
    account.use_settings(TwitchSettings(client_id="another"))
    with pytest.raises(AuthError) as caught:
        await account.token()
    assert caught.value.sentence == accounts.CLIENT_CHANGED
    assert state(account) is AccountState.REFUSED
    account.use_settings(house.settings)
    await account.token()
    assert state(account) is AccountState.SIGNED_IN


async def test_a_switch_that_lacks_a_permission_is_named_at_once(house: Desk) -> None:
    account = await house.signed_in(scopes=tuple(scope for scope in EVERY_SCOPE if "goals" not in scope))
    account.use_settings(house.settings.model_copy(update={"goals": True}))
    assert account.status.missing == ("Goals",)
    assert house.statuses[-1].missing == ("Goals",)


async def test_both_accounts_are_kept_apart(house: Desk) -> None:
    await house.signed_in()
    bot = await house.signed_in(AccountRole.BOT)
    assert bot.status.name == "assistant"
    await bot.sign_out()
    assert list(house.store.kept) == ["twitch.broadcaster"]


async def test_the_token_is_checked_every_hour_and_renewed_when_it_ended(house: Desk) -> None:
    account = await house.signed_in()
    keeping = house.scope.start(account.keep(), name="keep")
    await house.clock.sleep(10 * 3600 + 60)
    assert house.count("validate") >= 11
    assert house.fake.auth.refreshes == 2
    assert state(account) is AccountState.SIGNED_IN
    keeping.cancel()


async def test_a_check_that_fails_is_tried_again_soon(house: Desk) -> None:
    account = await house.signed_in()
    house.scope.start(account.keep(), name="keep")
    await house.clock.sleep(3500)
    house.fake.faults.go_offline(400)
    await house.clock.sleep(600)
    assert house.count("validate") == 2
    assert account.status.checked_at is not None
    assert account.status.sentence == ""


async def test_keeping_an_account_that_is_refused_or_not_signed_in_asks_nothing(house: Desk) -> None:
    account = await house.signed_in()
    house.scope.start(account.keep(), name="keep")
    house.fake.disconnect_app()
    await house.clock.sleep(3700)
    assert state(account) is AccountState.REFUSED
    asked = len(house.fake.requests)
    await house.clock.sleep(20_000)
    assert len(house.fake.requests) == asked


async def test_a_wrong_date_matters_nowhere_but_in_the_days_left(house: Desk) -> None:
    house.fake.skew_clock(3 * 365 * 86_400.0)
    account = await house.signed_in()
    house.fake.expire_access()
    await account.validate()
    assert account.status.days_left == 30
    house.store.put(house.fake.sign_in(), house.fake.streamer, obtained_at=datetime(2040, 1, 1, tzinfo=UTC))
    assert (await loaded(house)).status.days_left == 30
    house.store.put(house.fake.sign_in(), house.fake.streamer, obtained_at=datetime(2025, 1, 1, tzinfo=UTC))
    assert (await loaded(house)).status.days_left == 0
    house.store.put(house.fake.sign_in(), house.fake.streamer, obtained_at=house.clock.now() - timedelta(days=12))
    assert (await loaded(house)).status.days_left == pytest.approx(18, abs=0.1)
    house.store.put(house.fake.sign_in(), house.fake.streamer, obtained_at=None)
    assert (await loaded(house)).status.days_left is None


async def loaded(house: Desk) -> Account:
    account = house.account()
    await account.load()
    return account


async def test_a_token_that_is_refused_as_soon_as_it_is_given_is_a_fault_of_theirs(house: Desk) -> None:
    account = await house.signed_in()
    house.fake.faults.error(401, "invalid access token", "validate", times=5)
    with pytest.raises(TemporaryError) as caught:
        await account.validate()
    assert caught.value.sentence == accounts.STRANGE
    assert account.is_signed_in
