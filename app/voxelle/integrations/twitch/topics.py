"""Everything that Twitch can be asked to tell, which switch wants it, and what it takes.

Source: https://dev.twitch.tv/docs/eventsub/eventsub-subscription-types/. All are asked for with the broadcaster's token: the
subscriptions of one event socket have to belong to one user.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from voxelle.integrations.twitch.scopes import READ_CHAT, covered
from voxelle.integrations.twitch.settings import TwitchSettings

ALWAYS: Final = "chat"
"""What belongs to the connection as such."""

_OF_CHANNEL: Final = ("broadcaster_user_id",)
_OF_CHATTER: Final = ("broadcaster_user_id", "user_id")
_OF_MODERATOR: Final = ("broadcaster_user_id", "moderator_user_id")


@dataclass(frozen=True, slots=True)
class Topic:
    """One kind of subscription."""

    name: str
    title: str
    feature: str = ALWAYS
    """Name of the switch in the settings."""
    version: str = "1"
    scopes: tuple[str, ...] = ()
    """All of these; who may manage something may read it."""
    condition: tuple[str, ...] = _OF_CHANNEL
    """Fields of the condition; each names the broadcaster, who moderates and reads their own chat."""
    is_extra: bool = False
    """Adds to what another topic tells anyway: being refused is no lack."""

    @property
    def key(self) -> tuple[str, ...]:
        """What tells it from all others."""
        return (self.name, *self.condition)

    def condition_of(self, broadcaster_id: str) -> dict[str, str]:
        """Return the condition of the subscription."""
        return dict.fromkeys(self.condition, broadcaster_id)

    def is_wanted(self, settings: TwitchSettings) -> bool:
        """Whether its switch is on."""
        return self.feature == ALWAYS or bool(getattr(settings, self.feature))

    def is_allowed(self, granted: Iterable[str]) -> bool:
        """Whether the permissions suffice."""
        return covered(granted).issuperset(self.scopes)


def _chat(name: str, title: str) -> Topic:
    return Topic(f"channel.chat.{name}", title, scopes=(READ_CHAT,), condition=_OF_CHATTER)


def _group(feature: str, scope: str, titles: dict[str, str], version: str = "1", condition: tuple[str, ...] = _OF_CHANNEL) -> list[Topic]:
    return [Topic(name, title, feature, version, (scope,), condition) for name, title in titles.items()]


_REDEMPTION: Final = "channel.channel_points_custom_reward_redemption"
_MODERATE_SCOPES: Final = tuple(
    f"moderator:read:{what}"
    for what in ("banned_users", "blocked_terms", "chat_messages", "chat_settings", "moderators", "unban_requests", "vips", "warnings")
)

TOPICS: Final[tuple[Topic, ...]] = (
    _chat("message", "Chat messages"),
    _chat("notification", "Notices in the chat"),
    _chat("message_delete", "Deleted messages"),
    _chat("clear_user_messages", "Bans and timeouts"),
    _chat("clear", "Cleared chat"),
    Topic("channel.raid", "Raids", condition=("to_broadcaster_user_id",)),
    Topic("channel.raid", "Raids to others", condition=("from_broadcaster_user_id",)),
    Topic("stream.online", "Stream begins"),
    Topic("stream.offline", "Stream ends"),
    Topic("channel.update", "Title and category", version="2"),
    Topic("channel.follow", "Follows", "follows", "2", ("moderator:read:followers",), _OF_MODERATOR),
    *_group(
        "subscriptions",
        "channel:read:subscriptions",
        {
            "channel.subscribe": "Subscriptions",
            "channel.subscription.gift": "Gifts",
            "channel.subscription.message": "Resubscriptions",
            "channel.subscription.end": "Ends of subscriptions",
        },
    ),
    *_group("bits", "bits:read", {"channel.bits.use": "Bits and power-ups", "channel.cheer": "Cheers"}),
    Topic("channel.custom_power_up_redemption.add", "Your own power-ups", "bits", scopes=("bits:read",), is_extra=True),
    *_group(
        "redemptions",
        "channel:read:redemptions",
        {f"{_REDEMPTION}.add": "Redemptions", f"{_REDEMPTION}.update": "Redemptions settled"},
    ),
    Topic(
        "channel.channel_points_automatic_reward_redemption.add",
        "Built-in rewards",
        "redemptions",
        "2",
        ("channel:read:redemptions",),
    ),
    *_group(
        "polls",
        "channel:read:polls",
        {"channel.poll.begin": "Polls begin", "channel.poll.progress": "Polls go on", "channel.poll.end": "Polls end"},
    ),
    *_group(
        "predictions",
        "channel:read:predictions",
        {
            "channel.prediction.begin": "Predictions begin",
            "channel.prediction.progress": "Predictions go on",
            "channel.prediction.lock": "Predictions are locked",
            "channel.prediction.end": "Predictions end",
        },
    ),
    *_group(
        "hype_train",
        "channel:read:hype_train",
        {
            "channel.hype_train.begin": "Hype trains begin",
            "channel.hype_train.progress": "Hype trains go on",
            "channel.hype_train.end": "Hype trains end",
        },
        "2",
    ),
    *_group(
        "charity",
        "channel:read:charity",
        {
            "channel.charity_campaign.donate": "Donations",
            "channel.charity_campaign.start": "Charity begins",
            "channel.charity_campaign.progress": "Charity goes on",
            "channel.charity_campaign.stop": "Charity ends",
        },
    ),
    *_group(
        "goals",
        "channel:read:goals",
        {"channel.goal.begin": "Goals begin", "channel.goal.progress": "Goals go on", "channel.goal.end": "Goals end"},
    ),
    *_group(
        "shoutouts",
        "moderator:read:shoutouts",
        {"channel.shoutout.create": "Shout-outs sent", "channel.shoutout.receive": "Shout-outs received"},
        condition=_OF_MODERATOR,
    ),
    *_group("ads", "channel:read:ads", {"channel.ad_break.begin": "Ad breaks"}),
    Topic("channel.moderate", "What moderators do", "moderation", "2", _MODERATE_SCOPES, _OF_MODERATOR),
    Topic("automod.message.hold", "AutoMod", "moderation", "2", ("moderator:manage:automod",), _OF_MODERATOR),
    *_group(
        "moderation",
        "moderator:read:shield_mode",
        {"channel.shield_mode.begin": "Shield mode on", "channel.shield_mode.end": "Shield mode off"},
        condition=_OF_MODERATOR,
    ),
)


def wanted(settings: TwitchSettings) -> tuple[Topic, ...]:
    """Return the topics whose switches are on."""
    return tuple(topic for topic in TOPICS if topic.is_wanted(settings))
