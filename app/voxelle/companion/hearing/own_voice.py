"""What she herself says and when, so that it is not taken for somebody else's words."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING

from voxelle.domain.chat import StimulusKind
from voxelle.domain.events import BargeInChanged, ClauseHeard, TurnStarted, TurnStateChanged
from voxelle.domain.hearing import BargeInState
from voxelle.domain.speech import TurnState

if TYPE_CHECKING:
    from collections.abc import Callable

    from voxelle.kernel.bus import Bus
    from voxelle.kernel.clock import Clock

_CLAUSES = 20
_DELAY_S = 0.3
"""A microphone hears her a little later than the device says it plays."""
_SHARE = 0.5
"""So much of an utterance must fall into her speech to be an echo of it: an answer with one of her words is none."""
_SILENT = (BargeInState.PAUSED, BargeInState.INTERRUPTED)


@dataclass(slots=True)
class _Said:
    text: str
    from_s: float
    until_s: float = inf


class OwnVoice:
    """Remembers the clauses that were audible last, and when they were."""

    def __init__(self, bus: Bus, clock: Clock) -> None:
        self._clock = clock
        self._said: deque[_Said] = deque(maxlen=_CLAUSES)
        self._is_paused = False
        self.is_speaking = False
        """She speaks, or was paused in the middle of it."""
        self.is_answering = False
        """She answers what somebody said, from the first thought to the last word."""
        self._endings: tuple[Callable[[], None], ...] = (
            bus.subscribe(ClauseHeard, self._on_clause),
            bus.subscribe(TurnStarted, self._on_turn),
            bus.subscribe(TurnStateChanged, self._on_state),
            bus.subscribe(BargeInChanged, self._on_barge_in),
        )

    def during(self, from_s: float, until_s: float) -> str:
        """Return what of hers was audible in a span of time; nothing if she was silent for most of it."""
        found = [said for said in self._said if said.from_s < until_s and said.until_s + _DELAY_S > from_s]
        overlap_s = sum(min(until_s, said.until_s + _DELAY_S) - max(from_s, said.from_s) for said in found)
        return " ".join(said.text for said in found) if overlap_s >= _SHARE * (until_s - from_s) else ""

    def close(self) -> None:
        """Follow her no more."""
        for end in self._endings:
            end()

    def _begin(self, text: str) -> None:
        self._fall_silent()
        self._said.append(_Said(text, self._clock.monotonic()))

    def _fall_silent(self) -> None:
        if self._said:
            self._said[-1].until_s = min(self._said[-1].until_s, self._clock.monotonic())

    def _on_clause(self, event: ClauseHeard) -> None:
        if event.duration_s:  # else it is only shown
            self._begin(event.clause.text)

    def _on_turn(self, event: TurnStarted) -> None:
        self.is_answering = any(stimulus.kind is StimulusKind.VOICE for stimulus in event.stimuli)

    def _on_state(self, event: TurnStateChanged) -> None:
        self.is_speaking = event.state is TurnState.SPEAKING
        if not self.is_speaking:
            self._is_paused = False
            self._fall_silent()
        if event.state is TurnState.IDLE:
            self.is_answering = False

    def _on_barge_in(self, event: BargeInChanged) -> None:
        was_paused, self._is_paused = self._is_paused, event.state in _SILENT
        if self._is_paused:
            self._fall_silent()
        elif was_paused and self.is_speaking and self._said:
            self._begin(self._said[-1].text)
