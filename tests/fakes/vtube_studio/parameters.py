"""Inputs: made, deleted, read, and moved by plugins until they are lost after a second."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.fakes.vtube_studio.errors import ErrorId, Refusal
from tests.fakes.vtube_studio.models import Input, default_inputs
from tests.fakes.vtube_studio.session import Request, Session

if TYPE_CHECKING:
    from tests.fakes.vtube_studio.fake import FakeVTubeStudio

EXPIRY_S = 1.0
BOUND = 1_000_000
PER_PLUGIN, IN_TOTAL = 100, 300
_NAME = re.compile(r"[A-Za-z0-9]{4,32}")
_AT_REST = 1e-3
_HAIR = 1e-6


@dataclass(frozen=True, slots=True)
class Held:
    """An input that somebody moves."""

    by: str
    """The plugin's name."""
    value: float
    weight: float
    mode: str
    """`set` or `add`."""
    at: float
    session: Session | None = None
    """None: another plugin, which re-sends in time."""


@dataclass(frozen=True, slots=True)
class Face:
    """What the model's face does at one moment."""

    held: dict[str, Held]
    """Inputs that are set, by name."""
    added: tuple[tuple[str, Held], ...]
    expressions: tuple[str, ...]
    """Files of all that are on."""
    by_plugins: tuple[str, ...]
    """Those of them that a plugin switched on."""
    values: dict[str, float]
    """All inputs as the model sees them."""

    @property
    def is_neutral(self) -> bool:
        """Whether no line holds or adds anything, and no plugin's expression is on."""
        is_held = any(each.session is not None for each in self.held.values())
        return not (is_held or self.added or self.by_plugins)


class Parameters:
    """All inputs and who moves them."""

    def __init__(self, fake: FakeVTubeStudio) -> None:
        self._fake = fake
        self.inputs = default_inputs()
        self._set: dict[str, Held] = {}
        self._added: dict[tuple[str, int], Held] = {}
        self._refused_at: dict[int, float] = {}
        self.lost: list[tuple[float, str]] = []
        """When which input snapped back because nobody re-sent it, at rest or not."""
        self._face_found_until = float("-inf")
        self.answers = {
            "InputParameterListRequest": self._list,
            "ParameterValueRequest": self._value,
            "Live2DParameterListRequest": self._live2d,
            "ParameterCreationRequest": self._create,
            "ParameterDeletionRequest": self._delete,
            "InjectParameterDataRequest": self._inject,
            "FaceFoundRequest": lambda request: {"found": self.is_face_found},
        }

    # What a test does

    def hold_by_other(self, name: str, value: float = 0.5, plugin: str = "Other Plugin") -> None:
        """Let another plugin set an input, until it is released."""
        self._set[name] = Held(plugin, value, 1.0, "set", self._fake.timeline.now)

    def release_by_other(self, name: str) -> None:
        """Let the other plugin stop."""
        if name in self._set and self._set[name].session is None:
            del self._set[name]

    @property
    def custom(self) -> dict[str, Input]:
        """Inputs that plugins made."""
        return {name: each for name, each in self.inputs.items() if each.added_by != "VTube Studio"}

    @property
    def is_face_found(self) -> bool:
        """By a camera, or because a plugin says so."""
        return self._fake.stage.is_tracked or self._fake.timeline.now <= self._face_found_until

    def value(self, name: str) -> float:
        """Return an input as the model sees it."""
        known = self.inputs[name]
        value = known.default
        if held := self._set.get(name):
            value += (held.value - value) * held.weight
        return value + sum(each.value for (each_name, _), each in self._added.items() if each_name == name)

    def face(self) -> Face:
        """Return who moves what."""
        model = self._fake.model
        active = [each for each in (model.expressions if model else ()) if each.is_active]
        return Face(
            held=dict(self._set),
            added=tuple((name, held) for (name, _), held in self._added.items()),
            expressions=tuple(each.file for each in active),
            by_plugins=tuple(each.file for each in active if each.activated_by not in ("", "user")),
            values={name: self.value(name) for name in self.inputs},
        )

    # Time and lines

    def expire(self) -> None:
        """Lose what was not re-sent within a second."""
        now = self._fake.timeline.now
        for name, held in [*self._set.items()]:
            if held.session is not None and now > held.at + EXPIRY_S + _HAIR:
                del self._set[name]
                self._lose(name, held)
        for (name, session_id), held in [*self._added.items()]:
            if now > held.at + EXPIRY_S + _HAIR:
                del self._added[name, session_id]
                self._lose(name, held)

    def _lose(self, name: str, held: Held) -> None:
        self.lost.append((held.at + EXPIRY_S, name))
        session, resting = held.session, self.inputs[name].default if name in self.inputs else held.value
        rest = 0.0 if held.mode == "add" else resting
        is_at_rest = abs(held.value - rest) <= _AT_REST or held.weight <= _AT_REST
        has_reason = (
            session is None
            or session.closed is not None
            or not session.plugin
            or self._refused_at.get(session.id, float("-inf")) >= held.at
            or self._fake.stage.switched_at >= held.at - EXPIRY_S
        )
        if not is_at_rest and not has_reason:
            sentence = f"{name} was left at {held.value:g} (weight {held.weight:g}) and not re-sent within a second"
            self._fake.violate("lost", sentence, held.at + EXPIRY_S)

    def on_refused(self, session: Session) -> None:
        """Note that a line wanted to send and could not."""
        self._refused_at[session.id] = self._fake.timeline.now

    def on_dropped(self, session: Session) -> None:
        """Keep what a line that is gone held: it is lost after its second."""
        self._refused_at.pop(session.id, None)

    def let_go(self) -> None:
        """Forget who moves what."""
        self._set.clear()
        self._added.clear()

    def forget_plugin(self, plugin: str) -> None:
        """Delete what a plugin made, as when its token is revoked."""
        for name in [name for name, each in self.inputs.items() if each.added_by == plugin]:
            del self.inputs[name]
            self._set.pop(name, None)
            for key in [key for key in self._added if key[0] == name]:
                del self._added[key]

    # Requests

    def _row(self, known: Input, *, is_custom: bool = True) -> dict[str, Any]:
        row: dict[str, Any] = {"name": known.name, "value": self.value(known.name)}
        row |= {"min": known.minimum, "max": known.maximum, "defaultValue": known.default}
        return row | ({"addedBy": known.added_by} if is_custom else {})

    def _list(self, request: Request) -> dict[str, Any]:
        stage, custom = self._fake.stage, self.custom
        defaults = [self._row(each) for each in self.inputs.values() if each.name not in custom]
        head = {**stage.naming(stage.model), "modelLoaded": stage.model is not None}
        return {**head, "customParameters": [self._row(each) for each in custom.values()], "defaultParameters": defaults}

    def _value(self, request: Request) -> dict[str, Any]:
        known = self.inputs.get(request.data.get("name") or "")
        if known is None:
            raise Refusal(ErrorId.VALUE_UNKNOWN_PARAMETER, "There is no such parameter.")
        return self._row(known)

    def _live2d(self, request: Request) -> dict[str, Any]:
        model = self._fake.model
        rows = [{"name": name, "value": 0.0, "min": -30.0, "max": 30.0, "defaultValue": 0.0} for name in (model.live2d if model else ())]
        return {**self._fake.stage.naming(model), "modelLoaded": model is not None, "parameters": rows}

    def _create(self, request: Request) -> dict[str, Any]:
        data, custom = request.data, self.custom
        name, explanation = data.get("parameterName") or "", data.get("explanation") or ""
        if not _NAME.fullmatch(name):
            raise Refusal(ErrorId.PARAMETER_NAME_INVALID, "A parameter's name has 4 to 32 letters and digits.")
        numbers = [data.get(field) for field in ("min", "max", "defaultValue")]
        if not all(_is_bounded(number) for number in numbers):
            raise Refusal(ErrorId.PARAMETER_VALUES_INVALID, "Min, max and default have to be between -1000000 and 1000000.")
        if len(explanation) >= 256:
            raise Refusal(ErrorId.PARAMETER_EXPLANATION_TOO_LONG, "The explanation has 256 characters or more.")
        if name in self.inputs and name not in custom:
            raise Refusal(ErrorId.PARAMETER_IS_DEFAULT, f"{name} is a default parameter.")
        if name in custom and custom[name].added_by != request.plugin:
            raise Refusal(ErrorId.PARAMETER_OF_OTHER, f"{name} was created by {custom[name].added_by}.")
        if name not in custom and sum(each.added_by == request.plugin for each in custom.values()) >= PER_PLUGIN:
            raise Refusal(ErrorId.PARAMETER_LIMIT_OF_PLUGIN, "A plugin can create 100 parameters.")
        if name not in custom and len(custom) >= IN_TOTAL:
            raise Refusal(ErrorId.PARAMETER_LIMIT_TOTAL, "There can be 300 custom parameters.")
        low, high, default = (float(number or 0.0) for number in numbers)
        self.inputs[name] = Input(name, low, high, default, request.plugin, explanation)
        return {"parameterName": name}

    def _delete(self, request: Request) -> dict[str, Any]:
        name = request.data.get("parameterName") or ""
        known = self.inputs.get(name)
        if not _NAME.fullmatch(name):
            raise Refusal(ErrorId.DELETION_NAME_INVALID, "This is no name of a parameter.")
        if known is None:
            raise Refusal(ErrorId.DELETION_NOT_FOUND, f"There is no parameter {name}.")
        if name not in self.custom:
            raise Refusal(ErrorId.DELETION_OF_DEFAULT, f"{name} is a default parameter.")
        if known.added_by != request.plugin:
            raise Refusal(ErrorId.DELETION_OF_OTHER, f"{name} was created by {known.added_by}.")
        del self.inputs[name]
        self._set.pop(name, None)
        return {"parameterName": name}

    def _inject(self, request: Request) -> dict[str, Any]:
        data, session, now = request.data, request.session, self._fake.timeline.now
        mode, rows = data.get("mode") or "set", data.get("parameterValues") or []
        if mode not in ("set", "add"):
            raise Refusal(ErrorId.INJECT_MODE_UNKNOWN, "The mode is neither set nor add.")
        if not rows:
            raise Refusal(ErrorId.INJECT_NO_DATA, "No data was provided.")
        for row in rows:
            self._check(row, mode, request)
        for row in rows:
            held = Held(request.plugin, float(row["value"]), float(row.get("weight", 1.0)), mode, now, session)
            if mode == "set":
                self._set[row["id"]] = held
            else:
                self._added[row["id"], session.id] = held
        if data.get("faceFound"):
            self._find_face(now)
        return {}

    def _check(self, row: dict[str, Any], mode: str, request: Request) -> None:
        name, weight = row.get("id") or "", row.get("weight", 1.0)
        if not _is_bounded(row.get("value")):
            raise Refusal(ErrorId.INJECT_VALUE_INVALID, f"The value of {name} is invalid.")
        if not _is_bounded(weight) or not 0 <= weight <= 1:
            raise Refusal(ErrorId.INJECT_WEIGHT_INVALID, f"The weight of {name} is not between 0 and 1.")
        if name not in self.inputs:
            raise Refusal(ErrorId.INJECT_UNKNOWN_PARAMETER, f"There is no parameter {name}.")
        holder = self._set.get(name)
        if mode == "set" and holder is not None and holder.by != request.plugin:
            raise Refusal(ErrorId.INJECT_HELD_BY_OTHER, f"{name} is controlled by {holder.by}.")

    def _find_face(self, now: float) -> None:
        was_found, self._face_found_until = self.is_face_found, now + EXPIRY_S
        if not was_found:
            self._fake.stage.tell_tracking()
        self._fake.timeline.at(now + EXPIRY_S + 2 * _HAIR, self._lose_face)

    def _lose_face(self) -> None:
        if not self.is_face_found:
            self._fake.stage.tell_tracking()


def _is_bounded(number: Any) -> bool:
    is_number = isinstance(number, (int, float)) and not isinstance(number, bool)
    return is_number and math.isfinite(number) and abs(number) <= BOUND
