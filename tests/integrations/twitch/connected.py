"""The whole connection on the fake Twitch: service, supervisor, and ports that note everything."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import msgspec

from tests.fakes.ports import FakePorts, FakeSecrets
from tests.fakes.twitch import CLIENT_ID, EVERY_SCOPE, FakeTwitch, memory_net
from tests.fakes.twitch.world import User
from voxelle.domain.channel import AccountRole, ChannelSnapshot
from voxelle.domain.events import HealthLevel
from voxelle.integrations.twitch import declaration
from voxelle.integrations.twitch.keepsake import Pair
from voxelle.integrations.twitch.net import Net
from voxelle.integrations.twitch.service import TwitchService
from voxelle.integrations.twitch.settings import TwitchSettings
from voxelle.kernel.clock import Clock, Randomness
from voxelle.kernel.supervisor import Supervisor
from voxelle.kernel.tasks import TaskScope

EVERYTHING = dict.fromkeys(("polls", "predictions", "hype_train", "charity", "goals", "shoutouts", "ads", "moderation"), True)
"""All switches of what is heard, beside those that are on anyway."""


class Connected:
    """One installation with its Twitch connection kept running."""

    def __init__(
        self, clock: Clock, seed: int = 1, fake: FakeTwitch | None = None, net: Callable[[], Net] | None = None, **switches: Any
    ) -> None:
        self.clock = clock
        self.fake = fake or FakeTwitch(clock, Randomness(seed))
        self.secrets = FakeSecrets()
        self.house = FakePorts(clock, secrets=self.secrets, service="twitch")
        self.settings = TwitchSettings.model_validate({"is_enabled": True, "client_id": CLIENT_ID, **switches})
        self.service = TwitchService(self.settings, self.house.ports, net or (lambda: memory_net(self.fake)))
        self.supervisor = Supervisor(self.house.bus, clock, Randomness(seed))
        self.supervisor.add(self.service)
        self.house.on_restart = lambda: self.supervisor.restart("twitch")

    def sign_in(self, role: AccountRole = AccountRole.BROADCASTER, scopes: tuple[str, ...] = EVERY_SCOPE, user: User | None = None) -> None:
        """Put a sign-in into the password store, as an earlier session did."""
        owner = user or (self.fake.streamer if role is AccountRole.BROADCASTER else self.fake.bot)
        token = self.fake.sign_in(owner, scopes)
        pair = Pair(token.access, token.refresh, token.client_id, token.scopes, owner.id, owner.login)
        self.secrets.kept[f"twitch.{role.value}"] = msgspec.json.encode(pair).decode()

    async def perform(self, action: str, **arguments: Any) -> Any:
        """Have it do something, as the window or the command line does."""
        kind = next(each.arguments for each in declaration.actions if each.id == action)
        return await self.service.perform(action, kind.model_validate(arguments))

    @property
    def snapshot(self) -> ChannelSnapshot:
        """What is to be seen now."""
        return self.service._channel.snapshot()

    def counter(self, name: str) -> int:
        """One of the figures of the snapshot."""
        return dict(self.snapshot.counters)[name]

    def last_light(self) -> tuple[HealthLevel, str]:
        """The light that is on."""
        health = self.supervisor.health().get("twitch")
        return (HealthLevel.OFF, "") if health is None else (health.level, health.sentence)

    async def until(self, condition: Callable[[], object], longest_s: float = 120.0) -> None:
        """Let virtual time pass until something is so."""
        end = self.clock.monotonic() + longest_s
        while not condition():
            assert self.clock.monotonic() < end, f"it never came to that: {self.last_light()}"
            await self.clock.sleep(0.05)


@asynccontextmanager
async def connected(clock: Clock, *, is_signed_in: bool = True, **options: Any) -> AsyncIterator[Connected]:
    """Run a connection, by default until everything is subscribed; close everything afterwards."""
    made = Connected(clock, **options)
    if is_signed_in:
        made.sign_in()
    async with TaskScope("test") as scope:
        scope.start(made.supervisor.run(), name="supervisor")
        try:
            if is_signed_in:
                await made.until(lambda: made.snapshot.broadcast.checked_at is not None)
            yield made
        finally:
            await scope.close()
            await made.house.close()
