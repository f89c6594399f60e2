"""Decides what she answers next: a bounded queue with scores, reasons, merging and drop rules.

Pure and synchronous: time is passed in, so that a test can run an evening in a moment.
"""

from __future__ import annotations

import re
import unicodedata
from collections import deque
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from voxelle.domain.chat import Decision, QueueItem, QueueSnapshot, Role, Stimulus, StimulusKind, StreamEvent, Verdict

if TYPE_CHECKING:
    from voxelle.settings.schema import TurnSettings

MAX_TEXT = 500
"""A chat line is cut here: Twitch's own limit."""
_MERGED_SHOWN = 20
_DROPS_SHOWN = 20
_AGEING_PER_S = 0.2
_MERGED_MOST = 58.0
"""However many say the same: what happens on the stream, and what the streamer says, comes first."""
_FLOOD_LINES = 5
_FLOOD_WINDOW_S = 10.0
_VIEWERS_REMEMBERED = 5_000
_LEAST_LETTERS = 2
"""One letter says nothing."""

_KIND_SCORES = {
    StimulusKind.TYPED: (100.0, "you wrote it"),
    StimulusKind.GREETING: (95.0, "she says hello"),
    StimulusKind.VOICE: (90.0, "spoken to her"),
    StimulusKind.EVENT: (60.0, "something happened on the stream"),
    StimulusKind.CHAT: (20.0, "a chat line"),
    StimulusKind.IDLE: (1.0, "nothing else happened"),
}
_EVENT_SCORES = {
    StreamEvent.RAID: (25.0, "a raid"),
    StreamEvent.SUBSCRIPTION: (20.0, "a subscription"),
    StreamEvent.GIFT: (20.0, "gifted subscriptions"),
    StreamEvent.BITS: (15.0, "bits"),
    StreamEvent.REDEMPTION: (15.0, "a redemption"),
    StreamEvent.FOLLOW: (-20.0, "a follow"),
}
_ROLE_SCORES = {
    Role.BROADCASTER: (20.0, "from the broadcaster"),
    Role.MODERATOR: (8.0, "from a moderator"),
    Role.VIP: (6.0, "from a VIP"),
    Role.SUBSCRIBER: (5.0, "from a subscriber"),
    Role.FIRST_TIME: (12.0, "first message here"),
}
_PERSONAL = (StimulusKind.TYPED, StimulusKind.VOICE, StimulusKind.GREETING)
_QUESTION = re.compile(r"[?？]|^(?:who|what|when|where|why|how|which|can|could|do|does|did|is|are|will|would|should)\b", re.IGNORECASE)
_LINK_ONLY = re.compile(r"^(?:https?://|www\.)\S+$", re.IGNORECASE)
_REPEATS = re.compile(r"(.)\1{2,}")


def clean_text(text: str, limit: int = MAX_TEXT) -> str:
    """Return outside text without control, bidi and format characters, on one line, bounded."""
    kept = (char if unicodedata.category(char) not in ("Cc", "Cf", "Co", "Cs", "Cn") else " " for char in text[: limit * 4])
    return " ".join("".join(kept).split())[:limit]


def likeness(text: str) -> str:
    """Return a key that is equal for messages that say the same."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    letters = "".join(char if char.isalnum() else " " for char in folded)
    return " ".join(_REPEATS.sub(r"\1\1", letters).split())


@dataclass(slots=True)
class _Waiting:
    item: QueueItem
    key: str
    since_s: float
    base: float
    merged: list[Stimulus] = field(default_factory=list)

    def score(self, now_s: float) -> float:
        personal = self.item.stimulus.kind in _PERSONAL or self.item.stimulus.kind is StimulusKind.EVENT
        return self.base if personal else self.base - (now_s - self.since_s) * _AGEING_PER_S


@dataclass(frozen=True, slots=True)
class Picked:
    """What she answers now, and when it reached triage (the clock's seconds)."""

    item: QueueItem
    since_s: float


class Triage:
    """The one queue of everything that waits for her."""

    def __init__(self, settings: TurnSettings) -> None:
        self.settings = settings
        self.is_paused = False
        self._waiting: list[_Waiting] = []
        self._answered_at: dict[str, float] = {}
        self._lines: dict[str, deque[float]] = {}
        """When each viewer wrote; who was silent for longest comes first."""
        self._counts = dict.fromkeys(Verdict, 0)
        self._drops: deque[Decision] = deque(maxlen=_DROPS_SHOWN)

    def submit(self, stimulus: Stimulus, now_s: float) -> Decision:
        """Score a stimulus and queue, merge or drop it."""
        text = clean_text(stimulus.text)
        stimulus = replace(stimulus, text=text)
        decision = self._decide(stimulus, now_s)
        self._counts[decision.verdict] += 1
        if decision.verdict is Verdict.DROPPED:
            self._drops.append(decision)
        return decision

    def _decide(self, stimulus: Stimulus, now_s: float) -> Decision:
        self._expire(now_s)
        score, reasons = self._score(stimulus)
        refusal = self._refusal(stimulus, now_s)
        if refusal:
            return Decision(stimulus.id, Verdict.DROPPED, score, refusal)
        key = likeness(stimulus.text)
        twin = self._twin(stimulus, key)
        if twin is not None:
            return self._merge(twin, stimulus, score)
        waiting = _Waiting(QueueItem(stimulus, score, tuple(reasons)), key, now_s, score)
        if len(self._waiting) >= self.settings.queue_limit:
            least = min(self._waiting, key=lambda other: other.score(now_s))
            if least.score(now_s) >= score:
                return Decision(stimulus.id, Verdict.DROPPED, score, "the queue is full of more urgent things")
            self._waiting.remove(least)
            self._drop_waiting(least, now_s, "something more urgent came")
        self._waiting.append(waiting)
        return Decision(stimulus.id, Verdict.QUEUED, score, ", ".join(reasons))

    def _score(self, stimulus: Stimulus) -> tuple[float, list[str]]:
        score, reason = _KIND_SCORES[stimulus.kind]
        reasons = [reason]
        if stimulus.kind is StimulusKind.EVENT and stimulus.event in _EVENT_SCORES:
            bonus, reason = _EVENT_SCORES[stimulus.event]
            score, reasons = score + bonus, [reason]
        if stimulus.kind is StimulusKind.CHAT:
            for role in sorted(stimulus.author.roles & _ROLE_SCORES.keys()):
                bonus, reason = _ROLE_SCORES[role]
                score, reasons = score + bonus, [*reasons, reason]
            if stimulus.is_mention:
                score, reasons = score + 30, [*reasons, "names her"]
            if _QUESTION.search(stimulus.text):
                score, reasons = score + 10, [*reasons, "a question"]
        if stimulus.event is StreamEvent.BITS:
            score += min(30.0, stimulus.amount / 10)
        return score, reasons

    def _refusal(self, stimulus: Stimulus, now_s: float) -> str:
        """Return why a stimulus is not answered at all, or an empty string."""
        if stimulus.kind in _PERSONAL or stimulus.kind in (StimulusKind.EVENT, StimulusKind.IDLE):
            return "" if stimulus.text or stimulus.kind is not StimulusKind.TYPED else "it is empty"
        answered = self._answered_at.get(self._viewer(stimulus))
        rules = (
            (self.is_paused, "chat is paused"),
            (not self.settings.answer_chat, "answering chat is switched off"),
            (Role.BOT in stimulus.author.roles, "from a bot"),
            (self._is_flood(stimulus, now_s), "too many lines from one viewer"),
            (not stimulus.text, "it is empty"),
            (stimulus.text.startswith("!"), "a command for another bot"),
            (_LINK_ONLY.match(stimulus.text) is not None, "only a link"),
            (sum(char.isalnum() for char in stimulus.text) < _LEAST_LETTERS, "nothing to answer in it"),
            (
                answered is not None and now_s - answered < self.settings.viewer_cooldown_s and not stimulus.is_mention,
                "this viewer was answered a moment ago",
            ),
        )
        return next((reason for applies, reason in rules if applies), "")

    def _is_flood(self, stimulus: Stimulus, now_s: float) -> bool:
        viewer = self._viewer(stimulus)
        lines = self._lines.pop(viewer, None) or deque(maxlen=_FLOOD_LINES + 1)
        lines.append(now_s)
        self._lines[viewer] = lines
        if len(self._lines) > _VIEWERS_REMEMBERED:
            del self._lines[next(iter(self._lines))]
        return len(lines) > _FLOOD_LINES and now_s - lines[0] < _FLOOD_WINDOW_S

    @staticmethod
    def _viewer(stimulus: Stimulus) -> str:
        return f"{stimulus.author.platform}:{stimulus.author.id}"

    def _twin(self, stimulus: Stimulus, key: str) -> _Waiting | None:
        """Return a waiting stimulus that says the same; events and the streamer's own words stand alone."""
        if stimulus.kind is not StimulusKind.CHAT or not key:
            return None
        return next((other for other in self._waiting if other.item.stimulus.kind is StimulusKind.CHAT and other.key == key), None)

    def _merge(self, twin: _Waiting, stimulus: Stimulus, score: float) -> Decision:
        known = {self._viewer(twin.item.stimulus), *(self._viewer(other) for other in twin.merged)}
        if self._viewer(stimulus) not in known:
            twin.base = max(twin.base, score, min(twin.base + 2, _MERGED_MOST))
        if len(twin.merged) < _MERGED_SHOWN:
            twin.merged.append(stimulus)
        twin.item = replace(twin.item, merged=tuple(twin.merged), merged_count=twin.item.merged_count + 1)
        return Decision(stimulus.id, Verdict.MERGED, score, "says the same as a waiting line", twin.item.stimulus.id)

    def _expire(self, now_s: float) -> None:
        for waiting in [other for other in self._waiting if other.item.stimulus.kind in (StimulusKind.CHAT, StimulusKind.IDLE)]:
            if now_s - waiting.since_s > self.settings.max_wait_s:
                self._waiting.remove(waiting)
                self._drop_waiting(waiting, now_s, "waited too long")

    def _drop_waiting(self, waiting: _Waiting, now_s: float, reason: str) -> None:
        self._counts[Verdict.DROPPED] += 1
        self._drops.append(Decision(waiting.item.stimulus.id, Verdict.DROPPED, waiting.score(now_s), reason))

    def ready_in(self, now_s: float, last_chat_end_s: float | None) -> float | None:
        """Return seconds until `pick` has something: 0 now, None if nothing waits."""
        self._expire(now_s)
        if not self._waiting:
            return None
        if any(waiting.item.stimulus.kind is not StimulusKind.CHAT for waiting in self._waiting) or last_chat_end_s is None:
            return 0.0
        return max(0.0, last_chat_end_s + self.settings.chat_cooldown_s - now_s)

    def pick(self, now_s: float, last_chat_end_s: float | None = None) -> Picked | None:
        """Take the most urgent thing out of the queue; the older one of two equals. Chat waits for the end of its pause."""
        self._expire(now_s)
        is_pausing = last_chat_end_s is not None and now_s < last_chat_end_s + self.settings.chat_cooldown_s
        ready = [other for other in self._waiting if not (is_pausing and other.item.stimulus.kind is StimulusKind.CHAT)]
        if not ready:
            return None
        best = max(ready, key=lambda other: (other.score(now_s), -other.since_s))
        self._waiting.remove(best)
        if best.item.stimulus.kind is StimulusKind.CHAT:
            for stimulus in (best.item.stimulus, *best.merged):
                self._answered_at[self._viewer(stimulus)] = now_s
            if len(self._answered_at) > _VIEWERS_REMEMBERED:
                limit = self.settings.viewer_cooldown_s
                self._answered_at = {viewer: at for viewer, at in self._answered_at.items() if now_s - at < limit}
        return Picked(replace(best.item, score=best.score(now_s)), best.since_s)

    def __len__(self) -> int:
        """Return how many wait, those that expire next included."""
        return len(self._waiting)

    def remove(self, stimulus_id: str, now_s: float) -> bool:
        """Take one stimulus out of the queue; False if it is not there any more."""
        for waiting in self._waiting:
            if waiting.item.stimulus.id == stimulus_id:
                self._waiting.remove(waiting)
                self._drop_waiting(waiting, now_s, "removed by you")
                return True
        return False

    def clear(self, now_s: float) -> int:
        """Empty the queue; returns how many were dropped."""
        count = len(self._waiting)
        for waiting in self._waiting:
            self._drop_waiting(waiting, now_s, "the queue was cleared")
        self._waiting.clear()
        return count

    def snapshot(self, now_s: float) -> QueueSnapshot:
        """Return the queue as it is shown: best first."""
        ordered = sorted(self._waiting, key=lambda other: (-other.score(now_s), other.since_s))
        items = tuple(replace(waiting.item, score=round(waiting.score(now_s), 1)) for waiting in ordered)
        return QueueSnapshot(
            items, self._counts[Verdict.QUEUED], self._counts[Verdict.MERGED], self._counts[Verdict.DROPPED], tuple(self._drops)
        )
