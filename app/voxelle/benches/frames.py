"""A chat as Twitch sends it: frames of the event socket, prepared before anything is measured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import msgspec

from voxelle.benches.chatter import Chatter
from voxelle.domain.chat import Role, Stimulus

TOPIC: Final = "channel.chat.message"
CHANNEL: Final = "1337"
POOL: Final = 20_000
"""So many different lines are prepared; their ids are always new."""
_MESSAGE: Final = "message-id"
_FRAME: Final = "frame-id"
_BADGES: Final = {Role.SUBSCRIBER: "subscriber", Role.VIP: "vip", Role.MODERATOR: "moderator"}


@dataclass(frozen=True, slots=True)
class Pace:
    """How many come when: a steady stream, and a burst of a second every twenty."""

    per_second: int
    in_burst: int
    seconds: float
    every_s: float = 20.0
    at_s: float = 10.0
    """A burst begins so long after the beginning of every twenty seconds."""

    @property
    def total(self) -> int:
        """How many come in all."""
        whole, rest = divmod(self.seconds, self.every_s)
        burst_s = whole + min(1.0, max(0.0, rest - self.at_s))
        return round(self.per_second * self.seconds + (self.in_burst - self.per_second) * burst_s)

    def next_s(self, due_s: float) -> float:
        """Return when the one after comes."""
        is_burst = self.at_s <= due_s % self.every_s < self.at_s + 1.0
        return due_s + 1.0 / (self.in_burst if is_burst else self.per_second)


def message_id(number: int) -> str:
    """Return the id of a line of the chat."""
    return f"c0ffee00-0000-4000-8000-{number:012x}"


def number_of(stimulus_id: str) -> int:
    """Return which line has this id."""
    return int(stimulus_id[-12:], 16)


def prepared(chatter: Chatter, most: int) -> list[tuple[bytes, ...]]:
    """Write frames, each cut where its ids belong: of the frame, of the message."""
    return [_cut(msgspec.json.encode(_frame(chatter.line()))) for _ in range(min(POOL, most))]


def frame(pieces: tuple[bytes, ...], number: int, *, delivery: int = 0) -> bytes:
    """Put the ids of a line into a prepared frame. Each delivery has an id of its own."""
    head, middle, tail = pieces
    return b"".join((head, b"%08x-0000-4000-8000-%012x" % (delivery, number), middle, message_id(number).encode(), tail))


def _cut(raw: bytes) -> tuple[bytes, ...]:
    head, rest = raw.split(_FRAME.encode(), 1)
    return head, *rest.split(_MESSAGE.encode(), 1)


def _frame(line: Stimulus) -> dict[str, Any]:
    """Return a line as the reference of Twitch words it."""
    login = line.author.name
    owner = {"broadcaster_user_id": CHANNEL, "broadcaster_user_login": "bench", "broadcaster_user_name": "Bench"}
    nothing = dict.fromkeys(("cheer", "reply", "channel_points_custom_reward_id", "channel_points_animation_id", "is_source_only"))
    source = dict.fromkeys(f"source_{name}" for name in ("broadcaster_user_id", "broadcaster_user_name", "message_id", "badges"))
    event = {
        **owner,
        "chatter_user_id": f"{line.author.id}",
        "chatter_user_login": login,
        "chatter_user_name": login,
        "message_id": _MESSAGE,
        "message": {
            "text": line.text,
            "fragments": [{"type": "text", "text": line.text, "cheermote": None, "emote": None, "mention": None}],
        },
        "color": "#00FF7F",
        "badges": [{"set_id": _BADGES[role], "id": "1", "info": ""} for role in line.author.roles if role in _BADGES],
        "message_type": "user_intro" if Role.FIRST_TIME in line.author.roles else "text",
        **nothing,
        **source,
    }
    subscription = {
        "id": "f1c2a387-161a-49f9-a165-0f21d7a4e1c4",
        "status": "enabled",
        "type": TOPIC,
        "version": "1",
        "cost": 0,
        "condition": {"broadcaster_user_id": CHANNEL, "user_id": CHANNEL},
        "transport": {"method": "websocket", "session_id": "bench"},
        "created_at": "2026-01-01T12:00:00.000000000Z",
    }
    metadata = {
        "message_id": _FRAME,
        "message_type": "notification",
        "message_timestamp": "2026-01-01T12:00:00.000000000Z",
        "subscription_type": TOPIC,
        "subscription_version": "1",
    }
    return {"metadata": metadata, "payload": {"subscription": subscription, "event": event}}


def welcome(began_s: float) -> bytes:
    """Return the first frame: the id of the session is the monotonic time, the same in all processes, at which the first line is due."""
    return _session_frame("session_welcome", {"session": {"id": repr(began_s)}})


def over() -> bytes:
    """Return the last frame: what was subscribed to is taken back."""
    return _session_frame("revocation", {"subscription": {"type": TOPIC, "status": "version_removed"}})


def _session_frame(kind: str, payload: dict[str, Any]) -> bytes:
    return msgspec.json.encode({"metadata": {"message_id": kind, "message_type": kind}, "payload": payload})
