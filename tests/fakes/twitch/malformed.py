"""Frames that Twitch never should send, and frames of a Twitch that is newer than we are."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

from tests.fakes.twitch.envelopes import envelope
from tests.fakes.twitch.payloads_chat import chat_message

LONG = "a" * 200_000
Envelope = dict[str, Any]


def _text(change: Callable[[Envelope], object], topic: str = "channel.chat.message", event: Envelope | None = None) -> str:
    """Write a good message after something was done to it."""
    value = copy.deepcopy(envelope(topic, event or chat_message("Hello there")))
    change(value)
    return json.dumps(value)


def _event(**changes: Any) -> str:
    return _text(lambda value: value["payload"]["event"].update(changes))


def _metadata(**changes: Any) -> str:
    return _text(lambda value: value["metadata"].update(changes))


_GOOD = _text(lambda _: None)
BROKEN: dict[str, str | bytes] = {
    "nothing": "",
    "not JSON": "hello, this is a proxy",
    "a web page": "<!DOCTYPE html><html><body>Welcome, guest</body></html>",
    "cut off": _GOOD[: len(_GOOD) // 2],
    "two at once": _GOOD + _GOOD,
    "no UTF-8": b'{"metadata": {"message_type": "\xff\xfe"}}',
    "half a surrogate": '{"metadata":{"message_type":"notification","message_id":"\\ud800"}}',
    "a list": "[]",
    "a number": "42",
    "null": "null",
    "a bottomless pit": "[" * 50_000,
    "no metadata": '{"payload": {}}',
    "metadata is a text": '{"metadata": "notification", "payload": {}}',
    "message_type is a number": _metadata(message_type=7),
    "no payload": _text(lambda value: value.pop("payload")),
    "payload is a list": _text(lambda value: value.update(payload=[])),
    "no event": _text(lambda value: value["payload"].pop("event")),
    "event is a text": _text(lambda value: value["payload"].update(event="hello")),
    "no message": _text(lambda value: value["payload"]["event"].pop("message")),
    "message is a number": _event(message=12),
    "no chatter": _text(lambda value: value["payload"]["event"].pop("chatter_user_id")),
    "chatter is a number": _event(chatter_user_id=9001),
    "chatter is a list": _event(chatter_user_id=["9001"]),
    "message_id is null": _event(message_id=None),
    "a welcome without a session": _text(
        lambda value: (value["metadata"].update(message_type="session_welcome"), value.update(payload={}))
    ),
    "a reconnect without an address": _text(
        lambda value: (
            value["metadata"].update(message_type="session_reconnect"),
            value.update(payload={"session": {"id": "x", "reconnect_url": None}}),
        )
    ),
}
"""Frames that say nothing; a client counts and drops them."""
OVERSIZED: dict[str, str] = {
    "a text without end": _event(message={"text": LONG, "fragments": [{"type": "text", "text": LONG}]}),
    "a name without end": _event(chatter_user_name=LONG),
    "an id without end": _event(message_id=LONG),
    "badges without end": _event(badges=[{"set_id": f"badge-{number}", "id": "1", "info": ""} for number in range(20_000)]),
    "fragments without end": _event(message={"text": "hi", "fragments": [{"type": "text", "text": "hi"}] * 20_000}),
    "bits without end": _event(cheer={"bits": 10**400}),
    "a megabyte of new fields": _event(novelty=LONG * 6),
}
"""Frames that would fill the memory or the screen; a client drops or cuts them."""
NEWER: dict[str, str] = {
    "new fields everywhere": _text(
        lambda value: (
            value.update(novelty=1),
            value["metadata"].update(novelty={"a": [1, None]}),
            value["payload"].update(novelty=True),
            value["payload"]["subscription"].update(novelty="x"),
            value["payload"]["event"].update(novelty={"deep": {"deeper": []}}),
            value["payload"]["event"]["message"].update(novelty=0.5),
            value["payload"]["event"]["message"]["fragments"][0].update(novelty=None),
        )
    ),
    "a new kind of message": _event(message_type="power_ups_hologram"),
    "a new kind of fragment": _event(
        message={"text": "[smell]", "fragments": [{"type": "smell", "text": "[smell]", "smell": {"id": "1"}}]}
    ),
    "an old message without the newest fields": _text(
        lambda value: [value["payload"]["event"].pop(name) for name in ("channel_points_animation_id", "is_source_only", "source_badges")]
    ),
    "a subscription without costs": _text(lambda value: value["payload"]["subscription"].pop("cost")),
}
"""Chat messages that have to be understood all the same."""
UNKNOWN: dict[str, str] = {
    "a new message type": _metadata(message_type="session_confetti"),
    "a new topic": _text(
        lambda value: (
            value["metadata"].update(subscription_type="channel.confetti.thrown"),
            value["payload"]["subscription"].update(type="channel.confetti.thrown"),
            value["payload"].update(event={"broadcaster_user_id": "1337", "confetti": 12}),
        )
    ),
    "a new message type with a new payload": '{"metadata":{"message_id":"1","message_type":"session_poem"},"payload":7}',
}
"""Frames that are no mistake and mean nothing to us yet."""
