"""What can be subscribed to: versions, conditions and permissions, as the reference of EventSub lists them."""

from __future__ import annotations

from dataclasses import dataclass

_OWN = ("broadcaster_user_id",)
_READER = ("broadcaster_user_id", "user_id")
_MODERATOR = ("broadcaster_user_id", "moderator_user_id")
_CHAT = "user:read:chat"
_POINTS = ("channel:read:redemptions", "channel:manage:redemptions")
_MODERATE = (
    "moderator:{}:blocked_terms",
    "moderator:{}:chat_settings",
    "moderator:{}:unban_requests",
    "moderator:{}:banned_users",
    "moderator:{}:chat_messages",
    "moderator:{}:warnings",
)


@dataclass(frozen=True, slots=True)
class Topic:
    """One subscription type."""

    type: str
    version: str
    condition: tuple[str, ...]
    """What has to be named; for raids one of the two."""
    scopes: tuple[tuple[str, ...], ...] = ()
    """Of each group the token needs one."""
    is_for_affiliates: bool = False
    """Refused on channels that are neither affiliate nor partner."""

    def is_allowed(self, scopes: tuple[str, ...]) -> bool:
        """Whether a token with these permissions may subscribe."""
        return all(any(scope in scopes for scope in group) for group in self.scopes)


def _either(what: str) -> tuple[str, ...]:
    return (what.format("read"), what.format("manage"))


def _family(prefix: str, names: str, *scopes: tuple[str, ...], version: str = "1", is_for_affiliates: bool = False) -> list[Topic]:
    return [Topic(f"{prefix}.{name}", version, _OWN, scopes, is_for_affiliates) for name in names.split()]


_ALL = [
    *(
        Topic(f"channel.chat.{name}", "1", _READER, ((_CHAT,),))
        for name in ("message", "notification", "message_delete", "clear", "clear_user_messages")
    ),
    Topic("channel.follow", "2", _MODERATOR, (("moderator:read:followers",),)),
    *_family("channel", "subscribe", ("channel:read:subscriptions",), is_for_affiliates=True),
    *_family("channel.subscription", "gift message end", ("channel:read:subscriptions",), is_for_affiliates=True),
    *_family("channel", "cheer", ("bits:read",), is_for_affiliates=True),
    *_family("channel.bits", "use", ("bits:read",), is_for_affiliates=True),
    *_family("channel.custom_power_up_redemption", "add", ("bits:read",), is_for_affiliates=True),
    Topic("channel.raid", "1", ("to_broadcaster_user_id", "from_broadcaster_user_id")),
    *_family("channel", "ban unban", ("channel:moderate",)),
    Topic(
        "channel.moderate",
        "2",
        _MODERATOR,
        (*(_either(each) for each in _MODERATE), ("moderator:read:moderators",), ("moderator:read:vips",)),
    ),
    *(Topic(f"automod.message.{name}", "2", _MODERATOR, (("moderator:manage:automod",),)) for name in ("hold", "update")),
    *(Topic(f"channel.shield_mode.{name}", "1", _MODERATOR, (_either("moderator:{}:shield_mode"),)) for name in ("begin", "end")),
    *_family("channel.channel_points_custom_reward_redemption", "add update", _POINTS, is_for_affiliates=True),
    *_family("channel.channel_points_automatic_reward_redemption", "add", _POINTS, version="2", is_for_affiliates=True),
    *_family("channel.poll", "begin progress end", _either("channel:{}:polls"), is_for_affiliates=True),
    *_family("channel.prediction", "begin progress lock end", _either("channel:{}:predictions"), is_for_affiliates=True),
    *_family("channel.hype_train", "begin progress end", ("channel:read:hype_train",), version="2", is_for_affiliates=True),
    *_family("channel.charity_campaign", "donate start progress stop", ("channel:read:charity",)),
    *_family("channel.goal", "begin progress end", ("channel:read:goals",)),
    *(Topic(f"channel.shoutout.{name}", "1", _MODERATOR, (_either("moderator:{}:shoutouts"),)) for name in ("create", "receive")),
    *_family("channel.ad_break", "begin", ("channel:read:ads",)),
    *_family("stream", "online offline"),
    *_family("channel", "update", version="2"),
]

TOPICS = {topic.type: topic for topic in _ALL}
"""By type; each in the one version that is spoken."""
EVERY_SCOPE = tuple(sorted({group[0] for topic in _ALL for group in topic.scopes} | {"user:write:chat", "moderator:manage:announcements"}))
"""Permissions that open all of them."""
