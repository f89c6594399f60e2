"""What the streamer sets for Twitch."""

from __future__ import annotations

from pydantic import ConfigDict, Field

from voxelle.settings.part import SettingsPart

_ADDRESS = r"^(https://\S+|http://(localhost|127\.0\.0\.1|\[::1\])(:\d+)?(/\S*)?)$"
_SOCKET = r"^(wss://\S+|ws://(localhost|127\.0\.0\.1|\[::1\])(:\d+)?(/\S*)?)$"


class TwitchSettings(SettingsPart):
    """Which channel, which of its events, and how she answers there. Each feature asks for its own permissions only."""

    model_config = ConfigDict(title="Twitch")

    is_enabled: bool = Field(False, title="Connect to Twitch", description="Off: nothing is sent to Twitch or received from it.")
    client_id: str = Field(
        "",
        max_length=100,
        pattern=r"^[a-zA-Z0-9]*$",
        title="Client ID",
        description="Register an application of type Public in the Twitch developer console and paste its client ID. It is no secret.",
    )
    answers_by_voice: bool = Field(True, title="Answer by voice", description="She says her answers to this chat.")
    answers_in_chat: bool = Field(False, title="Answer in the chat", description="She writes her answers into the chat.")
    replies_as_thread: bool = Field(
        True, title="Write as a reply", description="A written answer hangs on the message it answers, so that the viewer is told."
    )
    may_write_links: bool = Field(False, title="May write links", description="Off: a text with a link is not written into the chat.")
    may_write_commands: bool = Field(
        False, title="May write commands", description="Off: a text that other bots or Twitch would take as a command is not written."
    )
    greets_by_announcement: bool = Field(
        False, title="Thank by announcement", description="Written answers to events appear as announcements (needs one more permission)."
    )
    follows: bool = Field(True, title="Follows", description="Hear of new followers.")
    subscriptions: bool = Field(True, title="Subscriptions and gifts", description="Hear of subscriptions, gifts and their ends.")
    bits: bool = Field(True, title="Bits and power-ups", description="Hear of cheers and power-ups.")
    redemptions: bool = Field(True, title="Channel points", description="Hear of redeemed rewards.")
    polls: bool = Field(False, title="Polls", description="Hear of polls on your channel.")
    predictions: bool = Field(False, title="Predictions", description="Hear of predictions on your channel.")
    hype_train: bool = Field(False, title="Hype train", description="Hear of hype trains.")
    charity: bool = Field(False, title="Charity", description="Hear of charity campaigns and donations.")
    goals: bool = Field(False, title="Goals", description="Hear of creator goals.")
    shoutouts: bool = Field(False, title="Shout-outs", description="Hear of shout-outs sent and received.")
    ads: bool = Field(False, title="Ad breaks", description="Hear of ad breaks as they begin.")
    moderation: bool = Field(
        False,
        title="Moderation",
        description="Hear of AutoMod holds, shield mode and what moderators do. Bans and timeouts are always obeyed.",
    )
    auth_base_url: str = Field(
        "https://id.twitch.tv/oauth2", pattern=_ADDRESS, title="Sign-in address", description="Public default. http only on this computer."
    )
    helix_base_url: str = Field(
        "https://api.twitch.tv/helix", pattern=_ADDRESS, title="API address", description="Public default. http only on this computer."
    )
    eventsub_url: str = Field(
        "wss://eventsub.wss.twitch.tv/ws", pattern=_SOCKET, title="Event address", description="Public default. ws only on this computer."
    )
    subscriptions_url: str = Field(
        "",
        pattern=f"^$|{_ADDRESS}",
        title="Subscription address",
        description="Where event subscriptions are made. Empty: below the API address.",
    )
    keepalive_s: int = Field(
        30,
        ge=10,
        le=600,
        title="Heartbeat (s)",
        description="How often Twitch shows that the line is alive. A missed one means reconnecting.",
    )
