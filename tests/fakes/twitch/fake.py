"""A small Twitch: sign-in, Helix and EventSub as one state machine without sockets, which misbehaves on command."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from tests.fakes.twitch import payloads
from tests.fakes.twitch.auth import Auth
from tests.fakes.twitch.chat import Chat
from tests.fakes.twitch.faults import Faults
from tests.fakes.twitch.helix import Helix
from tests.fakes.twitch.lines import Line, Lines, Outgoing
from tests.fakes.twitch.replies import RefusalError, Reply, Request, UnreachableError
from tests.fakes.twitch.subscriptions import Subscription, Subscriptions
from tests.fakes.twitch.topics import EVERY_SCOPE
from tests.fakes.twitch.world import App, Code, Reward, Stream, Token, User, World
from voxelle.kernel.clock import Clock, Randomness

CLIENT_ID = "voxelleclient0000000000000000x"
_SWITCHING = 101
_OWN_IDS = frozenset({"id", "message_id"})


@dataclass(frozen=True, slots=True)
class Emitted:
    """One notification that was sent to a line, taken by the client or not."""

    message_id: str
    topic: str
    event: dict[str, Any]
    session_id: str


class FakeTwitch:
    """Everything Twitch is to the application.

    It has no task and no timer: whoever talks to it (see memory.py and serving.py) calls `tick`, and what was due by
    the clock has happened. A streamer `streamer` (affiliate), an account `assistant` that moderates there and a public
    application exist from the start.
    """

    def __init__(self, clock: Clock, randomness: Randomness) -> None:
        self.world = World(clock, randomness)
        self.faults = Faults(self.world)
        self.auth = Auth(self.world)
        self.lines = Lines(self.world)
        self.subscriptions = Subscriptions(self.world, self.lines)
        self.chat = Chat(self.world, self.emit)
        self.helix = Helix(self.world, self.subscriptions, self.chat)
        self.app = self.add_app(CLIENT_ID)
        self.streamer = self.add_user("streamer", user_id=payloads.STREAMER[0])
        self.bot = self.add_user("assistant", user_id=payloads.BOT[0], kind="")
        self.streamer.moderators.add(self.bot.id)
        self.requests: list[Request] = []
        """All that arrived, oldest first."""
        self.emitted: dict[str, Emitted] = {}
        """By message id."""
        self.delivered: list[str] = []
        """Ids of notifications that the client really took, in this order."""
        self._held: list[tuple[Line, Outgoing]] | None = None

    # ---- what a client does ----

    def handle(self, request: Request) -> Reply:
        """Answer one HTTP request. Raises UnreachableError where the client sees no answer."""
        self.tick()
        return self.faults.pass_through(request, self._answer)

    def _answer(self, request: Request) -> Reply:
        self.requests.append(request)
        try:
            if request.path.startswith("/oauth2/"):
                return self.auth.handle(request)
            return self.helix.handle(request)
        except RefusalError as refusal:
            return refusal.reply

    def open(self, url: str) -> Line:
        """Take a new WebSocket. Raises UnreachableError."""
        self.tick()
        reply = self.faults.pass_through(Request("GET", "/ws"), lambda _: Reply(_SWITCHING))
        if reply.status != _SWITCHING:
            reason = f"the line was answered with {reply.status}"
            raise UnreachableError(reason, reply.delay_s)
        return self.lines.open(url)

    def take(self, line: Line) -> Outgoing | None:
        """Give the client the next frame, if there is one."""
        self.tick()
        if not line.outbox:
            return None
        frame = line.outbox.popleft()
        if frame.is_notification:
            self.delivered.append(frame.message_id)
        return frame

    def hear(self, line: Line) -> None:
        """The client sent something over the socket: Twitch takes that ill."""
        self.lines.close(line, 4001)

    def tick(self) -> None:
        """Let everything happen that was due by now."""
        self.lines.tick()

    # ---- people ----

    def add_user(self, login: str, *, name: str = "", user_id: str = "", kind: str = "affiliate") -> User:
        """Make an account."""
        user = User(user_id or str(self.world.randomness.randrange(10**7, 10**9)), login, name or login.capitalize(), kind)
        self.world.users[user.id] = user
        return user

    def add_app(self, client_id: str, secret: str | None = None) -> App:
        """Register an application, public unless it has a secret."""
        app = App(client_id, secret=secret)
        self.world.apps[client_id] = app
        return app

    def add_reward(self, title: str, cost: int = 100, *, client_id: str = "") -> Reward:
        """Make a custom reward of the streamer, made by our application unless another is named."""
        reward = Reward(self.world.uuid(), self.streamer.id, client_id or self.app.client_id, title, cost)
        self.world.rewards[reward.id] = reward
        return reward

    def sign_in(self, user: User | None = None, scopes: tuple[str, ...] = EVERY_SCOPE, client_id: str = "") -> Token:
        """Give a pair of tokens without the way through the browser."""
        return self.world.issue(client_id or self.app.client_id, (user or self.streamer).id, scopes)

    def approve(self, user_code: str, user: User | None = None) -> None:
        """Somebody confirms a code in the browser."""
        self._code(user_code).user_id = (user or self.streamer).id

    def deny(self, user_code: str) -> None:
        """Somebody refuses a code in the browser."""
        self._code(user_code).is_denied = True

    def _code(self, user_code: str) -> Code:
        return {code.user_code: code for code in self.world.codes.values()}[user_code]

    def expire_access(self, user: User | None = None) -> None:
        """End all access tokens (of one account); refresh tokens stay good."""
        for token in self.world.access.values():
            if user is None or token.user_id == user.id:
                token.access_ends_at = min(token.access_ends_at, self.world.monotonic())

    def disconnect_app(self, user: User | None = None) -> None:
        """The streamer removes the application in the settings of Twitch: tokens die, subscriptions are revoked."""
        owner = user or self.streamer
        self.expire_access(owner)
        for refresh in [token.refresh for token in self.world.refresh.values() if token.user_id == owner.id]:
            del self.world.refresh[refresh]
        for subscription in self.subscriptions.enabled():
            if owner.id in {subscription.user_id, subscription.condition.get("broadcaster_user_id")}:
                self.revoke(subscription, "authorization_revoked")

    # ---- what happens on the channel ----

    def emit(
        self,
        topic: str,
        event: dict[str, Any] | None = None,
        *,
        copies: int = 1,
        is_twin: bool = False,
        over: Line | None = None,
        **changes: Any,
    ) -> tuple[str, ...]:
        """Tell everybody who subscribed; returns the ids of the messages.

        Without an event the example of that topic is sent, with ids of its own and top-level `changes`. `copies` repeats the
        message under the same id, as at-least-once delivery does; with `is_twin` each copy has an id of its own, which happens too.
        `over` names a line that is not the newest of its session: an old one that still has something to say.
        """
        self.tick()
        happened = {**(self._fresh(topic) if event is None else event), **changes}
        sent: list[str] = []
        for subscription in self.subscriptions.enabled():
            line = over or self.lines.current(subscription.session_id)
            if (
                subscription.topic.type != topic
                or line is None
                or line.session_id != subscription.session_id
                or not subscription.matches(happened)
            ):
                continue
            message_id = ""
            for _ in range(copies):
                message_id = self._notify(subscription, line, happened, "" if is_twin else message_id)
                sent.append(message_id)
        return tuple(sent)

    def _fresh(self, topic: str) -> dict[str, Any]:
        """An example that happened just now: another message, another redemption."""
        event = payloads.example(topic)
        return {name: self.world.uuid() if name in _OWN_IDS else value for name, value in event.items()}

    def _notify(self, subscription: Subscription, line: Line, event: dict[str, Any], message_id: str) -> str:
        payload = {"subscription": subscription.as_json(with_times=False), "event": event}
        kind = {"subscription_type": subscription.topic.type, "subscription_version": subscription.topic.version}
        before = len(line.outbox)
        message_id = self.lines.send(line, "notification", payload, kind, message_id)
        self.emitted[message_id] = Emitted(message_id, subscription.topic.type, event, line.session_id)
        if self._held is not None and len(line.outbox) > before:
            self._held.append((line, line.outbox.pop()))
        return message_id

    @contextmanager
    def shuffled(self) -> Iterator[None]:
        """What is emitted within arrives afterwards, in another order."""
        self._held = []
        try:
            yield
        finally:
            held, self._held = self._held, None
            self.world.randomness.shuffle(held)
            for line, frame in held:
                line.push(frame, self.world.monotonic())

    def revoke(self, subscription: Subscription, status: str = "authorization_revoked") -> str:
        """Take one subscription back, and say why."""
        subscription.status = status
        subscription.ended_at = self.world.monotonic()
        line = self.lines.current(subscription.session_id)
        if line is None:
            return ""
        kind = {"subscription_type": subscription.topic.type, "subscription_version": subscription.topic.version}
        return self.lines.send(line, "revocation", {"subscription": subscription.as_json(with_times=False)}, kind)

    def send_raw(self, data: str | bytes, line: Line | None = None) -> None:
        """Send any frame, however broken, on one line or on all."""
        for each in [line] if line else self.lines.open_lines():
            each.push(Outgoing(data), self.world.monotonic())

    def begin_stream(self, viewers: int = 12) -> None:
        """The streamer goes live."""
        self.streamer.stream = Stream(str(self.world.randomness.randrange(10**10, 10**11)), self.world.now(), viewers)
        self.emit("stream.online", id=self.streamer.stream.id, started_at=self.world.stamp())

    def end_stream(self) -> None:
        """The streamer goes off air."""
        self.streamer.stream = None
        self.emit("stream.offline")

    def redeem(self, reward: Reward, text: str = "", **changes: Any) -> str:
        """A viewer redeems a reward: it waits in Helix and is told; returns the redemption's id."""
        moment = self.world.stamp()
        event = payloads.example("channel.channel_points_custom_reward_redemption.add")
        event |= {"id": self.world.uuid(), "user_input": text, "redeemed_at": moment, **changes}
        event["reward"] = {"id": reward.id, "title": reward.title, "cost": reward.cost, "prompt": reward.prompt}
        kept = {name.replace("broadcaster_user_", "broadcaster_"): value for name, value in event.items()}
        self.world.redemptions.append({**kept, "status": "UNFULFILLED"})
        self.emit("channel.channel_points_custom_reward_redemption.add", event)
        return str(event["id"])

    def skew_clock(self, seconds: float) -> None:
        """Let Twitch's date differ from the computer's, as with a computer whose clock is wrong."""
        self.world.skew = timedelta(seconds=seconds)
