"""What a face can show: the emotion of a clause, the shape of a mouth; and a connected model."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple


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


MOUTH_RATE = 60
"""Shapes of a mouth a second."""


class MouthShape(NamedTuple):
    """A mouth at one moment. All values 0..1; the vowels say how much of each is in it."""

    openness: float = 0.0
    a: float = 0.0
    i: float = 0.0
    u: float = 0.0
    e: float = 0.0
    o: float = 0.0
    energy: float = 0.0
    """Loudness, as felt: for bodies that move along."""


CLOSED_MOUTH = MouthShape()


@dataclass(frozen=True, slots=True)
class MouthTrack:
    """A stretch of mouth shapes of one clause, MOUTH_RATE a second, made before it is heard."""

    turn_id: str
    clause_index: int
    first: int
    """Place of the first shape, in shapes from the clause's first sample."""
    shapes: tuple[MouthShape, ...]
    source: str
    """Where the vowels come from: `timings`, `spectrum` or `loudness`."""


@dataclass(frozen=True, slots=True)
class AvatarInstance:
    """A program with an avatar that was found on the network or set by hand."""

    host: str
    port: int
    title: str
    is_api_on: bool = True
    instance_id: str = ""


class AvatarState(StrEnum):
    """Where the connection to the avatar stands."""

    SEARCHING = "searching"
    API_OFF = "api_off"
    CONNECTING = "connecting"
    WAITING_FOR_CONSENT = "waiting_for_consent"
    """“Click Allow” is shown over there."""
    REFUSED = "refused"
    READY = "ready"


@dataclass(frozen=True, slots=True)
class AvatarHotkey:
    """Something the model can do at a press."""

    id: str
    name: str
    kind: str
    """As the program calls it: `ToggleExpression`, `TriggerAnimation` …"""
    file: str = ""


@dataclass(frozen=True, slots=True)
class AvatarExpression:
    """An expression file of the model."""

    file: str
    name: str
    is_active: bool = False


@dataclass(frozen=True, slots=True)
class EmotionCue:
    """What was done for a heard clause: one row of the emotion timeline."""

    at: datetime
    emotion: Emotion
    intensity: float
    deed: str
    """In words: `hotkey Smile`, `nothing: below the threshold` …"""
    is_done: bool


@dataclass(frozen=True, slots=True)
class AvatarSnapshot:
    """A connection to an avatar, announced whole (at most a few times a second)."""

    state: AvatarState = AvatarState.SEARCHING
    sentence: str = ""
    instances: tuple[AvatarInstance, ...] = ()
    connected_to: AvatarInstance | None = None
    program_version: str = ""
    model_id: str = ""
    model_name: str = ""
    hotkeys: tuple[AvatarHotkey, ...] = ()
    expressions: tuple[AvatarExpression, ...] = ()
    parameters: tuple[str, ...] = ()
    """Inputs that can be moved: the defaults and our own."""
    cues: tuple[EmotionCue, ...] = ()
    """The last 20, newest last."""
    problems: tuple[tuple[datetime, str], ...] = ()
    """The last errors in words, newest last."""
    is_token_kept: bool = True
    counters: tuple[tuple[str, int], ...] = ()
    last_heartbeat_at: datetime | None = None
    notes: tuple[str, ...] = field(default=())
    """What does not fit: a model without a mouth parameter, a hotkey of the mapping that vanished."""
