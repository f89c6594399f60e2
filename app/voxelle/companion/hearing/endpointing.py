"""When somebody begins to speak, pauses, goes on and has finished: a pure machine, fed with the probability of speech of each frame.

How long a silence means the end moves smoothly with the end-of-turn engine's probability. Without one it is the middle.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING

from voxelle.contracts.audio import INPUT_FRAMES, INPUT_RATE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voxelle.settings.hearing import HearingSettings

FRAME_S = INPUT_FRAMES / INPUT_RATE
HYSTERESIS = 0.15
"""Speech ends so much below where it begins."""
BEGINS_AFTER = 2
"""So many voiced frames in a row are a voice; one alone is a click."""
PAUSE_S = 3 * FRAME_S
"""Silence after which it is worth asking whether that was all."""
LONGEST_UTTERANCE_S = 30.0
"""An utterance is ended here and goes on as the next one: recognisers take no more at once."""
_SURELY_NOT, _SURELY = 0.1, 0.9
"""Probabilities at and beyond which the wait is the longest, and the shortest."""
_OPEN_ENDED_SHARE = 0.85
"""A text that can't be the end of a sentence moves the wait at least so far to the longest."""

_QUESTION_SHARE = 0.5
"""A question moves it at most so far: hardly anybody goes on after one."""


@dataclass(frozen=True, slots=True)
class VoiceBegan:
    """Somebody began to speak."""

    at_s: float


@dataclass(frozen=True, slots=True)
class Paused:
    """The voice is silent for a moment: perhaps that was all."""

    at_s: float
    """The last speech."""


@dataclass(frozen=True, slots=True)
class Resumed:
    """It was not all."""

    at_s: float


@dataclass(frozen=True, slots=True)
class Ended:
    """The utterance is over."""

    spoke_until_s: float
    voiced_s: float
    """How much of it was voice."""
    goes_on: bool = False
    """It was only too long: what comes next belongs to it."""


Step = VoiceBegan | Paused | Resumed | Ended


class Endpointer:
    """Follows one speaker. Times are those of the frames: when the last sample of a frame was at the microphone."""

    def __init__(self, settings: HearingSettings) -> None:
        self.use(settings)
        self.is_held = False
        """A key is held: silence ends nothing."""
        self.reset()

    def use(self, settings: HearingSettings) -> None:
        """Take over changed settings."""
        self._speech_from = settings.speech_from
        self._quiet_below = max(0.05, settings.speech_from - HYSTERESIS)
        self._shortest_s = settings.shortest_wait_s
        self._longest_s = max(settings.shortest_wait_s, settings.longest_wait_s)

    def reset(self) -> None:
        """Forget what was heard: a new beginning."""
        self.is_speaking = False
        """An utterance has begun and not ended; it may be pausing."""
        self.is_paused = False
        self.voiced_s = 0.0
        self.spoke_until_s = -inf
        self._began_s = self._now_s = -inf
        self._first_s = -inf
        self._voiced_run = 0
        self._closes_s = inf
        self._probability: float | None = None
        self._is_open_ended = self._is_question = False

    @property
    def wait_s(self) -> float:
        """How long a silence ends the utterance now."""
        if self.is_held:
            return inf
        sureness = 0.5 if self._probability is None else _eased((self._probability - _SURELY_NOT) / (_SURELY - _SURELY_NOT))
        share = 1.0 - sureness
        if self._is_question:
            share = min(share, _QUESTION_SHARE)
        if self._is_open_ended:
            share = max(share, _OPEN_ENDED_SHARE)
        return self._shortest_s + (self._longest_s - self._shortest_s) * share

    def push(self, speech: float, at_s: float) -> Sequence[Step]:
        """Take the probability of speech of the next frame; return what that means, in order."""
        self._now_s = at_s
        is_voiced = speech >= (self._quiet_below if self.is_speaking and not self.is_paused else self._speech_from)
        if not is_voiced:
            self._voiced_run = 0
            return self._silent() if self.is_speaking else ()
        self._voiced_run += 1
        if self._voiced_run == 1:
            self._first_s = at_s - FRAME_S
        if not self.is_speaking:
            return (self._begin(),) if self._voiced_run >= BEGINS_AFTER else ()
        return self._voiced()

    def expect(self, probability: float) -> Sequence[Step]:
        """Take the probability that the present pause is the end; it may be over already."""
        if not self.is_paused:
            return ()
        self._probability = probability
        return self._maybe_end()

    def note_text(self, *, is_open_ended: bool, is_question: bool) -> None:
        """Take how the text of the present pause ends: as nothing that can be all, or as a question."""
        self._is_open_ended = self.is_paused and is_open_ended
        self._is_question = self.is_paused and is_question

    def hold(self, *, is_held: bool) -> None:
        """A key is held from now on, or not needed: while it is, silence ends nothing."""
        self.is_held = is_held
        self._closes_s = inf

    def close(self, at_s: float, tail_s: float) -> Sequence[Step]:
        """The key was released: the utterance ends with the next pause, at the latest after the tail."""
        self.is_held = False
        self._closes_s = at_s + tail_s
        return self._maybe_end() if self.is_paused else ()

    def finish(self) -> Sequence[Step]:
        """End the utterance as it is, if there is one."""
        return (self._end(),) if self.is_speaking else ()

    def _begin(self) -> Step:
        self.is_speaking = True
        self._began_s, self.spoke_until_s = self._first_s, self._now_s
        self.voiced_s = self._voiced_run * FRAME_S
        return VoiceBegan(self._first_s)

    def _voiced(self) -> Sequence[Step]:
        steps: list[Step] = []
        if self.is_paused:
            if self._voiced_run < BEGINS_AFTER:
                return ()
            self.is_paused = False
            self.voiced_s += FRAME_S
            self._forget_pause()
            steps.append(Resumed(self._first_s))
        self.spoke_until_s = self._now_s
        self.voiced_s += FRAME_S
        if self._now_s >= self._closes_s:
            steps.append(self._end())
        elif self._now_s - self._began_s >= LONGEST_UTTERANCE_S:
            self._first_s = self._now_s
            steps += [self._end(goes_on=True), self._begin()]
        return steps

    def _silent(self) -> Sequence[Step]:
        if not self.is_paused:
            if self._now_s - self.spoke_until_s < PAUSE_S - FRAME_S / 2:
                return ()
            self.is_paused = True
            self._forget_pause()
            return (Paused(self.spoke_until_s), *self._maybe_end())
        return self._maybe_end()

    def _maybe_end(self) -> Sequence[Step]:
        # To the nearest frame: always waiting for the next one would add half a frame to every answer.
        is_over = self._now_s - self.spoke_until_s + FRAME_S / 2 >= self.wait_s
        return (self._end(),) if is_over or self._closes_s < inf else ()

    def _end(self, *, goes_on: bool = False) -> Step:
        ended = Ended(self.spoke_until_s, self.voiced_s, goes_on)
        now_s, first_s = self._now_s, self._first_s
        self.reset()
        self._now_s, self._first_s = now_s, first_s
        return ended

    def _forget_pause(self) -> None:
        self._probability = None
        self._is_open_ended = self._is_question = False


def _eased(share: float) -> float:
    """Return a share of 0..1 that begins and ends slowly."""
    bounded = min(1.0, max(0.0, share))
    return bounded * bounded * (3.0 - 2.0 * bounded)
