"""An output that plays on a clock of its own and remembers every sample that was audible."""

from __future__ import annotations

import asyncio
from collections import deque

from voxelle.contracts.audio import OUTPUT_RATE, AudioOutput, Clip, Drained, Playhead
from voxelle.kernel.clock import Clock

TICK_S = 0.02


class FakeOutput(AudioOutput):
    """Plays 20 ms at a time while `run` lasts; `audible` lists (generation, clause, frame) blocks as they sound."""

    sentence = "Fake output"

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock
        self._queue: deque[Clip | int] = deque()
        self._position = 0
        self._cut_below = -1
        self._woken = asyncio.Event()
        self.audible: list[tuple[int, int, int]] = []
        self.cuts: list[int] = []
        self.volumes: list[float] = []
        self.is_open = False
        self.stall_after: int | None = None
        """The device stands still after so many blocks, until `go_on`."""
        self.go_on = asyncio.Event()
        self._last: Playhead | None = None

    async def open(self) -> None:
        self.is_open = True

    async def close(self) -> None:
        self.is_open = False

    async def play(self, clip: Clip) -> None:
        if clip.generation > self._cut_below:
            self._queue.append(clip)
            self._woken.set()

    async def finish(self, generation: int) -> None:
        if generation > self._cut_below:
            self._queue.append(generation)
            self._woken.set()

    async def cut(self, generation: int) -> Playhead | None:
        self.cuts.append(generation)
        self._cut_below = max(self._cut_below, generation)
        self._queue.clear()
        self._position = 0
        return self._last if self._last is not None and self._last.generation == generation else None

    async def set_volume(self, volume: float) -> None:
        self.volumes.append(volume)

    async def run(self) -> None:
        """Play until cancelled."""
        while True:
            while not self._queue:
                self._woken.clear()
                await self._woken.wait()
            first = self._queue[0]
            if isinstance(first, int):
                self._queue.popleft()
                self._listener(Drained(first))
                continue
            if self._position == 0 and first.offset == 0:
                self._tell(Playhead(first.generation, first.clause_index, 0))
            step = min(round(TICK_S * OUTPUT_RATE), first.samples.size - self._position)
            if self.stall_after is not None and len(self.audible) >= self.stall_after:
                await self.go_on.wait()
            await self._clock.sleep(step / OUTPUT_RATE)
            if not self._queue or self._queue[0] is not first:
                continue
            self._position += step
            self._tell(Playhead(first.generation, first.clause_index, first.offset + self._position))
            if self._position >= first.samples.size:
                self._queue.popleft()
                self._position = 0

    def _tell(self, playhead: Playhead) -> None:
        self._last = playhead
        self.audible.append((playhead.generation, playhead.clause_index, playhead.frames))
        self._listener(playhead)
