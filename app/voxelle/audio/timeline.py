"""What is played when: clips in, frames out, and which frame of which clause is audible. Pure arithmetic: no device, no clock."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from voxelle.audio.gain import Gain
from voxelle.audio.rewind import Played, split, total_frames
from voxelle.contracts.audio import OUTPUT_RATE, Clip, Drained, Playhead, Progress, RanDry
from voxelle.contracts.tts import Samples

FADE_FRAMES: Final = OUTPUT_RATE // 100
"""A cut and a pause fade out over 10 ms; a resume fades in as fast, and so does ducking."""

RAMP_FRAMES: Final = OUTPUT_RATE // 50
"""Volume goes from nothing to full in 20 ms, so that it does not click."""

STEP_FRAMES: Final = OUTPUT_RATE // 50
"""Within a clause the playhead is told every 20 ms at most."""

KEPT_FRAMES: Final = OUTPUT_RATE * 6
"""So much of what was pulled is kept to be said again: 5 s before the ear, and what a slow output holds."""

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
        self.filled = 0
        """How many frames of the last pull were sound; silence follows them."""
        self.quiet_at = 0
        """Position from which on nothing of the last cut or pause is in the output."""
        self._clips: deque[Clip] = deque()
        self._waiting = 0
        self._tail: Samples | None = None
        """The fading end of what was silenced: it comes before all clips, and is told by nobody."""
        self._played = Played(KEPT_FRAMES)
        self._paused = NOTHING
        self._silenced_at: Playhead | None = None
        """Where the pause that lasts fell."""
        self._resumed_at: Playhead | None = None
        """Where it went on last."""
        self._furthest: Playhead | None = None
        """How far a generation that was paused had been audible: it may be saying words again."""
        self._spans: deque[_Span] = deque()
        """What was pulled and not yet heard to its end."""
        self._newest: _Span | None = None
        self._told: Playhead | None = None
        self._final: Playhead | None = None
        self._cut_below = NOTHING
        self._finished_below = NOTHING
        self._finishing: deque[int] = deque()
        self._drained_below = NOTHING
        self._news: list[Progress] = []
        self._dry_total = 0
        self._is_dry = False
        self._volume = Gain(min(1.0, max(0.0, volume)), RAMP_FRAMES)
        self._duck = Gain(1.0, FADE_FRAMES)

    @property
    def queued(self) -> int:
        """Frames that wait, without those that are kept to be said again."""
        return self._waiting + self._tail_frames

    @property
    def ready(self) -> int:
        """Frames of sound that will come without anything being done: while it is paused, only the end of its fade."""
        return self._tail_frames if self.is_paused else self.queued

    @property
    def is_paused(self) -> bool:
        """Whether a generation is held, and with it all that comes after it."""
        return self._paused > self._cut_below

    @property
    def is_quiet(self) -> bool:
        """Whether nothing waits, nothing is on its way to the ear, and no generation is unfinished."""
        return not (self._clips or self._spans or self._finishing or self._is_due or self._tail_frames)

    @property
    def _tail_frames(self) -> int:
        return 0 if self._tail is None else self._tail.shape[0]

    @property
    def _is_due(self) -> bool:
        """Whether a generation has begun to sound and more of it was announced: silence is a gap then."""
        return self._newest is not None and self._newest.generation > max(self._cut_below, self._finished_below)

    def push(self, clip: Clip) -> None:
        """Queue a clip, unless its generation was cut."""
        if clip.generation > self._cut_below and clip.samples.shape[0]:
            self._clips.append(clip)
            self._waiting += clip.samples.shape[0]

    def finish(self, generation: int) -> None:
        """Take note that nothing more comes for the generation: `Drained` follows when all of it was heard."""
        if generation > max(self._cut_below, self._finished_below):
            self._finished_below = generation
            self._finishing.append(generation)

    def set_volume(self, volume: float) -> None:
        """Move to a linear factor, 0..1, from the next frame on."""
        self._volume.target = min(1.0, max(0.0, volume))

    def set_duck(self, gain: float) -> None:
        """Move to a factor, 0..1, on top of the volume, within 10 ms."""
        self._duck.target = min(1.0, max(0.0, gain))

    def pull(self, frames: int) -> Samples:
        """Return the next frames for the output, silence where there is nothing."""
        block = np.zeros(frames, np.float32)
        self.filled = 0
        self._place_tail(block)
        if not self.is_paused:
            while self.filled < frames and self._clips:
                self._place(block)
            self._watch_dryness(is_short=self.filled < frames)
        self.position += frames
        return self._duck.applied(self._volume.applied(block))

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
        while self._finishing and not self._has_left(self._finishing[0]) and not (self.is_paused and self._finishing[0] >= self._paused):
            self._drained_below = self._finishing.popleft()
            news.append(Drained(self._drained_below))
        return news

    def cut(self, generation: int, heard_to: int | None = None) -> Playhead | None:
        """Drop this generation and older ones; return the last frame of it that is audible.

        What was pulled is heard, and so is a fade of 10 ms that is pulled next; `quiet_at` is its end. An output that
        can throw away what it has pulled gives `heard_to` instead: nothing from that position on is heard.
        """
        if generation <= self._cut_below:
            return self._final if self._final is not None and self._final.generation == generation else None
        is_held = self.is_paused and self._paused <= generation
        self._final = self._note_furthest(generation, None if is_held else self._silence(generation, heard_to))
        self._cut_below = generation
        self._clips = deque(clip for clip in self._clips if clip.generation > generation)
        self._spans = deque(span for span in self._spans if span.generation > generation)
        self._finishing = deque(each for each in self._finishing if each > generation)
        self._played.clear()
        self._waiting = total_frames(self._clips)
        return self._final

    def pause(self, generation: int, heard_to: int | None = None) -> Playhead | None:
        """Silence this generation as `cut` does, and hold it and all that comes after it until `resume`.

        A generation of which nothing is left to be heard is not paused: it may have ended just now.
        """
        is_over = generation <= max(self._cut_below, self._drained_below)
        if is_over or (self._newest is not None and self._newest.generation > generation):
            return self.cut(generation) if generation <= self._cut_below else self._heard_before(generation, self.position)
        if self.is_paused:
            return self._silenced_at if self._paused == generation else None
        self._silenced_at = self._silence(generation, heard_to)
        self._note_furthest(generation, self._silenced_at)
        self._paused = generation
        self._clips.extendleft(reversed(self._played.of(generation)))
        self._played.clear()
        self._spans = deque(span for span in self._spans if span.generation < generation)
        point = (0, 0) if self._silenced_at is None else _point(self._silenced_at)
        self._waiting = total_frames(split(self._clips, generation, point)[1])
        return self._silenced_at

    def resume(self, generation: int, clause_index: int, frame: int) -> None:
        """Go on with a paused generation from a frame of a clause that was heard already, or from where it was silenced."""
        if not self.is_paused or generation != self._paused:
            return
        point = (clause_index, frame)
        if self._silenced_at is not None:
            point = min(point, _point(self._silenced_at))
        again, rest = split(self._clips, generation, point)
        for clip in again:
            self._played.add(clip)
        self._clips = deque(rest)
        self._waiting = total_frames(self._clips)
        self._paused = NOTHING
        self._resumed_at = None if self._silenced_at is None else Playhead(generation, *point)
        self._newest = self._told = None
        self._duck.fade_in()

    def note_underflow(self) -> bool:
        """Count that the output itself ran out of frames; returns whether that tore speech apart."""
        if self._spans:
            self._run_dry(self._spans[0].generation)
        return bool(self._spans)

    def _place_tail(self, block: Samples) -> None:
        if self._tail is not None:
            self.filled = min(block.shape[0], self._tail.shape[0])
            block[: self.filled] = self._tail[: self.filled]
            self._tail = self._tail[self.filled :] if self.filled < self._tail.shape[0] else None

    def _place(self, block: Samples) -> None:
        clip = self._clips[0]
        size = min(block.shape[0] - self.filled, clip.samples.shape[0])
        block[self.filled : self.filled + size] = clip.samples[:size]
        begin = self.position + self.filled
        newest = self._newest
        if newest is not None and self._spans and self._spans[-1] is newest and newest.goes_on_with(clip, begin):
            newest.end = begin + size
        else:
            self._newest = _Span(begin, begin + size, clip.generation, clip.clause_index, clip.offset)
            self._spans.append(self._newest)
        self.filled += size
        self._waiting -= size
        self._clips.popleft()
        if size < clip.samples.shape[0]:
            self._clips.appendleft(replace(clip, offset=clip.offset + size, samples=clip.samples[size:]))
            clip = replace(clip, samples=clip.samples[:size])
        self._played.add(clip)

    def _silence(self, generation: int, heard_to: int | None) -> Playhead | None:
        """Put the fade of what sounds now in front, and return how far the generation will have been audible."""
        if heard_to is not None:
            self._tail = None
            self.quiet_at = self.position
            return self._heard_before(generation, heard_to)
        fading = self._fading(generation)
        if fading is None:
            final = self._heard_end(generation)
        else:
            self._tail = fading.samples * np.linspace(1.0, 0.0, fading.samples.shape[0], dtype=np.float32)
            final = Playhead(fading.generation, fading.clause_index, fading.offset + fading.samples.shape[0])
        self.quiet_at = self.position + self._tail_frames
        return final if final is None or final.generation == generation else None

    def _fading(self, generation: int) -> Clip | None:
        """Return the next 10 ms of what sounds now, as far as they are there; None when silence tears nothing apart."""
        if self._newest is None or self._newest.end != self.position or not self._clips:
            return None
        first, parts, frames = self._clips[0], [], 0
        if first.generation > generation or not self._newest.goes_on_with(first, self.position):
            return None
        for clip in self._clips:
            is_next = (clip.generation, clip.clause_index, clip.offset) == (first.generation, first.clause_index, first.offset + frames)
            if not is_next or frames >= FADE_FRAMES:
                break
            parts.append(clip.samples)
            frames += clip.samples.shape[0]
        return replace(first, samples=np.concatenate(parts)[:FADE_FRAMES])

    def _note_furthest(self, generation: int, now: Playhead | None) -> Playhead | None:
        before = self._furthest if self._furthest is not None and self._furthest.generation == generation else None
        known = [each for each in (before, now) if each is not None]
        self._furthest = max(known, key=_point, default=None)
        return self._furthest

    def _heard_end(self, generation: int) -> Playhead | None:
        newest = self._newest
        if newest is not None and newest.generation == generation:
            return newest.playhead(newest.end)
        return self._resumed_at if self._resumed_at is not None and self._resumed_at.generation == generation else None

    def _heard_before(self, generation: int, position: int) -> Playhead | None:
        for span in reversed(self._spans):
            if span.generation == generation and span.begin < position:
                return span.playhead(min(span.end, position))
        known = self._told or self._resumed_at
        return known if known is not None and known.generation == generation else None

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


def _point(playhead: Playhead) -> tuple[int, int]:
    return playhead.clause_index, playhead.frames
