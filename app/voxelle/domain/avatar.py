"""What a face can show: the emotion of a clause."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Emotion(StrEnum):
    """The 28 GoEmotions labels (https://arxiv.org/abs/2005.00547), the field's common vocabulary."""

    ADMIRATION = "admiration"
    AMUSEMENT = "amusement"
    ANGER = "anger"
    ANNOYANCE = "annoyance"
    APPROVAL = "approval"
    CARING = "caring"
    CONFUSION = "confusion"
    CURIOSITY = "curiosity"
    DESIRE = "desire"
    DISAPPOINTMENT = "disappointment"
    DISAPPROVAL = "disapproval"
    DISGUST = "disgust"
    EMBARRASSMENT = "embarrassment"
    EXCITEMENT = "excitement"
    FEAR = "fear"
    GRATITUDE = "gratitude"
    GRIEF = "grief"
    JOY = "joy"
    LOVE = "love"
    NERVOUSNESS = "nervousness"
    NEUTRAL = "neutral"
    OPTIMISM = "optimism"
    PRIDE = "pride"
    REALIZATION = "realization"
    RELIEF = "relief"
    REMORSE = "remorse"
    SADNESS = "sadness"
    SURPRISE = "surprise"


class FeelingSource(StrEnum):
    """Who said what the clause feels like."""

    TAG = "tag"
    CLASSIFIER = "classifier"
    DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Feeling:
    """An emotion with its intensity (0..1) and where it came from."""

    emotion: Emotion = Emotion.NEUTRAL
    intensity: float = 0.0
    source: FeelingSource = FeelingSource.DEFAULT
