"""The states of the show, and which may follow which."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voxelle.domain.events import TurnStateChanged
from voxelle.domain.speech import TurnState

if TYPE_CHECKING:
    from voxelle.kernel.bus import Bus

_NEXT = {
    TurnState.IDLE: {TurnState.THINKING},
    TurnState.THINKING: {TurnState.SPEAKING, TurnState.INTERRUPTED, TurnState.IDLE},
    TurnState.SPEAKING: {TurnState.INTERRUPTED, TurnState.IDLE},
    TurnState.INTERRUPTED: {TurnState.STOPPED},
    TurnState.STOPPED: {TurnState.IDLE},
}


class TurnMachine:
    """The states of one turn: idle before and after it. The stage lets one turn at a time be noticed."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self.state = TurnState.IDLE
        self.turn_id = ""

    def recover(self) -> None:
        """After a bug: be idle again, so that the next turn can begin."""
        if self.state is not TurnState.IDLE:
            self.state, self.turn_id = TurnState.IDLE, ""
            self._bus.announce(TurnStateChanged(TurnState.IDLE))

    def to(self, state: TurnState, turn_id: str) -> None:
        """Move on and announce it. A step the machine does not know is a bug: ValueError."""
        if state not in _NEXT[self.state]:
            msg = f"a turn can't go from {self.state} to {state}"
            raise ValueError(msg)
        self.state = state
        self.turn_id = "" if state is TurnState.IDLE else turn_id
        self._bus.announce(TurnStateChanged(state, self.turn_id))
