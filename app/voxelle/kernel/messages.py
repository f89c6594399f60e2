"""What the host and an engine process say to each other: typed msgpack messages with their length in front."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from voxelle.domain.errors import AuthError, InputError, SetupError, TemporaryError, VoxelleError
from voxelle.kernel.shared_audio import AudioShape, Samples

WINDOW: Final = 64
"""How many replies of one request may be under way before the host has taken the first of them."""

FRAME_LIMIT: Final = 64 * 1024 * 1024
"""Longest message in bytes; a longer one means that the line is garbled."""

HEADER: Final = struct.Struct(">I")
"""Length of the message that follows, in bytes."""

_KINDS: Final = (TemporaryError, AuthError, SetupError, InputError, VoxelleError)
_ERRORS: Final[dict[str, type[VoxelleError]]] = {kind.__name__: kind for kind in _KINDS}


@dataclass(frozen=True, slots=True, eq=False)
class Reply:
    """One answer of an engine. `audio` is float32 mono and belongs to whoever got it."""

    data: dict[str, Any]
    audio: Samples | None = None


class Message(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """Root of all messages."""


class Start(Message, frozen=True):
    """Host: the first message; be this engine, within these limits."""

    target: str
    config: dict[str, Any]
    audio: AudioShape
    nice: int
    memory_mb: int | None


class Request(Message, frozen=True):
    """Host: do this. The audio went ahead as pieces, `frames` in all; None means there is none."""

    id: int
    method: str
    arguments: dict[str, Any]
    frames: int | None


class Cancel(Message, frozen=True):
    """Host: nobody wants the answer of this request any more."""

    id: int


class Taken(Message, frozen=True):
    """Host: so many replies of this request were taken; as many more may come."""

    id: int
    count: int


class Ping(Message, frozen=True):
    """Host: show that you are there."""


class Stop(Message, frozen=True):
    """Host: end, in good order."""


class Piece(Message, frozen=True):
    """Both: a slot of shared memory holds the next frames of this request's audio."""

    id: int
    slot: int
    frames: int


class Freed(Message, frozen=True):
    """Both: the slot was copied out and may be written again."""

    slot: int


class Progressed(Message, frozen=True):
    """Worker: loading got so far, 0..1."""

    value: float


class Ready(Message, frozen=True):
    """Worker: the engine is loaded. `notes` are limits that this system can't keep."""

    pid: int
    notes: tuple[str, ...]


class Answer(Message, frozen=True):
    """Worker: one reply; its audio went ahead as pieces."""

    id: int
    data: dict[str, Any]
    frames: int | None


class Ended(Message, frozen=True):
    """Worker: the request is over, finished or cancelled."""

    id: int


class Failed(Message, frozen=True):
    """Worker: the request (or the loading, id 0) failed. `traceback` is set for errors nobody expected."""

    id: int
    kind: str
    sentence: str
    retry_after_s: float | None
    traceback: str


class Pong(Message, frozen=True):
    """Worker: I am here."""


class Logged(Message, frozen=True):
    """Worker: a line for the log."""

    level: str
    category: str
    event: str
    fields: dict[str, str]


ToWorker = Start | Request | Cancel | Taken | Ping | Stop | Piece | Freed
ToHost = Progressed | Ready | Answer | Ended | Failed | Pong | Logged | Piece | Freed

_encoder = msgspec.msgpack.Encoder()
_worker_decoder: msgspec.msgpack.Decoder[ToWorker] = msgspec.msgpack.Decoder(ToWorker)
_host_decoder: msgspec.msgpack.Decoder[ToHost] = msgspec.msgpack.Decoder(ToHost)


def encode(message: Message) -> bytes:
    """Return the message with its length in front. Raises TypeError, ValueError or OverflowError for what can't be carried."""
    body = _encoder.encode(message)
    if len(body) > FRAME_LIMIT:
        msg = f"a message of {len(body)} bytes is too long"
        raise ValueError(msg)
    return HEADER.pack(len(body)) + body


def body_length(header: bytes | bytearray) -> int:
    """Return how many bytes follow a header. Raises ValueError on a garbled line."""
    length = int(HEADER.unpack_from(header)[0])
    if length > FRAME_LIMIT:
        msg = f"a message of {length} bytes is no message"
        raise ValueError(msg)
    return length


class Bodies:
    """Cuts a stream of bytes, in whatever portions they come, into the bodies of messages."""

    __slots__ = ("_bytes",)

    def __init__(self) -> None:
        self._bytes = bytearray()

    def push(self, data: bytes) -> Iterator[bytes]:
        """Yield the bodies that are whole now. Raises ValueError on a garbled line."""
        self._bytes += data
        while len(self._bytes) >= HEADER.size:
            end = HEADER.size + body_length(self._bytes)
            if len(self._bytes) < end:
                return
            body = bytes(self._bytes[HEADER.size : end])
            del self._bytes[:end]
            yield body


def decode_for_worker(body: bytes) -> ToWorker:
    """Read a message of the host."""
    return _worker_decoder.decode(body)


def decode_for_host(body: bytes) -> ToHost:
    """Read a message of a worker."""
    return _host_decoder.decode(body)


def failure(request_id: int, error: VoxelleError) -> Failed:
    """Put an expected error into a message; a child class unknown here travels as its nearest known parent."""
    kind = next(parent.__name__ for parent in type(error).__mro__ if parent.__name__ in _ERRORS)
    retry_after_s = error.retry_after_s if isinstance(error, TemporaryError) else None
    return Failed(request_id, kind, error.sentence, retry_after_s, "")


def error_of(message: Failed) -> VoxelleError:
    """Make the error again that the worker raised."""
    kind = _ERRORS.get(message.kind, TemporaryError)
    if issubclass(kind, TemporaryError):
        return kind(message.sentence, retry_after_s=message.retry_after_s)
    return kind(message.sentence)
