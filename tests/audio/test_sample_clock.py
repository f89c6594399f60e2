"""Times of a stream out of moments that jitter."""

from __future__ import annotations

from itertools import pairwise
from random import Random

import pytest

from voxelle.audio.sample_clock import RateMeter, SampleClock


def test_jitter_is_smoothed_and_a_drifting_clock_followed() -> None:
    chance, clock = Random(1), SampleClock(48_000)
    true_s = 100.0
    errors = []
    for block in range(6000):
        true_s += 0.01 * (1 + 50e-6)
        clock.take(480, true_s + chance.uniform(0.0, 0.004))
        if block > 3000:
            errors.append(clock.at_s - true_s - 0.002)
    assert max(map(abs, errors)) < 0.0006


def test_a_jump_is_told_and_followed_at_once() -> None:
    clock = SampleClock(48_000)
    assert clock.take(480, 7.0) == 7.0 - 0.01
    assert clock.take(480, 7.01) == 0.0
    assert clock.take(480, 8.0) == pytest.approx(0.98)
    assert clock.at_s == 8.0


def test_what_is_read_late_and_then_all_at_once_was_no_jump() -> None:
    clock = SampleClock(48_000, patience_s=0.5)
    times = [0.01 * count for count in range(1, 500)]
    read = [2.6 + 0.0005 * count if 1.0 < at <= 2.6 else at for count, at in enumerate(times)]
    ends = []
    for at in read:
        assert clock.take(480, at) == pytest.approx(at - 0.01 if at == times[0] else 0.0)
        ends.append(clock.at_s)
    assert all(before < after for before, after in pairwise(ends))
    assert max(abs(end - at) for end, at in zip(ends, times, strict=True)) < 0.05


def test_a_stream_that_stays_behind_has_jumped() -> None:
    clock = SampleClock(48_000, patience_s=0.5)
    for count in range(100):
        clock.take(480, 0.01 * count)
    jumps = [clock.take(480, 100 + 0.01 * count) for count in range(100)]
    assert [count for count, jump in enumerate(jumps) if jump] == [50]
    assert clock.at_s == pytest.approx(100.99)


def test_a_clock_that_was_ahead_waits_and_never_goes_back() -> None:
    clock = SampleClock(48_000, patience_s=0.5)
    ends = []
    for count in range(200):
        clock.take(480, 0.01 * count + (0.2 if count < 100 else 0.0))
        ends.append(clock.at_s)
    assert all(before < after for before, after in pairwise(ends))
    assert ends[-1] == pytest.approx(1.99, abs=0.05)


def test_a_rate_is_counted_over_some_seconds_and_lost_samples_do_not_count() -> None:
    meter = RateMeter(over_s=2.0)
    rates = [meter.take(441, count * 0.01) for count in range(500)]
    assert rates[100] is None
    assert next(rate for rate in rates if rate is not None) == pytest.approx(44_100, rel=1e-3)
    meter.forget()
    assert meter.take(441, 5.0) is None
