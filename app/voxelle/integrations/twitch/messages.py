"""Frames of the event socket, as what she understands. Pure: time and context are handed in.

Source: https://dev.twitch.tv/docs/eventsub/websocket-reference/. A frame that is too large, is no JSON or lacks what it is made of
is Malformed; unknown fields, kinds of frames, topics and notices are no mistake.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final, Generic, TypeVar

import msgspec
from msgspec import Meta, Raw, Struct

from voxelle.domain.errors import InputError
from voxelle.integrations.twitch.limits import LARGEST_FRAME
from voxelle.integrations.twitch.mapping import Context, Happening, Told
from voxelle.integrations.twitch.payloads import Id, KnownId, Payload
from voxelle.integrations.twitch.translations import TRANSLATIONS

LONGEST_ADDRESS: Final = 2000
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


_envelopes: Final = msgspec.json.Decoder(_Envelope)
_welcomes: Final = msgspec.json.Decoder(_SessionPayload[_Session])
_reconnects: Final = msgspec.json.Decoder(_SessionPayload[_NextSession])
_revocations: Final = msgspec.json.Decoder(_SubscriptionPayload)
_whole_events: Final = msgspec.json.Decoder(_EventPayload[Any])
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
    return Notification(about.message_id, topic, read_event(topic, payload), about.message_timestamp)


def read_event(topic: str, payload: Raw | bytes) -> Payload | None:
    """Read the event out of what carries it, None for a topic that is not known here. Raises msgspec.ValidationError and DecodeError.

    What does not fit at once is read once more, patiently: a null where a text or a number should stand counts as not said, and a
    number may come as a text.
    """
    decoder = _events.get(topic)
    if decoder is None:
        return None
    try:
        event: Payload = decoder.decode(payload).event
    except msgspec.ValidationError:
        said = _without_nulls(_whole_events.decode(payload).event)
        event = msgspec.convert(said, TRANSLATIONS[topic][0], strict=False)
    return event


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_nulls(each) for name, each in value.items() if each is not None}
    if isinstance(value, list):
        return [_without_nulls(each) for each in value if each is not None]
    return value


def to_domain(notification: Notification, context: Context, at: datetime) -> tuple[Happening, ...]:
    """Translate a notification. Mostly one happening; none for what is unknown or told otherwise; a line and its cheer are two."""
    if notification.event is None:
        return ()
    translate = TRANSLATIONS[notification.topic][1]
    return translate(notification.event, Told(notification.topic, notification.message_id, at, context))
