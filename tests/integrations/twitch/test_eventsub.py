"""Sessions of the event socket: kept, moved, watched, and made anew."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from tests.fakes.twitch import FakeTwitch, memory_net, payloads
from tests.fakes.twitch.lines import Line
from tests.integrations.twitch.frames import session
from tests.integrations.twitch.working_clock import WorkingClock
from voxelle.domain.errors import AuthError, TemporaryError
from voxelle.integrations.twitch.eventsub import BREATH_S, BUSY_S, CLOSINGS, DRAIN_S, GRACE_S, LIVED_S, EventSub, LineLost, with_keepalive
from voxelle.integrations.twitch.messages import Frame, Notification, Revocation
from voxelle.integrations.twitch.net import Socket, SocketClosed
from voxelle.kernel.clock import Clock, Randomness
from voxelle.kernel.tasks import TaskScope

pytestmark = pytest.mark.virtual_time
URL = "wss://eventsub.wss.twitch.tv/ws"
KEEPALIVE_S = 10


class Ears:
    """Notes what a session tells; `subscribe` is what it does with a new one."""

    def __init__(self, fake: FakeTwitch) -> None:
        self.fake = fake
        self.token = fake.sign_in()
        self.sessions: list[str] = []
        self.heard: list[tuple[str, str, frozenset[str]]] = []
        self.revoked: list[Revocation] = []
        self.frames: list[Frame | None] = []
        self.lost: list[str] = []
        self.moves = 0
        self.connects = 0
        self.subscribe: Callable[[str], Awaitable[None]] = self._subscribe
        self.revocation_error: Exception | None = None

    async def on_connecting(self) -> None:
        self.connects += 1

    async def on_session(self, session_id: str) -> None:
        self.sessions.append(session_id)
        await self.subscribe(session_id)

    async def _subscribe(self, session_id: str) -> None:
        body = {
            "type": "channel.chat.message",
            "version": "1",
            "condition": {"broadcaster_user_id": self.fake.streamer.id, "user_id": self.fake.streamer.id},
            "transport": {"method": "websocket", "session_id": session_id},
        }
        reply = self.fake.subscriptions._create(body, self.token)
        assert reply.status == 202
        await asyncio.get_running_loop().create_future()

    async def on_notification(self, notification: Notification, session: str, rivals: frozenset[str]) -> None:
        self.heard.append((notification.message_id, session, rivals))

    def on_revocation(self, revocation: Revocation) -> None:
        self.revoked.append(revocation)
        if self.revocation_error is not None:
            raise self.revocation_error

    def on_frame(self, frame: Frame | None) -> None:
        self.frames.append(frame)

    def on_moving(self) -> None:
        self.moves += 1

    def on_lost(self, sentence: str) -> None:
        self.lost.append(sentence)

    @property
    def ids(self) -> list[str]:
        """Ids of what was heard."""
        return [each for each, _, _ in self.heard]


class Stage:
    """A fake Twitch, ears, and the task that hears."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.fake = FakeTwitch(clock, Randomness(1))
        self.ears = Ears(self.fake)
        self.connect: Callable[[str], Awaitable[Socket]] = memory_net(self.fake).connect
        self.urls: list[str] = []
        self.task: asyncio.Task[None] | None = None

    async def dial(self, url: str) -> Socket:
        self.urls.append(url)
        return await self.connect(url)

    def start(self, scope: TaskScope) -> None:
        self.task = scope.start(EventSub(self.dial, URL, KEEPALIVE_S, self.clock, self.ears).run(), name="hear", is_awaited=True)

    @property
    def line(self) -> Line:
        """The newest open line."""
        return self.fake.lines.open_lines()[-1]

    def say(self) -> str:
        """Let somebody write; returns the message's id."""
        return self.fake.emit("channel.chat.message", payloads.chat_message("hi", message_id=self.fake.world.uuid()))[0]

    async def error(self) -> BaseException | None:
        """How the task ended."""
        assert self.task is not None
        await asyncio.wait({self.task}, timeout=200)
        return self.task.exception()


@asynccontextmanager
async def staged(clock: Clock, *, lives_s: float = LIVED_S + 1) -> AsyncIterator[Stage]:
    """Let a session live for a while."""
    stage = Stage(clock)
    async with TaskScope("test") as scope:
        stage.start(scope)
        await clock.sleep(lives_s)
        yield stage


async def test_it_asks_for_a_heartbeat_subscribes_once_and_hears(clock: Clock) -> None:
    async with staged(clock) as stage:
        message_id = stage.say()
        await clock.sleep(100)
        assert stage.urls == [f"{URL}?keepalive_timeout_seconds={KEEPALIVE_S}"]
        assert len(stage.ears.sessions) == 1
        assert stage.ears.heard == [(message_id, stage.ears.sessions[0], frozenset())]


def test_the_heartbeat_replaces_one_in_the_address_and_leaves_the_rest() -> None:
    assert (
        with_keepalive("ws://localhost:1/ws?a=1&keepalive_timeout_seconds=600", 30)
        == "ws://localhost:1/ws?a=1&keepalive_timeout_seconds=30"
    )


@pytest.mark.parametrize("code", [*sorted(CLOSINGS), 1006, 1011])
async def test_whatever_ends_a_session_that_lived_it_is_made_anew_at_once(clock: Clock, code: int) -> None:
    async with staged(clock) as stage:
        stage.fake.lines.close(stage.line, code)
        await clock.sleep(1)
        message_id = stage.say()
        await clock.sleep(1)
        assert len(stage.ears.sessions) == 2
        assert stage.ears.ids == [message_id]
        assert stage.ears.lost == [CLOSINGS.get(code, "The line to Twitch was lost.")]
        assert stage.ears.connects == 2


async def test_a_session_that_did_not_last_is_left_to_the_supervisor(clock: Clock) -> None:
    async with staged(clock, lives_s=2) as stage:
        stage.fake.lines.close(stage.line, 4000)
        error = await stage.error()
        assert isinstance(error, LineLost)
        assert (error.sentence, error.code) == (CLOSINGS[4000], 4000)


async def test_what_was_sent_before_the_end_is_heard(clock: Clock) -> None:
    async with staged(clock) as stage:
        ids = [stage.say() for _ in range(20)]
        stage.fake.lines.close(stage.line, 1006)
        await clock.sleep(1)
        assert stage.ears.ids == ids


async def test_a_silent_line_is_noticed_by_the_missing_heartbeat(clock: Clock) -> None:
    async with staged(clock) as stage:
        stage.fake.lines.silence(stage.line)
        await clock.sleep(KEEPALIVE_S + GRACE_S + 1)
        assert len(stage.ears.sessions) == 2
        assert stage.ears.lost == ["Twitch went silent, so the line counts as lost."]


async def test_the_servers_promise_of_a_heartbeat_counts_and_not_our_wish(clock: Clock) -> None:
    async with staged(clock) as stage:
        stage.line.keepalive_s = 600
        await clock.sleep(30)
        assert len(stage.ears.sessions) == 2, "ten seconds were promised at the welcome"


async def test_a_move_loses_nothing_and_subscribes_to_nothing_anew(clock: Clock) -> None:
    async with staged(clock) as stage:
        old = stage.line
        first = stage.say()
        stage.fake.lines.ask_to_reconnect(old)
        second = stage.say()
        await clock.sleep(1)
        third = stage.say()
        await clock.sleep(DRAIN_S + 1)
        fourth = stage.say()
        await clock.sleep(1)
        assert stage.ears.ids == [first, second, third, fourth]
        assert len(stage.ears.sessions) == 1
        assert (stage.ears.moves, stage.ears.connects, stage.ears.lost) == (1, 1, [])
        assert not old.is_open


async def test_a_move_after_a_move_works_as_well(clock: Clock) -> None:
    async with staged(clock) as stage:
        ids = []
        for _ in range(3):
            stage.fake.lines.ask_to_reconnect(stage.line)
            ids.append(stage.say())
            await clock.sleep(3)
        assert stage.ears.ids == ids
        assert len(stage.ears.sessions) == 1


async def test_a_move_that_fails_means_a_fresh_session_while_the_old_line_is_still_heard(clock: Clock) -> None:
    async with staged(clock) as stage:
        old = stage.line
        stage.fake.lines.ask_to_reconnect(old, is_accepted=False)
        await clock.sleep(2)
        told = {session for _, session, _ in stage.ears.heard}
        ids = stage.fake.emit("channel.chat.message", payloads.chat_message("hi"))
        await clock.sleep(1)
        assert len(stage.ears.sessions) == 2
        assert len(ids) == 2, "both sessions tell it"
        heard = {session: rivals for _, session, rivals in stage.ears.heard}
        assert told == set()
        assert heard == {
            stage.ears.sessions[0]: frozenset({stage.ears.sessions[1]}),
            stage.ears.sessions[1]: frozenset({stage.ears.sessions[0]}),
        }
        await clock.sleep(DRAIN_S + 10)
        stage.say()
        await clock.sleep(1)
        assert stage.ears.heard[-1][2] == frozenset(), "the old session is over and forgotten"


async def test_where_no_new_line_opens_at_all_the_old_one_is_heard_to_its_end(clock: Clock) -> None:
    async with staged(clock) as stage:
        stage.fake.lines.ask_to_reconnect(stage.line)
        stage.fake.faults.go_offline(60)
        await clock.sleep(1)
        message_id = stage.say()
        error = await stage.error()
        assert isinstance(error, TemporaryError)
        assert stage.ears.ids == [message_id]


async def test_an_old_line_that_twitch_forgets_is_left(clock: Clock) -> None:
    async with staged(clock) as stage:
        old = stage.line
        stage.fake.lines.ask_to_reconnect(old)
        old.gone_at = None
        await clock.sleep(DRAIN_S + 1)
        assert not old.is_open
        assert len(stage.ears.sessions) == 1


async def test_a_line_without_a_welcome_is_given_up(clock: Clock) -> None:
    class Mute:
        is_closed = False

        async def receive(self) -> str:
            await asyncio.get_running_loop().create_future()
            return ""

        async def close(self) -> None:
            self.is_closed = True

    stage, mute = Stage(clock), Mute()

    async def connect(_: str) -> Socket:
        return mute

    stage.connect = connect
    async with TaskScope("test") as scope:
        stage.start(scope)
        error = await stage.error()
        assert isinstance(error, LineLost)
        assert "did not say hello" in error.sentence
        assert mute.is_closed


async def test_a_line_that_ends_before_its_welcome_says_why(clock: Clock) -> None:
    stage = Stage(clock)
    real = stage.connect

    async def connect(url: str) -> Socket:
        return await real(f"{url}&id=a&challenge=b")

    stage.connect = connect
    async with TaskScope("test") as scope:
        stage.start(scope)
        error = await stage.error()
        assert isinstance(error, LineLost)
        assert error.code == 4007


async def test_what_can_not_be_read_is_counted_and_dropped(clock: Clock) -> None:
    async with staged(clock) as stage:
        for broken in ("{", "[]", b"\xff", session("session_welcome", keepalive_timeout_seconds=-1)):
            stage.fake.send_raw(broken)
        stage.fake.send_raw(session("session_fanfare"))
        stage.fake.send_raw(session("session_welcome", keepalive_timeout_seconds=10))
        message_id = stage.say()
        await clock.sleep(1)
        assert stage.ears.frames.count(None) == 4
        assert stage.ears.ids == [message_id]
        assert len(stage.ears.sessions) == 1


async def test_subscribing_that_finds_the_sign_in_gone_ends_it_all(clock: Clock) -> None:
    stage = Stage(clock)

    async def refuse(_: str) -> None:
        await clock.sleep(0.1)
        msg = "Sign in."
        raise AuthError(msg)

    stage.ears.subscribe = refuse
    async with TaskScope("test") as scope:
        stage.start(scope)
        assert isinstance(await stage.error(), AuthError)
        assert stage.fake.lines.open_lines() == []


async def test_subscribing_may_come_to_an_end_by_itself(clock: Clock) -> None:
    stage = Stage(clock)

    async def subscribe(session_id: str) -> None:
        async with asyncio.timeout(0.1):
            await stage.ears._subscribe(session_id)

    async def quietly(session_id: str) -> None:
        try:
            await subscribe(session_id)
        except TimeoutError:
            return

    stage.ears.subscribe = quietly
    async with TaskScope("test") as scope:
        stage.start(scope)
        await clock.sleep(5)
        message_id = stage.say()
        await clock.sleep(1)
        assert stage.ears.ids == [message_id]


async def test_a_revocation_is_told_and_may_end_it(clock: Clock) -> None:
    async with staged(clock) as stage:
        subscription = stage.fake.subscriptions.enabled()[0]
        stage.fake.revoke(subscription, "version_removed")
        await clock.sleep(0.1)
        assert stage.ears.revoked == [Revocation("channel.chat.message", "version_removed")]
        stage.ears.revocation_error = AuthError("gone")
        stage.fake.revoke(subscription, "authorization_revoked")
        assert isinstance(await stage.error(), AuthError)


async def test_cancelling_hangs_up(clock: Clock) -> None:
    async with staged(clock) as stage:
        stage.fake.lines.ask_to_reconnect(stage.line)
        await clock.sleep(0.01)
    assert stage.fake.lines.open_lines() == []


def test_the_end_of_a_line_is_a_temporary_error() -> None:
    assert issubclass(LineLost, TemporaryError)
    assert issubclass(SocketClosed, TemporaryError)


@pytest.mark.parametrize("work_s, breaths", [(0.0, 0), (BUSY_S * 0.26, 25), (BUSY_S * 1.5, 100)])
async def test_in_a_flood_others_get_their_turn(clock: Clock, monkeypatch: pytest.MonkeyPatch, work_s: float, breaths: int) -> None:
    working = WorkingClock(clock)
    async with staged(working) as stage:
        hear = stage.ears.on_notification

        async def hear_slowly(notification: Notification, session: str, rivals: frozenset[str]) -> None:
            working.worked_s += work_s
            await hear(notification, session, rivals)

        monkeypatch.setattr(stage.ears, "on_notification", hear_slowly)
        ids = [stage.say() for _ in range(100)]
        working.slept.clear()
        await clock.sleep(1)
        assert stage.ears.ids == ids
        assert working.slept.count(BREATH_S) == pytest.approx(breaths, abs=1)
