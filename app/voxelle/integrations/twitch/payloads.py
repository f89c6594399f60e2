"""The shapes of what Twitch sends about the chat. Types and numbers are checked here; texts are cut where they are used.

Source: https://dev.twitch.tv/docs/eventsub/eventsub-reference/. Unknown fields are ignored, and of the known ones only
those are demanded without which nothing could be made of the message.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

LONGEST_ID = 200
Id = Annotated[str, Meta(max_length=LONGEST_ID)]
KnownId = Annotated[str, Meta(min_length=1, max_length=LONGEST_ID)]
Count = Annotated[int, Meta(ge=0, le=1_000_000_000_000)]
Balance = Annotated[int, Meta(ge=-1_000_000_000_000, le=1_000_000_000_000)]
"""A number that may have fallen below zero."""


class Payload(Struct, frozen=True, gc=False):
    """Root of all shapes."""


class Badge(Payload, frozen=True, gc=False):
    """A mark before a chatter's name."""

    set_id: str
    id: str = ""


class MessageText(Payload, frozen=True, gc=False):
    """A message as plain text; emotes stand in it by their names."""

    text: str = ""


class Cheer(Payload, frozen=True, gc=False):
    """What was cheered with a message."""

    bits: Count = 0


class Reply(Payload, frozen=True, gc=False):
    """Whose message a message answers."""

    parent_user_id: Id | None = None


class ChatMessage(Payload, frozen=True, gc=False):
    """channel.chat.message version 1."""

    broadcaster_user_id: KnownId
    chatter_user_id: KnownId
    message_id: KnownId
    message: MessageText
    chatter_user_name: str = ""
    chatter_user_login: str = ""
    message_type: str = "text"
    badges: Annotated[list[Badge], Meta(max_length=100)] | None = None
    cheer: Cheer | None = None
    reply: Reply | None = None
    channel_points_custom_reward_id: Id | None = None
    source_broadcaster_user_id: Id | None = None


class MessageDelete(Payload, frozen=True, gc=False):
    """channel.chat.message_delete version 1."""

    message_id: KnownId


class ChatClear(Payload, frozen=True, gc=False):
    """channel.chat.clear version 1."""

    broadcaster_user_id: KnownId


class ClearUserMessages(Payload, frozen=True, gc=False):
    """channel.chat.clear_user_messages version 1: somebody was banned or timed out."""

    target_user_id: KnownId


class Money(Payload, frozen=True, gc=False):
    """An amount in the smallest unit of its currency."""

    value: Count
    currency: str = ""
    decimal_places: Annotated[int, Meta(ge=0, le=8)] | None = None
    decimal_place: Annotated[int, Meta(ge=0, le=8)] | None = None
    """The reference names it so for notices."""


class SubNotice(Payload, frozen=True, gc=False):
    """Of `sub`, `resub` and `prime_paid_upgrade`."""

    sub_tier: str = ""
    is_prime: bool | None = None
    duration_months: Count | None = None
    cumulative_months: Count | None = None
    streak_months: Count | None = None


class GiftNotice(Payload, frozen=True, gc=False):
    """Of `sub_gift` and `community_sub_gift`."""

    id: Id | None = None
    total: Count | None = None
    sub_tier: str = ""
    duration_months: Count | None = None
    recipient_user_name: str | None = None
    community_gift_id: Id | None = None


class RaidNotice(Payload, frozen=True, gc=False):
    """Of `raid`."""

    user_id: KnownId
    user_name: str = ""
    user_login: str = ""
    viewer_count: Count = 0


class CharityNotice(Payload, frozen=True, gc=False):
    """Of `charity_donation`."""

    amount: Money
    charity_name: str = ""


class StreakNotice(Payload, frozen=True, gc=False):
    """Of `watch_streak`."""

    streak_count: Count | None = None


class TierNotice(Payload, frozen=True, gc=False):
    """Of `bits_badge_tier`."""

    tier: Count = 0


class ChatNotification(Payload, frozen=True, gc=False):
    """channel.chat.notification version 1. The part named like `notice_type` is there, all others are null."""

    broadcaster_user_id: KnownId
    message_id: KnownId
    notice_type: str
    chatter_user_id: Id | None = None
    chatter_user_name: str | None = None
    chatter_user_login: str | None = None
    chatter_is_anonymous: bool = False
    badges: Annotated[list[Badge], Meta(max_length=100)] | None = None
    system_message: str | None = None
    message: MessageText | None = None
    source_broadcaster_user_id: Id | None = None
    sub: SubNotice | None = None
    resub: SubNotice | None = None
    prime_paid_upgrade: SubNotice | None = None
    sub_gift: GiftNotice | None = None
    community_sub_gift: GiftNotice | None = None
    raid: RaidNotice | None = None
    charity_donation: CharityNotice | None = None
    watch_streak: StreakNotice | None = None
    bits_badge_tier: TierNotice | None = None
    shared_chat_sub: SubNotice | None = None
    shared_chat_resub: SubNotice | None = None
    shared_chat_prime_paid_upgrade: SubNotice | None = None
    shared_chat_sub_gift: GiftNotice | None = None
    shared_chat_community_sub_gift: GiftNotice | None = None
    shared_chat_raid: RaidNotice | None = None
