"""An output that plays on a clock of its own and remembers every sample that was audible."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator
from dataclasses import replace

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
        self.pauses: list[int] = []
        self.volumes: list[float] = []
        self.ducks: list[float] = []
        self.is_open = False
        self.stall_after: int | None = None
        """The device stands still after so many blocks, until `go_on`."""
        self.go_on = asyncio.Event()
        self._last: Playhead | None = None
        self._played: list[Clip] = []
        self._paused: int | None = None
        self._stops = 0

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
        self._played.clear()
        self._position = 0
        self._go_on()
        return self._last if self._last is not None and self._last.generation == generation else None

    async def set_volume(self, volume: float) -> None:
        self.volumes.append(volume)

    async def set_duck(self, gain: float) -> None:
        self.ducks.append(gain)

    async def pause(self, generation: int) -> Playhead | None:
        """Hold everything where it is; what was played comes back in front."""
        self.pauses.append(generation)
        self._paused = generation
        self._stops += 1
        return self._last if self._last is not None and self._last.generation == generation else None

    async def resume(self, generation: int, clause_index: int, frame: int) -> None:
        if self._paused != generation:
            return
        played = [clip for clip in self._played if clip.generation == generation]
        self._played.clear()
        self._position = 0
        self._queue = deque(_from_point([*played, *self._queue], (clause_index, frame)))
        self._go_on()

    def _go_on(self) -> None:
        self._paused = None
        self._woken.set()

    async def run(self) -> None:
        """Play until cancelled."""
        while True:
            while not self._queue or self._paused is not None:
                self._woken.clear()
                await self._woken.wait()
            first = self._queue[0]
            if isinstance(first, int):
                self._queue.popleft()
                self._listener(Drained(first))
                continue
            if self._position == 0 and (first.offset == 0 or not self._played):
                self._tell(Playhead(first.generation, first.clause_index, 0))
            step = min(round(TICK_S * OUTPUT_RATE), first.samples.size - self._position)
            stops = self._stops
            if self.stall_after is not None and len(self.audible) >= self.stall_after:
                await self.go_on.wait()
            await self._clock.sleep(step / OUTPUT_RATE)
            if not self._queue or self._queue[0] is not first or self._stops != stops:
                continue
            self._position += step
            self._tell(Playhead(first.generation, first.clause_index, first.offset + self._position))
            if self._position >= first.samples.size:
                self._queue.popleft()
                self._played.append(first)
                self._position = 0

    def _tell(self, playhead: Playhead) -> None:
        self._last = playhead
        self.audible.append((playhead.generation, playhead.clause_index, playhead.frames))
        self._listener(playhead)


def _from_point(clips: list[Clip | int], point: tuple[int, int]) -> Iterator[Clip | int]:
    for clip in clips:
        if isinstance(clip, int) or (clip.clause_index, clip.offset) >= point:
            yield clip
        elif clip.clause_index == point[0] and clip.offset + clip.samples.size > point[1]:
            yield replace(clip, offset=point[1], samples=clip.samples[point[1] - clip.offset :])
