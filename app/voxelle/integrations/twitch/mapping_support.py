"""Followers, subscribers, givers and rewards."""

from __future__ import annotations

from typing import Final

from voxelle.domain.chat import StreamEvent
from voxelle.integrations.twitch.mapping import (
    LONGEST_NAME,
    LONGEST_TEXT,
    Happening,
    Told,
    author_of,
    clean,
    money_of,
    tier_of,
)
from voxelle.integrations.twitch.payloads_channel import (
    AutomaticRedemption,
    BitsUse,
    CharityDonation,
    CheerEvent,
    Follow,
    PowerUpRedemption,
    Raid,
    Redemption,
    ShoutoutCreate,
    ShoutoutReceive,
    Subscribe,
    SubscriptionGift,
    SubscriptionMessage,
)

_AUTOMATIC: Final = {
    "send_highlighted_message": "a highlighted message",
    "single_message_bypass_sub_mode": "a message in subscriber-only chat",
    "random_sub_emote_unlock": "a random emote",
    "chosen_sub_emote_unlock": "an emote of their choice",
    "chosen_modified_sub_emote_unlock": "a modified emote",
}
_POWER_UPS: Final = {
    "message_effect": "a message effect",
    "celebration": "an on-screen celebration",
    "gigantify_an_emote": "a gigantic emote",
}
POWER_UP_REDEMPTION: Final = "channel.custom_power_up_redemption.add"
_A_POWER_UP: Final = "a power-up"
_Found = tuple[Happening, ...]


def from_follow(event: Follow, told: Told) -> _Found:
    """Somebody follows."""
    author = author_of(event.user_id, event.user_name, event.user_login)
    return told.event(StreamEvent.FOLLOW, f"{event.user_id}:{event.followed_at[:40]}", author)


def from_subscribe(event: Subscribe, told: Told) -> _Found:
    """Somebody subscribes for the first time. What was given to them is told as the giver's gift."""
    if event.is_gift:
        return ()
    author = author_of(event.user_id, event.user_name, event.user_login)
    return told.event(StreamEvent.SUBSCRIPTION, told.message_id, author, amount=1, tier=tier_of(event.tier))


def from_subscription_end(event: Subscribe, told: Told) -> _Found:
    """A subscription ends."""
    author = author_of(event.user_id, event.user_name, event.user_login)
    return told.event(StreamEvent.SUBSCRIPTION_END, told.message_id, author, tier=tier_of(event.tier))


def from_subscription_gift(event: SubscriptionGift, told: Told) -> _Found:
    """Somebody gives subscriptions to others."""
    author = author_of(None if event.is_anonymous else event.user_id, event.user_name, event.user_login)
    return told.event(StreamEvent.GIFT, told.message_id, author, amount=event.total, tier=tier_of(event.tier))


def from_subscription_message(event: SubscriptionMessage, told: Told) -> _Found:
    """Somebody subscribes again and says so."""
    author = author_of(event.user_id, event.user_name, event.user_login)
    months = event.cumulative_months or event.duration_months or 1
    return told.event(
        StreamEvent.RESUBSCRIPTION,
        told.message_id,
        author,
        text=clean(event.message.text if event.message else "", LONGEST_TEXT),
        amount=months,
        tier=tier_of(event.tier),
        months=months,
        streak=event.streak_months,
    )


def from_cheer(event: CheerEvent, told: Told) -> _Found:
    """Somebody cheers."""
    author = author_of(None if event.is_anonymous else event.user_id, event.user_name, event.user_login)
    return told.event(StreamEvent.BITS, told.message_id, author, text=clean(event.message, LONGEST_TEXT), amount=event.bits)


def from_bits_use(event: BitsUse, told: Told) -> _Found:
    """Somebody cheers, or uses a power-up. One of the streamer's own is told by its redemption, with what was written for it."""
    is_custom = event.custom_power_up is not None or event.type == "custom_power_up"
    if is_custom and POWER_UP_REDEMPTION in told.context.hears:
        return ()
    author = author_of(None if event.is_anonymous else event.user_id, event.user_name, event.user_login)
    text = clean(event.message.text if event.message else "", LONGEST_TEXT)
    if event.power_up is None and event.custom_power_up is None and "power_up" not in event.type:
        return told.event(StreamEvent.BITS, told.message_id, author, text=text, amount=event.bits)
    if event.custom_power_up is not None:
        reward = clean(event.custom_power_up.title)
    else:
        kind = event.power_up.type if event.power_up else ""
        reward = _POWER_UPS.get(kind, clean(kind).replace("_", " "))
    return told.event(
        StreamEvent.POWER_UP, told.message_id, author, text=text, amount=event.bits, reward=reward or _A_POWER_UP, cost=event.bits
    )


def from_power_up_redemption(event: PowerUpRedemption, told: Told) -> _Found:
    """Somebody uses one of the streamer's power-ups."""
    return told.event(
        StreamEvent.POWER_UP,
        event.id,
        author_of(event.user_id, event.user_name, event.user_login),
        text=clean(event.user_input, LONGEST_TEXT),
        amount=event.custom_power_up.bits,
        reward=clean(event.custom_power_up.title) or _A_POWER_UP,
        cost=event.custom_power_up.bits,
        status=clean(event.status, 40).lower(),
    )


def from_raid(event: Raid, told: Told) -> _Found:
    """Another channel comes over, or the viewers of this one go on."""
    author = author_of(event.from_broadcaster_user_id, event.from_broadcaster_user_name, event.from_broadcaster_user_login)
    if event.from_broadcaster_user_id != told.context.broadcaster_id:
        return told.event(StreamEvent.RAID, told.message_id, author, amount=event.viewers)
    target = clean(event.to_broadcaster_user_name, LONGEST_NAME) or clean(event.to_broadcaster_user_login, LONGEST_NAME)
    return told.event(StreamEvent.RAID_OUT, told.message_id, author, amount=event.viewers, target=target)


def from_redemption(event: Redemption, told: Told) -> _Found:
    """Somebody redeems one of the streamer's rewards."""
    return _redemption(event, told, StreamEvent.REDEMPTION, event.id)


def from_redemption_update(event: Redemption, told: Told) -> _Found:
    """A redemption was fulfilled or refunded."""
    return _redemption(event, told, StreamEvent.REDEMPTION_UPDATE, f"{event.id}:{clean(event.status, 40).lower()}")


def _redemption(event: Redemption, told: Told, kind: StreamEvent, key: str) -> _Found:
    return told.event(
        kind,
        key,
        author_of(event.user_id, event.user_name, event.user_login),
        text=clean(event.user_input, LONGEST_TEXT),
        amount=event.reward.cost,
        reward=clean(event.reward.title),
        cost=event.reward.cost,
        status=clean(event.status, 40).lower(),
    )


def from_automatic_redemption(event: AutomaticRedemption, told: Told) -> _Found:
    """Somebody redeems one of Twitch's own rewards."""
    cost = event.reward.channel_points if event.reward.channel_points is not None else event.reward.cost
    kind = event.reward.type
    return told.event(
        StreamEvent.AUTOMATIC_REDEMPTION,
        event.id,
        author_of(event.user_id, event.user_name, event.user_login),
        text=clean(event.message.text if event.message else "", LONGEST_TEXT),
        amount=cost or 0,
        reward=_AUTOMATIC.get(kind, clean(kind).replace("_", " ")),
        cost=cost,
    )


def from_donation(event: CharityDonation, told: Told) -> _Found:
    """Somebody donates to the charity."""
    return told.event(
        StreamEvent.CHARITY_DONATION,
        event.id,
        author_of(event.user_id, event.user_name, event.user_login),
        amount=event.amount.value,
        value=money_of(event.amount),
        charity=clean(event.charity_name),
    )


def from_shoutout(event: ShoutoutCreate, told: Told) -> _Found:
    """The channel recommends somebody."""
    author = author_of(event.moderator_user_id, event.moderator_user_name)
    target = clean(event.to_broadcaster_user_name, LONGEST_NAME)
    return told.event(StreamEvent.SHOUTOUT_SENT, told.message_id, author, amount=event.viewer_count, target=target)


def from_shoutout_received(event: ShoutoutReceive, told: Told) -> _Found:
    """Another channel recommends this one."""
    author = author_of(event.from_broadcaster_user_id, event.from_broadcaster_user_name, event.from_broadcaster_user_login)
    return told.event(StreamEvent.SHOUTOUT_RECEIVED, told.message_id, author, amount=event.viewer_count)
