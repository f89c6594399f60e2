"""Outputs without a sound card: they keep time by a clock, so that captions and history go on as if it were heard."""

from __future__ import annotations

import asyncio
import math
from typing import Final

from voxelle.audio.timeline import Timeline
from voxelle.contracts.audio import OUTPUT_RATE, AudioOutput, Clip, Playhead
from voxelle.contracts.tts import Samples
from voxelle.kernel.clock import Clock
from voxelle.kernel.tasks import TaskScope

TICK_FRAMES: Final = OUTPUT_RATE // 50
"""Time passes in steps of 20 ms."""

QUEUE_FRAMES: Final = OUTPUT_RATE * 4
"""`play` waits while more than this is queued."""


class PacedOutput(AudioOutput):
    """Plays by the clock, `speed` times as fast as it sounds; 0 or infinity plays as soon as it comes."""

    def __init__(self, clock: Clock, speed: float = 1.0) -> None:
        super().__init__()
        self._clock = clock
        self._speed = math.inf if speed <= 0 else speed
        self._timeline = Timeline()
        self._has_work = asyncio.Event()
        self._has_room = asyncio.Event()
        self._scope: TaskScope | None = None

    async def open(self) -> None:
        """Begin to play; idempotent."""
        if self._scope is None:
            self._scope = TaskScope("paced sound")
            self._scope.start(self._run(), name="play")

    async def close(self) -> None:
        """Stop at once; nothing more is told."""
        scope, self._scope = self._scope, None
        if scope is not None:
            await scope.close()
        self._timeline = Timeline()
        self._has_room.set()

    async def play(self, clip: Clip) -> None:
        """Queue a clip; waits while more than four seconds are queued."""
        while self._timeline.queued > QUEUE_FRAMES:
            self._has_room.clear()
            await self._has_room.wait()
        self._timeline.push(clip)
        self._has_work.set()

    async def finish(self, generation: int) -> None:
        """Take note that nothing more comes for the generation."""
        self._timeline.finish(generation)
        self._has_work.set()

    async def cut(self, generation: int) -> Playhead | None:
        """Silence the generation at once: there is no device that holds anything back."""
        final = self._timeline.cut(generation)
        self._play(self._timeline.quiet_at - self._timeline.position)
        self._has_room.set()
        self._on_pause(is_end=True)
        return final

    async def set_volume(self, volume: float) -> None:
        """Set the volume, ramped."""
        self._timeline.set_volume(volume)

    async def set_duck(self, gain: float) -> None:
        """Set the factor on top of the volume, ramped."""
        self._timeline.set_duck(gain)

    async def pause(self, generation: int) -> Playhead | None:
        """Silence the generation at once and hold it."""
        final = self._timeline.pause(generation)
        self._play(self._timeline.quiet_at - self._timeline.position)
        self._on_pause(is_end=False)
        return final

    async def resume(self, generation: int, clause_index: int, frame: int) -> None:
        """Go on with a paused generation."""
        self._timeline.resume(generation, clause_index, frame)
        self._has_work.set()

    async def _run(self) -> None:
        while True:
            await self._has_work.wait()
            self._has_work.clear()
            await self._play_all()
            self._on_pause(is_end=self._timeline.is_quiet)

    async def _play_all(self) -> None:
        """Play until nothing waits; what is missing then is noticed once, and waited for without counting time."""
        began, first = self._clock.monotonic(), self._timeline.position
        while self._timeline.ready:
            if math.isinf(self._speed):
                await self._clock.sleep(0)
                self._play(min(TICK_FRAMES, self._timeline.ready))
            else:
                await self._clock.sleep(TICK_FRAMES / OUTPUT_RATE / self._speed)
                elapsed_s = self._clock.monotonic() - began
                self._play(round(elapsed_s * self._speed * OUTPUT_RATE) - (self._timeline.position - first))
        self._play(0 if math.isinf(self._speed) else 1)

    def _play(self, frames: int) -> None:
        block = self._timeline.pull(max(0, frames))
        if self._timeline.filled:
            self._put(block[: self._timeline.filled])
        for progress in self._timeline.heard(self._timeline.position):
            self._listener(progress)
        if self._timeline.queued <= QUEUE_FRAMES:
            self._has_room.set()

    def _put(self, samples: Samples) -> None:
        """Take the next samples of speech, without the silence between."""

    def _on_pause(self, *, is_end: bool) -> None:
        """Take note that all there was has been played; `is_end` when nothing more was announced either."""


class SilentOutput(PacedOutput):
    """Nothing is heard: her words are captions, at the pace at which they would sound."""

    sentence = "Sound is off: her words are captions only."
