"""The pure part of sound: order, cuts and playheads, whatever is pushed and pulled when."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voxelle.audio.timeline import FADE_FRAMES, RAMP_FRAMES, STEP_FRAMES, Timeline
from voxelle.contracts.audio import OUTPUT_RATE, Clip, Drained, Playhead, Progress, RanDry
from voxelle.contracts.tts import Samples


def ones(frames: int, value: float = 1.0) -> Samples:
    return np.full(frames, value, np.float32)


def clip(generation: int, clause: int, offset: int, samples: Samples) -> Clip:
    return Clip(generation, clause, offset, samples)


def test_clips_come_out_in_order_and_silence_follows() -> None:
    timeline = Timeline()
    timeline.push(clip(0, 0, 0, ones(3, 0.1)))
    timeline.push(clip(0, 0, 3, ones(2, 0.2)))
    timeline.push(clip(0, 1, 0, ones(2, 0.3)))
    assert timeline.queued == 7
    np.testing.assert_allclose(timeline.pull(4), [0.1, 0.1, 0.1, 0.2])
    assert (timeline.filled, timeline.queued) == (4, 3)
    np.testing.assert_allclose(timeline.pull(5), [0.2, 0.3, 0.3, 0, 0])
    assert (timeline.filled, timeline.position) == (3, 9)


def test_the_playhead_follows_the_ear_and_not_the_device() -> None:
    timeline = Timeline()
    timeline.push(clip(0, 0, 0, ones(STEP_FRAMES * 3)))
    timeline.push(clip(0, 1, 0, ones(10)))
    timeline.finish(0)
    timeline.pull(STEP_FRAMES * 3 + 10)
    assert timeline.heard(0) == []
    assert timeline.heard(1) == [Playhead(0, 0, 0)]
    assert timeline.heard(STEP_FRAMES - 1) == []
    assert timeline.heard(STEP_FRAMES + 5) == [Playhead(0, 0, STEP_FRAMES + 5)]
    assert timeline.heard(STEP_FRAMES * 3) == [Playhead(0, 0, STEP_FRAMES * 3)]
    assert not timeline.is_quiet
    assert timeline.heard(STEP_FRAMES * 3 + 10) == [Playhead(0, 1, 0), Playhead(0, 1, 10), Drained(0)]
    assert timeline.is_quiet


def test_a_generation_without_sound_is_drained_at_once() -> None:
    timeline = Timeline()
    timeline.finish(4)
    timeline.finish(4)
    assert not timeline.is_quiet
    assert timeline.heard(0) == [Drained(4)]
    assert timeline.heard(0) == []
    assert timeline.is_quiet


def test_a_gap_in_an_unfinished_generation_is_counted_once_each_time() -> None:
    timeline = Timeline()
    timeline.pull(10)
    timeline.push(clip(0, 0, 0, ones(5)))
    for _ in range(3):
        timeline.pull(10)
    assert [each for each in timeline.heard(100) if isinstance(each, RanDry)] == [RanDry(0, 1)]
    timeline.push(clip(0, 0, 5, ones(15)))
    timeline.pull(10)
    timeline.pull(10)
    assert [each for each in timeline.heard(100) if isinstance(each, RanDry)] == [RanDry(0, 2)]
    assert not timeline.is_quiet
    timeline.finish(0)
    timeline.pull(10)
    assert timeline.heard(100) == [Drained(0)]


def test_an_underflow_of_the_device_counts_only_while_something_sounds() -> None:
    timeline = Timeline()
    assert not timeline.note_underflow()
    timeline.push(clip(0, 0, 0, ones(5)))
    timeline.pull(5)
    assert timeline.note_underflow()
    assert RanDry(0, 1) in timeline.heard(0)


def test_a_cut_fades_what_sounds_and_says_what_was_heard() -> None:
    timeline = Timeline()
    timeline.push(clip(3, 0, 0, ones(5000)))
    timeline.push(clip(3, 1, 0, ones(5000)))
    timeline.finish(3)
    timeline.pull(1000)
    assert timeline.cut(3) == Playhead(3, 0, 1000 + FADE_FRAMES)
    assert timeline.quiet_at == 1000 + FADE_FRAMES
    assert timeline.queued == FADE_FRAMES
    tail = timeline.pull(2000)
    assert tail[0] == 1.0
    assert np.all(np.diff(tail[:FADE_FRAMES]) < 0)
    assert not tail[FADE_FRAMES - 1 :].any()
    assert timeline.heard(timeline.position) == []
    assert timeline.is_quiet
    assert timeline.cut(3) == Playhead(3, 0, 1000 + FADE_FRAMES)
    assert timeline.cut(2) is None
    timeline.push(clip(3, 1, 0, ones(10)))
    timeline.finish(3)
    assert not timeline.pull(100).any()
    assert timeline.heard(timeline.position) == []


def test_a_cut_before_anything_sounds_is_silent_and_none() -> None:
    timeline = Timeline()
    timeline.push(clip(0, 0, 0, ones(100)))
    assert timeline.cut(0) is None
    assert not timeline.pull(100).any()


def test_a_cut_in_a_pause_needs_no_fade() -> None:
    timeline = Timeline()
    timeline.push(clip(0, 0, 0, ones(100)))
    timeline.pull(200)
    timeline.push(clip(0, 1, 0, ones(100)))
    assert timeline.cut(0) == Playhead(0, 0, 100)
    assert timeline.quiet_at == timeline.position
    assert not timeline.pull(100).any()


def test_a_cut_leaves_a_newer_generation_alone() -> None:
    timeline = Timeline()
    timeline.push(clip(0, 0, 0, ones(2000)))
    timeline.push(clip(1, 0, 0, ones(100, 0.5)))
    timeline.pull(10)
    assert timeline.cut(0) == Playhead(0, 0, 10 + FADE_FRAMES)
    np.testing.assert_array_equal(timeline.pull(FADE_FRAMES + 100)[FADE_FRAMES:], ones(100, 0.5))
    assert Playhead(1, 0, 100) in timeline.heard(timeline.position)


def test_an_output_that_can_throw_frames_away_cuts_at_the_ear() -> None:
    timeline = Timeline()
    timeline.push(clip(0, 0, 0, ones(1000)))
    timeline.push(clip(0, 1, 0, ones(1000)))
    timeline.pull(1500)
    timeline.heard(900)
    assert timeline.cut(0, heard_to=1200) == Playhead(0, 1, 200)
    assert timeline.queued == 0
    early = Timeline()
    early.push(clip(0, 0, 0, ones(1000)))
    early.pull(1000)
    assert early.cut(0, heard_to=0) is None
    late = Timeline()
    late.push(clip(0, 0, 0, ones(1000)))
    late.pull(1000)
    late.heard(1000)
    assert late.cut(0, heard_to=1000) == Playhead(0, 0, 1000)


def test_volume_is_ramped_and_bounded() -> None:
    timeline = Timeline(volume=2.0)
    timeline.push(clip(0, 0, 0, ones(RAMP_FRAMES * 4)))
    assert timeline.pull(10)[-1] == 1.0
    timeline.set_volume(-1)
    down = timeline.pull(RAMP_FRAMES * 2)
    assert abs(float(np.diff(down).min())) <= 1.001 / RAMP_FRAMES
    assert down[-1] == 0.0
    timeline.set_volume(0.5)
    up = timeline.pull(RAMP_FRAMES)
    assert up[-1] == 0.5
    assert timeline.pull(1)[0] == 0.5
    timeline.set_volume(1.0)
    assert timeline.pull(0).shape == (0,)


@dataclass
class Listener:
    """Hears an output `latency` frames late. Every frame of sound has its own number for a value."""

    latency: int
    timeline: Timeline = field(default_factory=Timeline)
    generation: int = 0
    clause: int = 0
    offset: int = 0
    pushed: list[Samples] = field(default_factory=list)
    origin: list[tuple[int, int]] = field(default_factory=list)
    """Generation and clause of each pushed array."""
    heard: list[Samples] = field(default_factory=list)
    told: list[Progress] = field(default_factory=list)
    cut_below: int = -1
    next_value: int = 1

    def push(self, frames: int, *, is_new_clause: bool) -> None:
        if is_new_clause and self.offset:
            self.clause, self.offset = self.clause + 1, 0
        values = np.arange(self.next_value, self.next_value + frames, dtype=np.float32)
        self.next_value += frames
        self.pushed.append(values)
        self.origin.append((self.generation, self.clause))
        self.timeline.push(clip(self.generation, self.clause, self.offset, values))
        self.offset += frames

    def pull(self, frames: int) -> None:
        self.heard.append(self.timeline.pull(frames))
        self.told += self.timeline.heard(self.timeline.position - self.latency)

    def cut(self) -> None:
        """Cut, and check that after the fade nothing of it is left."""
        self.timeline.cut(self.generation)
        assert not [each for each in self.timeline.heard(self.timeline.position) if isinstance(each, Playhead)]
        fade = self.timeline.pull(self.timeline.quiet_at - self.timeline.position)
        assert fade.shape[0] <= FADE_FRAMES
        assert self.timeline.queued == 0
        assert not self.timeline.pull(100).any()
        self.cut_below = self.generation

    def next_generation(self) -> None:
        self.generation += 1
        self.clause = self.offset = 0


steps = st.one_of(
    st.tuples(st.just("push"), st.integers(0, 1500), st.booleans()),
    st.tuples(st.just("pull"), st.integers(0, 1200), st.just(False)),
    st.tuples(st.sampled_from(["cut", "finish"]), st.just(0), st.just(False)),
)


@settings(deadline=None)
@given(st.lists(steps, max_size=40), st.integers(0, 3000))
def test_whatever_happens_all_that_is_not_cut_is_heard_once_and_in_order(plan: list[tuple[str, int, bool]], latency: int) -> None:
    listener = Listener(latency)
    for what, frames, is_new_clause in plan:
        if what == "push":
            listener.push(frames, is_new_clause=is_new_clause)
        elif what == "pull":
            listener.pull(frames)
        elif what == "cut":
            listener.cut()
            listener.next_generation()
        else:
            listener.timeline.finish(listener.generation)
            listener.next_generation()
    listener.timeline.finish(listener.generation)
    listener.pull(40 * 1500)
    listener.pull(listener.latency)

    sound = np.concatenate(listener.heard)
    sound = sound[sound > 0]
    assert np.all(np.diff(sound) > 0)
    whole = [values for values, (generation, _) in zip(listener.pushed, listener.origin, strict=True) if generation > listener.cut_below]
    expected = np.concatenate([np.empty(0, np.float32), *whole])
    np.testing.assert_array_equal(sound[sound.shape[0] - expected.shape[0] :], expected)
    for generation in range(listener.cut_below + 1, listener.generation + 1):
        assert listener.told.count(Drained(generation)) == 1
        heads = [each for each in listener.told if isinstance(each, Playhead) and each.generation == generation]
        assert [(each.clause_index, each.frames) for each in heads] == sorted({(each.clause_index, each.frames) for each in heads})
        sizes: dict[int, int] = {}
        for values, (number, clause) in zip(listener.pushed, listener.origin, strict=True):
            if number == generation and values.shape[0]:
                sizes[clause] = sizes.get(clause, 0) + values.shape[0]
        for clause, size in sizes.items():
            assert Playhead(generation, clause, 0) in heads
            assert Playhead(generation, clause, size) in heads
    assert listener.timeline.is_quiet


@settings(deadline=None)
@given(st.lists(st.integers(1, 3000), min_size=1, max_size=8), st.lists(st.integers(1, 2000), min_size=1, max_size=6))
def test_the_final_playhead_counts_exactly_the_frames_that_came_out(clips: list[int], pulls: list[int]) -> None:
    timeline = Timeline()
    for clause, frames in enumerate(clips):
        timeline.push(clip(0, clause, 0, ones(frames)))
    heard = 0
    for frames in pulls:
        timeline.pull(frames)
        heard += timeline.filled
    final = timeline.cut(0)
    timeline.pull(FADE_FRAMES * 2)
    heard += timeline.filled
    assert final is not None
    assert sum(clips[: final.clause_index]) + final.frames == heard
    assert not timeline.pull(OUTPUT_RATE).any()


@pytest.mark.parametrize("generation", [0, 1])
def test_empty_clips_are_nothing(generation: int) -> None:
    timeline = Timeline()
    timeline.push(clip(generation, 0, 0, ones(0)))
    assert timeline.is_quiet
