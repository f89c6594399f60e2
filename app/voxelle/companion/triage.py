"""Decides what she answers next: a bounded queue with scores, reasons, merging and drop rules.

Pure and synchronous: time is passed in, so that a test can run an evening in a moment.
"""

from __future__ import annotations

import re
import unicodedata
from collections import deque
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from voxelle.companion.admission import Admission, viewer_of
from voxelle.companion.scoring import HIGHEST, PERSONAL, score
from voxelle.domain.chat import Decision, QueueItem, QueueSnapshot, Stimulus, StimulusKind, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from voxelle.settings.schema import TurnSettings

MAX_TEXT = 500
"""A chat line is cut here: Twitch's own limit."""
MAX_SPOKEN = 2_000
"""What is said to her is cut here: two minutes of it."""
_MERGED_SHOWN = 20
_DROPS_SHOWN = 20
_AGEING_PER_S = 0.2
_MERGED_MOST = 58.0
"""However many say the same: what happens on the stream, and what the streamer says, comes first."""
_PEOPLE_COUNTED = 5_000
_REPEATS = re.compile(r"(.)\1{2,}")
_BETWEEN = re.compile(r"[\W_]")


def clean_text(text: str, limit: int = MAX_TEXT) -> str:
    """Return outside text without control, bidi and format characters, on one line, bounded."""
    text = text[: limit * 4]
    if not text.isprintable():
        text = "".join(char if unicodedata.category(char) not in ("Cc", "Cf", "Co", "Cs", "Cn") else " " for char in text)
    return " ".join(text.split())[:limit]


def text_limit(stimulus: Stimulus) -> int:
    """Return how long its text may be, in characters."""
    return MAX_SPOKEN if stimulus.kind is StimulusKind.VOICE else MAX_TEXT


def with_clean_text(stimulus: Stimulus) -> Stimulus:
    """Return a stimulus with its text cleaned: itself if nothing is to be done."""
    text = clean_text(stimulus.text, text_limit(stimulus))
    return stimulus if text == stimulus.text else replace(stimulus, text=text)


def likeness(text: str) -> str:
    """Return a key that is equal for messages that say the same."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    letters = _BETWEEN.sub(" ", folded)
    return " ".join(_REPEATS.sub(r"\1\1", letters).split())


@dataclass(slots=True, eq=False)
class _Waiting:
    item: QueueItem
    key: str
    since_s: float
    base: float
    merged: list[Stimulus] = field(default_factory=list)
    people: set[str] = field(default_factory=set)
    is_guaranteed: bool = field(init=False)
    is_passing: bool = field(init=False)
    """It may wait too long."""
    ageing_per_s: float = field(init=False)
    """Chat gets stale; what must not be missed comes nearer."""

    def __post_init__(self) -> None:
        """Note what stays true of a group however it grows: it is asked for at every line that comes in."""
        kind, self.is_guaranteed = self.stimulus.kind, self.stimulus.is_guaranteed
        self.is_passing = kind in (StimulusKind.CHAT, StimulusKind.IDLE) and not self.is_guaranteed
        if self.is_guaranteed:
            self.ageing_per_s = _AGEING_PER_S
        else:
            self.ageing_per_s = 0.0 if kind in PERSONAL or kind is StimulusKind.EVENT else -_AGEING_PER_S

    @property
    def stimulus(self) -> Stimulus:
        return self.item.stimulus

    def score(self, now_s: float) -> float:
        """Return how urgent it is now."""
        points = self.base + (now_s - self.since_s) * self.ageing_per_s
        return min(HIGHEST, points) if self.is_guaranteed else points


@dataclass(frozen=True, slots=True)
class Picked:
    """What she answers now, and when it reached triage, or was said to the end (the clock's seconds)."""

    item: QueueItem
    since_s: float

    @property
    def stimuli(self) -> tuple[Stimulus, ...]:
        """Everything that one answer is for."""
        return (self.item.stimulus, *self.item.merged)


class Triage:
    """The one queue of everything that waits for her."""

    def __init__(self, settings: TurnSettings) -> None:
        self._settings = settings
        self._admission = Admission(settings)
        self._waiting: list[_Waiting] = []
        self._counts = dict.fromkeys(Verdict, 0)
        self._drops: deque[Decision] = deque(maxlen=_DROPS_SHOWN)

    def use(self, settings: TurnSettings) -> None:
        """Take over changed settings."""
        self._settings = settings
        self._admission.use(settings)

    @property
    def is_paused(self) -> bool:
        """Whether no chat is taken."""
        return self._admission.is_paused

    @is_paused.setter
    def is_paused(self, is_paused: bool) -> None:
        self._admission.is_paused = is_paused

    def submit(self, stimulus: Stimulus, now_s: float) -> Decision:
        """Score a stimulus and queue, merge or drop it."""
        return self._count(self._decide(with_clean_text(stimulus), now_s))

    def refuse(self, stimulus: Stimulus, reason: str) -> Decision:
        """Drop a stimulus for a reason of the caller's."""
        return self._count(Decision(stimulus.id, Verdict.DROPPED, 0.0, reason))

    def _count(self, decision: Decision) -> Decision:
        self._counts[decision.verdict] += 1
        if decision.verdict is Verdict.DROPPED:
            self._drops.append(decision)
        return decision

    def _decide(self, stimulus: Stimulus, now_s: float) -> Decision:
        self._expire(now_s)
        points, reasons = score(stimulus, has_keyword=self._admission.has_keyword(stimulus))
        refusal = self._admission.refusal(stimulus, now_s)
        if refusal:
            return Decision(stimulus.id, Verdict.DROPPED, points, refusal)
        key = likeness(stimulus.text)
        twin = self._twin(stimulus, key)
        if twin is not None:
            return self._merge(twin, stimulus, points)
        since_s = now_s if stimulus.utterance is None else min(now_s, stimulus.utterance.ended_s)
        waiting = _Waiting(QueueItem(stimulus, points, tuple(reasons)), key, since_s, points, people={viewer_of(stimulus)})
        if not stimulus.is_guaranteed and not self._make_room(points, now_s):
            return Decision(stimulus.id, Verdict.DROPPED, points, "the queue is full of more urgent things")
        self._waiting.append(waiting)
        return Decision(stimulus.id, Verdict.QUEUED, points, ", ".join(reasons))

    def _make_room(self, points: float, now_s: float) -> bool:
        """Push the least urgent out of a full queue; False if all are more urgent. What is guaranteed does not count."""
        ordinary = [other for other in self._waiting if not other.is_guaranteed]
        if len(ordinary) < self._settings.queue_limit:
            return True
        scores = [other.base + (now_s - other.since_s) * other.ageing_per_s for other in ordinary]
        lowest = min(scores)
        if lowest >= points:
            return False
        least = ordinary[scores.index(lowest)]
        self._waiting.remove(least)
        self._drop_waiting(least, now_s, "something more urgent came")
        return True

    def _twin(self, stimulus: Stimulus, key: str) -> _Waiting | None:
        """Return a waiting line that says the same; events, paid lines and the streamer's own words stand alone."""
        if not _may_merge(stimulus) or not key:
            return None
        alike = [other for other in self._waiting if other.key == key]
        return next((each for each in alike if each.stimulus.is_spoken == stimulus.is_spoken and _may_merge(each.stimulus)), None)

    def _merge(self, twin: _Waiting, stimulus: Stimulus, points: float) -> Decision:
        viewer = viewer_of(stimulus)
        if viewer not in twin.people:
            twin.base = max(twin.base, points, min(twin.base + 2, _MERGED_MOST))
            if len(twin.people) < _PEOPLE_COUNTED:
                twin.people.add(viewer)
        if len(twin.merged) < _MERGED_SHOWN:
            twin.merged.append(stimulus)
        count = twin.item.merged_count + 1
        twin.item = replace(twin.item, merged=tuple(twin.merged), merged_count=count, people=len(twin.people))
        return Decision(stimulus.id, Verdict.MERGED, points, "says the same as a waiting line", twin.stimulus.id)

    def _expire(self, now_s: float) -> None:
        longest_s = self._settings.max_wait_s
        for waiting in [other for other in self._waiting if other.is_passing and now_s - other.since_s > longest_s]:
            self._waiting.remove(waiting)
            self._drop_waiting(waiting, now_s, "waited too long")

    def _drop_waiting(self, waiting: _Waiting, now_s: float, reason: str) -> None:
        self._count(Decision(waiting.stimulus.id, Verdict.DROPPED, waiting.score(now_s), reason))

    def ready_in(self, now_s: float, last_chat_end_s: float | None) -> float | None:
        """Return seconds until `pick` has something: 0 now, None if nothing waits."""
        self._expire(now_s)
        if not self._waiting:
            return None
        if any(waiting.stimulus.kind is not StimulusKind.CHAT for waiting in self._waiting) or last_chat_end_s is None:
            return 0.0
        return max(0.0, last_chat_end_s + self._settings.chat_cooldown_s - now_s)

    def pick(self, now_s: float, last_chat_end_s: float | None = None) -> Picked | None:
        """Take the most urgent thing out of the queue; the older one of two equals. Chat waits for the end of its pause."""
        self._expire(now_s)
        is_pausing = last_chat_end_s is not None and now_s < last_chat_end_s + self._settings.chat_cooldown_s
        ready = [other for other in self._waiting if not (is_pausing and other.stimulus.kind is StimulusKind.CHAT)]
        if not ready:
            return None
        best = max(ready, key=lambda other: (other.score(now_s), -other.since_s))
        self._waiting.remove(best)
        picked = Picked(replace(best.item, score=best.score(now_s)), best.since_s)
        if best.stimulus.kind is StimulusKind.CHAT:
            self._admission.note_answered(picked.stimuli, now_s)
        return picked

    def __len__(self) -> int:
        """Return how many wait, those that expire next included."""
        return len(self._waiting)

    def remove(self, stimulus_id: str, now_s: float, reason: str = "removed by you") -> bool:
        """Take one stimulus out of the queue; False if it is not there any more."""
        for waiting in self._waiting:
            if waiting.stimulus.id == stimulus_id:
                self._waiting.remove(waiting)
                self._drop_waiting(waiting, now_s, reason)
                return True
        return False

    def retract(self, is_concerned: Callable[[Stimulus], bool], now_s: float, reason: str) -> Sequence[str]:
        """Take out what was taken back, out of groups too, and return the ids. A group goes on with those that are left."""
        taken: list[str] = []
        for waiting in tuple(self._waiting):
            group = (waiting.stimulus, *waiting.merged)
            left = [stimulus for stimulus in group if not is_concerned(stimulus)]
            if len(left) == len(group):
                continue
            taken += [stimulus.id for stimulus in group if is_concerned(stimulus)]
            if left:
                _shrink(waiting, group, left)
            else:
                self._waiting.remove(waiting)
                self._drop_waiting(waiting, now_s, reason)
        return taken

    def clear(self, now_s: float) -> int:
        """Empty the queue; returns how many were dropped."""
        count = len(self._waiting)
        for waiting in self._waiting:
            self._drop_waiting(waiting, now_s, "the queue was cleared")
        self._waiting.clear()
        return count

    def snapshot(self, now_s: float) -> QueueSnapshot:
        """Return the queue as it is shown: best first."""
        ordered = sorted(((-waiting.score(now_s), waiting.since_s, number) for number, waiting in enumerate(self._waiting)))
        items = tuple(_scored(self._waiting[number].item, round(-points, 1)) for points, _, number in ordered)
        return QueueSnapshot(
            items, self._counts[Verdict.QUEUED], self._counts[Verdict.MERGED], self._counts[Verdict.DROPPED], tuple(self._drops)
        )


def _scored(item: QueueItem, score: float) -> QueueItem:
    """Return an item with its score of this moment; `replace` would take several times as long, for every line of a full queue."""
    return QueueItem(item.stimulus, score, item.reasons, item.merged, item.merged_count, item.people)


def _may_merge(stimulus: Stimulus) -> bool:
    return stimulus.kind is StimulusKind.CHAT and not stimulus.is_guaranteed and not stimulus.is_test


def _shrink(waiting: _Waiting, group: Sequence[Stimulus], left: Sequence[Stimulus]) -> None:
    """Let a group go on without some of its members; the first one left speaks for it."""
    lost = {viewer_of(stimulus) for stimulus in group} - {viewer_of(stimulus) for stimulus in left}
    waiting.people -= lost
    waiting.merged = list(left[1:])
    count = waiting.item.merged_count - (len(group) - len(left))
    waiting.item = replace(
        waiting.item, stimulus=left[0], merged=tuple(waiting.merged), merged_count=count, people=max(1, len(waiting.people))
    )
