"""Frames of the event socket, as what she understands. Pure: time and context are handed in.

Source: https://dev.twitch.tv/docs/eventsub/websocket-reference/. A frame that is too large, is no JSON or lacks what it is made of
is Malformed; unknown fields, kinds of frames, topics and notices are no mistake.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Annotated, Any, Final, Generic, TypeVar

import msgspec
from msgspec import Meta, Raw, Struct

from voxelle.domain.errors import InputError
from voxelle.integrations.twitch.limits import LARGEST_FRAME
from voxelle.integrations.twitch.mapping import Context, Happening, Told, read_time
from voxelle.integrations.twitch.payloads import Id, KnownId, Payload
from voxelle.integrations.twitch.translations import TRANSLATIONS

LONGEST_ADDRESS: Final = 2000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_EVENT_LESS: Final = Raw(b"{}")
T = TypeVar("T")


class Malformed(InputError):  # noqa: N818 -- says what the frame is
    """A frame that can't be taken. Says nothing of its content."""


class Welcome(Struct, frozen=True):
    """The session is there."""

    session_id: str
    keepalive_s: float | None
    sent_at: str = ""


class Keepalive(Struct, frozen=True):
    """Nothing happened, and the line is alive."""

    sent_at: str = ""


class Reconnect(Struct, frozen=True):
    """Go over to another address; this socket ends soon."""

    url: str


class Revocation(Struct, frozen=True):
    """A subscription ended; `status` says why."""

    topic: str
    status: str


class Notification(Struct, frozen=True):
    """Something happened. `event` is None for a topic that is not known here."""

    message_id: str
    topic: str
    event: Payload | None
    sent_at: str = ""


class Unknown(Struct, frozen=True):
    """A kind of frame that is not known here."""


Frame = Welcome | Keepalive | Reconnect | Revocation | Notification | Unknown


class _Metadata(Struct, frozen=True, gc=False):
    message_type: Annotated[str, Meta(max_length=100)]
    message_id: Id = ""
    message_timestamp: str = ""
    subscription_type: Annotated[str, Meta(max_length=100)] = ""


class _Envelope(Struct, frozen=True, gc=False):
    metadata: _Metadata
    payload: Raw = _EVENT_LESS


class _Session(Struct, frozen=True, gc=False):
    id: KnownId
    keepalive_timeout_seconds: Annotated[float, Meta(gt=0, le=86_400)] | None = None


class _NextSession(Struct, frozen=True, gc=False):
    reconnect_url: Annotated[str, Meta(min_length=1, max_length=LONGEST_ADDRESS)]


class _SessionPayload(Struct, Generic[T], frozen=True, gc=False):
    session: T


class _Subscription(Struct, frozen=True, gc=False):
    type: Annotated[str, Meta(max_length=100)]
    status: Annotated[str, Meta(max_length=100)] = ""


class _SubscriptionPayload(Struct, frozen=True, gc=False):
    subscription: _Subscription


class _EventPayload(Struct, Generic[T], frozen=True, gc=False):
    event: T


class _Bare(Struct, frozen=True, gc=False):
    """A notification as a web hook gets it, without metadata."""

    subscription: _Subscription
    event: Raw


class _Recorded(Struct, frozen=True, gc=False):
    """A line of a recording that says its own time."""

    message: Raw
    at: Annotated[float, Meta(ge=0, le=10_000_000_000)]


_envelopes: Final = msgspec.json.Decoder(_Envelope)
_welcomes: Final = msgspec.json.Decoder(_SessionPayload[_Session])
_reconnects: Final = msgspec.json.Decoder(_SessionPayload[_NextSession])
_revocations: Final = msgspec.json.Decoder(_SubscriptionPayload)
_bares: Final = msgspec.json.Decoder(_Bare)
_recordeds: Final = msgspec.json.Decoder(_Recorded)
_events: Final[dict[str, msgspec.json.Decoder[Any]]] = {
    topic: msgspec.json.Decoder(_EventPayload[shape])  # type: ignore[valid-type] # one decoder a shape, made at run time
    for topic, (shape, _) in TRANSLATIONS.items()
}


def read_frame(raw: str | bytes) -> Frame:
    """Read one frame of the socket. Raises Malformed, and never anything else."""
    if len(raw) > LARGEST_FRAME:
        msg = "Twitch sent a message beyond all measure."
        raise Malformed(msg)
    try:
        return _read(_envelopes.decode(raw))
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        msg = "Twitch sent a message that can't be read."
        raise Malformed(msg) from error


def _read(envelope: _Envelope) -> Frame:
    about = envelope.metadata
    match about.message_type:
        case "notification":
            return _notification(about, envelope.payload)
        case "session_keepalive":
            return Keepalive(about.message_timestamp)
        case "session_welcome":
            session = _welcomes.decode(envelope.payload).session
            return Welcome(session.id, session.keepalive_timeout_seconds, about.message_timestamp)
        case "session_reconnect":
            return Reconnect(_reconnects.decode(envelope.payload).session.reconnect_url)
        case "revocation":
            subscription = _revocations.decode(envelope.payload).subscription
            return Revocation(subscription.type, subscription.status)
        case _:
            return Unknown()


def _notification(about: _Metadata, payload: Raw) -> Notification:
    topic = about.subscription_type or _revocations.decode(payload).subscription.type
    if not about.message_id:
        msg = "a notification without an id"
        raise msgspec.ValidationError(msg)
    decoder = _events.get(topic)
    event = None if decoder is None else decoder.decode(payload).event
    return Notification(about.message_id, topic, event, about.message_timestamp)


def to_domain(notification: Notification, context: Context, at: datetime) -> tuple[Happening, ...]:
    """Translate a notification. Mostly one happening; none for what is unknown or told otherwise; a line and its cheer are two."""
    if notification.event is None:
        return ()
    translate = TRANSLATIONS[notification.topic][1]
    return translate(notification.event, Told(notification.topic, notification.message_id, at, context))


def read_recorded(line: str | bytes, context: Context | None = None) -> tuple[float | None, tuple[Happening, ...]]:
    """Read a line of a recording: a frame as it came, `{"at": seconds, "message": frame}`, or what a web hook gets.

    Returns the time in seconds (from the start if the line says it, else since 1970; None if it is not said) and what happened, which is
    nothing for heartbeats and unknown topics. Without a context the channel is the one the message names. InputError for anything else.
    """
    raw = line.encode("utf-8", "replace") if isinstance(line, str) else line
    at_s, raw = _own_time(raw)
    frame = _bare(raw) or read_frame(raw)
    if not isinstance(frame, Notification):
        return at_s, ()
    sent_at = read_time(frame.sent_at)
    if at_s is None and sent_at is not None:
        at_s = sent_at.timestamp()
    if context is None:
        context = Context(broadcaster_id=str(getattr(frame.event, "broadcaster_user_id", "") or ""))
    return at_s, to_domain(frame, context, sent_at or _EPOCH)


def _own_time(raw: bytes) -> tuple[float | None, bytes]:
    try:
        recorded = _recordeds.decode(raw)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return None, raw
    return recorded.at, bytes(recorded.message)


def _bare(raw: bytes) -> Notification | None:
    try:
        bare = _bares.decode(raw)
        decoder = _events.get(bare.subscription.type)
        event = None if decoder is None else decoder.decode(raw).event
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return None
    digest = hashlib.sha256(bare.event).hexdigest()[:32]
    return Notification(f"recorded-{digest}", bare.subscription.type, event)
