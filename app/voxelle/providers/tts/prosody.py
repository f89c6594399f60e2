"""How a feeling changes a voice: 28 emotions as a few shapes of pitch, liveliness, rate and loudness."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from voxelle.domain.avatar import Emotion, Feeling
from voxelle.domain.persona import VoiceDesign


@dataclass(frozen=True, slots=True)
class Prosody:
    """Factors around 1.0 on a voice; `pitch_range` is the exponent of `VoiceDesign`."""

    pitch: float = 1.0
    pitch_range: float = 1.0
    speed: float = 1.0
    loudness: float = 1.0
    formant: float = 1.0


BRIGHT: Final = Prosody(pitch=1.06, pitch_range=1.25, speed=1.05, loudness=1.06)
THRILLED: Final = Prosody(pitch=1.12, pitch_range=1.45, speed=1.10, loudness=1.12)
STARTLED: Final = Prosody(pitch=1.13, pitch_range=1.50, speed=1.06, loudness=1.08)
TENDER: Final = Prosody(pitch=1.01, pitch_range=0.88, speed=0.93, loudness=0.90)
LOW: Final = Prosody(pitch=0.94, pitch_range=0.70, speed=0.89, loudness=0.86)
SHARP: Final = Prosody(pitch=0.98, pitch_range=1.38, speed=1.08, loudness=1.14)
DRY: Final = Prosody(pitch=0.96, pitch_range=0.85, speed=0.97, loudness=1.0)
SHY: Final = Prosody(pitch=1.04, pitch_range=0.80, speed=0.94, loudness=0.86)
TREMBLING: Final = Prosody(pitch=1.09, pitch_range=1.15, speed=1.09, loudness=0.94)
ASKING: Final = Prosody(pitch=1.04, pitch_range=1.20, speed=0.99, loudness=1.0)
PROUD: Final = Prosody(pitch=0.99, pitch_range=1.20, speed=0.96, loudness=1.08)
PLAIN: Final = Prosody()

SHAPES: Final[dict[Emotion, Prosody]] = {
    Emotion.ADMIRATION: BRIGHT,
    Emotion.AMUSEMENT: BRIGHT,
    Emotion.ANGER: SHARP,
    Emotion.ANNOYANCE: SHARP,
    Emotion.APPROVAL: PLAIN,
    Emotion.CARING: TENDER,
    Emotion.CONFUSION: ASKING,
    Emotion.CURIOSITY: ASKING,
    Emotion.DESIRE: BRIGHT,
    Emotion.DISAPPOINTMENT: LOW,
    Emotion.DISAPPROVAL: DRY,
    Emotion.DISGUST: DRY,
    Emotion.EMBARRASSMENT: SHY,
    Emotion.EXCITEMENT: THRILLED,
    Emotion.FEAR: TREMBLING,
    Emotion.GRATITUDE: TENDER,
    Emotion.GRIEF: LOW,
    Emotion.JOY: BRIGHT,
    Emotion.LOVE: TENDER,
    Emotion.NERVOUSNESS: TREMBLING,
    Emotion.NEUTRAL: PLAIN,
    Emotion.OPTIMISM: BRIGHT,
    Emotion.PRIDE: PROUD,
    Emotion.REALIZATION: PLAIN,
    Emotion.RELIEF: TENDER,
    Emotion.REMORSE: LOW,
    Emotion.SADNESS: LOW,
    Emotion.SURPRISE: STARTLED,
}


def prosody_for(design: VoiceDesign, feeling: Feeling) -> Prosody:
    """Combine a character's voice with the feeling of a clause, by its intensity, within what stays intelligible."""
    shape = SHAPES[feeling.emotion]
    strength = min(1.0, max(0.0, feeling.intensity))
    return Prosody(
        pitch=_within(design.pitch * shape.pitch**strength, 0.5, 2.0),
        pitch_range=_within(design.pitch_range * shape.pitch_range**strength, 0.0, 2.5),
        speed=_within(design.speed * shape.speed**strength, 0.5, 2.0),
        loudness=shape.loudness**strength,
        formant=_within(design.formant * shape.formant**strength, 0.7, 1.4),
    )


def _within(value: float, low: float, high: float) -> float:
    return min(high, max(low, value))
