"""One connection to a channel: its accounts, what is on air, and whether anything comes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from PySide6.QtCore import QObject, Signal

from voxelle.domain.channel import AccountRole, AccountState, AccountStatus, ChannelSnapshot
from voxelle.domain.chat import StreamEvent
from voxelle.domain.errors import VoxelleError
from voxelle.kernel.clock import Clock
from voxelle.ui.models.connections import ConnectionCard, ConnectionsModel
from voxelle.ui.models.topics import TopicsModel

Done = Callable[[Any], None]
Failed = Callable[[VoxelleError], None]


class ChannelModel(QObject):
    """What the connection last announced, and the commands on it. `changed`: a new snapshot, or another light.

    While the connection is off nothing is known: what it said last is old.
    """

    changed = Signal()

    def __init__(self, connections: ConnectionsModel, connection: str, clock: Clock, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._connections = connections
        self._clock = clock
        self.connection = connection
        self.snapshot = ChannelSnapshot()
        self.topics = TopicsModel(clock, self)
        connections.snapshot_changed.connect(self._on_changed)
        connections.card_changed.connect(self._on_changed)
        connections.loaded.connect(lambda: self._on_changed(connection))
        self._take()

    @property
    def card(self) -> ConnectionCard:
        """Its switch and its light."""
        return self._connections.card(self.connection)

    def now(self) -> datetime:
        """Return the time, to count from."""
        return self._clock.now()

    def account(self, role: AccountRole) -> AccountStatus:
        """Return how an account stands; one that was never heard of is signed out."""
        return next((each for each in self.snapshot.accounts if each.role is role), AccountStatus(role))

    @property
    def is_signed_in(self) -> bool:
        """Whether the channel's own account is there, checked or not."""
        return self.account(AccountRole.BROADCASTER).state in {AccountState.SIGNED_IN, AccountState.UNCHECKED}

    def sign_in(self, role: AccountRole, done: Done, failed: Failed) -> None:
        """Ask for a code to confirm, also to allow more; `done` gets it."""
        self._perform("sign_in", {"account": role.value}, done, failed)

    def cancel_sign_in(self, role: AccountRole) -> None:
        """Give up a code."""
        self._perform("cancel_sign_in", {"account": role.value})

    def sign_out(self, role: AccountRole) -> None:
        """Forget an account."""
        self._perform("sign_out", {"account": role.value})

    def refresh(self) -> None:
        """Ask the platform again what is on air."""
        self._perform("refresh", {})

    def test_event(self, kind: StreamEvent, done: Done, failed: Failed) -> None:
        """Send an event of a kind through the whole road, marked as a test."""
        self._perform("test_event", {"kind": kind.value}, done, failed)

    def write(self, text: str, done: Done, failed: Failed) -> None:
        """Write a line into the chat."""
        self._perform("send_message", {"text": text}, done, failed)

    def switch_on(self) -> None:
        """Switch the connection on."""
        self._connections.switch(self.connection, is_on=True)

    def _perform(self, action: str, arguments: dict[str, Any], done: Done | None = None, failed: Failed | None = None) -> None:
        self._connections.perform(self.connection, action, arguments, done, failed)

    def _on_changed(self, connection: str) -> None:
        if connection == self.connection:
            self._take()

    def _take(self) -> None:
        snapshot = self._connections.snapshot(self.connection) if self.card.is_on else None
        self.snapshot = snapshot if isinstance(snapshot, ChannelSnapshot) else ChannelSnapshot()
        self.topics.take(self.snapshot.topics)
        self.changed.emit()
