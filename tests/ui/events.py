"""Events of a channel, with what a test does not care about filled in."""

from __future__ import annotations

from typing import Any

from tests.ui.facts import AT
from voxelle.domain.chat import Author, ChannelEvent, KeptEvent, StreamEvent
from voxelle.domain.events import ChannelEventReceived


def channel_event(key: str = "e1", kind: StreamEvent = StreamEvent.RAID, author: str = "kenji", **changes: Any) -> ChannelEvent:
    whole: dict[str, Any] = {
        "id": f"twitch:{key}",
        "event": kind,
        "author": Author(f"twitch:{author}" if author else "", author, "twitch"),
        "received_at": AT,
        "source": "twitch",
        **changes,
    }
    return ChannelEvent(**whole)


def kept(key: str = "e1", kind: StreamEvent = StreamEvent.RAID, author: str = "kenji", **changes: Any) -> KeptEvent:
    return KeptEvent(channel_event(key, kind, author, **changes), "she answers", is_answered=True)


def received(key: str = "e1", kind: StreamEvent = StreamEvent.RAID, author: str = "kenji", **changes: Any) -> ChannelEventReceived:
    return ChannelEventReceived(channel_event(key, kind, author, **changes), "she answers", is_answered=True)
