"""A chat as Twitch sends it: frames of the event socket, prepared before anything is measured, on a line that keeps an exact pace."""

from __future__ import annotations

import asyncio
from array import array
from collections import deque
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from voxelle.benches.chatter import Chatter
from voxelle.domain.chat import Role, Stimulus
from voxelle.kernel.clock import Clock

TOPIC: Final = "channel.chat.message"
CHANNEL: Final = "1337"
POOL: Final = 20_000
"""So many different lines are prepared; their ids are always new."""
AGAIN_EVERY: Final = 100
"""One frame in so many is delivered twice."""
_AGAIN_AFTER: Final = 30
_TURN: Final = 20
"""Frames taken off the line before others on the loop get their turn, as a socket's buffer would make it."""
_STEP_S: Final = 0.002
_MESSAGE: Final = "message-id"
_FRAME: Final = "frame-id"
_BADGES: Final = {Role.SUBSCRIBER: "subscriber", Role.VIP: "vip", Role.MODERATOR: "moderator"}
_WELCOME: Final = b'{"metadata":{"message_id":"w","message_type":"session_welcome"},"payload":{"session":{"id":"bench"}}}'


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


class Line:
    """The socket: says hello, then gives every frame when it is due, late ones at once. Some are given twice."""

    def __init__(self, frames: list[tuple[bytes, ...]], pace: Pace, clock: Clock) -> None:
        self._frames = frames
        self._pace = pace
        self._clock = clock
        self._total = pace.total
        self._due_s = 0.0
        self._began_s: float | None = None
        self._again: deque[int] = deque()
        self._in_turn = 0
        self.offered = 0
        """How many different lines were taken off."""
        self.repeated = 0
        self.due_at_s = array("d", bytes(8 * self._total))
        """When every line was due, by the clock."""
        self.over = asyncio.Event()
        """All were taken off and dealt with."""

    async def receive(self) -> bytes:
        """Return the next frame when it is due. Never returns after the last."""
        if self._began_s is None:
            self._began_s = self._clock.monotonic()
            return _WELCOME
        if self._again and (self.offered - self._again[0] > _AGAIN_AFTER or self.offered == self._total):
            return self._repeat(self._again.popleft())
        if self.offered == self._total:
            self.over.set()
            await asyncio.Event().wait()
        await self._wait(self._began_s + self._due_s)
        return self._take(self._began_s)

    async def close(self) -> None:
        """Nothing is open."""

    async def _wait(self, at_s: float) -> None:
        self._in_turn += 1
        if self._in_turn >= _TURN:
            self._in_turn = 0
            await self._clock.sleep(0.0)
        while self._clock.monotonic() < at_s:
            self._in_turn = 0
            await self._clock.sleep(_STEP_S)

    def _take(self, began_s: float) -> bytes:
        number = self.offered
        self.due_at_s[number] = began_s + self._due_s
        self._due_s = self._pace.next_s(self._due_s)
        self.offered += 1
        if number % AGAIN_EVERY == AGAIN_EVERY // 2:
            self._again.append(number)
        return frame(self._frames[number % len(self._frames)], number)

    def _repeat(self, number: int) -> bytes:
        """Deliver again: the same frame, or every other time the same line in a frame of its own."""
        self.repeated += 1
        return frame(self._frames[number % len(self._frames)], number, delivery=self.repeated % 2)
