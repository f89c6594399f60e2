"""A show with connections, and snapshots of a channel to show."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from tests.fakes.connections import FakeDesk
from tests.ui.pages.show import PagesShow
from voxelle.contracts.integration import Snapshot
from voxelle.domain.channel import (
    AccountRole,
    AccountState,
    AccountStatus,
    Broadcast,
    ChannelSnapshot,
    DeviceCode,
    TopicState,
    TopicStatus,
)
from voxelle.domain.events import HealthLevel
from voxelle.settings.file import SettingsFile
from voxelle.settings.service import SettingsService

CLIENT_ID = "abcdefghij0123456789abcdefghij"


class ConnectionsShow(PagesShow):
    """Like `PagesShow`, with a desk of connections and their settings."""

    def __init__(self, folder: Path, *, twitch: dict[str, Any] | None = None) -> None:
        super().__init__(folder)
        self.desk = self.call(lambda: FakeDesk(self.bus))
        parts = {name: declaration.settings_type for name, declaration in self.desk.installed.items()}
        file = SettingsFile(folder / "settings.json")
        self.settings = self.call(lambda: SettingsService(file, self.bus, self.clock, environ={}, parts=parts))
        self.desk._settings = self.settings
        self.bridge.settings = self.settings
        self.bridge.connections = self.desk
        values = {"is_enabled": True, "client_id": CLIENT_ID} if twitch is None else twitch
        if values:
            self.do(lambda: self.settings.change_all({f"integrations.twitch.{name}": value for name, value in values.items()}))

    def light(self, connection: str, level: HealthLevel, sentence: str = "") -> None:
        """Set a light, and let the window see it."""
        self.call(partial(self.desk.light, connection, level, sentence))
        self.settle()

    def tell(self, snapshot: Snapshot, connection: str = "twitch") -> None:
        """Announce a snapshot, and let the window see it."""
        self.call(partial(self.desk.show, connection, snapshot))
        self.settle()

    def commands(self, verb: str) -> list[tuple[Any, ...]]:
        """Return what the desk was asked by this verb."""
        return [call[1:] for call in self.desk.calls if call[0] == verb]


def signed_in(now: datetime, **changes: Any) -> AccountStatus:
    whole = AccountStatus(
        AccountRole.BROADCASTER,
        AccountState.SIGNED_IN,
        name="こはる_ch🌸",
        user_id="1",
        scopes=("bits:read", "channel:read:redemptions", "channel:read:subscriptions", "moderator:read:followers", "user:read:chat"),
        checked_at=now - timedelta(minutes=12),
        days_left=29.4,
    )
    return replace(whole, **changes)


def code(now: datetime, seconds: float = 1500) -> DeviceCode:
    return DeviceCode("ABCDEFGH", "https://www.twitch.tv/activate?device-code=ABCDEFGH", now + timedelta(seconds=seconds))


def topic(name: str, state: TopicState = TopicState.ACTIVE, **changes: Any) -> TopicStatus:
    return replace(TopicStatus(f"channel.{name}", name.replace("_", " ").capitalize(), name, state), **changes)


def channel(now: datetime, *accounts: AccountStatus, **changes: Any) -> ChannelSnapshot:
    whole = ChannelSnapshot(
        accounts=accounts or (signed_in(now),),
        topics=(
            topic("follow", last_event_at=now - timedelta(seconds=40), events=1204),
            topic("hype_train", TopicState.REFUSED, sentence="Only affiliates and partners have it."),
            topic("polls", TopicState.OFF),
        ),
        broadcast=Broadcast(
            is_live=True,
            title="【雑談】 Cosy evening – building a radio from 1974 🔧📻 !discord",
            category="Makers & Crafting",
            viewers=1234,
            started_at=now - timedelta(hours=2, minutes=5, seconds=9),
            checked_at=now - timedelta(seconds=20),
        ),
        last_event_at=now - timedelta(seconds=3),
        last_heartbeat_at=now - timedelta(seconds=9),
        connected_at=now - timedelta(hours=2, minutes=4),
        counters=(("received", 48211), ("duplicates", 3), ("malformed", 0), ("reconnects", 1)),
    )
    return replace(whole, **changes)
