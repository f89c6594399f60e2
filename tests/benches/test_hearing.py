"""The bench of her ears at tiny scale, and what it compares with."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from voxelle.benches import hearing
from voxelle.benches.noises import NOISES
from voxelle.benches.spoken_lines import SENTENCES, espeak_lines, word_errors
from voxelle.kernel.paths import Paths


@pytest.mark.parametrize(
    "said, heard, errors",
    [
        ("My favourite colour is green.", "my favorite color is green", (0, 5)),
        ("one two three", "one three", (1, 3)),
        ("one two three", "one two four three", (1, 3)),
        ("one two three", "", (3, 3)),
        ("one two", "One, too!", (1, 2)),
    ],
)
def test_words_are_compared_without_their_spelling(said: str, heard: str, errors: tuple[int, int]) -> None:
    assert word_errors(said, heard) == errors


@pytest.mark.parametrize("name", list(NOISES))
def test_noises_are_the_same_for_the_same_seed_and_as_long_as_wanted(name: str) -> None:
    first, second = (NOISES[name](1.5, np.random.default_rng(4)) for _ in range(2))
    assert first.shape == (24_000,)
    assert first.dtype == np.float32
    assert np.array_equal(first, second)
    assert 0.0001 < np.sqrt(np.square(first).mean()) < 0.5
    assert np.abs(first).max() <= 1.0


def test_without_espeak_its_figures_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    assert espeak_lines() == []


@pytest.mark.engines
async def test_noise_becomes_no_turn_and_sentences_are_understood(paths: Paths, packs_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hearing, "_FOOLED", 1)
    figures = {figure.name: figure for figure in await hearing.listen(replace(paths, packs=packs_dir), 5.0, SENTENCES[:2])}
    assert figures["false_turns"].value == 0
    assert figures["noises_past_guard"].value == 0
    assert figures["noise_min"].value * 60 == pytest.approx(5.0, abs=0.2)
    assert figures["embedded_word_error_percent"].is_ok
    assert figures["judge_p50_ms"].value > 0
