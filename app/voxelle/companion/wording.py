"""The wording: what the model writes becomes clauses that may be said, while it still writes."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING, Protocol

import structlog

from voxelle.companion.clauses import ClauseSplitter
from voxelle.companion.reply import FeelingTag, Piece, ReplyCleaner
from voxelle.domain.errors import VoxelleError
from voxelle.domain.events import ClauseBlocked, ClausePassed, ReplyGrown
from voxelle.domain.speech import Clause

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from voxelle.companion.feeling import FeelingReader
    from voxelle.companion.safety import SafetyGate
    from voxelle.companion.script import Script
    from voxelle.companion.trace import TraceBook
    from voxelle.contracts.llm import LanguageModel
    from voxelle.kernel.bus import Bus
    from voxelle.kernel.tasks import TaskScope

log = structlog.get_logger("turn")

STALL_S = 0.15
"""Silence of the model after which a first clause may go as it is."""


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


class Wording:
    """Words one reply: from the model, or as it is written in the script, through the gate, to a line."""

    def __init__(
        self, turn_id: str, speaker: str, script: Script, model: LanguageModel, gate: SafetyGate, bus: Bus, trace: TraceBook
    ) -> None:
        self._turn_id = turn_id
        self._speaker = speaker
        self._script = script
        self._model = model
        self._gate = gate
        self._bus = bus
        self._trace = trace
        self._said = ""
        self.passed = self.blocked = 0
        """So many clauses may be said, and so many may not."""
        self.is_written = False
        """Nothing more will come."""

    async def write(self, line: Line, feelings: FeelingReader, scope: TaskScope) -> None:
        """Take the model's text as it grows and send clause after clause to the voice."""
        cleaner, splitter = ReplyCleaner(self._speaker), ClauseSplitter()
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
        if self.blocked and not self.passed and self._script.replacement:
            await self._say([self._script.replacement], feelings, line)
        self.is_written = True
        line.finish()

    async def _take(self, piece: Piece, splitter: ClauseSplitter, feelings: FeelingReader, line: Line) -> None:
        if isinstance(piece, FeelingTag):
            await self._say(splitter.flush(), feelings, line)
            feelings.tag(piece.feeling)
            return
        self._bus.announce(ReplyGrown(self._turn_id, piece))
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
        async with aclosing(self._model.stream(prompt.request)) as stream:
            async for delta in stream:
                self._trace.engines["llm"] = self._model.serving
                yield delta.text

    async def _say(self, texts: list[str], feelings: FeelingReader, line: Line) -> None:
        for text in texts:
            index = self.passed + self.blocked
            self._trace.mark("first_clause")
            verdict = self._gate.judge(index, text, self._said)
            self._trace.verdict(verdict)
            if not verdict.is_allowed:
                self.blocked += 1
                self._bus.announce(ClauseBlocked(self._turn_id, index, verdict.rule))
                continue
            self.passed += 1
            clause = Clause(self._turn_id, index, text, await feelings.read(text))
            self._said = f"{self._said} {text}".strip()
            self._trace.mark("gated")
            self._bus.announce(ClausePassed(clause))
            await line.say(clause)
