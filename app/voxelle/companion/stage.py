"""The stage: one turn after the other is performed here, watched, cut off and remembered."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import structlog

from voxelle.companion.safety import SafetyGate
from voxelle.companion.sameness import means_same
from voxelle.companion.trace import THOUGHT_AHEAD
from voxelle.companion.turn import Turn, TurnPorts
from voxelle.contracts.audio import OUTPUT_RATE, Clip, Drained
from voxelle.domain.errors import TemporaryError
from voxelle.domain.events import NoticeLevel, NoticeRaised
from voxelle.domain.speech import TurnOutcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from voxelle.companion.memory import Memory
    from voxelle.companion.ports import CompanionPorts
    from voxelle.companion.script import Script
    from voxelle.companion.triage import Picked
    from voxelle.contracts.audio import Progress, Samples
    from voxelle.domain.chat import Stimulus
    from voxelle.domain.persona import Character
    from voxelle.domain.speech import TurnRecord
    from voxelle.kernel.tasks import TaskScope

_DRAIN_GRACE_S = 5.0


@dataclass(frozen=True, slots=True)
class Draft:
    """A turn that was begun before it was certain what is said to her; nobody notices it."""

    turn: Turn
    running: asyncio.Task[TurnRecord]
    picked: Picked
    script: Script
    character: Character
    gate: SafetyGate

    def fits(self, picked: Picked, script: Script, character: Character, gate: SafetyGate) -> bool:
        """Whether it is as good as a turn that would be begun now."""
        if self.running.done() or self.turn.is_fruitless or len(picked.stimuli) > 1 or gate is not self.gate:
            return False
        before, now = self.picked.item.stimulus, picked.item.stimulus
        if (before.kind, before.author) != (now.kind, now.author) or not means_same(before.text, now.text):
            return False
        return character == self.character and script.is_like(self.script)


@dataclass(frozen=True, slots=True)
class Sounding:
    """Something that is heard and is no turn."""

    generation: int
    is_over: asyncio.Event = field(default_factory=asyncio.Event)


class Stage:
    """Performs turns. Whoever wants to perform takes `free` first and holds it to the end of the turn."""

    def __init__(self, ports: CompanionPorts, memory: Memory, scope: TaskScope) -> None:
        self.free = asyncio.Lock()
        self._ports = ports
        self._memory = memory
        self._scope = scope
        self._turn: Turn | None = None
        self._draft: Draft | None = None
        self._generation = 0
        self._sounding: Sounding | None = None
        self.renew_gate()

    def renew_gate(self) -> None:
        """Take over changed settings of what she never says."""
        self._gate = SafetyGate(self._ports.shipped_words, self._ports.settings.current.safety)

    async def perform(self, picked: Picked, script: Script, character: Character, *, is_kept: bool = True) -> None:
        """Run one turn as an errand, so that a bug in it ends the turn and not the show.

        A draft that fits is that turn; any other is dropped.
        """
        script = self._designed(script, character)
        draft = self._take_draft(picked, script, character)
        turn, running = (draft.turn, draft.running) if draft is not None else self._begin(picked, script, character, is_ahead=False)
        self._turn = turn
        try:
            if draft is not None:
                await turn.appear(picked, script)
            await asyncio.wait({running})
        except asyncio.CancelledError:
            await turn.cut()
            raise
        finally:
            self._turn = None
            turn.recover()
            self._conclude(turn.record, is_kept=is_kept)

    async def sound(self, samples: Samples) -> None:
        """Play something that is no speech, such as a test tone, and wait until it was heard or cut. Hold `free` meanwhile."""
        self._generation += 1
        self._sounding = sounding = Sounding(self._generation)
        output = self._ports.output
        try:
            await output.play(Clip(sounding.generation, 0, 0, samples))
            await output.finish(sounding.generation)
            async with asyncio.timeout(samples.size / OUTPUT_RATE + _DRAIN_GRACE_S):
                await sounding.is_over.wait()
        except TimeoutError as error:
            msg = "The sound device did not say that it played the tone."
            raise TemporaryError(msg) from error
        finally:
            self._sounding = None
            await output.cut(sounding.generation)

    def _designed(self, script: Script, character: Character) -> Script:
        return replace(script, design=replace(character.voice, speed=character.voice.speed * self._ports.settings.current.voice.speed))

    def _begin(self, picked: Picked, script: Script, character: Character, *, is_ahead: bool) -> tuple[Turn, asyncio.Task[TurnRecord]]:
        ports = self._ports
        self._generation += 1
        turn_ports = TurnPorts(ports.model, ports.voice, ports.classifier, ports.output, ports.bus, ports.clock, ports.vowels)
        turn_id = ports.ids.new()
        turn = Turn(turn_ports, self._gate, turn_id, self._generation, character, picked, script, is_ahead=is_ahead)
        with structlog.contextvars.bound_contextvars(turn=turn_id):
            return turn, self._scope.start(turn.run(), name=f"turn {turn_id}")

    # -- what she begins before she is asked ------------------------------------------------------

    @property
    def draft(self) -> Stimulus | None:
        """What she has begun to answer without anybody noticing."""
        return None if self._draft is None else self._draft.picked.item.stimulus

    def prepare(self, picked: Picked, script: Script, character: Character) -> None:
        """Begin a turn that nobody notices, in place of any other such turn. RuntimeError while a turn is on stage."""
        if self._turn is not None:
            msg = "a turn is on stage"
            raise RuntimeError(msg)
        self.drop_draft()
        script = self._designed(script, character)
        turn, running = self._begin(picked, script, character, is_ahead=True)
        self._draft = Draft(turn, running, picked, script, character, self._gate)

    def drop_draft(self) -> None:
        """Forget what was begun; its model and its voice are stopped."""
        draft, self._draft = self._draft, None
        if draft is not None:
            draft.turn.drop()
            draft.running.cancel()

    def _take_draft(self, picked: Picked, script: Script, character: Character) -> Draft | None:
        draft = self._draft
        if draft is None or not draft.fits(picked, script, character, self._gate):
            self.drop_draft()
            return None
        self._draft = None
        return draft

    # -- her mouth, for whoever listens for interruptions -----------------------------------------

    @property
    def is_speaking(self) -> bool:
        """Whether something of her turn is audible, or is about to be."""
        return self._turn is not None and self._turn.is_speaking

    async def duck(self, gain: float) -> None:
        """Make her quieter by a factor, 0..1, at once; 1 is not ducked. If she has not begun to speak, she waits with it."""
        if self._turn is not None:
            await self._turn.hold(is_held=gain < 1.0 and self._ports.settings.current.hearing.is_interruptible)
        await self._ports.output.set_duck(gain)

    async def pause(self) -> bool:
        """Silence her at once and keep the rest for `resume`. False if there is nothing that could go on."""
        return self._turn is not None and await self._turn.pause()

    async def resume(self) -> None:
        """Let her go on from the beginning of the word in which she was silenced."""
        if self._turn is not None:
            await self._turn.resume()

    async def cut(self) -> None:
        """Cut her off now; what was heard stays in the history."""
        if self._sounding is not None:
            self._sounding.is_over.set()
        if self._turn is not None:
            await self._turn.cut()

    async def take_back(self, stimulus_id: str) -> bool:
        """Stop answering something that goes on, without a trace in her memory. False if she does not, or was heard already."""
        turn = self._turn
        if turn is None or turn.is_heard or stimulus_id not in {stimulus.id for stimulus in turn.stimuli}:
            return False
        await turn.retract(lambda stimulus: stimulus.id == stimulus_id)
        return not turn.is_heard

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
        if self._sounding is not None and isinstance(progress, Drained) and generation == self._sounding.generation:
            self._sounding.is_over.set()
        if self._turn is not None and generation == self._turn.generation:
            self._turn.on_progress(progress)

    def _conclude(self, record: TurnRecord | None, *, is_kept: bool) -> None:
        if record is None:
            return
        if record.outcome is TurnOutcome.FAILED:
            notes = [note for note in record.trace.notes if note != THOUGHT_AHEAD]
            sentence = notes[0] if notes else "She could not answer; the log tells more."
            self._ports.bus.announce(NoticeRaised(NoticeLevel.WARNING, sentence))
        if is_kept:
            self._memory.keep_turn(record)
