"""The inputs that are moved: our own, and the mixer that holds them with as few messages as will do.

An input that is not sent again within a second snaps back; one message carries all inputs of a mode. So a frame is sent while
something moves, two a second while something is held, and none at all when nobody wants anything. A weight that grows and
shrinks takes an input over from the camera and gives it back without a jump.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, Protocol

import structlog

from voxelle.domain.errors import TemporaryError
from voxelle.integrations.vtube_studio.api import Api, ApiError
from voxelle.integrations.vtube_studio.model import Model
from voxelle.integrations.vtube_studio.writer import SIGNED_OUT
from voxelle.kernel.clock import Clock

log = structlog.get_logger("app")

KEEP_S: Final = 0.5
"""A held input is sent again after this time; VTube Studio lets go of it after a second."""
RAMP_S: Final = 0.1
_LONGEST_STEP_S: Final = 1 / 30
"""A weight moves no further in one frame, so that it also ramps after a pause."""
_ADD_PERIOD_S: Final = 1 / 60
_SAME: Final = 1e-4
_LARGEST: Final = 1_000_000.0
_PAUSE_S: Final = 0.25
"""After an error that is about no input."""
_TAKEN_S: Final = 30.0
"""How long an input that another plugin holds is left to it."""
_UNKNOWN: Final = 453
_TAKEN: Final = 454


class OwnParameter(NamedTuple):
    """A custom input of ours, as ParameterCreationRequest wants it."""

    name: str
    explanation: str
    minimum: float = 0.0
    maximum: float = 1.0
    default: float = 0.0


OWN_PARAMETERS = (
    OwnParameter("VoxelleMouthOpen", "How far her mouth is open while she speaks."),
    OwnParameter("VoxelleVowelA", "How much of an A (as in father) is in what she says."),
    OwnParameter("VoxelleVowelI", "How much of an I (as in see) is in what she says."),
    OwnParameter("VoxelleVowelU", "How much of a U (as in soon) is in what she says."),
    OwnParameter("VoxelleVowelE", "How much of an E (as in bed) is in what she says."),
    OwnParameter("VoxelleVowelO", "How much of an O (as in go) is in what she says."),
    OwnParameter("VoxelleEnergy", "How loud she is at this moment: for bodies that move along."),
    OwnParameter("VoxelleMood", "How she feels about what she says: -1 is sad or angry, 1 is happy.", minimum=-1.0),
    OwnParameter("VoxelleListening", "1 while somebody speaks to her."),
    OwnParameter("VoxelleThinking", "1 while she thinks about an answer."),
)
"""What is created over there after every sign-in; the streamer assigns them in the model's settings."""
_OWN = {each.name: each for each in OWN_PARAMETERS}
_OWN_FOR = {
    "MouthOpen": "VoxelleMouthOpen",
    "VoiceA": "VoxelleVowelA",
    "VoiceI": "VoxelleVowelI",
    "VoiceU": "VoxelleVowelU",
    "VoiceE": "VoxelleVowelE",
    "VoiceO": "VoxelleVowelO",
}
"""What moves instead when another plugin holds a default input."""
FORMS = {"MouthSmile": 0.5, "VoiceFrequency": 0.5, "VoiceFrequencyPlusMouthSmile": 0.5}
"""Inputs of the mouth's form, with the value of a relaxed one. A pose may have them while she speaks."""


class Wish(NamedTuple):
    """Where an input is wanted, and how long taking it over and giving it back may last."""

    value: float
    ramp_s: float = RAMP_S


class Source(Protocol):
    """Something that moves inputs."""

    def wishes(self, now: float) -> Mapping[str, Wish]:
        """Return what is to be set at this moment."""
        ...

    def is_live(self, now: float) -> bool:
        """Tell whether every frame counts now."""
        ...


@dataclass(slots=True)
class _Input:
    """An input that is moved."""

    value: float
    ramp_s: float
    weight: float = 0.0
    is_wanted: bool = True


class _Lane:
    """All inputs of one mode: one message at a time is under way, and the next one carries the newest values."""

    def __init__(self, mode: str, api: Api, clock: Clock, on_free: Callable[[], None], on_refused: Callable[[str, int], None]) -> None:
        self._mode = mode
        self._api = api
        self._clock = clock
        self._on_free = on_free
        self._on_refused = on_refused
        self._inputs: dict[str, _Input] = {}
        self._suspects: list[tuple[str, ...]] = []
        self._request: tuple[tuple[str, ...], dict[str, Any]] | None = None
        self._go = asyncio.Event()
        self._sent_at = -math.inf
        self._due = -math.inf
        self.problem = ""
        """What was last refused as a whole."""

    @property
    def is_idle(self) -> bool:
        """Whether no message is under way."""
        return self._request is None

    @property
    def is_empty(self) -> bool:
        """Whether nothing is held, and nothing under way."""
        return not self._inputs and self.is_idle

    def hurry(self) -> None:
        """Let the next message go at once."""
        self._due = -math.inf

    def step(self, now: float, wishes: Mapping[str, Wish], *, period_s: float, is_live: bool, face_found: bool) -> float | None:
        """Send what is due; return when to look again, None: when something changes."""
        is_changed = self._take(wishes)
        if not self.is_idle or not self._inputs:
            return None
        is_ramping = any(not each.is_wanted or each.weight < 1.0 for each in self._inputs.values())
        is_moving = is_live or is_changed or is_ramping or bool(self._suspects)
        due = self._due if is_moving else max(self._due, self._sent_at + KEEP_S)
        if due > now:
            return due
        self._due = max(self._due + period_s, now + period_s / 2) if now - self._due < period_s else now + period_s
        is_sent = self._send(now, face_found=face_found)
        return None if is_sent else self._due

    def _take(self, wishes: Mapping[str, Wish]) -> bool:
        """Note what is wanted; tell whether a value moved."""
        is_changed = False
        for name, each in self._inputs.items():
            each.is_wanted = name in wishes
        for name, wish in wishes.items():
            value = _bounded(name, wish.value)
            held = self._inputs.get(name)
            if held is None:
                self._inputs[name] = _Input(value, wish.ramp_s)
                is_changed = True
            elif abs(held.value - value) > _SAME:
                held.value, is_changed = value, True
        return is_changed

    def _send(self, now: float, *, face_found: bool) -> bool:
        """Have the newest values sent; False when those in question are wanted no more."""
        step = min(_LONGEST_STEP_S, now - self._sent_at)
        names = self._suspects.pop(0) if self._suspects else tuple(self._inputs)
        values = []
        for name in names:
            each = self._inputs.get(name)
            if each is None:
                continue
            self._ramp(each, step)
            values.append(self._entry(name, each))
            if not each.is_wanted and each.weight <= _SAME:
                del self._inputs[name]
        if not values:
            return False
        data: dict[str, Any] = {"mode": self._mode, "parameterValues": values}
        if face_found:
            data["faceFound"] = True
        self._sent_at = now
        self._request = names, data
        self._go.set()
        return True

    def _ramp(self, each: _Input, step: float) -> None:
        if self._mode == "add":
            each.weight = 1.0 if each.is_wanted else 0.0
            if not each.is_wanted:
                each.value = 0.0
            return
        change = step / each.ramp_s if each.ramp_s > 0 else 1.0
        weight = each.weight + change if each.is_wanted else each.weight - change
        each.weight = min(1.0, weight) if weight > _SAME else 0.0

    def _entry(self, name: str, each: _Input) -> dict[str, Any]:
        entry = {"id": name, "value": round(each.value, 4)}
        if self._mode == "set":
            entry["weight"] = round(each.weight, 4)
        return entry

    async def run(self) -> None:
        """Send what `step` prepared, one after the other."""
        while True:
            await self._go.wait()
            self._go.clear()
            if self._request is None:
                continue
            names, data = self._request
            try:
                await self._api.ask("InjectParameterDataRequest", data)
            except ApiError as error:
                self._refused(names, error)
            finally:
                self._request = None
            self._on_free()

    def _refused(self, names: tuple[str, ...], error: ApiError) -> None:
        """One wrong input spoils the whole message: halve it until the wrong ones are known."""
        if error.error_id in SIGNED_OUT:
            raise TemporaryError(error.sentence) from error
        if error.error_id not in (_UNKNOWN, _TAKEN):
            log.info("vtube_studio.inputs_refused", error_id=error.error_id, inputs=len(names))
            self._due = self._clock.monotonic() + _PAUSE_S
            self.problem = error.sentence
        elif len(names) == 1:
            self._inputs.pop(names[0], None)
            self._on_refused(names[0], error.error_id)
        else:
            middle = len(names) // 2
            self._suspects[:0] = [names[:middle], names[middle:]]


class ParameterMixer:
    """Puts together what all sources want. Made anew for every line."""

    def __init__(self, api: Api, clock: Clock, on_free: Callable[[], None], on_problem: Callable[[str], None]) -> None:
        self._clock = clock
        self._on_problem = on_problem
        self._set = _Lane("set", api, clock, on_free, self._on_set_refused)
        self._add = _Lane("add", api, clock, on_free, self._on_add_refused)
        self._known: frozenset[str] = frozenset()
        self._unknown: set[str] = set()
        self._taken: dict[str, float] = {}
        self._told: set[str] = set()

    async def run_set(self) -> None:
        """Send what is set, until cancelled. TemporaryError: the line dropped."""
        await self._set.run()

    async def run_add(self) -> None:
        """Send what is added, until cancelled. TemporaryError: the line dropped."""
        await self._add.run()

    @property
    def is_empty(self) -> bool:
        """Whether every input was given back."""
        return self._set.is_empty and self._add.is_empty

    def hurry(self) -> None:
        """Wait for no frame: a clause is heard now, or the mouth has to close."""
        self._set.hurry()

    def use_model(self, model: Model) -> None:
        """Other inputs may be there."""
        self._known = model.parameters
        self._unknown.clear()
        self._taken.clear()

    def step(
        self,
        now: float,
        sources: Sequence[Source],
        additions: Mapping[str, float],
        *,
        rate: int,
        face_found: bool,
    ) -> float | None:
        """Send what is due; return when to look again."""
        for name in [name for name, until in self._taken.items() if until <= now]:
            del self._taken[name]
        wishes: dict[str, Wish] = {}
        for source in sources:
            for name, wish in source.wishes(now).items():
                if not (name in FORMS and name in wishes):
                    wishes[name] = wish
        added = {name: Wish(value) for name, value in additions.items()}
        for name in self._taken:
            self._go_round(name, wishes, added)
        is_live = any(source.is_live(now) for source in sources)
        dues = [
            self._set.step(now, self._able(wishes), period_s=1 / rate, is_live=is_live, face_found=face_found),
            self._add.step(now, self._able(added), period_s=_ADD_PERIOD_S, is_live=False, face_found=face_found),
        ]
        self._tell_problems()
        return min((due for due in dues if due is not None), default=None)

    def _able(self, wishes: Mapping[str, Wish]) -> dict[str, Wish]:
        known = self._known
        return {name: wish for name, wish in wishes.items() if name not in self._unknown and (not known or name in known)}

    def _go_round(self, name: str, wishes: dict[str, Wish], added: dict[str, Wish]) -> None:
        """Another plugin sets this input: add to what it sets, and move our own."""
        wish = wishes.pop(name, None)
        if wish is None:
            return
        before = added[name].value if name in added else 0.0
        added[name] = Wish(before + wish.value - FORMS.get(name, 0.0))
        if name in _OWN_FOR:
            wishes.setdefault(_OWN_FOR[name], wish)

    def _on_set_refused(self, name: str, error_id: int) -> None:
        if error_id == _UNKNOWN:
            self._lose(name)
            return
        self._taken[name] = self._clock.monotonic() + _TAKEN_S
        own = f", and {_OWN_FOR[name]} moves as well" if name in _OWN_FOR else ""
        self._tell(f"Another plugin holds {name} in VTube Studio: hers is added to it{own}. Switch one of the two off.")

    def _on_add_refused(self, name: str, _error_id: int) -> None:
        self._lose(name)

    def _lose(self, name: str) -> None:
        self._unknown.add(name)
        self._tell(f"VTube Studio has no input {name}: it is left out.")

    def _tell_problems(self) -> None:
        for lane in (self._set, self._add):
            if lane.problem:
                self._tell(f"VTube Studio refused to move the model: {lane.problem}")
                lane.problem = ""

    def _tell(self, sentence: str) -> None:
        """Say it once a line."""
        if sentence not in self._told:
            self._told.add(sentence)
            self._on_problem(sentence)


def _bounded(name: str, value: float) -> float:
    """Keep a value within what the input takes."""
    if not math.isfinite(value):
        return 0.0
    own = _OWN.get(name)
    low, high = (own.minimum, own.maximum) if own else (-_LARGEST, _LARGEST)
    return min(high, max(low, value))
