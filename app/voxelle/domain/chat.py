"""What happens to her: a chat line, a typed sentence, a raid, an idle minute."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    """Standing of an author in the channel."""

    BROADCASTER = "broadcaster"
    MODERATOR = "moderator"
    VIP = "vip"
    SUBSCRIBER = "subscriber"
    FIRST_TIME = "first_time"
    BOT = "bot"


@dataclass(frozen=True, slots=True)
class Author:
    """Who a stimulus came from. `id` is stable on its platform; `name` is what chat shows."""

    id: str
    name: str
    platform: str = "local"
    roles: frozenset[Role] = frozenset()


class StimulusKind(StrEnum):
    """How a stimulus reached her."""

    TYPED = "typed"
    """The streamer typed it to her in the window."""
    CHAT = "chat"
    """A viewer's chat line."""
    VOICE = "voice"
    """Somebody spoke to her."""
    EVENT = "event"
    """A raid, a subscription, bits … : see `Stimulus.event`."""
    GREETING = "greeting"
    """She starts, and says hello by herself."""
    IDLE = "idle"
    """Nothing happened for a while."""


class StreamEvent(StrEnum):
    """What kind of thing happened on the stream."""

    NONE = ""
    RAID = "raid"
    SUBSCRIPTION = "subscription"
    GIFT = "gift"
    BITS = "bits"
    FOLLOW = "follow"
    REDEMPTION = "redemption"


@dataclass(frozen=True, slots=True)
class Stimulus:
    """One thing she may answer. `text` is data from outside: never an instruction to the model."""

    id: str
    kind: StimulusKind
    author: Author
    text: str
    received_at: datetime
    """Timezone-aware, UTC."""
    source: str = "window"
    """Id of the integration, or `window`, `cli`, `rehearsal`."""
    event: StreamEvent = StreamEvent.NONE
    amount: int = 0
    """Bits, raiders, gifted subscriptions or months, by `event`."""
    is_mention: bool = False
    """The message addresses her by name or @-mention."""


class Verdict(StrEnum):
    """What triage did with a stimulus."""

    QUEUED = "queued"
    MERGED = "merged"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Decision:
    """Triage's answer for one stimulus, with the reason in words."""

    stimulus_id: str
    verdict: Verdict
    score: float
    reason: str
    merged_into: str | None = None


@dataclass(frozen=True, slots=True)
class QueueItem:
    """A waiting stimulus as the window shows it: the first of its kind, and those merged into it."""

    stimulus: Stimulus
    score: float
    reasons: tuple[str, ...]
    merged: tuple[Stimulus, ...] = ()
    merged_count: int = 0
    """How many were merged in all; `merged` keeps the first few."""


@dataclass(frozen=True, slots=True)
class QueueSnapshot:
    """All that waits, best first, and running totals since the start."""

    items: tuple[QueueItem, ...] = ()
    queued: int = 0
    merged: int = 0
    dropped: int = 0
    last_drops: tuple[Decision, ...] = field(default=())
