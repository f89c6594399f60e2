"""Pausing: what was silenced goes on from any frame that was heard, and nothing is lost or told twice for nothing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voxelle.audio.timeline import FADE_FRAMES, KEPT_FRAMES, Timeline
from voxelle.contracts.audio import OUTPUT_RATE, Clip, Drained, Playhead, RanDry
from voxelle.contracts.tts import Samples


def ones(frames: int) -> Samples:
    return np.ones(frames, np.float32)


def clip(generation: int, clause: int, offset: int, samples: Samples) -> Clip:
    return Clip(generation, clause, offset, samples)


def ramp(frames: int, first: int = 1) -> Samples:
    return np.arange(first, first + frames, dtype=np.float32)


def playing(frames: int = 20_000, pulled: int = 5_000) -> Timeline:
    timeline = Timeline()
    timeline.push(clip(0, 0, 0, ramp(frames)))
    timeline.pull(pulled)
    return timeline


def test_a_pause_fades_within_ten_milliseconds_and_tells_where_it_fell() -> None:
    timeline = playing()
    timeline.heard(5_000)
    assert timeline.pause(0) == Playhead(0, 0, 5_000 + FADE_FRAMES)
    assert timeline.quiet_at == 5_000 + FADE_FRAMES
    assert timeline.ready == FADE_FRAMES
    tail = timeline.pull(2_000)
    assert tail[0] == 5_001
    assert not tail[FADE_FRAMES - 1 :].any()
    assert timeline.ready == 0
    assert not timeline.pull(OUTPUT_RATE).any()
    assert timeline.heard(timeline.position) == []
    assert timeline.is_paused
    assert not timeline.is_quiet


def test_it_goes_on_from_any_frame_that_was_heard_with_a_short_fade_in() -> None:
    timeline = playing()
    timeline.finish(0)
    timeline.heard(5_000)
    timeline.pause(0)
    timeline.pull(2_000)
    timeline.resume(0, 0, 3_000)
    block = timeline.pull(4_000)
    np.testing.assert_array_equal(block[FADE_FRAMES:], ramp(4_000, 3_001)[FADE_FRAMES:])
    assert 0 < block[0] < 3_001 / FADE_FRAMES * 2
    assert np.all(np.diff(block) > 0)
    told = timeline.heard(timeline.position)
    assert told[0] == Playhead(0, 0, 3_000)
    timeline.pull(20_000)
    assert timeline.heard(timeline.position)[-2:] == [Playhead(0, 0, 20_000), Drained(0)]


def test_it_goes_back_into_an_earlier_clip_and_an_earlier_clause() -> None:
    timeline = Timeline()
    timeline.push(clip(0, 0, 0, ones(1_000)))
    timeline.push(clip(0, 0, 1_000, ones(1_000)))
    timeline.push(clip(0, 1, 0, ones(3_000)))
    timeline.pull(2_500)
    timeline.pause(0)
    timeline.resume(0, 0, 1_500)
    timeline.pull(FADE_FRAMES)
    timeline.pull(500 + 3_000)
    assert timeline.heard(timeline.position) == [
        Playhead(0, 0, 1_500),
        Playhead(0, 0, 2_000),
        Playhead(0, 1, 0),
        Playhead(0, 1, 3_000),
    ]


def test_it_never_goes_on_behind_where_it_was_silenced() -> None:
    timeline = playing()
    timeline.pause(0)
    timeline.pull(1_000)
    timeline.resume(0, 7, 0)
    block = timeline.pull(FADE_FRAMES * 2)
    assert block[FADE_FRAMES] == 5_001 + 2 * FADE_FRAMES


def test_an_output_that_throws_frames_away_says_them_again() -> None:
    timeline = playing()
    timeline.heard(3_000)
    assert timeline.pause(0, heard_to=3_500) == Playhead(0, 0, 3_500)
    assert timeline.ready == 0
    assert timeline.queued == 20_000 - 3_500
    timeline.resume(0, 0, 3_500)
    np.testing.assert_array_equal(timeline.pull(2_000)[FADE_FRAMES:], ramp(2_000, 3_501)[FADE_FRAMES:])


def test_what_comes_while_it_is_paused_waits_and_is_not_missed() -> None:
    timeline = playing(6_000)
    timeline.pause(0)
    timeline.push(clip(0, 0, 6_000, ramp(1_000, 6_001)))
    timeline.finish(0)
    for _ in range(5):
        assert not timeline.pull(6_000)[FADE_FRAMES:].any()
    assert timeline.heard(timeline.position) == []
    assert timeline.queued == 2_000 - FADE_FRAMES
    timeline.resume(0, 0, 5_000)
    block = timeline.pull(2_000)
    assert block[-1] == 7_000
    told = timeline.heard(timeline.position)
    assert told[-1] == Drained(0)
    assert not [each for each in told if isinstance(each, RanDry)]


def test_a_newer_generation_waits_behind_a_paused_one_and_a_cut_lets_it_sound() -> None:
    timeline = playing()
    timeline.pause(0)
    timeline.pull(1_000)
    timeline.push(clip(1, 0, 0, ones(500)))
    assert not timeline.pull(100).any()
    assert timeline.cut(0) == Playhead(0, 0, 5_000 + FADE_FRAMES)
    assert not timeline.is_paused
    assert timeline.pull(600).sum() == 500


def test_a_cut_ends_a_paused_generation_before_its_fade_has_sounded() -> None:
    timeline = playing()
    assert timeline.pause(0) == timeline.cut(0) == Playhead(0, 0, 5_000 + FADE_FRAMES)
    assert timeline.quiet_at == 5_000 + FADE_FRAMES
    assert timeline.pull(FADE_FRAMES).any()
    assert not timeline.pull(1_000).any()
    assert timeline.is_quiet
    timeline.resume(0, 0, 0)
    assert not timeline.pull(1_000).any()


def test_a_cut_after_words_were_said_again_tells_the_furthest_that_was_heard() -> None:
    timeline = playing()
    final = timeline.pause(0)
    timeline.pull(1_000)
    timeline.resume(0, 0, 1_000)
    assert timeline.pause(0) == Playhead(0, 0, 1_000)
    timeline.resume(0, 0, 500)
    timeline.pull(100)
    assert timeline.pause(0) == Playhead(0, 0, 600 + FADE_FRAMES)
    assert timeline.cut(0) == final


def test_a_cut_of_what_sounds_again_tells_the_furthest_too() -> None:
    timeline = playing()
    final = timeline.pause(0)
    timeline.pull(1_000)
    timeline.resume(0, 0, 1_000)
    timeline.pull(1_000)
    assert timeline.cut(0) == final
    later = playing()
    later.pause(0)
    later.pull(1_000)
    later.resume(0, 0, 1_000)
    later.pull(10_000)
    assert later.cut(0) == Playhead(0, 0, 11_000 + FADE_FRAMES)


def test_what_has_ended_is_not_paused() -> None:
    timeline = playing(1_000, 1_000)
    timeline.finish(0)
    assert timeline.heard(1_000)[-1] == Drained(0)
    assert timeline.pause(0) == Playhead(0, 0, 1_000)
    assert not timeline.is_paused
    timeline.push(clip(1, 0, 0, ones(100)))
    assert timeline.pull(100).any()
    assert timeline.pause(0) == Playhead(0, 0, 1_000)
    assert not timeline.is_paused
    timeline.cut(1)
    assert timeline.pause(1) == timeline.cut(1)


def test_what_has_not_begun_is_held_and_then_heard_whole() -> None:
    timeline = Timeline()
    assert timeline.pause(0) is None
    assert timeline.pause(0) is None
    assert timeline.pause(1) is None
    timeline.push(clip(0, 0, 0, ones(1_000)))
    assert not timeline.pull(500).any()
    assert timeline.queued == 1_000
    timeline.resume(1, 0, 0)
    assert timeline.is_paused
    timeline.resume(0, 0, 0)
    assert np.count_nonzero(timeline.pull(2_000)) == 1_000


def test_a_fresh_output_that_is_told_of_a_pause_goes_on_where_it_is_told() -> None:
    timeline = Timeline()
    timeline.pause(3)
    timeline.push(clip(3, 1, 1_000, ramp(4_000, 1_001)))
    timeline.resume(3, 1, 2_000)
    assert timeline.pull(1_000)[FADE_FRAMES] == 2_001 + FADE_FRAMES
    assert timeline.heard(timeline.position)[0] == Playhead(3, 1, 2_000)


def test_an_older_generation_that_still_sounds_is_told_to_its_end() -> None:
    timeline = Timeline()
    timeline.push(clip(0, 0, 0, ones(1_000)))
    timeline.finish(0)
    timeline.push(clip(1, 0, 0, ones(1_000)))
    timeline.pull(1_200)
    assert timeline.pause(1) == Playhead(1, 0, 200 + FADE_FRAMES)
    assert timeline.heard(1_000) == [Playhead(0, 0, 0), Playhead(0, 0, 1_000), Drained(0)]


def test_it_keeps_no_more_than_it_may_need() -> None:
    timeline = Timeline()
    for second in range(20):
        timeline.push(clip(0, 0, second * OUTPUT_RATE, ones(OUTPUT_RATE)))
    for _ in range(1_900):
        timeline.pull(OUTPUT_RATE // 100)
    timeline.pause(0)
    timeline.pull(1_000)
    timeline.resume(0, 0, 0)
    assert timeline.queued == KEPT_FRAMES + OUTPUT_RATE
    timeline.pull(OUTPUT_RATE)
    assert timeline.heard(timeline.position)[0] == Playhead(0, 0, OUTPUT_RATE * 13)


def test_ducking_is_ramped_within_ten_milliseconds_and_multiplies_with_the_volume() -> None:
    timeline = Timeline(0.5)
    timeline.push(clip(0, 0, 0, ones(10_000)))
    timeline.set_duck(0.2)
    down = timeline.pull(1_000)
    assert down[0] < 0.5
    np.testing.assert_allclose(down[FADE_FRAMES:], 0.1, rtol=1e-6)
    assert np.abs(np.diff(down)).max() <= 0.5 / FADE_FRAMES * 1.01
    timeline.set_volume(1.0)
    assert timeline.pull(2_000)[-1] == pytest.approx(0.2)
    timeline.set_duck(7.0)
    assert timeline.pull(1_000)[-1] == 1.0


class Model:
    """What has to come out, sample by sample: clips one after the other, fades, and places to go on from."""

    def __init__(self) -> None:
        self.timeline = Timeline()
        self.sound = np.zeros(0, np.float32)
        self.clause_begins = [0]
        self.at = 0
        self.tail = np.zeros(0, np.float32)
        self.is_paused = self.is_adjacent = False
        self.gain = 1.0
        self.furthest = 0

    def push(self, frames: int, *, is_new_clause: bool) -> None:
        if is_new_clause and self.sound.size > self.clause_begins[-1]:
            self.clause_begins.append(self.sound.size)
        begin = self.sound.size
        self.sound = np.concatenate([self.sound, ramp(frames, begin + 1)])
        self.timeline.push(clip(0, len(self.clause_begins) - 1, begin - self.clause_begins[-1], self.sound[begin:]))

    def pull(self, frames: int) -> None:
        expected = np.zeros(frames, np.float32)
        from_tail, new = min(frames, self.tail.size), 0
        expected[:from_tail], self.tail = self.tail[:from_tail], self.tail[from_tail:]
        if not self.is_paused:
            new = min(frames - from_tail, self.sound.size - self.at)
            expected[from_tail : from_tail + new] = self.sound[self.at : self.at + new]
            self.at += new
            self.is_adjacent = bool(new) and from_tail + new == frames
        gains = np.minimum(1.0, self.gain + np.arange(1, frames + 1) / FADE_FRAMES)
        self.gain = float(gains[-1])
        np.testing.assert_allclose(self.timeline.pull(frames), expected * gains, rtol=1e-5, atol=1e-3)
        told = self.timeline.heard(self.timeline.position)
        if self.is_paused:
            assert told == []
        elif self.at and new:
            assert [each for each in told if isinstance(each, Playhead)][-1] == self.place(self.at)

    def pause(self, *, is_flushed: bool) -> None:
        final = self.timeline.pause(0, self.timeline.position if is_flushed else None)
        if self.is_paused:
            return
        if is_flushed:
            self.tail = self.tail[:0]
        elif self.is_adjacent and self.at < self.sound.size and self.at not in self.clause_begins:
            end = min([begin for begin in self.clause_begins if begin > self.at], default=self.sound.size)
            self.tail = self.sound[self.at : min(end, self.at + FADE_FRAMES)].copy()
            self.at += self.tail.size
            self.tail *= np.linspace(1.0, 0.0, self.tail.size, dtype=np.float32)
        self.is_paused, self.is_adjacent = True, False
        self.furthest = max(self.furthest, self.at)
        assert final is None or final == self.place(self.at)

    def resume(self, back: int) -> None:
        to = max(0, self.at - back)
        begin = self.place(to, is_begin=True)
        self.timeline.resume(0, begin.clause_index, begin.frames)
        if self.is_paused:
            self.at, self.gain, self.is_paused = to, 0.0, False

    def place(self, at: int, *, is_begin: bool = False) -> Playhead:
        """Return the clause in which a frame lies; the end of one is not yet the beginning of the next."""
        index = max(number for number, begin in enumerate(self.clause_begins) if begin < at or (is_begin and begin == at) or not number)
        return Playhead(0, index, at - self.clause_begins[index])


steps = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["push", "clause"]), st.integers(1, 3_000)),
        st.tuples(st.just("pull"), st.integers(1, 2_000)),
        st.tuples(st.sampled_from(["pause", "flush"]), st.just(0)),
        st.tuples(st.just("resume"), st.integers(0, 4_000)),
    ),
    max_size=40,
)


@settings(deadline=None, max_examples=200)
@given(steps)
def test_whatever_is_paused_and_resumed_when_exactly_the_right_samples_come_out(plan: list[tuple[str, int]]) -> None:
    model = Model()
    for what, amount in plan:
        if what in {"push", "clause"}:
            model.push(amount, is_new_clause=what == "clause")
        elif what == "pull":
            model.pull(amount)
        elif what == "resume":
            if model.tail.size:  # nobody goes on before it is quiet
                model.pull(model.tail.size)
            model.resume(amount)
        else:
            model.pause(is_flushed=what == "flush")
    model.timeline.finish(0)
    model.pull(FADE_FRAMES)
    model.resume(0)
    model.pull(model.sound.size + FADE_FRAMES)
    assert model.at == model.sound.size
    assert model.timeline.is_quiet
    final = model.timeline.cut(0)
    assert final is None or final == model.place(model.sound.size)
