"""Alive when silent: motions now and then, blinking, a wandering gaze, and how she looks while she listens or thinks."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Final

from voxelle.domain.events import ShowChanged, TurnStateChanged
from voxelle.domain.speech import TurnState
from voxelle.integrations.vtube_studio.held import HeldDeeds, Slot
from voxelle.integrations.vtube_studio.mapping import Target, find
from voxelle.integrations.vtube_studio.model import Model
from voxelle.integrations.vtube_studio.poses import Mood
from voxelle.integrations.vtube_studio.settings import Deed, ModelMapping, VTubeStudioSettings
from voxelle.kernel.clock import Clock, Randomness

_HOLD_S: Final = 4.0
"""What an idle deed sets is taken back after this time."""
_JITTER: Final = (0.6, 1.4)
_FIRST_S: Final = 3.0
"""After a turn nothing moves for at least so long."""
_BLINK_S: Final = 0.2
_CLOSING: Final = 0.3
"""Share of a blink until the eyes are closed; they open more slowly."""
_BLINK_EVERY_S: Final = (2.0, 6.5)
_AGAIN: Final = 0.15
"""Chance that a blink is followed by another at once."""
_GLANCE_S: Final = 0.5
_GLANCE_EVERY_S: Final = (1.2, 5.0)
_EYELIDS: Final = ("EyeOpenLeft", "EyeOpenRight")
_REACH: Final = {"X": 0.35, "Y": 0.2, "FaceAngleX": 4.0, "FaceAngleY": 3.0, "FaceAngleZ": 3.0}
_AHEAD: Final = dict.fromkeys(_REACH, 0.0)


class Blinking:
    """Eyelids that close now and then. Adds to whatever else moves them."""

    def __init__(self, randomness: Randomness) -> None:
        self._randomness = randomness
        self._begins = math.inf

    def additions(self, now: float, *, is_on: bool) -> dict[str, float]:
        """Return what is added to the eyelids at this moment."""
        if not is_on:
            self._begins = math.inf
            return {}
        if self._begins == math.inf:
            self._begins = now + self._randomness.uniform(*_BLINK_EVERY_S)
        passed = (now - self._begins) / _BLINK_S
        if passed < 0:
            return {}
        if passed >= 1:
            is_again = self._randomness.random() < _AGAIN
            self._begins = now + (_BLINK_S if is_again else self._randomness.uniform(*_BLINK_EVERY_S))
            return {}
        closed = passed / _CLOSING if passed < _CLOSING else (1 - passed) / (1 - _CLOSING)
        return dict.fromkeys(_EYELIDS, -closed)

    def next_change(self, now: float) -> float | None:
        """Return when the eyelids move next."""
        return None if self._begins == math.inf else max(now, self._begins)


class Gaze:
    """Eyes and head that wander a little, with rests between."""

    def __init__(self, randomness: Randomness) -> None:
        self._randomness = randomness
        self._from = _AHEAD
        self._to = _AHEAD
        self._begins = -math.inf
        self._next = math.inf

    def additions(self, now: float, *, is_on: bool) -> dict[str, float]:
        """Return what is added to eyes and head at this moment."""
        if is_on and (self._next == math.inf or now >= self._next):
            self._glance(now, {name: self._randomness.uniform(-reach, reach) for name, reach in _REACH.items()})
            self._next = now + _GLANCE_S + self._randomness.uniform(*_GLANCE_EVERY_S)
        elif not is_on and self._next != math.inf:
            self._glance(now, _AHEAD)
            self._next = math.inf
        place = self._place(now)
        if place == _AHEAD:
            return {}
        across, up = place["X"], place["Y"]
        eyes = {"EyeLeftX": across, "EyeRightX": across, "EyeLeftY": up, "EyeRightY": up}
        return eyes | {name: value for name, value in place.items() if name.startswith("Face")}

    def next_change(self, now: float) -> float | None:
        """Return when the gaze moves next."""
        if now < self._begins + _GLANCE_S:
            return now
        return None if self._next == math.inf else self._next

    def _glance(self, now: float, to: dict[str, float]) -> None:
        self._from, self._to, self._begins = self._place(now), to, now

    def _place(self, now: float) -> dict[str, float]:
        share = min(1.0, max(0.0, (now - self._begins) / _GLANCE_S))
        if share >= 1.0:
            return self._to
        eased = share * share * (3 - 2 * share)
        return {name: start + (self._to[name] - start) * eased for name, start in self._from.items()}


class IdleLife:
    """What she does while she says nothing."""

    def __init__(
        self,
        settings: Callable[[], VTubeStudioSettings],
        clock: Clock,
        randomness: Randomness,
        held: HeldDeeds,
        mood: Mood,
        mapping: Callable[[], ModelMapping],
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._randomness = randomness
        self._held = held
        self._mood = mood
        self._mapping = mapping
        self._model = Model()
        self._blinking = Blinking(randomness)
        self._gaze = Gaze(randomness)
        self._state = TurnState.IDLE
        self._is_listening = False
        self._next = math.inf
        self._last: Deed | None = None

    def use_model(self, model: Model) -> None:
        """What is shown for a while is shown on this model."""
        is_other = model.id != self._model.id
        self._model = model
        if is_other:
            self._last = None
            self._schedule()
        self._pose(Slot.LISTENING, self._mapping().listening, is_on=self._is_listening)
        self._pose(Slot.THINKING, self._mapping().thinking, is_on=self._state is TurnState.THINKING)

    def begin(self) -> None:
        """The line stands: nothing moves in the first seconds."""
        self._schedule()

    def on_state(self, event: TurnStateChanged) -> None:
        """Think, or stop thinking; be still while she speaks."""
        was_thinking = self._state is TurnState.THINKING
        self._state = event.state
        is_thinking = event.state is TurnState.THINKING
        self._mood.is_thinking = is_thinking
        if is_thinking != was_thinking:
            self._pose(Slot.THINKING, self._mapping().thinking, is_on=is_thinking)
        if event.state is TurnState.IDLE:
            self._schedule()
        else:
            self._held.end(Slot.IDLE)

    def on_show(self, event: ShowChanged) -> None:
        """Listen, or stop listening."""
        if event.show.is_listening == self._is_listening:
            return
        self._is_listening = self._mood.is_listening = event.show.is_listening
        self._pose(Slot.LISTENING, self._mapping().listening, is_on=self._is_listening)
        if self._is_listening:
            self._held.end(Slot.IDLE)
        else:
            self._schedule()

    def tick(self, now: float) -> float | None:
        """Move when it is time; return when to look again."""
        if not self._is_silent() or not self._mapping().idle:
            return None
        if now >= self._next:
            self._move()
            self._schedule()
        return self._next

    def additions(self, now: float) -> Mapping[str, float]:
        """Return what blinking and gaze add at this moment."""
        settings = self._settings()
        return self._blinking.additions(now, is_on=settings.blinks) | self._gaze.additions(now, is_on=settings.drifts)

    def next_change(self, now: float) -> float | None:
        """Return when blinking or gaze move next."""
        dues = (self._blinking.next_change(now), self._gaze.next_change(now))
        return min((due for due in dues if due is not None), default=None)

    def _is_silent(self) -> bool:
        return self._settings().moves_when_silent and self._state is TurnState.IDLE and not self._is_listening

    def _schedule(self) -> None:
        pause = self._settings().idle_every_s * self._randomness.uniform(*_JITTER)
        self._next = self._clock.monotonic() + max(_FIRST_S, pause)

    def _move(self) -> None:
        able = [target for deed in self._mapping().idle if deed.weight > 0 and (target := find(self._model, deed)) is not None]
        others = [target for target in able if target.deed != self._last] or able
        if not others:
            return
        target = self._randomness.choices(others, [each.deed.weight for each in others])[0]
        self._last = target.deed
        self._held.begin(Slot.IDLE, target, _HOLD_S)

    def _pose(self, slot: Slot, deed: Deed | None, *, is_on: bool) -> None:
        target: Target | None = None if deed is None else find(self._model, deed)
        if is_on and target is not None:
            self._held.begin(slot, target, None)
        else:
            self._held.end(slot)
