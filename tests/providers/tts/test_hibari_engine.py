"""The embedded voice itself; its weights come with the package."""

from __future__ import annotations

import hashlib
import urllib.request
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from voxelle.contracts.tts import Samples
from voxelle.domain.errors import InputError, SetupError
from voxelle.kernel.worker import CancelToken, Reply
from voxelle.providers.tts.hibari_engine import SAMPLE_RATE, HibariEngine, with_output

TEXTS = [
    "Hello there, I paid $42.50 at 3:30 pm, you know!",
    "Dr. Smith (hi) said 10km — wow 🎉 … ok?",
    'One. Two! "Three?" Four',
    "AI vs GPU 4090 at 60fps, lol xD. See https://example.com/a?b=c now",
    "Read [this](/ðˈɪs/) or <that> & more",
    "well " * 120,
    "x" * 3000,
    "مرحبا こんにちは hello",
]


@pytest.fixture(scope="module")
def engine() -> Iterator[HibariEngine]:
    """The voice, loaded while every way to the net is shut."""

    def refuse(*_arguments: object, **_options: object) -> None:
        pytest.fail("the voice reached for the net")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(urllib.request, "urlopen", refuse)
        engine = HibariEngine({})
        engine.load(lambda _share: None)
        yield engine


def speak(engine: HibariEngine, text: str, **prosody: float) -> list[Reply]:
    return list(engine.perform("speak", {"text": text, "prosody": prosody}, None, CancelToken()))


def sound(replies: list[Reply]) -> Samples:
    return np.concatenate([reply.audio for reply in replies if reply.audio is not None])


@pytest.mark.engines
@pytest.mark.parametrize("text", TEXTS)
def test_every_word_is_timed_in_order_and_inside_the_sound(engine: HibariEngine, text: str) -> None:
    replies = speak(engine, text)
    words = [word for reply in replies for word in reply.data["words"]]
    assert [word for word, _, _ in words] == text.replace("](", "] (").split()
    seconds = len(sound(replies)) / SAMPLE_RATE
    assert all(0 <= start <= end <= seconds + 1e-6 for _, start, end in words)
    assert all(before[2] <= after[1] + 1e-6 for before, after in pairwise(words))


@pytest.mark.engines
def test_a_number_is_timed_as_the_word_it_was_written_as(engine: HibariEngine) -> None:
    words = {word: end - start for word, start, end in speak(engine, TEXTS[0])[0].data["words"]}
    assert words["$42.50"] > 1.0
    assert words["I"] < 0.3


@pytest.mark.engines
def test_a_number_beyond_all_names_is_no_reason_to_fail(engine: HibariEngine) -> None:
    pieces = engine.pieces("It is " + "9" * 59 + " points.")
    assert [word for piece in pieces for word in piece.words] == ["It", "is", "9" * 59, "points."]
    assert all(piece.phonemes for piece in pieces)


@pytest.mark.engines
def test_the_sound_lasts_as_long_as_its_phonemes(engine: HibariEngine) -> None:
    (reply,) = speak(engine, "Good evening and welcome to the show.")
    phonemes = reply.data["phonemes"]
    assert reply.audio is not None
    assert phonemes[0][1] == pytest.approx(0.02, abs=0.02)
    assert 0.0 <= len(reply.audio) / SAMPLE_RATE - phonemes[-1][2] <= 0.07
    assert all(before[2] <= after[1] + 1e-6 for before, after in pairwise(phonemes))


@pytest.mark.engines
def test_silence_is_trimmed_and_speech_is_loud_enough(engine: HibariEngine) -> None:
    samples = sound(speak(engine, "Good evening and welcome to the show."))
    loud = np.flatnonzero(np.abs(samples) > 0.02)
    assert loud[0] < 0.1 * SAMPLE_RATE
    assert len(samples) - loud[-1] < 0.2 * SAMPLE_RATE
    assert 0.3 < np.abs(samples).max() < 1.0
    assert samples[0] == samples[-1] == 0.0


@pytest.mark.engines
def test_two_runs_are_the_same_to_the_last_sample(engine: HibariEngine) -> None:
    hashes = {hashlib.sha256(sound(speak(engine, "Ready? Here we go!", pitch=1.1, formant=1.05)).tobytes()).hexdigest() for _ in range(2)}
    assert len(hashes) == 1


@pytest.mark.engines
def test_pitch_and_its_range_move_the_melody(engine: HibariEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    real, melodies = engine._synth, []

    def synth(*arguments: Any) -> Samples:
        f0 = arguments[-2]
        melodies.append(f0[f0 > 40])
        return real(*arguments)

    monkeypatch.setattr(engine, "_synth", synth)
    for prosody in ({}, {"pitch": 1.3}, {"pitch": 0.8}, {"pitch_range": 0.0}, {"pitch_range": 1.5}):
        speak(engine, "This is the voice of the evening.", **prosody)
    plain, high, low, flat, lively = melodies
    assert np.allclose(high / plain, 1.3, atol=0.01)
    assert np.allclose(low / plain, 0.8, atol=0.01)
    assert np.ptp(flat) < 1.0
    assert np.log(lively).std() > 1.4 * np.log(plain).std()


@pytest.mark.engines
def test_speed_and_loudness_do_what_they_say(engine: HibariEngine) -> None:
    text = "This is the voice of the evening."
    plain = sound(speak(engine, text))
    assert len(sound(speak(engine, text, speed=1.4))) < len(plain) < len(sound(speak(engine, text, speed=0.8)))
    assert np.abs(sound(speak(engine, text, loudness=0.5))).max() < np.abs(plain).max()


@pytest.mark.engines
def test_formant_moves_the_spectrum(engine: HibariEngine) -> None:
    text = "Say aah, please."
    plain, small = sound(speak(engine, text)), sound(speak(engine, text, formant=1.25))

    def centre(samples: Samples) -> float:
        power = np.abs(np.fft.rfft(samples)) ** 2
        return float((power * np.arange(len(power))).sum() / power.sum())

    assert centre(small) > centre(plain)


@pytest.mark.engines
def test_sentences_come_one_by_one_and_a_cancel_ends_them(engine: HibariEngine) -> None:
    token = CancelToken()
    replies = engine.perform("speak", {"text": "One is here. Two is here. Three is here."}, None, token)
    assert next(iter(replies)).data["words"][0][0] == "One"
    token.cancel()
    assert list(replies) == []


@pytest.mark.engines
def test_a_cancel_reaches_into_the_network_and_the_synthesis(engine: HibariEngine) -> None:
    class Late(CancelToken):
        """Is cancelled while the network runs, or right after it."""

        def __init__(self, callback: Callable[[Late], None]) -> None:
            super().__init__()
            self._callback = callback

        def on_cancel(self, callback: Callable[[], None]) -> None:
            super().on_cancel(callback)
            self._callback(self)

    assert list(engine.perform("speak", {"text": "One is here."}, None, Late(lambda token: token.cancel()))) == []
    real, token = engine._synth, CancelToken()

    def synth(*arguments: Any) -> Samples:
        token.cancel()
        return real(*arguments)

    engine._synth = synth
    try:
        assert list(engine.perform("speak", {"text": "One is here."}, None, token)) == []
    finally:
        engine._synth = real


@pytest.mark.engines
@pytest.mark.parametrize("text", ["", "   ", "🎉", "…", "🎉 🎉 !"])
def test_what_can_not_be_read_aloud_is_a_moment_of_silence_or_nothing(engine: HibariEngine, text: str) -> None:
    replies = speak(engine, text)
    assert [word for reply in replies for word, _, _ in reply.data["words"]] == text.split()
    assert not any(reply.audio.any() for reply in replies if reply.audio is not None)


@pytest.mark.engines
def test_no_other_voice_is_ever_fetched(engine: HibariEngine) -> None:
    from hibari import voices

    with pytest.raises(SetupError, match="offline"):
        voices.voice_path("emma")


@pytest.mark.engines
def test_an_unknown_method_is_refused(engine: HibariEngine) -> None:
    with pytest.raises(InputError, match="no method"):
        list(engine.perform("sing", {}, None, CancelToken()))


def test_an_inner_tensor_is_added_to_the_outputs() -> None:
    assert with_output(b"model", "/x") == b"model" + bytes([0x3A, 6, 0x62, 4, 0x0A, 2]) + b"/x"
