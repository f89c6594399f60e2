"""Kinds of events as the window sorts them: what they are called, where they belong, and their sign."""

from __future__ import annotations

from enum import StrEnum

from PySide6.QtCore import QCoreApplication

from voxelle.domain.chat import StreamEvent
from voxelle.settings.reactions import ReactionsSettings


class EventGroup(StrEnum):
    """What kinds of events have in common for a streamer."""

    AUDIENCE = "audience"
    PAID = "paid"
    """Money, bits and points."""
    PROGRAM = "program"
    MODERATION = "moderation"
    AVATAR = "avatar"


_K = StreamEvent
KINDS: dict[EventGroup, tuple[StreamEvent, ...]] = {
    EventGroup.AUDIENCE: (_K.FOLLOW, _K.RAID, _K.WATCH_STREAK, _K.SHOUTOUT_RECEIVED),
    EventGroup.PAID: (
        _K.SUBSCRIPTION,
        _K.RESUBSCRIPTION,
        _K.GIFT,
        _K.BITS,
        _K.POWER_UP,
        _K.REDEMPTION,
        _K.AUTOMATIC_REDEMPTION,
        _K.REDEMPTION_UPDATE,
        _K.CHARITY_DONATION,
        _K.SUBSCRIPTION_END,
    ),
    EventGroup.PROGRAM: (
        _K.STREAM_ONLINE,
        _K.STREAM_OFFLINE,
        _K.CHANNEL_UPDATE,
        _K.AD_BREAK,
        _K.RAID_OUT,
        _K.SHOUTOUT_SENT,
        _K.ANNOUNCEMENT,
        _K.CHAT_NOTICE,
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
        _K.GOAL_BEGIN,
        _K.GOAL_PROGRESS,
        _K.GOAL_END,
        _K.CHARITY_BEGIN,
        _K.CHARITY_PROGRESS,
        _K.CHARITY_END,
    ),
    EventGroup.MODERATION: (_K.BAN, _K.TIMEOUT, _K.UNBAN, _K.AUTOMOD_HOLD, _K.SHIELD_ON, _K.SHIELD_OFF, _K.MODERATION),
    EventGroup.AVATAR: (_K.TOUCH,),
}
"""Every kind there is a reaction to, in the order of the list."""
_GROUPS = {kind: group for group, kinds in KINDS.items() for kind in kinds}
_ICONS = {
    _K.RESUBSCRIPTION: "subscription",
    _K.SUBSCRIPTION_END: "subscription",
    _K.RAID_OUT: "raid",
    _K.REDEMPTION_UPDATE: "redemption",
    _K.AUTOMATIC_REDEMPTION: "redemption",
    _K.WATCH_STREAK: "streak",
    _K.CHAT_NOTICE: "chat",
    _K.SHOUTOUT_SENT: "announcement",
    _K.SHOUTOUT_RECEIVED: "announcement",
    _K.STREAM_ONLINE: "on_air",
    _K.STREAM_OFFLINE: "off",
    _K.CHANNEL_UPDATE: "edit",
    _K.NONE: "chat",
}
_FAMILIES = ("hype_train", "poll", "prediction", "goal", "charity")
"""Kinds that begin, go on and end share a sign."""


def group_of(kind: StreamEvent) -> EventGroup:
    """Return where a kind belongs."""
    return _GROUPS.get(kind, EventGroup.PROGRAM)


def icon_of(kind: StreamEvent) -> str:
    """Return a kind's sign, a name in `resources/icons`."""
    if kind in _ICONS:
        return _ICONS[kind]
    if _GROUPS.get(kind) is EventGroup.MODERATION:
        return "shield"
    return next((family for family in _FAMILIES if kind.value.startswith(family)), kind.value)


def kind_title(kind: StreamEvent) -> str:
    """Return what a kind is called."""
    return _described(kind)[0]


def kind_description(kind: StreamEvent) -> str:
    """Return what a kind is, in a sentence."""
    return _described(kind)[1]


def group_title(group: EventGroup) -> str:
    """Return what a group is called."""
    translate = QCoreApplication.translate
    match group:
        case EventGroup.AUDIENCE:
            return translate("Events", "Audience")
        case EventGroup.PAID:
            return translate("Events", "Paid and points")
        case EventGroup.PROGRAM:
            return translate("Events", "Program")
        case EventGroup.MODERATION:
            return translate("Events", "Moderation")
        case EventGroup.AVATAR:
            return translate("Events", "Avatar")


def _described(kind: StreamEvent) -> tuple[str, str]:
    field = ReactionsSettings.model_fields.get(kind.value)
    if field is None:
        return kind.value.replace("_", " ").capitalize(), ""
    return field.title or kind.value, field.description or ""
