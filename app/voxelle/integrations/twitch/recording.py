"""A chat that was recorded from Twitch, read line by line: what happened, when, and each thing once, as on the line itself."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta, Raw, Struct

from voxelle.integrations.twitch.deduplication import Deduplication, Teller
from voxelle.integrations.twitch.mapping import EPOCH, Context, Happening, read_time
from voxelle.integrations.twitch.messages import Notification, read_event, read_frame, to_domain
from voxelle.integrations.twitch.payloads import LONGEST_ID

_Condition = dict[str, Any]
_WHOSE: Final = ("broadcaster_user_id", "to_broadcaster_user_id", "from_broadcaster_user_id")


class _Subscription(Struct, frozen=True):
    type: Annotated[str, Meta(max_length=100)] = ""
    condition: _Condition | None = None


class _Bare(Struct, frozen=True):
    """A notification as a web hook gets it, without metadata."""

    subscription: _Subscription
    event: Raw


class _Payload(Struct, frozen=True):
    subscription: _Subscription = _Subscription()


class _Framed(Struct, frozen=True):
    """A frame of the socket, as far as it names the channel."""

    payload: _Payload = _Payload()


class _Recorded(Struct, frozen=True):
    """A line that says its own time."""

    message: Raw
    at: Annotated[float, Meta(ge=0, le=10_000_000_000)]


_bares: Final = msgspec.json.Decoder(_Bare)
_frameds: Final = msgspec.json.Decoder(_Framed)
_recordeds: Final = msgspec.json.Decoder(_Recorded)


def _no_names() -> Sequence[str]:
    return ()


class Recording:
    """Reads the lines in their order. `names` are what she is called, so that she knows when she is meant."""

    def __init__(self, names: Callable[[], Sequence[str]] = _no_names) -> None:
        self._names = names
        self._deduplication = Deduplication()
        self._began_s: float | None = None
        self._last_s = 0.0
        self._channel = ""

    def read(self, line: str | bytes) -> tuple[float, tuple[Happening, ...]]:
        """Read a line: a frame as it came, `{"at": seconds, "message": frame}`, or what a web hook gets.

        Returns the seconds since the first line that says its time, and what happened, which is nothing for heartbeats, unknown
        topics and what was told before. Malformed for anything else.
        """
        raw = line.encode("utf-8", "replace") if isinstance(line, str) else line
        at_s, raw = _own_time(raw)
        notification, channel = _bare(raw) or _framed(raw)
        sent_at = None if notification is None else read_time(notification.sent_at)
        if at_s is None and sent_at is not None:
            at_s = sent_at.timestamp()
        if at_s is not None:
            self._began_s = at_s if self._began_s is None else self._began_s
            self._last_s = max(self._last_s, at_s - self._began_s)
        if notification is None or not self._deduplication.is_new_message(notification.message_id, self._last_s):
            return self._last_s, ()
        self._channel = channel or str(getattr(notification.event, "broadcaster_user_id", "") or "") or self._channel
        found = to_domain(notification, Context(self._channel, names=tuple(self._names())), sent_at or EPOCH)
        teller = Teller(notification.topic)
        return self._last_s, tuple(each for each in found if self._deduplication.is_new(each, teller, self._last_s))


def _own_time(raw: bytes) -> tuple[float | None, bytes]:
    try:
        recorded = _recordeds.decode(raw)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return None, raw
    return recorded.at, bytes(recorded.message)


def _bare(raw: bytes) -> tuple[Notification, str] | None:
    try:
        bare = _bares.decode(raw)
        event = read_event(bare.subscription.type, raw)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return None
    digest = hashlib.sha256(bare.event).hexdigest()[:32]
    return Notification(f"recorded-{digest}", bare.subscription.type, event), _whose(bare.subscription)


def _framed(raw: bytes) -> tuple[Notification | None, str]:
    frame = read_frame(raw)
    if not isinstance(frame, Notification):
        return None, ""
    try:
        return frame, _whose(_frameds.decode(raw).payload.subscription)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return frame, ""


def _whose(subscription: _Subscription) -> str:
    """Return whose channel was listened to: a raid does not say of itself whether it came in or went out."""
    condition = subscription.condition or {}
    return next((str(condition[name])[:LONGEST_ID] for name in _WHOSE if condition.get(name)), "")
