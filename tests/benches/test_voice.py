"""The bench of spoken questions: its figures, and its virtual devices."""

from __future__ import annotations

import math
import shutil
import wave
from pathlib import Path

import numpy as np
import pytest

from voxelle.benches import NAMES
from voxelle.benches.virtual_sound import virtual_devices, write_wav
from voxelle.benches.voice import Found, figures
from voxelle.domain.errors import SetupError


def test_the_stages_are_split_and_both_pipelines_compared() -> None:
    marks = {"endpointed": 0.2, "recognised": 0.3, "first_token": 0.5, "first_clause": 0.7, "first_sample": 0.8, "audible": 0.9}
    found = Found([marks, {**marks, "audible": 1.1}, {**marks, "audible": 1.0}], [2.0, 3.0, 2.5], missed=1)
    told = {figure.name: figure for figure in figures(found, 3)}
    assert told["turns"].is_ok
    assert told["missed"].value == 1
    assert (told["audible_p50_ms"].value, told["audible_p95_ms"].value) == (1000.0, 1100.0)
    assert told["endpointed_p50_ms"].value == 200.0
    assert told["whole_reply_p50_ms"].value == 2500.0
    assert told["whole_reply_ratio"].value == 2.5
    assert told["whole_reply_ratio"].is_ok
    assert "voice" in NAMES


def test_without_an_answer_no_goal_is_kept() -> None:
    told = {figure.name: figure for figure in figures(Found(missed=3), 3)}
    assert not told["turns"].is_ok
    assert math.isnan(told["whole_reply_ratio"].value)
    assert not told["whole_reply_ratio"].is_ok


async def test_without_a_sound_server_a_sentence_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    with pytest.raises(SetupError, match="sound server"):
        async with virtual_devices():
            pass


def test_what_is_said_into_the_microphone_is_a_wav_file(tmp_path: Path) -> None:
    write_wav(tmp_path / "a.wav", np.array([0.0, 0.5, -2.0], np.float32), 24_000)
    with wave.open(str(tmp_path / "a.wav")) as file:
        assert (file.getnframes(), file.getframerate(), file.getnchannels()) == (3, 24_000, 1)
        assert np.frombuffer(file.readframes(3), "<i2").tolist() == [0, 16_383, -32_767]
