"""The fake Twitch misbehaves on command, and only then."""

from __future__ import annotations

import asyncio
import json

import pytest

from tests.fakes.twitch import CLIENT_ID, FakeTwitch, Fault, malformed
from tests.fakes.twitch.caller import Caller, ending, heard, kind
from tests.fakes.twitch.memory import MemorySocket
from voxelle.domain.errors import TemporaryError
from voxelle.integrations.twitch.net import SocketClosed
from voxelle.kernel.clock import Clock, Randomness

pytestmark = pytest.mark.virtual_time


@pytest.fixture
def fake(clock: Clock, randomness: Randomness) -> FakeTwitch:
    return FakeTwitch(clock, randomness)


@pytest.fixture
def caller(fake: FakeTwitch) -> Caller:
    return Caller(fake)


async def listening(caller: Caller, *topics: str) -> MemorySocket:
    """Open a line with subscriptions."""
    socket, session_id = await caller.open()
    for topic in topics:
        assert (await caller.subscribe(topic, session_id)).status == 202
    return socket


@pytest.mark.parametrize("code", [4000, 4002, 4003, 4005, 4006, 1001])
async def test_any_close_code_ends_the_subscriptions(caller: Caller, fake: FakeTwitch, code: int) -> None:
    socket = await listening(caller, "channel.follow")
    fake.emit("channel.follow")
    fake.lines.close(socket.line, code)
    assert await kind(socket) == "notification"
    assert await ending(socket) == code
    assert fake.emit("channel.follow") == ()
    assert fake.subscriptions.enabled() == []


async def test_a_drop_loses_what_was_on_its_way(caller: Caller, fake: FakeTwitch) -> None:
    socket = await listening(caller, "channel.follow")
    lost = fake.emit("channel.follow")
    fake.lines.close(socket.line, 1006, is_abrupt=True)
    with pytest.raises(SocketClosed) as error:
        await socket.receive()
    assert error.value.code == 1006
    assert set(fake.emitted) == set(lost)
    assert fake.delivered == []


async def test_a_half_open_line_says_nothing_for_ever(caller: Caller, fake: FakeTwitch, clock: Clock) -> None:
    socket = await listening(caller, "channel.follow")
    fake.lines.silence(socket.line)
    assert len(fake.emit("channel.follow")) == 1
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(3600):
            await socket.receive()
    assert fake.delivered == []
    assert not socket.line.is_open
    assert [each.status for each in fake.subscriptions.all] == ["websocket_failed_ping_pong"]


async def test_a_message_comes_twice_under_one_id_and_under_two(caller: Caller, fake: FakeTwitch) -> None:
    socket = await listening(caller, "channel.chat.message")
    same = fake.emit("channel.chat.message", copies=3)
    assert len(set(same)) == 1
    twins = fake.emit("channel.chat.message", copies=2, is_twin=True)
    assert len(set(twins)) == 2
    messages = [await heard(socket) for _ in range(5)]
    assert [each["metadata"]["message_id"] for each in messages] == [*same, *twins]
    said = [each["payload"]["event"]["message_id"] for each in messages]
    assert (len(set(said[:3])), len(set(said[3:])), len(set(said))) == (1, 1, 2)
    assert fake.delivered == [*same, *twins]


async def test_messages_come_in_another_order(caller: Caller, fake: FakeTwitch) -> None:
    socket = await listening(caller, "channel.follow")
    with fake.shuffled():
        sent = [fake.emit("channel.follow")[0] for _ in range(20)]
        assert not socket.line.outbox
    came = [(await heard(socket))["metadata"]["message_id"] for _ in range(20)]
    assert came != sent
    assert sorted(came) == sorted(sent)


async def test_a_subscription_is_revoked_with_its_reason(caller: Caller, fake: FakeTwitch) -> None:
    socket = await listening(caller, "channel.follow", "channel.raid")
    follow = next(each for each in fake.subscriptions.enabled() if each.topic.type == "channel.follow")
    fake.revoke(follow, "version_removed")
    told = await heard(socket)
    assert told["metadata"]["message_type"] == "revocation"
    assert told["payload"]["subscription"]["status"] == "version_removed"
    assert fake.emit("channel.follow") == ()
    assert len(fake.emit("channel.raid")) == 1


async def test_a_disconnected_application_loses_everything(caller: Caller, fake: FakeTwitch) -> None:
    socket = await listening(caller, "channel.follow")
    token = fake.sign_in()
    fake.disconnect_app()
    assert (await heard(socket))["payload"]["subscription"]["status"] == "authorization_revoked"
    assert (await caller.validate(token.access)).status == 401
    assert (await caller.auth("token", grant_type="refresh_token", refresh_token=token.refresh)).status == 400


async def test_without_a_network_nothing_gets_through(caller: Caller, fake: FakeTwitch, clock: Clock) -> None:
    fake.faults.go_offline(60)
    with pytest.raises(TemporaryError):
        await caller.helix("GET", "users")
    with pytest.raises(TemporaryError):
        await caller.connect()
    assert fake.requests == []
    await clock.sleep(60)
    assert (await caller.helix("GET", "users")).status == 200
    fake.faults.go_offline(60)
    fake.faults.clear()
    assert (await caller.helix("GET", "users")).status == 200


async def test_the_answer_to_a_refresh_is_lost_and_the_token_is_gone(caller: Caller, fake: FakeTwitch) -> None:
    token = fake.sign_in()
    fake.faults.add(Fault("token", is_lost=True))
    with pytest.raises(TemporaryError):
        await caller.auth("token", grant_type="refresh_token", refresh_token=token.refresh)
    assert fake.auth.refreshes == 1
    again = await caller.auth("token", grant_type="refresh_token", refresh_token=token.refresh)
    assert (again.status, again.json()["message"]) == (400, "Invalid refresh token")


async def test_a_refused_connection_leaves_the_token_good(caller: Caller, fake: FakeTwitch) -> None:
    token = fake.sign_in()
    fake.faults.add(Fault("token", is_refused=True, delay_s=3))
    with pytest.raises(TemporaryError):
        await caller.auth("token", grant_type="refresh_token", refresh_token=token.refresh)
    assert (await caller.auth("token", grant_type="refresh_token", refresh_token=token.refresh)).status == 200


async def test_a_token_ends_in_the_middle_of_a_request(caller: Caller, fake: FakeTwitch) -> None:
    fake.expire_access()
    assert (await caller.helix("GET", "users")).status == 401
    fake.faults.error(401, "Invalid OAuth token", "users", times=2)
    caller.access = fake.sign_in().access
    assert [(await caller.helix("GET", "users")).status for _ in range(3)] == [401, 401, 200]


async def test_errors_pages_and_delays_come_as_planned(caller: Caller, fake: FakeTwitch, clock: Clock) -> None:
    fake.faults.error(503, "down", "users")
    fake.faults.html("users", times=1)
    fake.faults.add(Fault("users", delay_s=5))
    fake.faults.add(Fault("users", delay_s=500))
    down = await caller.helix("GET", "users")
    assert (down.status, down.json()) == (503, {"error": "Service Unavailable", "status": 503, "message": "down"})
    assert (await caller.helix("GET", "users")).is_page
    began = clock.monotonic()
    assert (await caller.helix("GET", "users")).status == 200
    assert clock.monotonic() - began >= 5
    with pytest.raises(TemporaryError, match="in time"):
        await caller.helix("GET", "users")
    assert (await caller.helix("GET", "users")).status == 200


async def test_a_proxy_answers_instead_of_the_event_line(caller: Caller, fake: FakeTwitch) -> None:
    fake.faults.html("ws")
    with pytest.raises(TemporaryError):
        await caller.connect()
    await caller.open()


async def test_broken_frames_arrive_as_they_are(caller: Caller, fake: FakeTwitch) -> None:
    socket = await listening(caller, "channel.follow")
    frames = [*malformed.BROKEN.values(), *malformed.OVERSIZED.values()]
    for frame in frames:
        fake.send_raw(frame)
    assert [await socket.receive() for _ in frames] == frames
    for name, frame in {**malformed.NEWER, **malformed.UNKNOWN, **malformed.OVERSIZED}.items():
        assert json.loads(frame)["metadata"], name
    fake.emit("channel.follow")
    assert await kind(socket) == "notification"


async def test_the_date_of_twitch_may_differ(caller: Caller, fake: FakeTwitch) -> None:
    fake.skew_clock(-86_400 * 365)
    socket = await listening(caller, "channel.follow")
    fake.emit("channel.follow")
    assert (await heard(socket))["metadata"]["message_timestamp"].startswith("2025-")


async def test_a_seed_gives_the_same_evening_again(clock: Clock) -> None:
    async def ids() -> list[str]:
        fake = FakeTwitch(clock, Randomness(7))
        socket = await listening(Caller(fake), "channel.chat.message")
        with fake.shuffled():
            for _ in range(5):
                fake.emit("channel.chat.message")
        return [(await heard(socket))["payload"]["event"]["message_id"] for _ in range(5)]

    assert await ids() == await ids()


async def test_the_net_is_closed_by_its_owner(caller: Caller) -> None:
    await caller.net.http.close()
    assert (await caller.net.http.request("GET", "https://id.twitch.tv/oauth2/nonsense")).status == 404
    assert CLIENT_ID in caller.fake.world.apps
