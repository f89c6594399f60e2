"""The sound of one clause, and the times of its words."""

from __future__ import annotations

import numpy as np
import pytest

from voxelle.companion.performance import SpokenClause
from voxelle.companion.speech import ClauseSound, pause_after
from voxelle.contracts.audio import OUTPUT_RATE
from voxelle.domain.speech import Clause, WordTiming

RATE = 24_000


def sound_of(samples: np.ndarray, block: int) -> tuple[np.ndarray, float]:
    """Return a clause's prepared sound and the lead that was cut."""
    sound = ClauseSound()
    parts = [sound.push(samples[at : at + block], RATE) for at in range(0, samples.size, block)]
    return np.concatenate([*parts, sound.finish()]), sound.lead_s


def tone(seconds: float) -> np.ndarray:
    """Return a sine of 220 Hz."""
    return (0.3 * np.sin(2 * np.pi * 220 * np.arange(round(seconds * RATE)) / RATE)).astype(np.float32)


@pytest.mark.parametrize("block", [240, 1000, 100_000])
def test_silence_around_a_clause_is_trimmed_and_inside_it_stays(block: int) -> None:
    quiet = np.zeros(RATE // 2, np.float32)
    samples = np.concatenate([quiet, tone(0.5), quiet, tone(0.5), quiet])
    prepared, lead_s = sound_of(samples, block)
    assert lead_s == pytest.approx(0.5, abs=0.02)
    assert prepared.size / OUTPUT_RATE == pytest.approx(1.5, abs=0.05)


def test_borders_are_faded() -> None:
    prepared, _ = sound_of(np.full(RATE, 0.5, np.float32), 1000)
    assert abs(prepared[0]) < 0.02
    assert abs(prepared[-1]) < 0.02
    assert np.max(np.abs(np.diff(prepared))) < 0.05


def test_only_silence_and_nothing_at_all_make_no_sound() -> None:
    assert sound_of(np.zeros(RATE, np.float32), 1000)[0].size == 0
    assert ClauseSound().finish().size == 0


def test_the_pause_fits_the_punctuation() -> None:
    assert pause_after("Hello.") > pause_after("Hello,") > pause_after("Hello")
    assert pause_after('He said "stop!"') == pause_after("stop!")


def spoken(text: str, seconds: float, *, is_complete: bool) -> SpokenClause:
    """Return a clause with so much sound."""
    return SpokenClause(Clause("t", 0, text), frames=round(seconds * OUTPUT_RATE), is_complete=is_complete)


def test_words_without_times_are_spread_over_the_sound() -> None:
    clause = spoken("one two three", 1.0, is_complete=True)
    clause.spread_words()
    assert [clause.clause.text[word.start : word.end] for word in clause.words] == ["one", "two", "three"]
    assert clause.words[0].first_frame == 0
    assert clause.words[-1].last_frame == OUTPUT_RATE


def test_words_whose_times_are_known_keep_them_and_the_rest_is_spread_behind() -> None:
    clause = spoken("one two three", 2.0, is_complete=True)
    clause.time_words((WordTiming("one", 0.3, 0.6),), 0.1)
    assert clause.words[0].first_frame == round(0.2 * OUTPUT_RATE)
    assert clause.words[1].first_frame == round(0.5 * OUTPUT_RATE)
    assert clause.words[2].last_frame == 2 * OUTPUT_RATE


def test_times_that_fit_no_words_are_not_used() -> None:
    clause = spoken("one", 1.0, is_complete=True)
    clause.time_words((WordTiming("a", 0, 1), WordTiming("b", 1, 2)), 0.0)
    assert len(clause.words) == 1


def test_wide_text_is_shown_in_small_groups() -> None:
    clause = spoken("今日はとても楽しいですね。", 1.0, is_complete=True)
    clause.spread_words()
    assert len(clause.words) > 2


def test_before_the_length_is_known_it_is_estimated() -> None:
    clause = spoken("one two three", 0.0, is_complete=False)
    clause.spread_words()
    assert clause.words[-1].last_frame > 0


def test_a_clause_that_never_sounded_was_not_heard() -> None:
    clause = spoken("one two", 1.0, is_complete=True)
    clause.spread_words()
    assert clause.heard() is None
    clause.heard_frames = 0
    assert clause.heard() is None
