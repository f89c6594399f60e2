"""One turn, from the stimulus to the last word heard. Whatever happens, it ends and says so exactly once."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from voxelle.companion.curtain import Curtain
from voxelle.companion.feeling import FeelingReader
from voxelle.companion.machine import TurnMachine
from voxelle.companion.performance import Performance
from voxelle.companion.retraction import blanked
from voxelle.companion.speech import SpeechLine, Voice
from voxelle.companion.trace import THOUGHT_AHEAD, TraceBook
from voxelle.companion.wording import Line, Wording
from voxelle.companion.writing import WrittenLine
from voxelle.domain.events import TurnEnded, TurnStarted
from voxelle.domain.speech import TurnOutcome, TurnRecord, TurnState
from voxelle.kernel.tasks import TaskScope

if TYPE_CHECKING:
    from collections.abc import Callable

    from voxelle.companion.mouth import VowelReader
    from voxelle.companion.safety import SafetyGate
    from voxelle.companion.script import Script
    from voxelle.companion.triage import Picked
    from voxelle.contracts.audio import AudioOutput, Progress
    from voxelle.contracts.emotion import EmotionClassifier
    from voxelle.contracts.llm import LanguageModel
    from voxelle.domain.chat import Stimulus
    from voxelle.domain.persona import Character
    from voxelle.kernel.bus import Bus
    from voxelle.kernel.clock import Clock

log = structlog.get_logger("turn")

_DRAIN_GRACE_S = 15.0
"""The output must have played everything this long after it should have."""


@dataclass(frozen=True, slots=True)
class TurnPorts:
    """What a turn works with."""

    model: LanguageModel
    voice: Voice
    classifier: EmotionClassifier | None
    output: AudioOutput
    bus: Bus
    clock: Clock
    vowels: VowelReader | None = None
    """Finds the vowels for her mouth where the voice does not tell them."""


class Turn:
    """One turn of a character. With `is_ahead` nobody notices it, and it does not end, before `appear`."""

    def __init__(
        self,
        ports: TurnPorts,
        gate: SafetyGate,
        turn_id: str,
        generation: int,
        character: Character,
        picked: Picked,
        script: Script,
        *,
        is_ahead: bool = False,
    ) -> None:
        self.id = turn_id
        self.generation = generation
        self._ports = ports
        self._curtain = Curtain(ports.output, ports.bus, is_up=not is_ahead)
        self._bus = self._curtain.bus
        self._machine = TurnMachine(self._bus)
        self._character = character
        self._script = script
        self._line = script.line
        self._merged_count = picked.item.merged_count
        self.stimuli = picked.stimuli
        """What it answers."""
        self._trace = TraceBook(ports.clock, picked.since_s)
        self._started_at = ports.clock.now()
        self._performance = Performance(generation, self._bus, ports.clock, self._trace, self._on_audible)
        self._stop = asyncio.Event()
        self._ended = asyncio.Event()
        self._wording = Wording(turn_id, character.name, script, ports.model, gate, self._bus, self._trace)
        self._silencing = asyncio.Lock()
        self._is_silent = False
        self._going = asyncio.Event()
        """Neither paused nor behind the curtain: only so can the turn end by itself."""
        if not is_ahead:
            self._going.set()
        self._patience: asyncio.Timeout | None = None
        """How long the output may take to play the rest."""
        self.record: TurnRecord | None = None
        """What was heard, once the turn has ended."""

    def on_progress(self, progress: Progress) -> None:
        """Take progress of this turn's generation from the output."""
        self._performance.on_progress(progress)

    async def retract(self, is_concerned: Callable[[Stimulus], bool]) -> None:
        """What she answers was taken back: stop her now. Neither line nor words of it are kept."""
        self.stimuli = tuple(blanked(stimulus) if is_concerned(stimulus) else stimulus for stimulus in self.stimuli)
        self._line = ""
        self._trace.note("What she answered was taken back.")
        await self.cut()

    @property
    def is_speaking(self) -> bool:
        """Something of it is audible, or is about to be."""
        is_over = self._is_silent or self._performance.drained.is_set() or self._ended.is_set()
        return self._script.is_spoken and self._curtain.is_up and not is_over

    @property
    def is_heard(self) -> bool:
        """Something of it was audible."""
        return self._trace.has("audible")

    @property
    def is_fruitless(self) -> bool:
        """The model has written everything, and nothing of it can be said."""
        return self._wording.is_written and not self._wording.passed

    async def cut(self) -> None:
        """Stop her now; returns when the turn has ended and was announced."""
        self._stop.set()
        if self._machine.turn_id == self.id:
            await self._silence()
        await self._ended.wait()
        self._curtain.spill()

    async def pause(self) -> bool:
        """Fall silent at once and keep the rest for `resume`. False if there is nothing that could go on."""
        async with self._silencing:
            if not self.is_speaking:
                return False
            if not self._going.is_set():
                return True
            self._going.clear()
            self._wait_for_rest()
            playhead = await self._curtain.pause(self.generation)
            if self._performance.drained.is_set():
                # Its last sound was heard while the output was being asked.
                await self._curtain.resume(self.generation, *self._performance.resume_frame())
                self._go_on()
                return False
            self._performance.pause(playhead)
            return not self._stop.is_set()

    async def hold(self, *, is_held: bool) -> None:
        """Do not begin to speak while somebody else does. Nothing happens once she has begun."""
        async with self._silencing:
            if is_held and self.is_speaking:
                self._curtain.hold()
            elif not is_held and self._going.is_set():
                await self._curtain.let_go()

    async def resume(self) -> None:
        """Go on from the beginning of the word in which she was silenced. Nothing happens if she is not paused."""
        async with self._silencing:
            if self._is_silent or self._going.is_set() or not self._curtain.is_up:
                return
            clause_index, frame = self._performance.resume_frame()
            self._performance.resume()
            await self._curtain.resume(self.generation, clause_index, frame)
            self._go_on()

    async def appear(self, picked: Picked, script: Script) -> None:
        """Somebody said what this turn was begun for: it is about that from now on, and is noticed."""
        self.stimuli, self._merged_count, self._line = picked.stimuli, picked.item.merged_count, script.line
        self._started_at = self._ports.clock.now()
        self._trace.begin_anew(picked.since_s)
        self._tell_ears()
        self._trace.remark("dequeued")
        self._trace.note(THOUGHT_AHEAD)
        self._curtain.put_first(self._beginning())
        await self._curtain.rise()
        self._go_on()

    def drop(self) -> None:
        """Nobody will notice this turn; whoever runs it cancels it too."""
        self._curtain.drop()

    def recover(self) -> None:
        """After a bug: be idle again, so that the next turn can begin, and leave nothing untold."""
        self._machine.recover()
        self._curtain.spill()

    def _go_on(self) -> None:
        self._going.set()
        self._wait_for_rest()

    def _wait_for_rest(self) -> None:
        """Give the output time for what is unheard, counted from now; none runs while she is not going."""
        if self._patience is not None:
            limit_s = self._performance.unheard_s() + _DRAIN_GRACE_S
            self._patience.reschedule(asyncio.get_running_loop().time() + limit_s if self._going.is_set() else None)

    def _tell_ears(self) -> None:
        """Note when the ears were ready with what she answers."""
        utterance = self.stimuli[0].utterance
        if utterance is not None:
            self._trace.mark_at("endpointed", utterance.endpointed_s)
            self._trace.mark_at("recognised", utterance.recognised_s)

    def _beginning(self) -> TurnStarted:
        return TurnStarted(self.id, self._character.id, self.stimuli, self._merged_count)

    async def _silence(self) -> None:
        """Make the output silent, once, and take the final playhead."""
        async with self._silencing:
            if not self._is_silent:
                self._is_silent = True
                self._machine.to(TurnState.INTERRUPTED, self.id)
                self._performance.close(await self._curtain.cut(self.generation))

    async def run(self) -> TurnRecord:
        """Perform the turn to its end and return what was heard."""
        self._trace.mark("dequeued")
        if self._curtain.is_up:
            self._tell_ears()
            self._bus.announce(self._beginning())
        self._machine.to(TurnState.THINKING, self.id)
        is_whole = False
        try:
            is_whole = await self._perform()
        finally:
            try:
                # A cut may have come while the road was being put away. From here to the end nothing waits in a whole turn.
                is_whole = is_whole and not self._stop.is_set()
                if not is_whole:
                    await self._silence()
                    self._machine.to(TurnState.STOPPED, self.id)
                self.record = record = self._record(is_whole=is_whole)
                self._machine.to(TurnState.IDLE, self.id)
                self._bus.announce(TurnEnded(record))
            finally:
                self._ended.set()
        return record

    async def _perform(self) -> bool:
        """Run the road until everything was heard (True) or somebody stopped her (False)."""
        async with TaskScope(f"turn {self.id}") as scope:
            road = scope.start(self._road(scope), name="road", is_awaited=True)
            stop = scope.start(self._stop.wait(), name="stop")
            await asyncio.wait({road, stop}, return_when=asyncio.FIRST_COMPLETED)
            if self._stop.is_set():
                return False
            await road
            return True

    async def _road(self, scope: TaskScope) -> None:
        line = self._open_line(scope)
        delivery = scope.start(line.deliver(), name="delivery", is_awaited=True)
        feelings = FeelingReader(self._ports.classifier, self._trace)
        writing = scope.start(self._wording.write(line, feelings, scope), name="writing", is_awaited=True)
        # A delivery that fails takes nothing more from the writer, who would wait for room for ever.
        done, _ = await asyncio.wait({writing, delivery}, return_when=asyncio.FIRST_EXCEPTION)
        for task in done:
            await task
        if self._wording.passed and self._script.is_spoken:
            await self._drain()
        # Who is paused may still be told to go on, and what nobody knows of can't end.
        await self._going.wait()

    async def _drain(self) -> None:
        """Wait until everything was heard, as long as she is not paused within a limit."""
        try:
            async with asyncio.timeout(None) as self._patience:
                self._wait_for_rest()
                await self._performance.drained.wait()
        except TimeoutError:
            self._trace.note("The sound device did not say that it played everything.")
            log.warning("output.not_drained", generation=self.generation)
            # What the device still holds would be heard before the next turn, and by nobody's history.
            self._performance.close(await self._curtain.cut(self.generation))
        finally:
            self._patience = None

    def _open_line(self, scope: TaskScope) -> Line:
        ports = self._ports
        if not self._script.is_spoken:
            self._trace.engines["tts"] = "written"
            self._trace.note("Her answer was written and not said.")
            return WrittenLine(self._performance)
        design = self._script.design or self._character.voice
        return SpeechLine(ports.voice, self._curtain, self._performance, scope, design, self._trace, ports.vowels)

    def _on_audible(self) -> None:
        if self._machine.state is TurnState.THINKING:
            self._machine.to(TurnState.SPEAKING, self.id)

    def _record(self, *, is_whole: bool) -> TurnRecord:
        heard = self._performance.heard()
        if not is_whole:
            outcome = TurnOutcome.CUT if self._stop.is_set() or heard else TurnOutcome.FAILED
        elif heard:
            outcome = TurnOutcome.COMPLETED
        else:
            outcome = TurnOutcome.BLOCKED if self._wording.blocked else TurnOutcome.FAILED
        self._trace.remark("ended")
        now = self._ports.clock.now()
        return TurnRecord(
            self.id, self._character.id, self._started_at, now, outcome, self.stimuli, self._line, heard, self._trace.closed()
        )
