"""The API: typed answers, and a sentence for everything that goes wrong."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from tests.fakes.twitch.faults import Fault
from tests.fakes.twitch.replies import helix_error, json_reply
from tests.integrations.twitch.signed_in import Desk, desk
from voxelle.domain.channel import AccountRole
from voxelle.domain.errors import AuthError, SetupError, TemporaryError, VoxelleError
from voxelle.integrations.twitch import accounts, failures, refusals
from voxelle.integrations.twitch.helix import Helix, Outcome
from voxelle.kernel.clock import Clock

pytestmark = pytest.mark.virtual_time
CHAT = "channel.chat.message"
EVENTSUB = "wss://eventsub.wss.twitch.tv/ws"


@pytest.fixture
async def house(clock: Clock) -> AsyncIterator[Desk]:
    async with desk(clock) as lent:
        yield lent


@pytest.fixture
async def helix(house: Desk) -> Helix:
    return house.helix(await house.signed_in())


def condition(house: Desk) -> dict[str, str]:
    return {"broadcaster_user_id": house.fake.streamer.id, "user_id": house.fake.streamer.id}


async def session(house: Desk) -> str:
    await house.net.connect(EVENTSUB)
    return house.fake.lines.open_lines()[-1].session_id


# ---- what is asked ----


async def test_users_are_found_by_id_by_name_and_by_being_signed_in(house: Desk, helix: Helix) -> None:
    assert (await helix.users())[0].login == "streamer"
    both = await helix.users(ids=[house.fake.streamer.id], logins=["assistant"])
    assert {user.login for user in both} == {"streamer", "assistant"}
    assert (both[0].display_name, both[0].broadcaster_type) == ("Streamer", "affiliate")


async def test_what_is_on_air_is_told_also_while_nothing_is(house: Desk, helix: Helix) -> None:
    off = await helix.broadcast(house.fake.streamer.id)
    assert (off.is_live, off.title, off.category) == (False, "Building things", "Software and Game Development")
    house.fake.begin_stream(viewers=7)
    live = await helix.broadcast(house.fake.streamer.id)
    assert (live.is_live, live.viewers, live.title) == (True, 7, "Building things")
    assert live.started_at is not None
    assert house.clock.now() - live.started_at < timedelta(seconds=5)
    assert live.checked_at == house.clock.now()


async def test_a_channel_nobody_knows_is_simply_off(house: Desk, helix: Helix) -> None:
    assert (await helix.broadcast("1")).title == ""


async def test_waiting_redemptions_of_our_own_rewards_are_listed_page_by_page(house: Desk, helix: Helix) -> None:
    reward = house.fake.add_reward("Hydrate")
    other = house.fake.add_app("another")
    house.fake.add_reward("Not ours", client_id=other.client_id)
    made = []
    for number in range(120):
        made.append(house.fake.redeem(reward, f"number {number}"))
        await house.clock.sleep(1)
    found = await helix.unfulfilled(house.fake.streamer.id)
    assert [each.id for each in found] == made
    assert (found[0].user_input, found[0].reward.title) == ("number 0", "Hydrate")


async def test_a_channel_without_points_says_why(house: Desk) -> None:
    house.fake.streamer.kind = ""
    helix = house.helix(await house.signed_in())
    with pytest.raises(SetupError) as caught:
        await helix.unfulfilled(house.fake.streamer.id)
    assert caught.value.sentence == refusals.AFFILIATE


async def test_anything_else_can_be_asked_as_json(house: Desk, helix: Helix) -> None:
    reply = await helix.get("channels", [("broadcaster_id", house.fake.streamer.id)])
    assert reply["data"][0]["title"] == "Building things"
    text = {"message": "hello"}
    query = [("broadcaster_id", house.fake.streamer.id), ("moderator_id", house.fake.streamer.id)]
    assert await helix.post("chat/announcements", text, query) is None


# ---- subscriptions ----


async def test_a_subscription_is_made_once_and_can_be_listed_and_ended(house: Desk, helix: Helix) -> None:
    session_id = await session(house)
    made = await helix.subscribe(CHAT, "1", condition(house), session_id)
    assert made.outcome is Outcome.CREATED
    assert (await helix.subscribe(CHAT, "1", condition(house), session_id)).outcome is Outcome.EXISTS
    (listed,) = await helix.subscriptions()
    assert (listed.id, listed.type, listed.transport.session_id, listed.status) == (made.id, CHAT, session_id, "enabled")
    await helix.delete_subscription(made.id)
    await helix.delete_subscription(made.id)
    assert await helix.subscriptions() == ()


async def test_subscriptions_may_have_an_address_of_their_own(house: Desk) -> None:
    house.settings = house.settings.model_copy(update={"subscriptions_url": "http://127.0.0.1:1/helix/eventsub/subscriptions"})
    helix = house.helix(await house.signed_in())
    assert (await helix.subscribe(CHAT, "1", condition(house), await session(house))).outcome is Outcome.CREATED


@pytest.mark.parametrize(
    "status, message, sentence",
    [
        (403, "subscription missing proper authorization", refusals.NO_PERMISSION),
        (403, "the broadcaster must have partner or affiliate status", refusals.AFFILIATE),
        (401, "Missing scope: bits:read", refusals.NO_PERMISSION),
        (400, "invalid subscription type and version", "Twitch refuses this: “invalid subscription type and version” (400)."),
        (404, "", "There is nothing at the API address in the settings of Twitch: put the default back."),
        (418, "", "Twitch refuses this (418)."),
        (429, "maximum subscriptions with type and condition exceeded", refusals.NO_ROOM),
        (429, "number of subscriptions per websocket transport exceeded", refusals.NO_ROOM),
        (429, "total cost limit exceeded", refusals.NO_ROOM),
    ],
)
async def test_a_subscription_is_refused_alone_with_its_reason(house: Desk, helix: Helix, status: int, message: str, sentence: str) -> None:
    reply = helix_error(status, message) if status in {400, 401, 403, 404, 429} else json_reply(status, {})
    reply = json_reply(404, {}) if (status, message) == (404, "") else reply
    house.fake.faults.add(Fault("subscriptions", reply=reply))
    answer = await helix.subscribe(CHAT, "1", condition(house), await session(house))
    assert (answer.outcome, answer.sentence) == (Outcome.REFUSED, sentence)


@pytest.mark.parametrize(
    "status, message, sentence",
    [
        (400, "websocket transport session does not exist or has already disconnected", refusals.LINE_GONE),
        (400, "websocket transport cannot have subscriptions created by different users", refusals.LINE_GONE),
        (429, "number of websocket transports limit exceeded", refusals.TOO_MANY_LINES),
        (429, "Too Many Requests", refusals.TOO_FAST),
        (503, "", "Twitch has a fault of its own (503). She tries again by herself."),
    ],
)
async def test_a_line_that_is_gone_or_a_limit_is_temporary(house: Desk, helix: Helix, status: int, message: str, sentence: str) -> None:
    house.fake.faults.error(status, message, "subscriptions")
    with pytest.raises(TemporaryError) as caught:
        await helix.subscribe(CHAT, "1", condition(house), "gone")
    assert caught.value.sentence == sentence


async def test_a_refused_deletion_is_said(house: Desk, helix: Helix) -> None:
    with pytest.raises(SetupError):
        await helix.delete_subscription("")


# ---- tokens ----


async def test_an_ended_token_is_renewed_once_and_asked_again(house: Desk, helix: Helix) -> None:
    house.fake.expire_access()
    assert await helix.users()
    assert house.fake.auth.refreshes == 1


async def test_a_token_that_is_refused_again_and_again_is_temporary(house: Desk, helix: Helix) -> None:
    house.fake.faults.error(401, "Invalid OAuth token", "users", times=2)
    with pytest.raises(TemporaryError) as caught:
        await helix.users()
    assert caught.value.sentence == accounts.STRANGE


async def test_a_revoked_sign_in_asks_to_sign_in_again(house: Desk, helix: Helix) -> None:
    house.fake.disconnect_app()
    with pytest.raises(AuthError):
        await helix.users()


async def test_a_missing_permission_spends_no_refresh_token(house: Desk) -> None:
    helix = house.helix(await house.signed_in(scopes=("user:read:chat",)))
    with pytest.raises(SetupError) as caught:
        await helix.send_message(house.fake.streamer.id, "hello")
    assert caught.value.sentence == refusals.NO_PERMISSION
    assert house.fake.auth.refreshes == 0


async def test_another_client_id_is_named(house: Desk, helix: Helix) -> None:
    helix.use_settings(house.settings.model_copy(update={"client_id": "another"}))
    with pytest.raises(SetupError) as caught:
        await helix.users()
    assert caught.value.sentence == refusals.OTHER_CLIENT


# ---- limits and faults ----


async def test_an_empty_bucket_is_waited_for_and_the_chat_has_its_own(house: Desk, helix: Helix) -> None:
    await helix.users()
    house.fake.helix.rates.drain()
    with pytest.raises(TemporaryError) as caught:
        await helix.users()
    assert caught.value.retry_after_s is not None
    before = house.clock.monotonic()
    await helix.send_message(house.fake.streamer.id, "the chat goes on")
    assert house.clock.monotonic() - before < 0.1
    assert await helix.users()
    assert house.clock.monotonic() - before > 0.5


async def test_two_thousand_requests_are_never_refused(house: Desk, helix: Helix) -> None:
    for _ in range(2000):
        await helix.users()


@pytest.mark.parametrize(
    "reply, kind, sentence",
    [
        (helix_error(500, ""), TemporaryError, "Twitch has a fault of its own (500). She tries again by herself."),
        (json_reply(200, {"data": 5}), TemporaryError, failures.MALFORMED),
        (json_reply(200, []), TemporaryError, failures.MALFORMED),
        (json_reply(200, {"data": [{"id": "", "login": "x"}]}), TemporaryError, failures.MALFORMED),
        (helix_error(407, ""), TemporaryError, failures.PROXY),
    ],
)
async def test_faults_of_the_way_are_temporary(house: Desk, helix: Helix, reply: Any, kind: type[VoxelleError], sentence: str) -> None:
    house.fake.faults.add(Fault("users", reply=reply))
    with pytest.raises(kind) as caught:
        await helix.users()
    assert caught.value.sentence == sentence


async def test_a_page_of_a_proxy_names_the_network(house: Desk, helix: Helix) -> None:
    house.fake.faults.html()
    with pytest.raises(TemporaryError) as caught:
        await helix.users()
    assert caught.value.sentence == failures.PAGE


async def test_what_cannot_be_read_is_counted(house: Desk, helix: Helix) -> None:
    house.fake.faults.add(Fault("users", reply=json_reply(200, {"data": None})))
    house.fake.faults.add(Fault("channels", reply=type(json_reply(200, {}))(200, b"\xff{")))
    for ask in (helix.users(), helix.get("channels")):
        with pytest.raises(TemporaryError):
            await ask
    assert helix.malformed == 2


# ---- writing ----


async def test_a_message_and_a_reply_are_written(house: Desk, helix: Helix) -> None:
    sent = await helix.send_message(house.fake.streamer.id, "hello", reply_to="parent")
    (written,) = house.fake.chat.written
    assert (sent.is_sent, sent.message_id) == (True, written.message_id)
    assert (written.text, written.reply_to, written.sender_id) == ("hello", "parent", house.fake.streamer.id)


async def test_a_dropped_message_carries_its_reason(house: Desk, helix: Helix) -> None:
    house.fake.chat.drops.append(("msg_rejected", "Your message is being checked by mods."))
    sent = await helix.send_message(house.fake.streamer.id, "hello")
    assert (sent.is_sent, sent.drop_code, sent.drop_reason) == (False, "msg_rejected", "Your message is being checked by mods.")


@pytest.mark.parametrize("reason", [None, [], [{"code": "a", "message": "b"}], {"code": "a", "message": "b", "new": 1}])
async def test_reasons_come_in_any_shape(house: Desk, helix: Helix, reason: Any) -> None:
    data = {"data": [{"message_id": "", "is_sent": False, "drop_reason": reason}]}
    house.fake.faults.add(Fault("messages", reply=json_reply(200, data)))
    assert (await helix.send_message(house.fake.streamer.id, "hello")).drop_reason == ("b" if reason else "")


async def test_an_empty_answer_to_a_message_is_malformed(house: Desk, helix: Helix) -> None:
    house.fake.faults.add(Fault("messages", reply=json_reply(200, {"data": []})))
    with pytest.raises(TemporaryError):
        await helix.send_message(house.fake.streamer.id, "hello")


async def test_a_banned_writer_is_told_so(house: Desk) -> None:
    helix = house.helix(await house.signed_in(AccountRole.BOT))
    house.fake.streamer.banned.add(house.fake.bot.id)
    with pytest.raises(SetupError) as caught:
        await helix.send_message(house.fake.streamer.id, "hello")
    assert caught.value.sentence == refusals.NOT_ALLOWED_THERE


async def test_announcing_without_being_a_moderator_says_what_to_do(house: Desk) -> None:
    helix = house.helix(await house.signed_in(AccountRole.BOT))
    await helix.announce(house.fake.streamer.id, "hello")
    house.fake.streamer.moderators.clear()
    with pytest.raises(SetupError) as caught:
        await helix.announce(house.fake.streamer.id, "hello")
    assert caught.value.sentence == refusals.NOT_MODERATOR
