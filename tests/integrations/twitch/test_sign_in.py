"""Signing in with a code."""

from __future__ import annotations

from collections.abc import AsyncIterator
from itertools import pairwise

import pytest

from tests.fakes.twitch.faults import Fault
from tests.fakes.twitch.replies import auth_error, json_reply
from tests.integrations.twitch.signed_in import Desk, desk
from voxelle.domain.errors import AuthError, SetupError, TemporaryError, VoxelleError
from voxelle.integrations.twitch import failures, sign_in
from voxelle.integrations.twitch.settings import TwitchSettings
from voxelle.kernel.clock import Clock

pytestmark = pytest.mark.virtual_time
SCOPES = ("user:read:chat", "bits:read")


@pytest.fixture
async def house(clock: Clock) -> AsyncIterator[Desk]:
    async with desk(clock) as lent:
        yield lent


async def ask(house: Desk) -> sign_in.Asked:
    return await sign_in.ask_code(house.net, house.settings, SCOPES, house.clock)


async def wait(house: Desk, asked: sign_in.Asked) -> sign_in.Granted:
    return await sign_in.wait_for_grant(house.net, house.settings, asked, house.clock)


async def test_a_code_is_shown_whose_address_contains_it(house: Desk) -> None:
    asked = await ask(house)
    assert asked.shown.user_code in asked.shown.address
    assert (asked.shown.expires_at - house.clock.now()).total_seconds() == pytest.approx(1800, abs=1)
    assert house.fake.requests[0].form["scopes"] == "bits:read user:read:chat"


async def test_a_confirmed_code_gives_a_pair_with_its_scopes(house: Desk) -> None:
    asked = await ask(house)
    house.fake.approve(asked.shown.user_code)
    granted = await wait(house, asked)
    assert granted.scopes == ("bits:read", "user:read:chat")
    assert granted.access in house.fake.world.access
    assert granted.access not in repr(granted)


async def test_asking_again_honours_the_interval_and_slow_down(house: Desk) -> None:
    asked = await ask(house)
    times: list[float] = []
    answers = [auth_error(400, "authorization_pending"), auth_error(400, "slow_down"), auth_error(400, "authorization_pending")]
    for answer in answers:
        house.fake.faults.add(Fault("token", reply=answer))
    handle = house.fake.handle

    def noting(request: object) -> object:
        times.append(house.clock.monotonic())
        return handle(request)  # type: ignore[arg-type]

    house.fake.handle = noting  # type: ignore[method-assign, assignment]
    house.fake.approve(asked.shown.user_code)
    await wait(house, asked)
    assert [round(after - before) for before, after in pairwise(times)] == [5, 10, 10]


@pytest.mark.parametrize(
    "message, sentence",
    [("access_denied", sign_in.DENIED), ("expired_token", sign_in.EXPIRED), ("invalid device code", sign_in.EXPIRED)],
)
async def test_denial_and_expiry_have_their_own_sentences(house: Desk, message: str, sentence: str) -> None:
    asked = await ask(house)
    house.fake.faults.add(Fault("token", reply=auth_error(400, message)))
    with pytest.raises(AuthError) as caught:
        await wait(house, asked)
    assert caught.value.sentence == sentence


async def test_a_denied_code_of_the_fake_is_a_denial(house: Desk) -> None:
    asked = await ask(house)
    house.fake.deny(asked.shown.user_code)
    with pytest.raises(AuthError, match="declined"):
        await wait(house, asked)


async def test_a_code_that_nobody_confirms_runs_out(house: Desk) -> None:
    asked = await ask(house)
    began = house.clock.monotonic()
    with pytest.raises(AuthError, match="ran out"):
        await wait(house, asked)
    assert house.clock.monotonic() - began == pytest.approx(1800, abs=30)


async def test_no_network_is_waited_out(house: Desk) -> None:
    asked = await ask(house)
    house.fake.faults.go_offline(600)
    house.fake.approve(asked.shown.user_code)
    await wait(house, asked)
    assert house.clock.monotonic() > 600


async def test_a_named_pause_is_kept(house: Desk) -> None:
    asked = await ask(house)
    house.fake.approve(asked.shown.user_code)
    house.fake.faults.error(503, path="token")
    house.fake.faults.html("token")
    await wait(house, asked)


async def test_a_network_that_never_comes_back_ends_with_the_code(house: Desk) -> None:
    asked = await ask(house)
    house.fake.faults.go_offline(4000)
    with pytest.raises(AuthError, match="ran out"):
        await wait(house, asked)


async def test_a_wrong_client_id_is_said_at_once(house: Desk) -> None:
    house.settings = TwitchSettings(client_id="nosuchclient")
    with pytest.raises(SetupError) as caught:
        await ask(house)
    assert caught.value.sentence == sign_in.WRONG_CLIENT


async def test_no_client_id_asks_for_one_without_a_request(house: Desk) -> None:
    house.settings = TwitchSettings()
    with pytest.raises(SetupError) as caught:
        await ask(house)
    assert caught.value.sentence == sign_in.NO_CLIENT
    assert not house.fake.requests


@pytest.mark.parametrize(
    "status, message, kind, piece",
    [
        (403, "invalid client secret", SetupError, "Public"),
        (404, "", SetupError, "address"),
        (400, "invalid scope requested: 'x'", SetupError, "invalid scope"),
        (503, "", TemporaryError, "503"),
        (429, "", TemporaryError, "busy"),
        (407, "", TemporaryError, "proxy"),
        (302, "", TemporaryError, "web page"),
    ],
)
async def test_a_refused_beginning_says_what_to_do(house: Desk, status: int, message: str, kind: type[VoxelleError], piece: str) -> None:
    house.fake.faults.add(Fault("device", reply=auth_error(status, message)))
    with pytest.raises(kind, match=piece):
        await ask(house)


async def test_a_page_in_place_of_an_answer_names_the_network(house: Desk) -> None:
    house.fake.faults.html()
    with pytest.raises(TemporaryError) as caught:
        await ask(house)
    assert caught.value.sentence == failures.PAGE


async def test_an_unknown_refusal_while_waiting_is_quoted(house: Desk) -> None:
    asked = await ask(house)
    house.fake.faults.add(Fault("token", reply=auth_error(400, "the moon is\nin the wrong place")))
    with pytest.raises(AuthError, match="the moon is in the wrong place"):
        await wait(house, asked)


@pytest.mark.parametrize(
    "reply",
    [
        {"device_code": "d", "user_code": "U", "verification_uri": "javascript:alert(1)", "expires_in": 1800, "interval": 5},
        {"device_code": "d", "user_code": "two words", "verification_uri": "https://www.twitch.tv/activate"},
        {"device_code": "", "user_code": "U", "verification_uri": "https://www.twitch.tv/activate"},
        [],
    ],
)
async def test_a_malformed_code_is_not_shown(house: Desk, reply: object) -> None:
    house.fake.faults.add(Fault("device", reply=json_reply(200, reply)))
    with pytest.raises(TemporaryError) as caught:
        await ask(house)
    assert caught.value.sentence == failures.MALFORMED


@pytest.mark.parametrize("given, interval, lifetime", [(0, 5.0, 1800.0), (-3, 5.0, 1800.0), (1e9, 60.0, 86_400.0)])
async def test_absurd_times_are_brought_into_bounds(house: Desk, given: float, interval: float, lifetime: float) -> None:
    reply = {"device_code": "d", "user_code": "U", "verification_uri": "https://www.twitch.tv/activate", "new": 1}
    house.fake.faults.add(Fault("device", reply=json_reply(200, {**reply, "interval": given, "expires_in": given})))
    asked = await ask(house)
    assert asked.interval_s == interval
    assert asked.ends_at_s == pytest.approx(lifetime)
