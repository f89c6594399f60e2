"""A room with her mouth, and somebody who makes sounds."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from voxelle.companion.hearing.barge_in import DUCK_GAIN, BargeIn
from voxelle.domain.events import BargeInChanged, TurnEnded
from voxelle.domain.hearing import BargeInState
from voxelle.domain.speech import TurnOutcome, TurnRecord, TurnTrace
from voxelle.kernel.bus import Bus
from voxelle.kernel.clock import LoopClock
from voxelle.kernel.tasks import TaskScope
from voxelle.settings.hearing import HearingSettings

FRAME_S = 0.032
NONE, DUCKED, PAUSED, INTERRUPTED = BargeInState


class FakeMouth:
    """Notes what is asked of it and when; `slowness_s` is what a device takes."""

    def __init__(self, clock: LoopClock) -> None:
        self.is_speaking = True
        self.holds_something = True
        self.slowness_s = 0.0
        self.done: list[tuple[str, float]] = []
        self._clock = clock
        self.on_cut: Callable[[], None] = lambda: None

    async def duck(self, gain: float) -> None:
        await self._note(f"duck {gain}")

    async def pause(self) -> bool:
        await self._note("pause")
        return self.holds_something

    async def resume(self) -> None:
        await self._note("resume")

    async def cut(self) -> None:
        await self._note("cut")
        self.is_speaking = False
        self.on_cut()

    async def _note(self, what: str) -> None:
        self.done.append((what, round(self._clock.monotonic(), 3)))
        await self._clock.sleep(self.slowness_s)

    def names(self) -> list[str]:
        return [what for what, _ in self.done]

    def at(self, what: str) -> float:
        return next(at_s for name, at_s in self.done if name == what)


SOFT, FULL = f"duck {DUCK_GAIN}", "duck 1.0"
RECORD = TurnRecord("t", "c", datetime.now(UTC), datetime.now(UTC), TurnOutcome.COMPLETED, (), "", (), TurnTrace())


class Room:
    """Somebody who makes sounds, and what they do."""

    def __init__(self, scope: TaskScope) -> None:
        self.clock = LoopClock()
        self.bus = Bus()
        self.mouth = FakeMouth(self.clock)
        self.hearing = HearingSettings()
        self.barge_in = BargeIn(self.mouth, lambda: self.hearing, self.bus, self.clock, scope)
        self.states: list[BargeInState] = []
        self.turns: list[str] = []
        self.bus.subscribe(BargeInChanged, self._on_change)
        self.mouth.on_cut = lambda: self.bus.announce(TurnEnded(RECORD))

    def _on_change(self, event: BargeInChanged) -> None:
        self.states.append(event.state)
        self.turns.append(event.turn_id)

    async def make(self, seconds: float, speech: float, *, late_s: float = 0.0) -> None:
        """Let frames come for so long."""
        for _ in range(round(seconds / FRAME_S)):
            await self.clock.sleep(FRAME_S)
            self.barge_in.on_frame(speech, self.clock.monotonic() - late_s)

    async def voice(self, seconds: float) -> None:
        await self.make(seconds, 0.9)

    async def quiet(self, seconds: float) -> None:
        await self.make(seconds, 0.02)


@asynccontextmanager
async def open_room() -> AsyncIterator[Room]:
    async with TaskScope("room") as scope:
        room = Room(scope)
        yield room
        room.barge_in.close()
