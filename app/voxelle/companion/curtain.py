"""The curtain between a turn and the world: while it is down, sound and news wait behind it in their order.

Every turn plays and announces through one. For most it is up from the beginning; a turn that she began before anybody
asked is performed behind it, and is noticed once it rises, or never. Sound alone is held back while she is paused before
her first word.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING

from voxelle.contracts.audio import OUTPUT_RATE, Clip
from voxelle.kernel.bus import Bus

if TYPE_CHECKING:
    from voxelle.contracts.audio import AudioOutput, Playhead
    from voxelle.domain.events import Event

MOST_FRAMES = OUTPUT_RATE * 4
"""`play` waits while so much sound is held back: the first clause and mostly the second."""


class Curtain:
    """Takes the sound and the news of one turn. `bus` is what the turn announces on."""

    def __init__(self, output: AudioOutput, bus: Bus, *, is_up: bool = True) -> None:
        self.bus: Bus = _CurtainBus(self)
        self._output = output
        self._world = bus
        self._is_secret = self._is_still = not is_up
        """News waits; sound waits."""
        self._has_played = False
        self._is_over = False
        """The turn was cut or dropped: sound is forgotten."""
        self._is_dropped = False
        self._waiting: deque[Event | Clip | int] = deque()
        self._has_room = asyncio.Event()

    @property
    def is_up(self) -> bool:
        """Whether the turn may be noticed."""
        return not self._is_secret

    def announce(self, event: Event) -> None:
        """Announce to the world, now or when the curtain rises."""
        if self._is_dropped:
            return
        if self._is_secret:
            self._waiting.append(event)
        else:
            self._world.announce(event)

    def put_first(self, event: Event) -> None:
        """Announce this before everything that waits."""
        self._waiting.appendleft(event)

    async def play(self, clip: Clip) -> None:
        """Hand a clip on, or hold it back; waits while much is held back."""
        while self._is_still and not self._is_over and self._held_frames() >= MOST_FRAMES:
            self._has_room.clear()
            await self._has_room.wait()
        if self._is_over:
            return
        if self._is_still:
            self._waiting.append(clip)
        else:
            self._has_played = True
            await self._output.play(clip)

    async def finish(self, generation: int) -> None:
        """No more clips will come for the generation."""
        if self._is_over:
            return
        if self._is_still:
            self._waiting.append(generation)
        else:
            await self._output.finish(generation)

    async def rise(self) -> None:
        """Let everything through that waited, in its order, and all that comes from now on."""
        while self._waiting:
            waiting = self._waiting.popleft()
            if isinstance(waiting, Clip):
                self._has_played = True
                await self._output.play(waiting)
            elif isinstance(waiting, int):
                await self._output.finish(waiting)
            else:
                self._world.announce(waiting)
        self._is_secret = self._is_still = self._is_dropped
        self._has_room.set()

    def hold(self) -> None:
        """Keep the sound back while none of it was heard; it was not begun yet, so nothing is lost."""
        if not self._has_played:
            self._is_still = True

    async def let_go(self) -> None:
        """Let through what was held."""
        if self._is_still and not self._is_secret:
            await self.rise()

    async def pause(self, generation: int) -> Playhead | None:
        """Silence the turn and keep its sound; what was not handed on yet simply waits here."""
        if not self._has_played:
            self._is_still = True
            return None
        return await self._output.pause(generation)

    async def resume(self, generation: int, clause_index: int, frame: int) -> None:
        """Go on from a frame of a clause."""
        if self._is_still:
            await self.rise()
        else:
            await self._output.resume(generation, clause_index, frame)

    async def cut(self, generation: int) -> Playhead | None:
        """Forget the sound, silence what sounds, and return exactly what was audible."""
        self._is_over = True
        self._waiting = deque(waiting for waiting in self._waiting if not isinstance(waiting, Clip | int))
        self._has_room.set()
        return None if self._is_secret and not self._has_played else await self._output.cut(generation)

    def spill(self) -> None:
        """The turn is over: announce at once what is still waiting, and nothing waits any more."""
        while self._waiting:
            waiting = self._waiting.popleft()
            if not isinstance(waiting, Clip | int):
                self._world.announce(waiting)
        self._is_secret = self._is_dropped

    def drop(self) -> None:
        """Nobody will ever notice this turn: everything is forgotten, now and from now on."""
        self._is_dropped = self._is_over = self._is_secret = self._is_still = True
        self._waiting.clear()
        self._has_room.set()

    def _held_frames(self) -> int:
        return sum(waiting.samples.size for waiting in self._waiting if isinstance(waiting, Clip))


class _CurtainBus(Bus):
    """The bus that a turn sees: what it announces goes to its curtain."""

    __slots__ = ("_curtain",)

    def __init__(self, curtain: Curtain) -> None:
        super().__init__()
        self._curtain = curtain

    def announce(self, event: Event) -> None:
        """Hand it to the curtain."""
        self._curtain.announce(event)
