"""Whole EventSub messages without a server, as a recording keeps them."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

from tests.fakes.twitch.payloads_chat import STREAMER
from tests.fakes.twitch.topics import TOPICS
from tests.fakes.twitch.world import stamp

SESSION_ID = "AgoQHR3s6Mb4T8GFB1l3DlPfiRIGY2VsbC1h"
MOMENT = datetime(2026, 1, 1, 18, 0, tzinfo=UTC)


def envelope(topic: str, event: dict[str, Any], *, message_id: str = "", moment: datetime = MOMENT) -> dict[str, Any]:
    """Return a notification: metadata and payload."""
    known = TOPICS[topic]
    condition = dict.fromkeys(known.condition, STREAMER[0]) if topic != "channel.raid" else {"to_broadcaster_user_id": STREAMER[0]}
    return {
        "metadata": {
            "message_id": message_id or str(uuid.uuid5(uuid.NAMESPACE_URL, f"{topic} {stamp(moment)} {sorted(event)}")),
            "message_type": "notification",
            "message_timestamp": stamp(moment),
            "subscription_type": topic,
            "subscription_version": known.version,
        },
        "payload": {
            "subscription": {
                "id": str(uuid.uuid5(uuid.NAMESPACE_URL, topic)),
                "status": "enabled",
                "type": topic,
                "version": known.version,
                "condition": condition,
                "transport": {"method": "websocket", "session_id": SESSION_ID},
                "created_at": stamp(MOMENT),
                "cost": 0,
            },
            "event": event,
        },
    }
