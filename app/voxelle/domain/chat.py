"""What happens to her: a chat line, a typed sentence, a raid, an idle minute."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from voxelle.domain.hearing import Utterance


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
    """What kind of thing happened on the stream, in the words of the field."""

    NONE = ""
    FOLLOW = "follow"
    SUBSCRIPTION = "subscription"
    RESUBSCRIPTION = "resubscription"
    GIFT = "gift"
    """Subscriptions given to others: one, or `amount` at once."""
    SUBSCRIPTION_END = "subscription_end"
    BITS = "bits"
    POWER_UP = "power_up"
    RAID = "raid"
    RAID_OUT = "raid_out"
    REDEMPTION = "redemption"
    REDEMPTION_UPDATE = "redemption_update"
    AUTOMATIC_REDEMPTION = "automatic_redemption"
    WATCH_STREAK = "watch_streak"
    ANNOUNCEMENT = "announcement"
    CHAT_NOTICE = "chat_notice"
    """A notice in the chat that has no kind of its own here."""
    SHOUTOUT_SENT = "shoutout_sent"
    SHOUTOUT_RECEIVED = "shoutout_received"
    CHARITY_DONATION = "charity_donation"
    CHARITY_BEGIN = "charity_begin"
    CHARITY_PROGRESS = "charity_progress"
    CHARITY_END = "charity_end"
    GOAL_BEGIN = "goal_begin"
    GOAL_PROGRESS = "goal_progress"
    GOAL_END = "goal_end"
    HYPE_TRAIN_BEGIN = "hype_train_begin"
    HYPE_TRAIN_PROGRESS = "hype_train_progress"
    HYPE_TRAIN_END = "hype_train_end"
    POLL_BEGIN = "poll_begin"
    POLL_PROGRESS = "poll_progress"
    POLL_END = "poll_end"
    PREDICTION_BEGIN = "prediction_begin"
    PREDICTION_PROGRESS = "prediction_progress"
    PREDICTION_LOCK = "prediction_lock"
    PREDICTION_END = "prediction_end"
    AD_BREAK = "ad_break"
    STREAM_ONLINE = "stream_online"
    STREAM_OFFLINE = "stream_offline"
    CHANNEL_UPDATE = "channel_update"
    BAN = "ban"
    TIMEOUT = "timeout"
    UNBAN = "unban"
    AUTOMOD_HOLD = "automod_hold"
    SHIELD_ON = "shield_on"
    SHIELD_OFF = "shield_off"
    MODERATION = "moderation"
    """Any other act of a moderator."""
    TOUCH = "touch"
    """Somebody clicked her model or an item."""


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
    is_highlighted: bool = False
    """The viewer paid points to have it stand out."""
    is_shared: bool = False
    """It was written in the chat of another channel that shares ours."""
    is_guaranteed: bool = False
    """Somebody paid for it, or it must not be missed: it waits as long as it takes and is never pushed out."""
    is_spoken: bool = True
    """False: her answer is written and not said."""
    is_answerable: bool = True
    """False: kept and shown, and she never answers it."""
    told_as: StreamEvent = StreamEvent.NONE
    """It is told as this event as well: where she reacts to that, the reaction is her answer to the line."""
    is_test: bool = False
    """Made by the streamer to try the road."""
    priority: float = 0.0
    """Added to its score by the streamer's reaction to such an event."""
    cue: str = ""
    """What she is told of an event: the template of the reaction, filled. Names and texts in it come from outside."""
    is_verbatim: bool = False
    """The cue is what she says, word for word; no model is asked."""
    platform_id: str = ""
    """Under this id the platform knows the message: for a reply to it."""
    utterance: Utterance | None = None
    """How it was heard, if it was spoken to her."""


@dataclass(frozen=True, slots=True)
class Retraction:
    """Messages were taken back: deleted, their author timed out or banned, or the whole chat cleared.

    Exactly one of `stimulus_ids`, `author_id` and `is_everything` says which.
    """

    platform: str
    """As in `Author.platform`."""
    stimulus_ids: tuple[str, ...] = ()
    author_id: str = ""
    is_everything: bool = False
    reason: str = ""
    """Why, in a few words for the streamer."""


@dataclass(frozen=True, slots=True)
class ChannelEvent:
    """Something that happened on a channel: a raid, gifted subscriptions, the end of a poll.

    `id` is unique and stable: the same happening told twice has the same id. `author` is who did it,
    nobody in particular for things like a hype train (an Author with empty id and name).
    """

    id: str
    event: StreamEvent
    author: Author
    received_at: datetime
    """Timezone-aware, UTC."""
    source: str
    """Id of the integration."""
    text: str = ""
    """What the viewer wrote with it, or what it is about (a poll's question, a stream's title). Data from outside."""
    amount: int = 0
    """Bits, raiders, gifts, months, points, a level … by `event`."""
    fields: tuple[tuple[str, str], ...] = ()
    """More about it, for templates: `(("tier", "1"), ("reward", "Hydrate"))`. Bounded texts from outside."""
    is_anonymous: bool = False
    is_shared: bool = False
    is_test: bool = False
    is_spoken: bool = True
    """False: what she makes of it is written and not said."""

    def field(self, name: str) -> str:
        """Return one of `fields`, or an empty text."""
        return next((value for key, value in self.fields if key == name), "")


@dataclass(frozen=True, slots=True)
class KeptEvent:
    """An event of a channel as it is kept: with what she made of it, and whether the streamer has seen to it."""

    channel_event: ChannelEvent
    reaction: str
    """In words, as in `ChannelEventReceived`."""
    is_answered: bool = False
    acknowledged_at: datetime | None = None
    """When the streamer ticked it off, None while it is open."""


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
    people: int = 1
    """How many different viewers say it."""


@dataclass(frozen=True, slots=True)
class QueueSnapshot:
    """All that waits, best first, and running totals since the start."""

    items: tuple[QueueItem, ...] = ()
    queued: int = 0
    merged: int = 0
    dropped: int = 0
    last_drops: tuple[Decision, ...] = field(default=())
