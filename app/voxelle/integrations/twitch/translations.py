"""Which shape every topic has, and what is made of it. A topic that is not here is counted and passed over."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from voxelle.integrations.twitch import mapping_channel as channel
from voxelle.integrations.twitch import mapping_chat as chat
from voxelle.integrations.twitch import mapping_moderation as moderation
from voxelle.integrations.twitch import mapping_support as support
from voxelle.integrations.twitch.mapping import Happening, Told
from voxelle.integrations.twitch.mapping_notices import from_notification
from voxelle.integrations.twitch.payloads import ChatClear, ChatMessage, ChatNotification, ClearUserMessages, MessageDelete, Payload
from voxelle.integrations.twitch.payloads_channel import (
    AdBreak,
    AutomaticRedemption,
    BitsUse,
    ChannelUpdate,
    CharityCampaign,
    CharityDonation,
    CheerEvent,
    Follow,
    Goal,
    HypeTrain,
    Poll,
    PowerUpRedemption,
    Prediction,
    Raid,
    Redemption,
    ShoutoutCreate,
    ShoutoutReceive,
    StreamOffline,
    StreamOnline,
    Subscribe,
    SubscriptionGift,
    SubscriptionMessage,
)
from voxelle.integrations.twitch.payloads_moderation import AutomodHold, Ban, Moderate, ShieldMode, Unban

Translate = Callable[[Any, Told], tuple[Happening, ...]]

TRANSLATIONS: Final[dict[str, tuple[type[Payload], Translate]]] = {
    "channel.chat.message": (ChatMessage, chat.from_message),
    "channel.chat.notification": (ChatNotification, from_notification),
    "channel.chat.message_delete": (MessageDelete, chat.from_delete),
    "channel.chat.clear": (ChatClear, chat.from_clear),
    "channel.chat.clear_user_messages": (ClearUserMessages, chat.from_clear_user),
    "channel.follow": (Follow, support.from_follow),
    "channel.subscribe": (Subscribe, support.from_subscribe),
    "channel.subscription.end": (Subscribe, support.from_subscription_end),
    "channel.subscription.gift": (SubscriptionGift, support.from_subscription_gift),
    "channel.subscription.message": (SubscriptionMessage, support.from_subscription_message),
    "channel.cheer": (CheerEvent, support.from_cheer),
    "channel.bits.use": (BitsUse, support.from_bits_use),
    "channel.custom_power_up_redemption.add": (PowerUpRedemption, support.from_power_up_redemption),
    "channel.raid": (Raid, support.from_raid),
    "channel.channel_points_custom_reward_redemption.add": (Redemption, support.from_redemption),
    "channel.channel_points_custom_reward_redemption.update": (Redemption, support.from_redemption_update),
    "channel.channel_points_automatic_reward_redemption.add": (AutomaticRedemption, support.from_automatic_redemption),
    "channel.charity_campaign.donate": (CharityDonation, support.from_donation),
    "channel.charity_campaign.start": (CharityCampaign, channel.from_campaign),
    "channel.charity_campaign.progress": (CharityCampaign, channel.from_campaign),
    "channel.charity_campaign.stop": (CharityCampaign, channel.from_campaign),
    "channel.shoutout.create": (ShoutoutCreate, support.from_shoutout),
    "channel.shoutout.receive": (ShoutoutReceive, support.from_shoutout_received),
    "channel.poll.begin": (Poll, channel.from_poll),
    "channel.poll.progress": (Poll, channel.from_poll),
    "channel.poll.end": (Poll, channel.from_poll),
    "channel.prediction.begin": (Prediction, channel.from_prediction),
    "channel.prediction.progress": (Prediction, channel.from_prediction),
    "channel.prediction.lock": (Prediction, channel.from_prediction),
    "channel.prediction.end": (Prediction, channel.from_prediction),
    "channel.hype_train.begin": (HypeTrain, channel.from_hype_train),
    "channel.hype_train.progress": (HypeTrain, channel.from_hype_train),
    "channel.hype_train.end": (HypeTrain, channel.from_hype_train),
    "channel.goal.begin": (Goal, channel.from_goal),
    "channel.goal.progress": (Goal, channel.from_goal),
    "channel.goal.end": (Goal, channel.from_goal),
    "channel.ad_break.begin": (AdBreak, channel.from_ad_break),
    "channel.update": (ChannelUpdate, channel.from_update),
    "stream.online": (StreamOnline, channel.from_online),
    "stream.offline": (StreamOffline, channel.from_offline),
    "channel.ban": (Ban, moderation.from_ban),
    "channel.unban": (Unban, moderation.from_unban),
    "channel.moderate": (Moderate, moderation.from_moderate),
    "automod.message.hold": (AutomodHold, moderation.from_automod_hold),
    "channel.shield_mode.begin": (ShieldMode, moderation.from_shield),
    "channel.shield_mode.end": (ShieldMode, moderation.from_shield),
}
