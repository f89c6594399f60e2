"""The shapes of what Twitch sends about supporters, rewards and the stream itself. See payloads.py."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from voxelle.integrations.twitch.payloads import Balance, Count, Id, KnownId, MessageText, Money, Payload


class Follow(Payload, frozen=True, gc=False):
    """channel.follow version 2."""

    user_id: KnownId
    user_name: str = ""
    user_login: str = ""
    followed_at: str = ""


class Subscribe(Payload, frozen=True, gc=False):
    """channel.subscribe and channel.subscription.end, version 1. Renewals come as channel.subscription.message."""

    user_id: KnownId
    user_name: str = ""
    user_login: str = ""
    tier: str = ""
    is_gift: bool = False


class SubscriptionGift(Payload, frozen=True, gc=False):
    """channel.subscription.gift version 1."""

    total: Count
    user_id: Id | None = None
    user_name: str | None = None
    user_login: str | None = None
    tier: str = ""
    is_anonymous: bool = False


class SubscriptionMessage(Payload, frozen=True, gc=False):
    """channel.subscription.message version 1: a subscriber renews and says so."""

    user_id: KnownId
    user_name: str = ""
    user_login: str = ""
    tier: str = ""
    message: MessageText | None = None
    cumulative_months: Count | None = None
    streak_months: Count | None = None
    duration_months: Count | None = None


class CheerEvent(Payload, frozen=True, gc=False):
    """channel.cheer version 1."""

    bits: Count
    is_anonymous: bool = False
    user_id: Id | None = None
    user_name: str | None = None
    user_login: str | None = None
    message: str | None = None


class PowerUp(Payload, frozen=True, gc=False):
    """Which of Twitch's own power-ups was used."""

    type: str = ""


class CustomPowerUp(Payload, frozen=True, gc=False):
    """Which of the streamer's power-ups was used. What it cost is said where it was redeemed."""

    title: str = ""
    bits: Count = 0


class PowerUpRedemption(Payload, frozen=True, gc=False):
    """channel.custom_power_up_redemption.add version 1: one of the streamer's power-ups, with what the viewer wrote for it."""

    id: KnownId
    user_id: KnownId
    custom_power_up: CustomPowerUp
    user_name: str = ""
    user_login: str = ""
    user_input: str | None = None
    status: str = ""


class BitsUse(Payload, frozen=True, gc=False):
    """channel.bits.use version 1: `cheer`, `power_up`, `custom_power_up` or something newer."""

    bits: Count
    type: str = "cheer"
    user_id: Id | None = None
    user_name: str | None = None
    user_login: str | None = None
    is_anonymous: bool = False
    message: MessageText | None = None
    power_up: PowerUp | None = None
    custom_power_up: CustomPowerUp | None = None


class Raid(Payload, frozen=True, gc=False):
    """channel.raid version 1, in or out."""

    from_broadcaster_user_id: KnownId
    from_broadcaster_user_name: str = ""
    from_broadcaster_user_login: str = ""
    to_broadcaster_user_name: str = ""
    to_broadcaster_user_login: str = ""
    viewers: Count = 0


class Reward(Payload, frozen=True, gc=False):
    """What was redeemed, as it was then."""

    title: str = ""
    cost: Count = 0


class Redemption(Payload, frozen=True, gc=False):
    """channel.channel_points_custom_reward_redemption.add and .update version 1; Helix lists the same."""

    id: KnownId
    user_id: KnownId
    reward: Reward
    user_name: str = ""
    user_login: str = ""
    user_input: str | None = None
    status: str = ""
    redeemed_at: str = ""


class AutomaticReward(Payload, frozen=True, gc=False):
    """Which of Twitch's own rewards was redeemed. Version 1 says `cost`, version 2 `channel_points`."""

    type: str
    channel_points: Count | None = None
    cost: Count | None = None


class AutomaticRedemption(Payload, frozen=True, gc=False):
    """channel.channel_points_automatic_reward_redemption.add version 2."""

    id: KnownId
    user_id: KnownId
    reward: AutomaticReward
    user_name: str = ""
    user_login: str = ""
    message: MessageText | None = None


class Choice(Payload, frozen=True, gc=False):
    """One answer of a poll."""

    title: str = ""
    votes: Count | None = None


class Poll(Payload, frozen=True, gc=False):
    """channel.poll.begin, .progress and .end version 1."""

    id: KnownId
    title: str = ""
    choices: Annotated[tuple[Choice, ...], Meta(max_length=50)] = ()
    status: str = ""


class Outcome(Payload, frozen=True, gc=False):
    """One outcome that points are set on."""

    id: Id = ""
    title: str = ""
    channel_points: Count | None = None


class Prediction(Payload, frozen=True, gc=False):
    """channel.prediction.begin, .progress, .lock and .end version 1."""

    id: KnownId
    title: str = ""
    outcomes: Annotated[tuple[Outcome, ...], Meta(max_length=50)] = ()
    winning_outcome_id: Id | None = None
    status: str = ""


class HypeTrain(Payload, frozen=True, gc=False):
    """channel.hype_train.begin, .progress and .end version 2."""

    id: KnownId
    level: Count = 1
    total: Count = 0
    type: str = ""


class CharityDonation(Payload, frozen=True, gc=False):
    """channel.charity_campaign.donate version 1."""

    id: KnownId
    user_id: KnownId
    amount: Money
    user_name: str = ""
    user_login: str = ""
    charity_name: str = ""


class CharityCampaign(Payload, frozen=True, gc=False):
    """channel.charity_campaign.start, .progress and .stop version 1."""

    id: KnownId
    current_amount: Money
    target_amount: Money | None = None
    charity_name: str = ""


class Goal(Payload, frozen=True, gc=False):
    """channel.goal.begin, .progress and .end version 1."""

    id: KnownId
    type: str = ""
    description: str | None = None
    current_amount: Balance = 0
    target_amount: Balance = 0
    is_achieved: bool | None = None


class ShoutoutCreate(Payload, frozen=True, gc=False):
    """channel.shoutout.create version 1."""

    to_broadcaster_user_name: str
    moderator_user_id: Id | None = None
    moderator_user_name: str | None = None
    viewer_count: Count = 0
    started_at: str = ""


class ShoutoutReceive(Payload, frozen=True, gc=False):
    """channel.shoutout.receive version 1."""

    from_broadcaster_user_id: KnownId
    from_broadcaster_user_name: str = ""
    from_broadcaster_user_login: str = ""
    viewer_count: Count = 0
    started_at: str = ""


class AdBreak(Payload, frozen=True, gc=False):
    """channel.ad_break.begin version 1."""

    duration_seconds: Count | Id
    """The reference shows it as a text."""
    started_at: str = ""


class StreamOnline(Payload, frozen=True, gc=False):
    """stream.online version 1."""

    id: KnownId
    started_at: str = ""
    type: str = "live"


class StreamOffline(Payload, frozen=True, gc=False):
    """stream.offline version 1."""

    broadcaster_user_id: KnownId


class ChannelUpdate(Payload, frozen=True, gc=False):
    """channel.update version 2."""

    title: str = ""
    category_name: str = ""
