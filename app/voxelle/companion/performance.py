"""The performance: what is audible right now becomes captions, feelings and, in the end, the history.

Only the audio clock decides. A word was heard once the playhead passed its middle; a clause was
heard whole once its last sample was.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from voxelle.contracts.audio import OUTPUT_RATE, Drained, Playhead, Progress, RanDry
from voxelle.domain.events import ClauseHeard, MouthTrackGrown, PlayheadMoved, Underrun, WordHeard
from voxelle.domain.speech import HeardClause, WordTiming

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from voxelle.companion.trace import TraceBook
    from voxelle.domain.avatar import MouthTrack
    from voxelle.domain.speech import Clause
    from voxelle.kernel.bus import Bus
    from voxelle.kernel.clock import Clock

_TOKEN = re.compile(r"[\u2e80-\uffff]{1,4}|[^\s\u2e80-\uffff]+")
_WHOLE_WITHIN = OUTPUT_RATE // 50
"""A clause whose last 20 ms were cut was still heard whole."""
SECONDS_PER_LETTER = 0.065
"""Length of speech before it is known, and of captions without a voice."""


@dataclass(slots=True)
class SpokenWord:
    """A word of a clause: characters `start:end` of its text, and the frames in which it sounds."""

    start: int
    end: int
    first_frame: int
    last_frame: int

    @property
    def middle_frame(self) -> int:
        """From here on the word counts as heard."""
        return (self.first_frame + self.last_frame) // 2


@dataclass(slots=True)
class SpokenClause:
    """A clause on its way through the voice; frames count at OUTPUT_RATE from its first sample."""

    clause: Clause
    is_voiced: bool = True
    frames: int = 0
    is_complete: bool = False
    words: list[SpokenWord] = field(default_factory=list)
    heard_frames: int = -1
    announced_words: int = 0

    def time_words(self, timings: Sequence[WordTiming], lead_s: float) -> None:
        """Take an engine's times, counted from before `lead_s` of silence was cut.

        Words that have no time yet are spread over the rest of the sound, or over its estimated length.
        """
        spans = [match.span() for match in _TOKEN.finditer(self.clause.text)]
        known = timings if len(timings) <= len(spans) else ()
        words = [
            SpokenWord(*span, _frame(timing.start_s - lead_s), _frame(timing.end_s - lead_s))
            for span, timing in zip(spans, known, strict=False)
        ]
        rest = spans[len(words) :]
        begin = words[-1].last_frame if words else 0
        weights = [end - start + 1 for start, end in rest]
        estimate = begin + _frame(sum(weights) * SECONDS_PER_LETTER)
        room = max(0, (self.frames if self.is_complete else max(self.frames, estimate)) - begin)
        done = 0
        for (start, end), weight in zip(rest, weights, strict=True):
            words.append(SpokenWord(start, end, begin + room * done // sum(weights), begin + room * (done + weight) // sum(weights)))
            done += weight
        self.words = words

    def spread_words(self) -> None:
        """Spread all words over the sound by their length."""
        self.time_words((), 0.0)

    def word_begin(self, frame: int) -> int:
        """Return where the word begins that sounds at a frame; between two words that is the frame itself."""
        for number, word in enumerate(self.words):
            if word.first_frame <= frame < word.last_frame:
                return word.first_frame if number else 0
        return frame

    def heard(self) -> HeardClause | None:
        """Return the clause as it was audible, or None if nothing of it was."""
        if self.heard_frames < 0:
            return None
        clause = self.clause
        if self.is_complete and self.heard_frames >= self.frames - _WHOLE_WITHIN:
            return HeardClause(clause.index, clause.text, clause.feeling, is_whole=True)
        ends = [word.end for word in self.words if word.middle_frame <= self.heard_frames and word.middle_frame < max(self.frames, 1)]
        if not ends:
            return None
        text = clause.text[: max(ends)]
        return HeardClause(clause.index, text, clause.feeling, is_whole=False)


def _frame(seconds: float) -> int:
    return max(0, round(seconds * OUTPUT_RATE))


class Performance:
    """One turn on stage: takes progress from the output and announces what is heard."""

    def __init__(self, generation: int, bus: Bus, clock: Clock, trace: TraceBook, on_audible: Callable[[], None]) -> None:
        self.generation = generation
        self.drained = asyncio.Event()
        self._bus = bus
        self._clock = clock
        self._trace = trace
        self._on_audible = on_audible
        self._clauses: dict[int, SpokenClause] = {}
        self._is_closed = False
        self._is_paused = False
        self._silenced_at: Playhead | None = None
        self._is_drained_meanwhile = False
        self._again_frames = 0

    def add(self, clause: Clause) -> SpokenClause:
        """Expect a clause; it is heard when the output says so."""
        spoken = SpokenClause(clause)
        self._clauses[clause.index] = spoken
        return spoken

    def shape(self, track: MouthTrack | None) -> None:
        """Announce how the mouth will move; it is known before it is heard."""
        if track is not None and not self._is_closed:
            self._bus.announce(MouthTrackGrown(track))

    def write(self, clause: Clause) -> None:
        """Take a clause that is shown and never said: it counts as heard whole, at once."""
        if self._is_closed:
            return
        spoken = self.add(clause)
        spoken.is_voiced, spoken.is_complete, spoken.heard_frames = False, True, 0
        self._bus.announce(ClauseHeard(clause, 0.0))

    def on_progress(self, progress: Progress) -> None:
        """Take one piece of progress of this generation."""
        if self._is_closed:
            return
        match progress:
            case Drained() if self._is_paused:
                self._is_drained_meanwhile = True
            case _ if self._is_paused:
                pass
            case Playhead(clause_index=index, frames=frames) if index in self._clauses:
                self._advance(index, frames)
                turn_id = self._clauses[index].clause.turn_id
                self._bus.announce(PlayheadMoved(turn_id, index, frames / OUTPUT_RATE, self._clock.monotonic()))
            case Drained():
                self._drain()
            case RanDry(total=total):
                self._trace.note("The sound ran dry: the next words came too late.")
                self._bus.announce(Underrun(total, self._clock.now()))
            case _:
                pass

    def pause(self, playhead: Playhead | None) -> None:
        """She fell silent at this playhead and may go on: until then nothing is heard."""
        if self._is_closed or self._is_paused:
            return
        self._take_final(playhead)
        self._is_paused, self._silenced_at = True, playhead

    def resume_frame(self) -> tuple[int, int]:
        """Return the clause in which she was silenced, and the frame at which the word begins that was torn."""
        at = self._silenced_at
        if at is None or at.clause_index not in self._clauses:
            return (0, 0) if at is None else (at.clause_index, at.frames)
        return at.clause_index, self._clauses[at.clause_index].word_begin(at.frames)

    def resume(self) -> None:
        """She goes on from `resume_frame`: what is said again was heard already, and counts once."""
        if not self._is_paused:
            return
        if self._silenced_at is not None:
            self._again_frames += self._silenced_at.frames - self.resume_frame()[1]
        self._is_paused, self._silenced_at = False, None
        if self._is_drained_meanwhile and not self._is_closed:
            self._drain()

    def close(self, playhead: Playhead | None) -> None:
        """She was cut: take the final playhead; nothing is announced any more."""
        if self._is_closed:
            return
        self._take_final(playhead)
        if self._is_drained_meanwhile:
            self._complete()
        self._is_closed = True

    def _take_final(self, playhead: Playhead | None) -> None:
        if playhead is not None and playhead.clause_index in self._clauses:
            self._advance(playhead.clause_index, playhead.frames)

    def unheard_s(self) -> float:
        """Return how much sound was handed over and not heard yet, in seconds; all that is said again is counted in."""
        new = sum(spoken.frames - max(0, spoken.heard_frames) for spoken in self._clauses.values())
        return (new + self._again_frames) / OUTPUT_RATE

    def heard(self) -> tuple[HeardClause, ...]:
        """Return everything that was audible, in order."""
        clauses = (self._clauses[index].heard() for index in sorted(self._clauses))
        return tuple(clause for clause in clauses if clause is not None)

    def _advance(self, index: int, frames: int) -> None:
        for earlier in sorted(other for other in self._clauses if other < index):
            self._hear(self._clauses[earlier], self._clauses[earlier].frames)
        self._hear(self._clauses[index], frames)

    def _drain(self) -> None:
        self._complete()
        self.drained.set()

    def _complete(self) -> None:
        for index in sorted(self._clauses):
            spoken = self._clauses[index]
            if spoken.frames:
                self._hear(spoken, spoken.frames)

    def _hear(self, spoken: SpokenClause, frames: int) -> None:
        if frames <= spoken.heard_frames:
            return
        if spoken.heard_frames < 0:
            self._trace.mark("audible")
            self._on_audible()
            duration_s = spoken.frames / OUTPUT_RATE if spoken.is_voiced else 0.0
            self._bus.announce(ClauseHeard(spoken.clause, duration_s))
        spoken.heard_frames = frames
        while spoken.announced_words < len(spoken.words) and spoken.words[spoken.announced_words].first_frame <= frames:
            word = spoken.words[spoken.announced_words]
            spoken.announced_words += 1
            self._bus.announce(WordHeard(spoken.clause.turn_id, spoken.clause.index, word.start, word.end))
