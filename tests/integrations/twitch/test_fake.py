"""The fake Twitch itself: sign-in, Helix, subscriptions and lines behave as the real ones do."""

from __future__ import annotations

import pytest

from tests.fakes.twitch import CLIENT_ID, EVERY_SCOPE, TOPICS, FakeTwitch
from tests.fakes.twitch.auth import DEVICE_GRANT
from tests.fakes.twitch.caller import EVENTSUB, Caller, ending, heard, kind
from voxelle.integrations.twitch.net import HttpReply
from voxelle.kernel.clock import Clock, Randomness

pytestmark = pytest.mark.virtual_time


@pytest.fixture
def fake(clock: Clock, randomness: Randomness) -> FakeTwitch:
    return FakeTwitch(clock, randomness)


@pytest.fixture
def caller(fake: FakeTwitch) -> Caller:
    return Caller(fake)


async def test_a_code_is_confirmed_in_the_browser_and_gives_tokens(caller: Caller, fake: FakeTwitch, clock: Clock) -> None:
    asked = (await caller.auth("device", scopes="user:read:chat bits:read")).json()
    assert asked["verification_uri"].endswith(f"device-code={asked['user_code']}")
    assert (asked["expires_in"], asked["interval"]) == (1800, 5)
    grant = {"device_code": asked["device_code"], "grant_type": DEVICE_GRANT, "scopes": "user:read:chat bits:read"}
    early = await caller.auth("token", **grant)
    assert (early.status, early.json()["message"]) == (400, "authorization_pending")
    assert (await caller.auth("token", **grant)).json()["message"] == "slow_down"
    await clock.sleep(10)
    fake.approve(asked["user_code"], fake.bot)
    token = (await caller.auth("token", **grant)).json()
    assert token["scope"] == ["user:read:chat", "bits:read"]
    checked = (await caller.validate(token["access_token"])).json()
    assert (checked["login"], checked["user_id"], checked["client_id"]) == ("assistant", fake.bot.id, CLIENT_ID)
    await clock.sleep(10)
    assert (await caller.auth("token", **grant)).json() == {"status": 400, "message": "invalid device code"}


@pytest.mark.parametrize("change, message", [("deny", "access_denied"), ("wait", "invalid device code")])
async def test_a_code_is_refused_or_runs_out(caller: Caller, fake: FakeTwitch, clock: Clock, change: str, message: str) -> None:
    asked = (await caller.auth("device", scopes="user:read:chat")).json()
    if change == "deny":
        fake.deny(asked["user_code"])
    else:
        await clock.sleep(1800)
    reply = await caller.auth("token", device_code=asked["device_code"], grant_type=DEVICE_GRANT)
    assert (reply.status, reply.json()["message"]) == (400, message)


async def test_an_unknown_application_gets_no_code(caller: Caller) -> None:
    reply = await caller.net.http.request("POST", "https://id.twitch.tv/oauth2/device", form={"client_id": "nobody", "scopes": "bits:read"})
    assert (reply.status, reply.json()) == (400, {"status": 400, "message": "invalid client"})
    assert (await caller.auth("device", scopes="everything")).json()["message"] == "invalid scope requested: 'everything'"


async def test_a_refresh_token_serves_once(caller: Caller, fake: FakeTwitch) -> None:
    token = fake.sign_in()
    first = await caller.auth("token", grant_type="refresh_token", refresh_token=token.refresh)
    assert first.status == 200
    again = await caller.auth("token", grant_type="refresh_token", refresh_token=token.refresh)
    assert (again.status, again.json()["message"]) == (400, "Invalid refresh token")
    # The old access token lives on until its time is over.
    assert (await caller.validate(token.access)).status == 200
    assert (await caller.validate(first.json()["access_token"])).status == 200


async def test_a_grace_for_a_lost_refresh_can_be_allowed(caller: Caller, fake: FakeTwitch, clock: Clock) -> None:
    fake.auth.refresh_grace_s = 60
    token = fake.sign_in()
    first = await caller.auth("token", grant_type="refresh_token", refresh_token=token.refresh)
    await clock.sleep(30)
    again = await caller.auth("token", grant_type="refresh_token", refresh_token=token.refresh)
    assert again.json()["refresh_token"] == first.json()["refresh_token"]
    await clock.sleep(31)
    assert (await caller.auth("token", grant_type="refresh_token", refresh_token=token.refresh)).status == 400


async def test_tokens_end_by_time_by_revocation_and_by_hand(caller: Caller, fake: FakeTwitch, clock: Clock) -> None:
    token = fake.sign_in()
    assert (await caller.auth("revoke", token=token.access)).status == 200
    assert (await caller.auth("revoke", token=token.access)).json()["message"] == "Invalid token"
    other = fake.sign_in()
    fake.expire_access()
    refused = await caller.validate(other.access)
    assert (refused.status, refused.json()["message"]) == (401, "invalid access token")
    renewed = await caller.auth("token", grant_type="refresh_token", refresh_token=other.refresh)
    access = renewed.json()["access_token"]
    await clock.sleep(14_400)
    assert (await caller.validate(access)).status == 401
    await clock.sleep(30 * 86_400)
    assert (await caller.auth("token", grant_type="refresh_token", refresh_token=renewed.json()["refresh_token"])).status == 400


async def test_a_confidential_application_needs_its_secret(caller: Caller, fake: FakeTwitch) -> None:
    fake.add_app("secretive", "s3cret")
    token = fake.sign_in(client_id="secretive")
    refused = await caller.auth("token", client_id="secretive", grant_type="refresh_token", refresh_token=token.refresh)
    assert (refused.status, refused.json()["message"]) == (403, "invalid client secret")


@pytest.mark.parametrize(
    "headers, message",
    [
        ({}, "OAuth token is missing"),
        ({"Authorization": "Bearer nonsense", "Client-Id": CLIENT_ID}, "Invalid OAuth token"),
        ({"Authorization": "Bearer {access}", "Client-Id": "another"}, "Client ID and OAuth token do not match"),
    ],
)
async def test_helix_refuses_in_the_official_form(caller: Caller, headers: dict[str, str], message: str) -> None:
    reply = await caller.helix_as({name: text.format(access=caller.access) for name, text in headers.items()}, "GET", "users")
    assert (reply.status, reply.json()) == (401, {"error": "Unauthorized", "status": 401, "message": message})


async def test_helix_tells_of_users_streams_and_channels(caller: Caller, fake: FakeTwitch) -> None:
    own = await caller.helix("GET", "users")
    assert own.json()["data"][0]["login"] == "streamer"
    assert (own.headers["ratelimit-limit"], own.headers["ratelimit-remaining"]) == ("800", "799")
    assert (await caller.helix("GET", "streams", user_id=fake.streamer.id)).json()["data"] == []
    fake.begin_stream(viewers=34)
    stream = (await caller.helix("GET", "streams", user_id=fake.streamer.id)).json()["data"][0]
    assert (stream["viewer_count"], stream["type"]) == (34, "live")
    fake.end_stream()
    assert (await caller.helix("GET", "streams", user_login="streamer")).json()["data"] == []
    assert (await caller.helix("GET", "channels", broadcaster_id=fake.streamer.id)).json()["data"][0]["title"] == fake.streamer.title
    assert (await caller.helix("GET", "nonsense")).status == 404


async def test_helix_runs_dry_and_refills(caller: Caller, fake: FakeTwitch, clock: Clock) -> None:
    await caller.helix("GET", "users")
    fake.helix.rates.drain()
    dry = await caller.helix("GET", "users")
    assert (dry.status, dry.json()["error"], dry.headers["ratelimit-remaining"]) == (429, "Too Many Requests", "0")
    await clock.sleep(1)
    assert (await caller.helix("GET", "users")).status == 200


async def test_redemptions_wait_for_the_application_that_made_the_reward(caller: Caller, fake: FakeTwitch) -> None:
    mine, other = fake.add_reward("Hydrate"), fake.add_reward("Sing", client_id="another")
    ids = [fake.redeem(mine, "please") for _ in range(3)]
    rewards = await caller.helix("GET", "channel_points/custom_rewards", broadcaster_id=fake.streamer.id, only_manageable_rewards="true")
    assert [each["title"] for each in rewards.json()["data"]] == ["Hydrate"]
    path = "channel_points/custom_rewards/redemptions"
    query = {"broadcaster_id": fake.streamer.id, "status": "UNFULFILLED", "first": "2"}
    page = (await caller.helix("GET", path, reward_id=mine.id, **query)).json()
    rest = (await caller.helix("GET", path, reward_id=mine.id, after=page["pagination"]["cursor"], **query)).json()
    assert [each["id"] for each in page["data"] + rest["data"]] == ids
    assert (await caller.helix("GET", path, reward_id=other.id, **query)).status == 403
    fake.streamer.kind = ""
    assert (await caller.helix("GET", path, reward_id=mine.id, **query)).status == 403


async def test_a_line_begins_with_a_welcome_and_beats(caller: Caller, clock: Clock) -> None:
    socket = await caller.connect(f"{EVENTSUB}?keepalive_timeout_seconds=20")
    welcome = await heard(socket)
    session = welcome["payload"]["session"]
    assert (session["status"], session["keepalive_timeout_seconds"], session["reconnect_url"]) == ("connected", 20, None)
    assert (await caller.subscribe("channel.follow", session["id"])).status == 202
    began = clock.monotonic()
    assert await kind(socket) == "session_keepalive"
    assert clock.monotonic() - began == pytest.approx(20, abs=0.1)


@pytest.mark.parametrize("asked, given", [("5", 10), ("1000", 600), ("nonsense", 10)])
async def test_an_odd_heartbeat_is_made_even(caller: Caller, asked: str, given: int) -> None:
    socket = await caller.connect(f"{EVENTSUB}?keepalive_timeout_seconds={asked}")
    assert (await heard(socket))["payload"]["session"]["keepalive_timeout_seconds"] == given


async def test_a_line_without_subscriptions_is_closed_after_ten_seconds(caller: Caller, clock: Clock) -> None:
    socket = await caller.connect(f"{EVENTSUB}?keepalive_timeout_seconds=600")
    began = clock.monotonic()
    assert await ending(socket) == 4003
    assert clock.monotonic() - began == pytest.approx(10, abs=0.1)


async def test_every_topic_can_be_subscribed_to_once(caller: Caller, fake: FakeTwitch) -> None:
    socket, session_id = await caller.open()
    for topic in TOPICS:
        reply = await caller.subscribe(topic, session_id)
        assert (reply.status, reply.json()["data"][0]["status"]) == (202, "enabled"), topic
        assert (await caller.subscribe(topic, session_id)).json()["error"] == "Conflict"
    listed = (await caller.helix("GET", "eventsub/subscriptions", status="enabled")).json()
    assert (listed["total"], listed["total_cost"], listed["max_total_cost"]) == (len(TOPICS), 0, 10)
    for topic in TOPICS:
        assert len(fake.emit(topic)) == 1
        message = await heard(socket)
        assert message["metadata"]["subscription_type"] == message["payload"]["subscription"]["type"] == topic
    gone = listed["data"][0]["id"]
    assert (await caller.helix("DELETE", "eventsub/subscriptions", id=gone)).status == 204
    assert (await caller.helix("DELETE", "eventsub/subscriptions", id=gone)).status == 404
    assert (await caller.helix("DELETE", "eventsub/subscriptions")).status == 400


async def test_subscriptions_are_refused_as_the_real_ones_are(caller: Caller, fake: FakeTwitch) -> None:
    assert (await caller.subscribe("channel.follow", "no-such-session")).status == 400
    _, session_id = await caller.open()
    missing = await caller.helix("POST", "eventsub/subscriptions", {"type": "channel.follow"})
    assert missing.status == 400
    body = {"type": "channel.follow", "version": "1", "condition": {}, "transport": {"method": "websocket", "session_id": session_id}}
    assert (await caller.helix("POST", "eventsub/subscriptions", body)).json()["message"] == "invalid subscription type and version"
    assert (await caller.subscribe("channel.follow", session_id, broadcaster_user_id=fake.streamer.id)).status == 400
    fake.streamer.kind = ""
    refused = await caller.subscribe("channel.poll.begin", session_id)
    assert (refused.status, refused.json()["error"]) == (403, "Forbidden")
    caller.access = fake.sign_in(scopes=("user:read:chat",)).access
    refused = await caller.subscribe("channel.follow", session_id)
    assert (refused.status, refused.json()["message"]) == (403, "subscription missing proper authorization")
    fake.subscriptions.refused["stream.online"] = (429, "slow down")
    assert (await caller.subscribe("stream.online", session_id)).status == 429


async def test_other_people_cost_and_three_alike_are_the_most(caller: Caller, fake: FakeTwitch) -> None:
    _, session_id = await caller.open()
    strangers = [fake.add_user(f"stranger{number}") for number in range(11)]
    replies = [await caller.subscribe("stream.online", session_id, broadcaster_user_id=each.id) for each in strangers]
    assert [reply.status for reply in replies] == [202] * 10 + [429]
    for _ in range(2):
        _, other_id = await caller.open()
        assert (await caller.subscribe("channel.follow", other_id)).status == 202
    _, fourth_id = await caller.open()
    assert (await caller.subscribe("channel.follow", fourth_id)).json()["message"] == "number of websocket transports limit exceeded"
    caller.access = fake.sign_in(fake.bot).access
    other_user = await caller.subscribe("channel.chat.message", session_id, broadcaster_user_id=fake.streamer.id, user_id=fake.bot.id)
    assert (other_user.status, "different users" in other_user.json()["message"]) == (400, True)


async def test_a_reconnect_moves_the_session_to_a_new_line(caller: Caller, fake: FakeTwitch, clock: Clock) -> None:
    old, session_id = await caller.open()
    await caller.subscribe("channel.follow", session_id)
    fake.emit("channel.follow")
    url = fake.lines.ask_to_reconnect(old.line)
    fake.emit("channel.follow")
    new, same_id = await caller.open(url)
    assert same_id == session_id
    fake.emit("channel.follow")
    fake.emit("channel.follow", over=old.line)
    assert [await kind(old) for _ in range(4)] == ["notification", "session_reconnect", "notification", "notification"]
    assert await kind(new) == "notification"
    began = clock.monotonic()
    assert await ending(old) == 1000
    assert clock.monotonic() - began == pytest.approx(30, abs=0.1)
    assert len(fake.subscriptions.enabled()) == 1
    assert await ending(await caller.connect(url)) == 4007


async def test_who_does_not_reconnect_is_cut_off(caller: Caller, fake: FakeTwitch) -> None:
    socket, session_id = await caller.open()
    await caller.subscribe("channel.follow", session_id)
    url = fake.lines.ask_to_reconnect(socket.line, is_accepted=False)
    assert await ending(await caller.connect(url)) == 4007
    assert await ending(socket) == 4004
    listed = (await caller.helix("GET", "eventsub/subscriptions")).json()["data"]
    assert [each["status"] for each in listed] == ["websocket_failed_to_reconnect"]
    assert "disconnected_at" in listed[0]["transport"]


async def test_who_hangs_up_first_can_not_reconnect(caller: Caller, fake: FakeTwitch) -> None:
    socket, session_id = await caller.open()
    await caller.subscribe("channel.follow", session_id)
    url = fake.lines.ask_to_reconnect(socket.line)
    missed = fake.emit("channel.follow")
    await socket.close()
    await socket.close()
    assert fake.lines.abandoned == list(missed)
    assert await ending(await caller.connect(url)) == 4007
    assert fake.subscriptions.enabled() == []


async def test_who_speaks_is_cut_off(caller: Caller, fake: FakeTwitch) -> None:
    socket, _ = await caller.open()
    fake.hear(socket.line)
    assert await ending(socket) == 4001


async def test_what_she_writes_is_read_by_all(caller: Caller, fake: FakeTwitch) -> None:
    socket, session_id = await caller.open()
    await caller.subscribe("channel.chat.message", session_id)
    await caller.subscribe("channel.chat.notification", session_id)
    body = {"broadcaster_id": fake.streamer.id, "sender_id": fake.bot.id, "message": "Hello!", "reply_parent_message_id": "abc"}
    caller.access = fake.sign_in(fake.bot).access
    sent = (await caller.helix("POST", "chat/messages", body)).json()["data"][0]
    assert sent["is_sent"]
    event = (await heard(socket))["payload"]["event"]
    assert (event["message_id"], event["chatter_user_login"], event["reply"]["parent_message_id"]) == (
        sent["message_id"],
        "assistant",
        "abc",
    )
    query = {"broadcaster_id": fake.streamer.id, "moderator_id": fake.bot.id}
    assert (await caller.helix("POST", "chat/announcements", {"message": "Soon!", "color": "blue"}, **query)).status == 204
    assert (await heard(socket))["payload"]["event"]["announcement"] == {"color": "BLUE"}
    assert (await caller.helix("POST", "chat/announcements", {"message": "Soon!"}, **query)).status == 429
    assert [each.is_announcement for each in fake.chat.written] == [False, True]


async def test_messages_are_dropped_and_refused(caller: Caller, fake: FakeTwitch) -> None:
    guest = fake.add_user("guest", kind="")
    caller.access = fake.sign_in(guest).access
    body = {"broadcaster_id": fake.streamer.id, "sender_id": guest.id, "message": "Hi"}

    async def send(**changes: str) -> HttpReply:
        return await caller.helix("POST", "chat/messages", {**body, **changes})

    assert (await send()).json()["data"][0]["is_sent"]
    again = (await send()).json()["data"][0]
    assert (again["is_sent"], again["drop_reason"]["code"]) == (False, "msg_duplicate")
    fake.chat.drops.append(("automod_held", "Held by AutoMod."))
    assert (await send(message="x")).json()["data"][0]["drop_reason"] == {"code": "automod_held", "message": "Held by AutoMod."}
    codes = [(await send(message=str(number))).json()["data"][0].get("drop_reason", {}).get("code") for number in range(20)]
    assert codes[-1] == "msg_ratelimit"
    assert [status.status for status in (await send(message="x" * 501), await send(sender_id="1"), await send(message=" "))] == [
        422,
        401,
        400,
    ]
    fake.streamer.banned.add(guest.id)
    assert (await send(message="y")).status == 403
    caller.access = fake.sign_in(guest, scopes=EVERY_SCOPE[:1]).access
    assert (await send(message="z")).json()["message"].startswith("Missing scope")
