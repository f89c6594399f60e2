"""What happened, in a few words: for events that come without an instruction of the streamer's."""

from __future__ import annotations

from voxelle.domain.chat import Stimulus, StreamEvent

MODERATION = frozenset(
    {
        StreamEvent.BAN,
        StreamEvent.TIMEOUT,
        StreamEvent.UNBAN,
        StreamEvent.AUTOMOD_HOLD,
        StreamEvent.SHIELD_ON,
        StreamEvent.SHIELD_OFF,
        StreamEvent.MODERATION,
    }
)
"""Acts of moderators: whom they concern, and who did it, is nobody's business on the stream."""
NOBODY = "somebody"

_WORDS = {
    StreamEvent.FOLLOW: "{name} follows the channel!",
    StreamEvent.SUBSCRIPTION: "{name} subscribes!",
    StreamEvent.RESUBSCRIPTION: "{name} has been subscribed for {amount} months!",
    StreamEvent.GIFT: "{name} gifts {amount} subscriptions!",
    StreamEvent.SUBSCRIPTION_END: "A subscription ends.",
    StreamEvent.BITS: "{name} cheers {amount} bits!",
    StreamEvent.POWER_UP: "{name} uses a power-up!",
    StreamEvent.RAID: "{name} raids the stream with {amount} viewers!",
    StreamEvent.RAID_OUT: "All viewers go on to another channel.",
    StreamEvent.REDEMPTION: "{name} redeems a reward!",
    StreamEvent.REDEMPTION_UPDATE: "A redemption is settled.",
    StreamEvent.AUTOMATIC_REDEMPTION: "{name} redeems a reward!",
    StreamEvent.WATCH_STREAK: "{name} has watched {amount} streams in a row!",
    StreamEvent.ANNOUNCEMENT: "{name} announces something:",
    StreamEvent.CHAT_NOTICE: "A notice in the chat:",
    StreamEvent.SHOUTOUT_SENT: "The channel recommends another one.",
    StreamEvent.SHOUTOUT_RECEIVED: "{name} recommends this channel to {amount} viewers!",
    StreamEvent.CHARITY_DONATION: "{name} donates to the charity!",
    StreamEvent.CHARITY_BEGIN: "A charity campaign begins!",
    StreamEvent.CHARITY_PROGRESS: "The charity campaign has got further!",
    StreamEvent.CHARITY_END: "The charity campaign ends.",
    StreamEvent.GOAL_BEGIN: "A goal begins!",
    StreamEvent.GOAL_PROGRESS: "A goal has got further!",
    StreamEvent.GOAL_END: "A goal ends.",
    StreamEvent.HYPE_TRAIN_BEGIN: "A hype train starts!",
    StreamEvent.HYPE_TRAIN_PROGRESS: "The hype train reaches level {amount}!",
    StreamEvent.HYPE_TRAIN_END: "The hype train ends at level {amount}.",
    StreamEvent.POLL_BEGIN: "A poll begins:",
    StreamEvent.POLL_PROGRESS: "A poll goes on:",
    StreamEvent.POLL_END: "A poll ends:",
    StreamEvent.PREDICTION_BEGIN: "A prediction begins:",
    StreamEvent.PREDICTION_PROGRESS: "A prediction goes on:",
    StreamEvent.PREDICTION_LOCK: "A prediction is locked:",
    StreamEvent.PREDICTION_END: "A prediction ends:",
    StreamEvent.AD_BREAK: "An ad break of {amount} seconds begins.",
    StreamEvent.STREAM_ONLINE: "The stream begins!",
    StreamEvent.STREAM_OFFLINE: "The stream has ended.",
    StreamEvent.CHANNEL_UPDATE: "The stream has a new title:",
    StreamEvent.BAN: "A viewer was banned.",
    StreamEvent.TIMEOUT: "A viewer was timed out.",
    StreamEvent.UNBAN: "A viewer may come back.",
    StreamEvent.AUTOMOD_HOLD: "A message is held back for the moderators.",
    StreamEvent.SHIELD_ON: "Shield mode is on.",
    StreamEvent.SHIELD_OFF: "Shield mode is off.",
    StreamEvent.MODERATION: "A moderator did something.",
    StreamEvent.TOUCH: "Somebody pokes you.",
}


def words_for(stimulus: Stimulus, name: str) -> str:
    """Return what happened; an event without a kind is told as such."""
    return _WORDS.get(stimulus.event, "Something happens on the stream.").format(name=name, amount=stimulus.amount)
