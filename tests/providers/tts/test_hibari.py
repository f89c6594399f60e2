"""The host's side of the embedded voice."""

from __future__ import annotations

import pytest

from tests.providers.conftest import ProcessMaker
from voxelle.contracts.tts import SpeechRequest
from voxelle.domain.avatar import Emotion, Feeling
from voxelle.domain.persona import VoiceDesign
from voxelle.domain.speech import PhonemeTiming, WordTiming
from voxelle.kernel.clock import Clock
from voxelle.providers.process import EngineSpec
from voxelle.providers.tts.hibari import Hibari, hibari_spec


async def test_sound_and_times_arrive(make_process: ProcessMaker, clock: Clock) -> None:
    voice = Hibari(make_process(EngineSpec("The echo", "tests.fakes.worker_engines:EchoEngine", dict)), clock)
    await voice.open()
    (chunk,) = [chunk async for chunk in voice.synthesize(SpeechRequest("two words"))]
    assert chunk.sample_rate == 24_000
    assert len(chunk.samples) == 2400
    assert chunk.words == (WordTiming("two", 0.0, 0.1), WordTiming("words", 0.1, 0.2))
    assert chunk.phonemes == (PhonemeTiming("h", 0.0, 0.05),)
    assert voice.speed is not None
    await voice.close()


async def test_a_reply_without_sound_is_a_bug(make_process: ProcessMaker, clock: Clock) -> None:
    voice = Hibari(make_process(EngineSpec("The mute", "tests.fakes.worker_engines:SilentEngine", dict)), clock)
    with pytest.raises(ValueError, match="carries no sound"):
        _ = [chunk async for chunk in voice.synthesize(SpeechRequest("hi"))]


@pytest.mark.engines
async def test_a_clause_is_spoken_with_feeling_in_its_own_process(make_process: ProcessMaker, clock: Clock) -> None:
    voice = Hibari(make_process(hibari_spec()), clock)
    request = SpeechRequest("We won! I can't believe it \ud800.", VoiceDesign(pitch=1.15, formant=1.06), Feeling(Emotion.EXCITEMENT, 0.9))
    chunks = [chunk async for chunk in voice.synthesize(request)]
    assert len(chunks) == 2
    seconds = sum(len(chunk.samples) / chunk.sample_rate for chunk in chunks)
    assert chunks[-1].words[-1].end_s <= seconds
    assert chunks[1].words[0].start_s >= len(chunks[0].samples) / chunks[0].sample_rate
