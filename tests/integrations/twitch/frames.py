"""Frames as the event socket carries them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from tests.fakes.twitch import payloads
from voxelle.integrations.twitch.mapping import Context, Happening
from voxelle.integrations.twitch.messages import Notification, read_frame, to_domain

AT = datetime(2026, 1, 1, 20, tzinfo=UTC)
STREAMER = payloads.STREAMER[0]
BOT = payloads.BOT[0]
CONTEXT = Context(STREAMER, bot_id=BOT, names=("Mira", "Assistant"))


def frame(topic: str, event: dict[str, Any], message_id: str = "m1", **metadata: Any) -> str:
    """A notification."""
    head = {
        "message_id": message_id,
        "message_type": "notification",
        "message_timestamp": "2026-01-01T20:00:00.123456789Z",
        "subscription_type": topic,
        "subscription_version": "1",
        **metadata,
    }
    subscription = {"id": "s1", "type": topic, "version": "1", "status": "enabled", "cost": 0, "condition": {}, "transport": {}}
    return json.dumps({"metadata": head, "payload": {"subscription": subscription, "event": event}})


def session(kind: str, **values: Any) -> str:
    """A frame about the session itself."""
    payload = {"session": {"id": "session-1", "status": "connected", **values}} if values else {}
    return json.dumps({"metadata": {"message_id": "x", "message_type": kind, "message_timestamp": "t"}, "payload": payload})


def heard(topic: str, event: dict[str, Any], context: Context = CONTEXT, message_id: str = "m1") -> tuple[Happening, ...]:
    """What becomes of an event."""
    found = read_frame(frame(topic, event, message_id))
    assert isinstance(found, Notification)
    return to_domain(found, context, AT)


def said(text: str, context: Context = CONTEXT, **changes: Any) -> tuple[Happening, ...]:
    """What becomes of a line of the chat."""
    return heard("channel.chat.message", payloads.chat_message(text, **changes), context)
