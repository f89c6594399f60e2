"""What is played when: clips in, frames out, and which frame of which clause is audible. Pure arithmetic: no device, no clock."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from voxelle.contracts.audio import OUTPUT_RATE, Clip, Drained, Playhead, Progress, RanDry
from voxelle.contracts.tts import Samples

FADE_FRAMES: Final = OUTPUT_RATE // 100
"""A cut fades out over 10 ms."""

RAMP_FRAMES: Final = OUTPUT_RATE // 50
"""Volume goes from nothing to full in 20 ms, so that it does not click."""

STEP_FRAMES: Final = OUTPUT_RATE // 50
"""Within a clause the playhead is told every 20 ms at most."""

NOTHING: Final = -1
"""Generation before the first."""


@dataclass(slots=True)
class _Span:
    """A piece of a clause in the output: from frame `begin` on until `end`, `offset` frames into the clause."""

    begin: int
    end: int
    generation: int
    clause_index: int
    offset: int

    def playhead(self, position: int) -> Playhead:
        return Playhead(self.generation, self.clause_index, self.offset + position - self.begin)

    def goes_on_with(self, clip: Clip, position: int) -> bool:
        """Whether the clip put at `position` continues this span without a gap."""
        is_same = self.generation == clip.generation and self.clause_index == clip.clause_index
        return is_same and self.end == position and self.offset + self.end - self.begin == clip.offset


class Timeline:
    """The queue of one output. Positions count the frames pulled since its start.

    `pull` gives the output its next frames; `heard` says how far the ear has come and returns what that means.
    """

    def __init__(self, volume: float = 1.0) -> None:
        self.position = 0
        """Frames pulled so far."""
        self.queued = 0
        """Frames that wait."""
        self.filled = 0
        """How many frames of the last pull were sound; silence follows them."""
        self.quiet_at = 0
        """Position from which on nothing of the last cut is in the output."""
        self._clips: deque[Clip] = deque()
        self._spans: deque[_Span] = deque()
        """What was pulled and not yet heard to its end."""
        self._newest: _Span | None = None
        self._told: Playhead | None = None
        self._final: Playhead | None = None
        self._cut_below = NOTHING
        self._finished_below = NOTHING
        self._finishing: deque[int] = deque()
        self._news: list[Progress] = []
        self._dry_total = 0
        self._is_dry = False
        self._gain = self._target = min(1.0, max(0.0, volume))

    @property
    def is_quiet(self) -> bool:
        """Whether nothing waits, nothing is on its way to the ear, and no generation is unfinished."""
        return not (self._clips or self._spans or self._finishing or self._is_due)

    @property
    def _is_due(self) -> bool:
        """Whether a generation has begun to sound and more of it was announced: silence is a gap then."""
        return self._newest is not None and self._newest.generation > max(self._cut_below, self._finished_below)

    def push(self, clip: Clip) -> None:
        """Queue a clip, unless its generation was cut."""
        if clip.generation > self._cut_below and clip.samples.shape[0]:
            self._clips.append(clip)
            self.queued += clip.samples.shape[0]

    def finish(self, generation: int) -> None:
        """Take note that nothing more comes for the generation: `Drained` follows when all of it was heard."""
        if generation > max(self._cut_below, self._finished_below):
            self._finished_below = generation
            self._finishing.append(generation)

    def set_volume(self, volume: float) -> None:
        """Move to a linear factor, 0..1, from the next frame on."""
        self._target = min(1.0, max(0.0, volume))

    def pull(self, frames: int) -> Samples:
        """Return the next frames for the output, silence where there is nothing."""
        block = np.zeros(frames, np.float32)
        self.filled = 0
        while self.filled < frames and self._clips:
            self._place(block)
        self._watch_dryness(is_short=self.filled < frames)
        self.position += frames
        return self._with_volume(block)

    def heard(self, position: int) -> list[Progress]:
        """Return what is new now that all frames before `position` were audible."""
        news, self._news = self._news, []
        while self._spans and self._spans[0].begin < position:
            span = self._spans[0]
            if self._told is None or (self._told.generation, self._told.clause_index) != (span.generation, span.clause_index):
                self._tell(span.playhead(span.begin), news)
            if span.end > position:
                now = span.playhead(position)
                if self._told is None or now.frames - self._told.frames >= STEP_FRAMES:
                    self._tell(now, news)
                break
            self._tell(span.playhead(span.end), news)
            self._spans.popleft()
        while self._finishing and not self._has_left(self._finishing[0]):
            news.append(Drained(self._finishing.popleft()))
        return news

    def cut(self, generation: int, heard_to: int | None = None) -> Playhead | None:
        """Drop this generation and older ones; return the last frame of it that is audible.

        What was pulled is heard, and so is a fade of 10 ms that is pulled next; `quiet_at` is its end. An output that
        can throw away what it has pulled gives `heard_to` instead: nothing from that position on is heard.
        """
        if generation <= self._cut_below:
            return self._final if self._final is not None and self._final.generation == generation else None
        final = self._heard_end(generation) if heard_to is None else self._heard_before(generation, heard_to)
        fade = self._fade(generation) if heard_to is None else None
        self._cut_below = generation
        self._clips = deque(clip for clip in self._clips if clip.generation > generation)
        self._spans = deque(span for span in self._spans if span.generation > generation)
        self._finishing = deque(each for each in self._finishing if each > generation)
        if fade is not None:
            self._clips.appendleft(fade)
            if fade.generation == generation:
                final = Playhead(generation, fade.clause_index, fade.offset + fade.samples.shape[0])
        self.queued = sum(clip.samples.shape[0] for clip in self._clips)
        self.quiet_at = self.position + (0 if fade is None else fade.samples.shape[0])
        self._final = final
        return final

    def note_underflow(self) -> bool:
        """Count that the output itself ran out of frames; returns whether that tore speech apart."""
        if self._spans:
            self._run_dry(self._spans[0].generation)
        return bool(self._spans)

    def _place(self, block: Samples) -> None:
        clip = self._clips[0]
        size = min(block.shape[0] - self.filled, clip.samples.shape[0])
        block[self.filled : self.filled + size] = clip.samples[:size]
        begin = self.position + self.filled
        if clip.generation > self._cut_below:
            newest = self._newest
            if newest is not None and self._spans and self._spans[-1] is newest and newest.goes_on_with(clip, begin):
                newest.end = begin + size
            else:
                self._newest = _Span(begin, begin + size, clip.generation, clip.clause_index, clip.offset)
                self._spans.append(self._newest)
        self.filled += size
        self.queued -= size
        self._clips.popleft()
        if size < clip.samples.shape[0]:
            self._clips.appendleft(replace(clip, offset=clip.offset + size, samples=clip.samples[size:]))

    def _fade(self, generation: int) -> Clip | None:
        """Return the next 10 ms of what sounds now, fading, or None when a cut tears nothing apart."""
        if self._newest is None or self._newest.end != self.position or not self._clips:
            return None
        first = self._clips[0]
        if first.generation > generation or not self._newest.goes_on_with(first, self.position):
            return None
        samples = first.samples[:FADE_FRAMES]
        return replace(first, samples=samples * np.linspace(1.0, 0.0, samples.shape[0], dtype=np.float32))

    def _heard_end(self, generation: int) -> Playhead | None:
        newest = self._newest
        return newest.playhead(newest.end) if newest is not None and newest.generation == generation else None

    def _heard_before(self, generation: int, position: int) -> Playhead | None:
        for span in reversed(self._spans):
            if span.generation == generation and span.begin < position:
                return span.playhead(min(span.end, position))
        return self._told if self._told is not None and self._told.generation == generation else None

    def _tell(self, playhead: Playhead, news: list[Progress]) -> None:
        if playhead != self._told:
            self._told = playhead
            news.append(playhead)

    def _has_left(self, generation: int) -> bool:
        return any(each.generation <= generation for each in self._clips) or any(each.generation <= generation for each in self._spans)

    def _watch_dryness(self, *, is_short: bool) -> None:
        is_dry = is_short and self._is_due
        if is_dry and not self._is_dry and self._newest is not None:
            self._run_dry(self._newest.generation)
        self._is_dry = is_dry

    def _run_dry(self, generation: int) -> None:
        self._dry_total += 1
        self._news.append(RanDry(generation, self._dry_total))

    def _with_volume(self, block: Samples) -> Samples:
        if self._gain == self._target:
            return block * np.float32(self._gain)
        low, high = sorted((self._gain, self._target))
        step = (1.0 if self._target > self._gain else -1.0) / RAMP_FRAMES
        gains = np.clip(self._gain + step * np.arange(1, block.shape[0] + 1), low, high)
        if gains.shape[0]:
            self._gain = float(gains[-1])
        return (block * gains).astype(np.float32)
