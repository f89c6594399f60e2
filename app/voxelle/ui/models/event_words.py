"""What happened, as the streamer reads it: words without numbers, and the number with its unit."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication

from voxelle.domain.chat import StreamEvent
from voxelle.ui.text import isolated, one_line

_K = StreamEvent
_WORDS: dict[StreamEvent, str] = {
    _K.FOLLOW: "follows the channel",
    _K.SUBSCRIPTION: "subscribes",
    _K.RESUBSCRIPTION: "subscribes again",
    _K.GIFT: "gives subscriptions away",
    _K.SUBSCRIPTION_END: "is no longer subscribed",
    _K.BITS: "cheers",
    _K.POWER_UP: "uses {reward}",
    _K.RAID: "raids the channel",
    _K.RAID_OUT: "Your viewers go on to {target}",
    _K.REDEMPTION: "redeems {reward}",
    _K.REDEMPTION_UPDATE: "redeemed {reward}: {status}",
    _K.AUTOMATIC_REDEMPTION: "redeems {reward}",
    _K.WATCH_STREAK: "keeps coming back",
    _K.ANNOUNCEMENT: "announces",
    _K.CHAT_NOTICE: "A notice in the chat",
    _K.SHOUTOUT_SENT: "You recommend {target}",
    _K.SHOUTOUT_RECEIVED: "recommends your channel",
    _K.CHARITY_DONATION: "donates {value} to {charity}",
    _K.CHARITY_BEGIN: "The campaign for {charity} begins",
    _K.CHARITY_PROGRESS: "The campaign for {charity} has reached {value}",
    _K.CHARITY_END: "The campaign for {charity} ends with {value}",
    _K.GOAL_BEGIN: "A goal begins",
    _K.GOAL_PROGRESS: "A goal has got further",
    _K.GOAL_END: "A goal ends",
    _K.HYPE_TRAIN_BEGIN: "A hype train starts",
    _K.HYPE_TRAIN_PROGRESS: "The hype train goes on",
    _K.HYPE_TRAIN_END: "The hype train ends",
    _K.POLL_BEGIN: "A poll begins",
    _K.POLL_PROGRESS: "A poll goes on",
    _K.POLL_END: "A poll ends: {winner}",
    _K.PREDICTION_BEGIN: "A prediction begins",
    _K.PREDICTION_PROGRESS: "A prediction goes on",
    _K.PREDICTION_LOCK: "A prediction is locked",
    _K.PREDICTION_END: "A prediction ends: {winner}",
    _K.AD_BREAK: "An ad break begins",
    _K.STREAM_ONLINE: "Your stream is online",
    _K.STREAM_OFFLINE: "Your stream is offline",
    _K.CHANNEL_UPDATE: "Title or category changed",
    _K.BAN: "was banned",
    _K.TIMEOUT: "was timed out",
    _K.UNBAN: "may come back",
    _K.AUTOMOD_HOLD: "wrote what AutoMod holds back",
    _K.SHIELD_ON: "switched shield mode on",
    _K.SHIELD_OFF: "switched shield mode off",
    _K.MODERATION: "acted as a moderator",
    _K.TOUCH: "Somebody touches her",
}
_UNKNOWN = {
    "reward": "a reward",
    "target": "another channel",
    "charity": "the charity",
    "winner": "nobody wins",
    "status": "settled",
    "value": "an amount",
}
"""Said where the platform did not tell."""
_A_POWER_UP = "a power-up"
_BITS = ("1 bit", "{count} bits")
_VIEWERS = ("1 viewer", "{count} viewers")
_POINTS = ("1 point", "{count} points")
_VOTES = ("1 vote", "{count} votes")
_LEVEL = ("level 1", "level {count}")
_BARE = ("1", "{count}")
_UNITS: dict[StreamEvent, tuple[str, str]] = {
    _K.BITS: _BITS,
    _K.POWER_UP: _BITS,
    _K.RAID: _VIEWERS,
    _K.RAID_OUT: _VIEWERS,
    _K.SHOUTOUT_RECEIVED: _VIEWERS,
    _K.GIFT: ("1 gift", "{count} gifts"),
    _K.RESUBSCRIPTION: ("1 month", "{count} months"),
    _K.WATCH_STREAK: ("1 stream", "{count} streams"),
    _K.REDEMPTION: _POINTS,
    _K.AUTOMATIC_REDEMPTION: _POINTS,
    _K.REDEMPTION_UPDATE: _POINTS,
    _K.POLL_PROGRESS: _VOTES,
    _K.POLL_END: _VOTES,
    _K.PREDICTION_PROGRESS: _POINTS,
    _K.PREDICTION_LOCK: _POINTS,
    _K.PREDICTION_END: _POINTS,
    _K.AD_BREAK: ("1 second", "{count} seconds"),
    _K.HYPE_TRAIN_BEGIN: _LEVEL,
    _K.HYPE_TRAIN_PROGRESS: _LEVEL,
    _K.HYPE_TRAIN_END: _LEVEL,
    _K.GOAL_BEGIN: _BARE,
    _K.GOAL_PROGRESS: _BARE,
    _K.GOAL_END: _BARE,
}
"""For one, and for many."""
_QUOTED = frozenset({_K.REDEMPTION})
"""The streamer gave their rewards a title; the platform's own are told in words."""
_FIELD_LIMIT = 80
_WITHOUT_ACTOR = frozenset(
    {
        _K.NONE,
        _K.RAID_OUT,
        _K.CHAT_NOTICE,
        _K.SHOUTOUT_SENT,
        _K.CHARITY_BEGIN,
        _K.CHARITY_PROGRESS,
        _K.CHARITY_END,
        _K.GOAL_BEGIN,
        _K.GOAL_PROGRESS,
        _K.GOAL_END,
        _K.HYPE_TRAIN_BEGIN,
        _K.HYPE_TRAIN_PROGRESS,
        _K.HYPE_TRAIN_END,
        _K.POLL_BEGIN,
        _K.POLL_PROGRESS,
        _K.POLL_END,
        _K.PREDICTION_BEGIN,
        _K.PREDICTION_PROGRESS,
        _K.PREDICTION_LOCK,
        _K.PREDICTION_END,
        _K.AD_BREAK,
        _K.STREAM_ONLINE,
        _K.STREAM_OFFLINE,
        _K.CHANNEL_UPDATE,
        _K.TOUCH,
    }
)
"""Their words are whole sentences."""


def has_actor(kind: StreamEvent) -> bool:
    """Tell whether the words speak of somebody, so that a name stands before them."""
    return kind not in _WITHOUT_ACTOR


def happened(kind: StreamEvent, field: Callable[[str], str] = lambda _name: "") -> str:
    """Return what happened, without its number. `field` gives texts from outside by their name."""
    words = _tr(_WORDS.get(kind, "Something happened"))
    if "{" not in words:
        return words
    values = {name: one_line(field(name), _FIELD_LIMIT) for name in _UNKNOWN if f"{{{name}}}" in words}
    mark = "“{}”" if kind in _QUOTED else "{}"
    unknown = {**_UNKNOWN, "reward": _A_POWER_UP} if kind is StreamEvent.POWER_UP else _UNKNOWN
    return words.format(**{name: isolated(mark.format(value)) if value else _tr(unknown[name]) for name, value in values.items()})


def amount_words(kind: StreamEvent, amount: int) -> str:
    """Return how much, with its unit; empty where the number says nothing."""
    units = _UNITS.get(kind)
    return _counted(*units, amount) if units is not None and amount > 0 else ""


def sentence(kind: StreamEvent, amount: int) -> str:
    """Return what happened with its number, for one line of chat."""
    return ": ".join(each for each in (happened(kind), amount_words(kind, amount)) if each)


def _tr(text: str) -> str:
    return QCoreApplication.translate("Events", text)


def _counted(one: str, many: str, count: int) -> str:
    """Return a number with its unit; `many` has as many forms as a language needs."""
    return QCoreApplication.translate("Events", one if count == 1 else many, None, count).format(count=f"{count:,}")
