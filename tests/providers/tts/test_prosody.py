"""How a feeling changes a voice."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voxelle.domain.avatar import Emotion, Feeling
from voxelle.domain.persona import VoiceDesign
from voxelle.providers.tts.prosody import SHAPES, Prosody, prosody_for

FACTORS = st.floats(-1e6, 1e6)


def test_every_emotion_has_a_shape() -> None:
    assert set(SHAPES) == set(Emotion)


def test_a_neutral_voice_is_left_as_it_is() -> None:
    assert prosody_for(VoiceDesign(), Feeling()) == Prosody()


def test_the_character_and_the_feeling_multiply() -> None:
    design = VoiceDesign(pitch=1.2, speed=0.9, formant=1.1)
    excited = prosody_for(design, Feeling(Emotion.EXCITEMENT, 1.0))
    assert excited.pitch > 1.2
    assert excited.speed > 0.9
    assert excited.formant == pytest.approx(1.1)


def test_a_weak_feeling_changes_less_than_a_strong_one() -> None:
    weak, strong = (prosody_for(VoiceDesign(), Feeling(Emotion.SADNESS, intensity)) for intensity in (0.3, 1.0))
    assert 1.0 > weak.pitch > strong.pitch
    assert 1.0 > weak.loudness > strong.loudness


@given(st.sampled_from(Emotion), st.floats(-5, 5), FACTORS, FACTORS)
def test_whatever_is_asked_stays_intelligible(emotion: Emotion, intensity: float, one: float, other: float) -> None:
    prosody = prosody_for(VoiceDesign(pitch=one, formant=other, speed=one, pitch_range=other), Feeling(emotion, intensity))
    assert 0.5 <= prosody.pitch <= 2.0
    assert 0.5 <= prosody.speed <= 2.0
    assert 0.7 <= prosody.formant <= 1.4
    assert 0.0 <= prosody.pitch_range <= 2.5
