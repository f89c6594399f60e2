"""What the sound process serves of the microphone, without a process."""

from __future__ import annotations

import numpy as np
import pytest

from voxelle.audio import pulse
from voxelle.audio.listening import Listening, News
from voxelle.audio.recording import Recorder
from voxelle.audio.sound_check import check_tone
from voxelle.contracts.audio import INPUT_FRAMES, INPUT_RATE, OUTPUT_RATE, InputChanged, MicrophoneFrame, SoundDevice


def frame(level: float = 0.1, loudness: float = 0.1) -> MicrophoneFrame:
    return MicrophoneFrame(np.full(INPUT_FRAMES, loudness, np.float32), 1.0, level)


def test_what_nobody_takes_is_lost_from_the_oldest_on_but_no_sentence_is() -> None:
    news = News()
    news.put(InputChanged("first"))
    frames = [frame() for _ in range(140)]
    for each in frames:
        news.put(each)
    assert news.lost == 13
    assert news.get(0.0) == InputChanged("first")
    assert news.get(0.0) is frames[13]


def test_whoever_waits_is_woken() -> None:
    news = News()
    assert news.get(0.0) is None
    news.wake()
    assert news.get(10.0) is None


def test_the_place_of_a_microphone_is_its_name_or_that_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulse, "default_source", lambda: "laptop")
    monkeypatch.setattr(pulse, "listed", lambda _kind: [SoundDevice("pulse:desk", "Desk")])
    assert Listening.place("") == "laptop"
    assert Listening.place("pulse:desk") == "pulse:desk"
    assert Listening.place("pulse:gone") == "missing"
    monkeypatch.setattr(pulse, "default_source", lambda: "")
    assert Listening.place("pulse:desk") == ""


@pytest.mark.parametrize("level,loudness,words", [(0.1, 0.3, "She hears you."), (0.001, 0.002, "next to nothing"), (0.7, 1.0, "too loud")])
async def test_a_recording_says_whether_she_hears(level: float, loudness: float, words: str) -> None:
    recorder = Recorder(0.1)
    while not recorder.is_over:
        recorder.take(frame(level, loudness))
    recorder.take(frame())
    recording = await recorder.result()
    assert words in recording.sentence
    assert recording.samples.shape == (round(0.1 * INPUT_RATE),)


def test_the_tone_of_a_sound_check_is_soft_and_begins_and_ends_in_silence() -> None:
    tone = check_tone()
    assert tone.size == pytest.approx(0.9 * OUTPUT_RATE)
    assert 0.2 < np.abs(tone).max() <= 0.25
    assert abs(tone[0]) < 1e-3
    assert abs(tone[-1]) < 1e-3
