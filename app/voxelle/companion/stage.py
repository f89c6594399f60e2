"""The stage: one turn after the other is performed here, watched, cut off and remembered."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import structlog

from voxelle.companion.safety import SafetyGate
from voxelle.companion.turn import Turn, TurnMachine, TurnPorts
from voxelle.domain.events import NoticeLevel, NoticeRaised
from voxelle.domain.speech import TurnOutcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from voxelle.companion.memory import Memory
    from voxelle.companion.ports import CompanionPorts
    from voxelle.companion.script import Script
    from voxelle.companion.triage import Picked
    from voxelle.contracts.audio import Progress
    from voxelle.domain.chat import Stimulus
    from voxelle.domain.persona import Character
    from voxelle.domain.speech import TurnRecord
    from voxelle.kernel.tasks import TaskScope


class Stage:
    """Performs turns. Whoever wants to perform takes `free` first and holds it to the end of the turn."""

    def __init__(self, ports: CompanionPorts, memory: Memory, scope: TaskScope) -> None:
        self.free = asyncio.Lock()
        self._ports = ports
        self._memory = memory
        self._scope = scope
        self._machine = TurnMachine(ports.bus)
        self._turn: Turn | None = None
        self._generation = 0
        self.renew_gate()

    def renew_gate(self) -> None:
        """Take over changed settings of what she never says."""
        self._gate = SafetyGate(self._ports.shipped_words, self._ports.settings.current.safety)

    async def perform(self, picked: Picked, script: Script, character: Character, *, is_kept: bool = True) -> None:
        """Run one turn as an errand, so that a bug in it ends the turn and not the show."""
        ports = self._ports
        self._generation += 1
        turn_ports = TurnPorts(ports.model, ports.voice, ports.classifier, ports.output, ports.bus, ports.clock, ports.vowels)
        turn_id = ports.ids.new()
        design = replace(character.voice, speed=character.voice.speed * ports.settings.current.voice.speed)
        script = replace(script, design=design)
        self._turn = turn = Turn(turn_ports, self._gate, self._machine, turn_id, self._generation, character, picked, script)
        with structlog.contextvars.bound_contextvars(turn=turn_id):
            running = self._scope.start(turn.run(), name=f"turn {turn_id}")
            try:
                await asyncio.wait({running})
            except asyncio.CancelledError:
                await turn.cut()
                raise
            finally:
                self._turn = None
                self._machine.recover()
                self._conclude(turn.record, is_kept=is_kept)

    async def cut(self) -> None:
        """Cut her off now; what was heard stays in the history."""
        if self._turn is not None:
            await self._turn.cut()

    async def retract(self, is_concerned: Callable[[Stimulus], bool]) -> list[str]:
        """Cut her off if she answers what was taken back; returns the ids of it."""
        turn = self._turn
        taken = [stimulus.id for stimulus in turn.stimuli if is_concerned(stimulus)] if turn is not None else []
        if turn is not None and taken:
            await turn.retract(is_concerned)
        return taken

    def on_progress(self, progress: Progress) -> None:
        """Take progress from the output; that of a turn that is over is of no use."""
        generation = getattr(progress, "generation", None)
        if self._turn is not None and generation == self._turn.generation:
            self._turn.on_progress(progress)

    def _conclude(self, record: TurnRecord | None, *, is_kept: bool) -> None:
        if record is None:
            return
        if record.outcome is TurnOutcome.FAILED:
            sentence = record.trace.notes[0] if record.trace.notes else "She could not answer; the log tells more."
            self._ports.bus.announce(NoticeRaised(NoticeLevel.WARNING, sentence))
        if is_kept:
            self._memory.keep_turn(record)
