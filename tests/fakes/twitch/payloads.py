"""Example events in the shapes of the official EventSub reference, one or more for every topic.

Sources: dev.twitch.tv/docs/eventsub/eventsub-reference and …/eventsub-subscription-types as of September 2026 (with
watch streaks, modiversaries, gifted drops, GIF fragments and custom power-ups), compared with what twitch4j, TwitchIO,
twitch_api (Rust), Chatterino and pyTwitchAPI parse.
"""

from __future__ import annotations

import copy
from typing import Any

from tests.fakes.twitch.payloads_channel import CHANNEL
from tests.fakes.twitch.payloads_chat import BOT, CHAT, STREAMER, VIEWER, chat_message
from tests.fakes.twitch.payloads_moderation import MODERATION
from tests.fakes.twitch.payloads_notices import NOTICES, announcement
from tests.fakes.twitch.payloads_support import SUPPORT

__all__ = ["BOT", "EXAMPLES", "STREAMER", "VIEWER", "announcement", "chat_message", "example"]

EXAMPLES: dict[str, list[dict[str, Any]]] = {
    **CHAT,
    "channel.chat.notification": NOTICES,
    **SUPPORT,
    **MODERATION,
    **CHANNEL,
}
"""By topic, the plainest first."""


def example(topic: str, index: int = 0) -> dict[str, Any]:
    """Return a copy of one example."""
    return copy.deepcopy(EXAMPLES[topic][index])
