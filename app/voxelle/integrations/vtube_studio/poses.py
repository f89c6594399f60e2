"""What stays for a while: poses that a mapping asks for, and her mood as an input of its own."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping

from voxelle.domain.avatar import Emotion, Feeling
from voxelle.integrations.vtube_studio.parameters import Wish
from voxelle.integrations.vtube_studio.settings import Deed

MOOD_S = 5.0
"""How long a mood lasts after the clause that brought it."""
_SPEED = 6.0
"""How fast one mood becomes another, a second."""
_FADE_S = 0.2

_VALENCE = {
    Emotion.ADMIRATION: 0.7, Emotion.AMUSEMENT: 0.8, Emotion.ANGER: -0.9, Emotion.ANNOYANCE: -0.6, Emotion.APPROVAL: 0.5,
    Emotion.CARING: 0.6, Emotion.CONFUSION: -0.2, Emotion.CURIOSITY: 0.2, Emotion.DESIRE: 0.4, Emotion.DISAPPOINTMENT: -0.6,
    Emotion.DISAPPROVAL: -0.6, Emotion.DISGUST: -0.8, Emotion.EMBARRASSMENT: -0.3, Emotion.EXCITEMENT: 1.0, Emotion.FEAR: -0.8,
    Emotion.GRATITUDE: 0.8, Emotion.GRIEF: -1.0, Emotion.JOY: 1.0, Emotion.LOVE: 1.0, Emotion.NERVOUSNESS: -0.4, Emotion.NEUTRAL: 0.0,
    Emotion.OPTIMISM: 0.6, Emotion.PRIDE: 0.7, Emotion.REALIZATION: 0.1, Emotion.RELIEF: 0.5, Emotion.REMORSE: -0.7,
    Emotion.SADNESS: -0.9, Emotion.SURPRISE: 0.2,
}  # fmt: skip


class Poses:
    """Poses, each for one who asked; the newest has the last word about an input."""

    def __init__(self) -> None:
        self._poses: dict[Hashable, dict[str, Wish]] = {}

    def put(self, who: Hashable, deed: Deed, intensity: float) -> None:
        """Take a pose up, in place of the one he had."""
        self._poses.pop(who, None)
        self._poses[who] = {each.parameter: Wish(each.value * intensity, deed.fade_s) for each in deed.pose}

    def take(self, who: Hashable) -> None:
        """Give a pose up."""
        self._poses.pop(who, None)

    def clear(self) -> None:
        """Give all up."""
        self._poses.clear()

    def wishes(self, now: float) -> Mapping[str, Wish]:
        """Return what all poses want."""
        return {name: wish for pose in self._poses.values() for name, wish in pose.items()}

    def is_live(self, now: float) -> bool:
        """Nothing moves by itself."""
        return False


class Mood:
    """How she feels, whether she listens and whether she thinks, as inputs to which bodies can be bound."""

    def __init__(self) -> None:
        self.is_listening = False
        self.is_thinking = False
        self._goal = 0.0
        self._value = 0.0
        self._until = -math.inf
        self._moved_at = 0.0

    def feel(self, feeling: Feeling, now: float) -> None:
        """Take over the feeling of a clause that is heard."""
        self._glide(now)
        is_shown = self._value and now < self._until
        self._goal = _VALENCE[feeling.emotion] * feeling.intensity
        self._until = now + MOOD_S
        if not is_shown:
            # The weight of the input fades it in.
            self._value = self._goal

    def forget(self) -> None:
        """Be neutral at once."""
        self._goal = self._value = 0.0
        self.is_listening = self.is_thinking = False

    def value(self, now: float) -> float:
        """Return the mood that is shown at this moment, -1..1."""
        self._glide(now)
        return self._value if now < self._until else 0.0

    def wishes(self, now: float) -> Mapping[str, Wish]:
        """Return what is not neutral."""
        mood = self.value(now)
        found = {"VoxelleMood": Wish(mood, _FADE_S)} if mood else {}
        if self.is_listening:
            found["VoxelleListening"] = Wish(1.0, _FADE_S)
        if self.is_thinking:
            found["VoxelleThinking"] = Wish(1.0, _FADE_S)
        return found

    def is_live(self, now: float) -> bool:
        """Tell whether one mood is becoming another."""
        return now < self._until and self._value != self._goal

    def next_change(self, now: float) -> float | None:
        """Return when the mood fades, if that is ahead."""
        return self._until if self._until > now and (self._value or self._goal) else None

    def _glide(self, now: float) -> None:
        """Move towards the goal, however often this is asked."""
        step = _SPEED * min(1 / 30, max(0.0, now - self._moved_at))
        self._moved_at = now
        self._value += min(step, max(-step, self._goal - self._value))
