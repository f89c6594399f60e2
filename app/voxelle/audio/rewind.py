"""Going back in what was said: what was played last is kept for a while, and clips can be taken from any frame on."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import replace

from voxelle.contracts.audio import Clip


class Played:
    """What was played last of one generation, `frames` of it at least."""

    def __init__(self, frames: int) -> None:
        self._frames = frames
        self._clips: deque[Clip] = deque()
        self._length = 0

    def add(self, clip: Clip) -> None:
        """Take what was played now; another generation makes it forget the one before."""
        if self._clips and self._clips[-1].generation != clip.generation:
            self.clear()
        self._clips.append(clip)
        self._length += clip.samples.shape[0]
        while self._length - self._clips[0].samples.shape[0] >= self._frames:
            self._length -= self._clips.popleft().samples.shape[0]

    def of(self, generation: int) -> list[Clip]:
        """Return what is kept of a generation, in order."""
        return [clip for clip in self._clips if clip.generation == generation]

    def clear(self) -> None:
        """Forget it."""
        self._clips.clear()
        self._length = 0


def split(clips: Iterable[Clip], generation: int, point: tuple[int, int]) -> tuple[list[Clip], list[Clip]]:
    """Return what lies before `point`, a clause and a frame of it, of a generation, and what comes from there on, with clips of others."""
    clause, frame = point
    before: list[Clip] = []
    after: list[Clip] = []
    for clip in clips:
        size = clip.samples.shape[0]
        is_earlier = clip.generation == generation and clip.clause_index < clause
        left = frame - clip.offset if (clip.generation, clip.clause_index) == (generation, clause) else 0
        if is_earlier or left >= size:
            before.append(clip)
        elif left <= 0:
            after.append(clip)
        else:
            before.append(replace(clip, samples=clip.samples[:left]))
            after.append(replace(clip, offset=clip.offset + left, samples=clip.samples[left:]))
    return before, after


def total_frames(clips: Iterable[Clip]) -> int:
    """Return how long they are together."""
    return sum(clip.samples.shape[0] for clip in clips)
