"""One turn, from the stimulus to the last word heard. Whatever happens, it ends and says so exactly once."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import structlog

from voxelle.companion.clauses import ClauseSplitter
from voxelle.companion.feeling import FeelingReader
from voxelle.companion.performance import Performance
from voxelle.companion.reply import FeelingTag, Piece, ReplyCleaner
from voxelle.companion.retraction import blanked
from voxelle.companion.speech import SpeechLine, Voice
from voxelle.companion.trace import TraceBook
from voxelle.companion.writing import WrittenLine
from voxelle.domain.errors import VoxelleError
from voxelle.domain.events import ClauseBlocked, ClausePassed, ReplyGrown, TurnEnded, TurnStarted, TurnStateChanged
from voxelle.domain.speech import Clause, TurnOutcome, TurnRecord, TurnState
from voxelle.kernel.tasks import TaskScope

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

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

STALL_S = 0.15
"""Silence of the model after which a first clause may go as it is."""
_DRAIN_GRACE_S = 15.0
"""The output must have played everything this long after it should have."""
_NEXT = {
    TurnState.IDLE: {TurnState.THINKING},
    TurnState.THINKING: {TurnState.SPEAKING, TurnState.INTERRUPTED, TurnState.IDLE},
    TurnState.SPEAKING: {TurnState.INTERRUPTED, TurnState.IDLE},
    TurnState.INTERRUPTED: {TurnState.STOPPED},
    TurnState.STOPPED: {TurnState.IDLE},
}


class TurnMachine:
    """The states of the show: one speaking turn at a time."""

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


class Line(Protocol):
    """Where clauses go that passed the gate."""

    async def say(self, clause: Clause) -> None:
        """Take the next clause; may wait for room."""
        ...

    def finish(self) -> None:
        """No more clauses will come."""
        ...

    async def deliver(self) -> None:
        """Hand the clauses on until `finish` and all were handed over."""
        ...


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
    """One turn of a character."""

    def __init__(
        self,
        ports: TurnPorts,
        gate: SafetyGate,
        machine: TurnMachine,
        turn_id: str,
        generation: int,
        character: Character,
        picked: Picked,
        script: Script,
    ) -> None:
        self.id = turn_id
        self.generation = generation
        self._ports = ports
        self._gate = gate
        self._machine = machine
        self._character = character
        self._script = script
        self._line = script.line
        self._merged_count = picked.item.merged_count
        self.stimuli = picked.stimuli
        """What it answers."""
        self._trace = TraceBook(ports.clock, picked.since_s)
        self._started_at = ports.clock.now()
        self._performance = Performance(generation, ports.bus, ports.clock, self._trace, self._on_audible)
        self._stop = asyncio.Event()
        self._ended = asyncio.Event()
        self._index = 0
        self._said = ""
        self._blocked = 0
        self._silencing = asyncio.Lock()
        self._is_silent = False
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

    async def cut(self) -> None:
        """Stop her now; returns when the turn has ended and was announced."""
        self._stop.set()
        if self._machine.turn_id == self.id:
            await self._silence()
        await self._ended.wait()

    async def _silence(self) -> None:
        """Make the output silent, once, and take the final playhead."""
        async with self._silencing:
            if not self._is_silent:
                self._is_silent = True
                self._machine.to(TurnState.INTERRUPTED, self.id)
                self._performance.close(await self._ports.output.cut(self.generation))

    async def run(self) -> TurnRecord:
        """Perform the turn to its end and return what was heard."""
        self._trace.mark("dequeued")
        self._ports.bus.announce(TurnStarted(self.id, self._character.id, self.stimuli, self._merged_count))
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
                self._ports.bus.announce(TurnEnded(record))
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
        writing = scope.start(self._write(line, scope), name="writing", is_awaited=True)
        # A delivery that fails takes nothing more from the writer, who would wait for room for ever.
        done, _ = await asyncio.wait({writing, delivery}, return_when=asyncio.FIRST_EXCEPTION)
        for task in done:
            await task
        if self._index > self._blocked and self._script.is_spoken:
            try:
                async with asyncio.timeout(self._performance.unheard_s() + _DRAIN_GRACE_S):
                    await self._performance.drained.wait()
            except TimeoutError:
                self._trace.note("The sound device did not say that it played everything.")
                log.warning("output.not_drained", generation=self.generation)
                # What the device still holds would be heard before the next turn, and by nobody's history.
                self._performance.close(await self._ports.output.cut(self.generation))

    def _open_line(self, scope: TaskScope) -> Line:
        ports = self._ports
        if not self._script.is_spoken:
            self._trace.engines["tts"] = "written"
            self._trace.note("Her answer was written and not said.")
            return WrittenLine(self._performance)
        design = self._script.design or self._character.voice
        return SpeechLine(ports.voice, ports.output, self._performance, scope, design, self._trace, ports.vowels)

    async def _write(self, line: Line, scope: TaskScope) -> None:
        """Take the model's text as it grows and send clause after clause to the voice."""
        feelings = FeelingReader(self._ports.classifier, self._trace)
        cleaner, splitter = ReplyCleaner(self._character.name), ClauseSplitter()
        deltas: asyncio.Queue[str | None] = asyncio.Queue()
        reading = scope.start(self._read(deltas), name="model", is_awaited=True)
        is_stalled = False
        while True:
            try:
                async with asyncio.timeout(None if is_stalled else STALL_S):
                    delta = await deltas.get()
            except TimeoutError:
                is_stalled = True
                await self._say(splitter.stall(), feelings, line)
                continue
            is_stalled = False
            for piece in cleaner.push(delta) if delta is not None else cleaner.flush():
                await self._take(piece, splitter, feelings, line)
            if delta is None:
                break
        await reading
        self._trace.mark("llm_done")
        await self._say(splitter.flush(), feelings, line)
        if self._index and self._index == self._blocked and self._script.replacement:
            await self._say([self._script.replacement], feelings, line)
        line.finish()

    async def _take(self, piece: Piece, splitter: ClauseSplitter, feelings: FeelingReader, line: Line) -> None:
        if isinstance(piece, FeelingTag):
            await self._say(splitter.flush(), feelings, line)
            feelings.tag(piece.feeling)
            return
        self._ports.bus.announce(ReplyGrown(self.id, piece))
        await self._say(splitter.push(piece), feelings, line)

    async def _read(self, deltas: asyncio.Queue[str | None]) -> None:
        """Read the model's stream; a model that fails ends the reply where it stands."""
        try:
            async with aclosing(self._stream()) as stream:
                async for text in stream:
                    self._trace.mark("first_token")
                    deltas.put_nowait(text)
        except VoxelleError as error:
            self._trace.note(f"The language model failed: {error.sentence}")
            log.warning("model.failed", error_kind=type(error).__name__)
        finally:
            deltas.put_nowait(None)

    async def _stream(self) -> AsyncGenerator[str, None]:
        prompt = self._script.prompt
        self._trace.mark("prompt")
        if prompt is None:
            yield self._script.written
            return
        self._trace.prompt_tokens = prompt.tokens
        async with aclosing(self._ports.model.stream(prompt.request)) as stream:
            async for delta in stream:
                self._trace.engines["llm"] = self._ports.model.serving
                yield delta.text

    async def _say(self, texts: list[str], feelings: FeelingReader, line: Line) -> None:
        for text in texts:
            index = self._index
            self._index += 1
            self._trace.mark("first_clause")
            verdict = self._gate.judge(index, text, self._said)
            self._trace.verdict(verdict)
            if not verdict.is_allowed:
                self._blocked += 1
                self._ports.bus.announce(ClauseBlocked(self.id, index, verdict.rule))
                continue
            clause = Clause(self.id, index, text, await feelings.read(text))
            self._said = f"{self._said} {text}".strip()
            self._trace.mark("gated")
            self._trace.engines.setdefault("tts", self._ports.voice.serving)
            self._ports.bus.announce(ClausePassed(clause))
            await line.say(clause)

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
            outcome = TurnOutcome.BLOCKED if self._blocked else TurnOutcome.FAILED
        self._trace.remark("ended")
        now = self._ports.clock.now()
        return TurnRecord(
            self.id, self._character.id, self._started_at, now, outcome, self.stimuli, self._line, heard, self._trace.closed()
        )
