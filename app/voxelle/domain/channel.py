"""A channel on a streaming platform as its connection sees it: who is signed in, what is heard, what is on air."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class AccountRole(StrEnum):
    """Whose account it is."""

    BROADCASTER = "broadcaster"
    BOT = "bot"
    """A second account that writes for her; optional."""


class AccountState(StrEnum):
    """Where an account stands."""

    SIGNED_OUT = "signed_out"
    SIGNING_IN = "signing_in"
    """A code is shown, and its confirmation is waited for."""
    SIGNED_IN = "signed_in"
    UNCHECKED = "unchecked"
    """There is a token that could not be checked yet: no network."""
    REFUSED = "refused"
    """The platform no longer takes the token: sign in again."""


@dataclass(frozen=True, slots=True)
class DeviceCode:
    """What the streamer confirms in a browser. `address` contains the code already."""

    user_code: str
    address: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class AccountStatus:
    """One account, announced whole. Never holds a token."""

    role: AccountRole
    state: AccountState = AccountState.SIGNED_OUT
    name: str = ""
    user_id: str = ""
    scopes: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    """Titles of features that are switched on and lack a permission."""
    checked_at: datetime | None = None
    """When the platform last said that the token is good."""
    days_left: float | None = None
    """Days until the sign-in ends if it is not used."""
    is_kept: bool = True
    """False: there is no password store, so the sign-in lasts until the program ends."""
    code: DeviceCode | None = None
    sentence: str = ""


class TopicState(StrEnum):
    """Where one subscription of the connection stands."""

    OFF = "off"
    """Not wanted: its feature is switched off."""
    PENDING = "pending"
    ACTIVE = "active"
    REFUSED = "refused"
    """The platform does not give it; the sentence says why."""
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class TopicStatus:
    """One subscription: whether it is there, and whether anything comes."""

    topic: str
    """The platform's name, like `channel.follow`."""
    title: str
    feature: str
    """Id of the switch that wants it."""
    state: TopicState
    sentence: str = ""
    last_event_at: datetime | None = None
    events: int = 0


@dataclass(frozen=True, slots=True)
class Broadcast:
    """What is on air now, as the platform says."""

    is_live: bool = False
    title: str = ""
    category: str = ""
    viewers: int = 0
    started_at: datetime | None = None
    checked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ChannelSnapshot:
    """A connection to a channel, announced whole."""

    accounts: tuple[AccountStatus, ...] = ()
    topics: tuple[TopicStatus, ...] = ()
    broadcast: Broadcast = Broadcast()
    last_event_at: datetime | None = None
    last_heartbeat_at: datetime | None = None
    connected_at: datetime | None = None
    counters: tuple[tuple[str, int], ...] = ()
    """`received`, `duplicates`, `malformed`, `unknown`, `reconnects`, `sent`, `not_sent` …"""
    last_problem: str = ""
    """The last message that could not be sent, or the last fault, in words."""
