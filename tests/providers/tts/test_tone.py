"""The humming voice: exact words, exact delay."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voxelle.contracts.tts import SpeechChunk, SpeechRequest
from voxelle.domain.persona import VoiceDesign
from voxelle.kernel.clock import Clock
from voxelle.providers.tts.tone import LEVEL, RATE, ToneVoice, score


async def spoken(voice: ToneVoice, request: SpeechRequest) -> list[SpeechChunk]:
    return [chunk async for chunk in voice.synthesize(request)]


@pytest.mark.virtual_time
async def test_sound_comes_after_exactly_the_given_delay(clock: Clock) -> None:
    voice = ToneVoice(clock, first_sample_s=0.25)
    await voice.open()
    await spoken(voice, SpeechRequest("Hello."))
    assert clock.monotonic() == 0.25
    await voice.close()


@pytest.mark.virtual_time
async def test_every_word_sounds_when_its_timing_says_and_is_silent_between(clock: Clock) -> None:
    chunks = await spoken(ToneVoice(clock, chunk_s=0.1), SpeechRequest("Hello there, little 🎮 moth!"))
    samples = np.concatenate([chunk.samples for chunk in chunks])
    words = [word for chunk in chunks for word in chunk.words]
    assert [word.text for word in words] == ["Hello", "there,", "little", "🎮", "moth!"]
    assert {chunk.sample_rate for chunk in chunks} == {RATE}
    assert samples.dtype == np.float32
    assert 0.5 * LEVEL < float(np.abs(samples).max()) <= LEVEL + 1e-6
    for word, following in pairwise(words):
        assert np.abs(samples[round(word.start_s * RATE) : round(word.end_s * RATE)]).max() > 0.01
        assert not samples[round(word.end_s * RATE) : round(following.start_s * RATE)].any()


@pytest.mark.virtual_time
async def test_the_same_text_sounds_the_same_and_another_voice_does_not(clock: Clock) -> None:
    one, again, higher, faster = [
        np.concatenate([chunk.samples for chunk in await spoken(ToneVoice(clock), SpeechRequest("A small song.", design))])
        for design in (VoiceDesign(), VoiceDesign(), VoiceDesign(pitch=1.3), VoiceDesign(speed=2.0))
    ]
    assert np.array_equal(one, again)
    assert one.size == higher.size
    assert not np.array_equal(one, higher)
    assert abs(faster.size * 2 - one.size) < 20


@pytest.mark.virtual_time
async def test_nothing_to_say_makes_no_sound(clock: Clock) -> None:
    assert await spoken(ToneVoice(clock), SpeechRequest("  ")) == []


@given(st.text(max_size=200), st.floats(0.5, 2.0))
def test_words_never_overlap_and_lie_within_the_sound(text: str, speed: float) -> None:
    _, words, frames = score(text, speed)
    assert [word.text for word in words] == text.split()
    end = 0.0
    for word in words:
        assert end <= word.start_s < word.end_s <= frames / RATE
        end = word.end_s
