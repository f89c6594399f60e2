"""VTube Studio's messages, read and written. Pure; what comes may be anything, and unknown fields are passed over.

https://github.com/DenchiSoft/VTubeStudio#api-details
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from voxelle.domain.avatar import AvatarExpression, AvatarHotkey
from voxelle.domain.errors import InputError

API_NAME: Final = "VTubeStudioPublicAPI"
API_VERSION: Final = "1.0"
ERROR: Final = "APIError"
BROADCAST: Final = "VTubeStudioAPIStateBroadcast"
LONGEST_MESSAGE: Final = 4 * 1024 * 1024
LONGEST_NAME: Final = 200
LONGEST_TOKEN: Final = 256
MOST_THINGS: Final = 1000
"""Hotkeys, expressions or parameters of one model."""


class _Envelope(msgspec.Struct):
    kind: str = msgspec.field(name="messageType")
    request_id: str | None = msgspec.field(name="requestID", default=None)
    data: Any = None


@dataclass(frozen=True, slots=True)
class Message:
    """A reply, an error or an event."""

    kind: str
    request_id: str
    data: dict[str, Any]

    @property
    def is_event(self) -> bool:
        """Whether it comes unasked. An event can carry the id of the request that subscribed to it."""
        return self.kind.endswith("Event")


_decoder = msgspec.json.Decoder(_Envelope)


def read_message(text: str | bytes) -> Message:
    """Read one message. Raises InputError for anything else."""
    if len(text) > LONGEST_MESSAGE:
        msg = "A message from VTube Studio is far too long."
        raise InputError(msg)
    try:
        envelope = _decoder.decode(text)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        msg = "A message from VTube Studio can't be read."
        raise InputError(msg) from error
    data = envelope.data if isinstance(envelope.data, dict) else {}
    return Message(envelope.kind, envelope.request_id or "", data)


def write_request(kind: str, request_id: str, data: Mapping[str, Any] | None = None) -> str:
    """Write a request. Raises InputError for numbers that JSON does not have."""
    values: dict[str, Any] = {"apiName": API_NAME, "apiVersion": API_VERSION, "requestID": request_id, "messageType": kind}
    if data is not None:
        if any(isinstance(each, float) and not math.isfinite(each) for each in _leaves(data)):
            msg = "A value for VTube Studio is no number."
            raise InputError(msg)
        values["data"] = data
    return msgspec.json.encode(values).decode()


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, Mapping):
        for each in value.values():
            yield from _leaves(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _leaves(each)
    else:
        yield value


def text_of(data: Mapping[str, Any], name: str, longest: int = LONGEST_NAME) -> str:
    """Return a text without control characters, or an empty one."""
    value = data.get(name)
    if not isinstance(value, str):
        return ""
    return "".join(sign for sign in value[:longest] if sign >= " ")


def flag_of(data: Mapping[str, Any], name: str) -> bool:
    """Return whether it is there and true."""
    return data.get(name) is True


def number_of(data: Mapping[str, Any], name: str, default: float = 0.0) -> float:
    """Return a finite number."""
    value = data.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return default
    return float(value)


def objects_of(data: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """Return the objects of a list, as many as can be shown."""
    value = data.get(name)
    return [each for each in value[:MOST_THINGS] if isinstance(each, dict)] if isinstance(value, list) else []


@dataclass(frozen=True, slots=True)
class ApiState:
    """Reply to an APIStateRequest."""

    is_active: bool
    version: str
    is_signed_in: bool


def read_api_state(data: Mapping[str, Any]) -> ApiState:
    """Read it; a server that does not speak of `active` is on, for it answers."""
    return ApiState(data.get("active") is not False, text_of(data, "vTubeStudioVersion", 40), flag_of(data, "currentSessionAuthenticated"))


def read_token(data: Mapping[str, Any]) -> str:
    """Return the token of an AuthenticationTokenResponse, empty if there is none."""
    token = data.get("authenticationToken")
    is_token = isinstance(token, str) and 0 < len(token) <= LONGEST_TOKEN and token.isascii() and token.isprintable()
    return str(token) if is_token else ""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the model is, as in a CurrentModelResponse."""

    position_x: float
    position_y: float
    rotation: float
    size: float


def read_model_name(data: Mapping[str, Any]) -> tuple[str, str]:
    """Return id and name of the loaded model, empty when none is."""
    if not flag_of(data, "modelLoaded"):
        return "", ""
    return text_of(data, "modelID"), text_of(data, "modelName")


def read_standing(data: Mapping[str, Any]) -> Standing | None:
    """Return where the model stands, None when no model is loaded."""
    position = data.get("modelPosition")
    if not flag_of(data, "modelLoaded") or not isinstance(position, dict):
        return None
    across, up, rotation, size = (number_of(position, name) for name in ("positionX", "positionY", "rotation", "size"))
    return Standing(_within(across, 1000), _within(up, 1000), _within(rotation, 360), _within(size, 100))


def _within(value: float, bound: float) -> float:
    return min(bound, max(-bound, value))


def read_hotkeys(data: Mapping[str, Any]) -> tuple[AvatarHotkey, ...]:
    """Return the hotkeys of a HotkeysInCurrentModelResponse; one without an id can't be pressed and is left out.

    Of a kind that this program may not know, the description is shown.
    """
    found = (
        AvatarHotkey(
            text_of(each, "hotkeyID"),
            text_of(each, "name"),
            text_of(each, "type", 60) or text_of(each, "description"),
            text_of(each, "file"),
        )
        for each in objects_of(data, "availableHotkeys")
    )
    return tuple(each for each in found if each.id)


def read_expressions(data: Mapping[str, Any]) -> tuple[AvatarExpression, ...]:
    """Return the expressions of an ExpressionStateResponse."""
    found = (
        AvatarExpression(text_of(each, "file"), text_of(each, "name"), flag_of(each, "active")) for each in objects_of(data, "expressions")
    )
    return tuple(each for each in found if each.file)


def read_parameters(data: Mapping[str, Any]) -> frozenset[str]:
    """Return the names of all inputs of an InputParameterListResponse, the default and the custom ones."""
    both = (*objects_of(data, "defaultParameters"), *objects_of(data, "customParameters"))
    return frozenset(name for each in both if (name := text_of(each, "name", 64)))


def read_model_parameters(data: Mapping[str, Any]) -> frozenset[str]:
    """Return the names of what the model itself can move, of a Live2DParameterListResponse."""
    return frozenset(name for each in objects_of(data, "parameters") if (name := text_of(each, "name", 64)))
