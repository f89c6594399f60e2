"""Beginning, pausing, going on, ending: by probabilities of speech alone."""

from __future__ import annotations

import itertools
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voxelle.companion.hearing.endpointing import (
    FRAME_S,
    LONGEST_UTTERANCE_S,
    Ended,
    Endpointer,
    Paused,
    Resumed,
    Step,
    VoiceBegan,
)
from voxelle.settings.hearing import HearingSettings

SETTINGS = HearingSettings(shortest_wait_s=0.2, longest_wait_s=1.4, speech_from=0.5)


class Feeder:
    """Feeds an endpointer frame after frame."""

    def __init__(self, settings: HearingSettings = SETTINGS) -> None:
        self.endpointer = Endpointer(settings)
        self.now_s = 100.0
        self.steps: list[Step] = []

    def feed(self, speech: float, seconds: float) -> list[Step]:
        """Feed the same probability for some time; return the new steps."""
        return self.frames(*[speech] * round(seconds / FRAME_S))

    def frames(self, *speech: float) -> list[Step]:
        """Feed frames one by one; return the new steps."""
        before = len(self.steps)
        for each in speech:
            self.now_s += FRAME_S
            self.steps += self.endpointer.push(each, self.now_s)
        return self.steps[before:]


def test_two_voiced_frames_in_a_row_are_a_voice() -> None:
    feeder = Feeder()
    assert feeder.frames(0.0, 0.9, 0.0, 0.9, 0.0) == []
    began_s = feeder.now_s
    assert feeder.frames(0.9, 0.9) == [VoiceBegan(began_s)]


def test_speech_ends_lower_than_where_it_begins() -> None:
    feeder = Feeder()
    assert feeder.feed(0.45, 1.0) == []
    feeder.feed(0.9, 0.5)
    assert feeder.feed(0.4, 1.0) == []
    spoke_until_s = feeder.now_s
    assert feeder.feed(0.3, 0.1) == [Paused(spoke_until_s)]


def test_the_wait_moves_smoothly_with_the_probability() -> None:
    waits = []
    for percent in range(0, 101, 5):
        feeder = Feeder()
        feeder.feed(0.9, 1.0)
        feeder.feed(0.0, 0.1)
        feeder.endpointer.expect(percent / 100)
        waits.append(feeder.endpointer.wait_s)
    assert [waits[0], waits[-1]] == pytest.approx([1.4, 0.2])
    assert waits == sorted(waits, reverse=True)
    assert max(before - after for before, after in itertools.pairwise(waits)) < 0.15


@pytest.mark.parametrize("probability, frames", [(1.0, 6), (0.5, 25), (0.0, 44)])
def test_the_end_comes_at_the_frame_nearest_to_the_wait(probability: float, frames: int) -> None:
    feeder = Feeder()
    feeder.feed(0.9, 1.0)
    feeder.frames(0.0, 0.0, 0.0)
    feeder.endpointer.expect(probability)
    feeder.frames(*[0.0] * (frames - 4))
    assert not any(isinstance(step, Ended) for step in feeder.steps)
    assert any(isinstance(step, Ended) for step in feeder.frames(0.0))


def test_without_an_end_of_turn_engine_the_wait_is_the_middle() -> None:
    feeder = Feeder()
    feeder.feed(0.9, 1.0)
    feeder.feed(0.0, 0.1)
    assert feeder.endpointer.wait_s == pytest.approx(0.8)


def test_an_answer_that_comes_late_ends_at_once() -> None:
    feeder = Feeder()
    feeder.feed(0.9, 1.0)
    feeder.feed(0.0, 0.5)
    [ended] = feeder.endpointer.expect(1.0)
    assert isinstance(ended, Ended)
    assert feeder.endpointer.expect(1.0) == ()


def test_a_text_that_cannot_be_the_end_lengthens_the_wait() -> None:
    feeder = Feeder()
    feeder.feed(0.9, 1.0)
    feeder.feed(0.0, 0.1)
    feeder.endpointer.expect(0.95)
    feeder.endpointer.note_text(is_open_ended=True, is_question=False)
    assert 1.2 < feeder.endpointer.wait_s < 1.4
    feeder.endpointer.note_text(is_open_ended=False, is_question=False)
    assert feeder.endpointer.wait_s == pytest.approx(0.2)


def test_a_question_shortens_a_long_wait() -> None:
    feeder = Feeder()
    feeder.feed(0.9, 1.0)
    feeder.feed(0.0, 0.1)
    feeder.endpointer.expect(0.05)
    feeder.endpointer.note_text(is_open_ended=False, is_question=True)
    assert feeder.endpointer.wait_s == pytest.approx(0.8)
    feeder.endpointer.expect(0.95)
    assert feeder.endpointer.wait_s == pytest.approx(0.2)


def test_whoever_goes_on_is_asked_anew_at_the_next_pause() -> None:
    feeder = Feeder()
    feeder.feed(0.9, 1.0)
    feeder.feed(0.0, 0.1)
    feeder.endpointer.expect(0.0)
    feeder.endpointer.note_text(is_open_ended=True, is_question=False)
    at_s = feeder.now_s
    assert feeder.frames(0.9, 0.9) == [Resumed(at_s)]
    feeder.feed(0.0, 0.1)
    assert feeder.endpointer.wait_s == pytest.approx(0.8)


def test_a_click_in_a_pause_is_not_going_on() -> None:
    feeder = Feeder()
    feeder.feed(0.9, 1.0)
    spoke_until_s = feeder.now_s
    feeder.feed(0.0, 0.1)
    feeder.frames(0.9)
    feeder.endpointer.expect(1.0)
    [ended] = feeder.feed(0.0, 0.4)
    assert isinstance(ended, Ended)
    assert ended.spoke_until_s == spoke_until_s


def test_an_endless_speech_is_cut_and_goes_on() -> None:
    feeder = Feeder()
    feeder.feed(0.9, 65.0)
    kinds = [type(step) for step in feeder.steps]
    assert kinds == [VoiceBegan, Ended, VoiceBegan, Ended, VoiceBegan]
    ended = [step for step in feeder.steps if isinstance(step, Ended)]
    assert all(step.goes_on and step.voiced_s == pytest.approx(LONGEST_UTTERANCE_S, abs=0.1) for step in ended)
    feeder.feed(0.0, 2.0)
    assert feeder.steps[-1] == Ended(feeder.steps[-1].spoke_until_s, pytest.approx(5.0, abs=0.2))  # type: ignore[union-attr, arg-type]


def test_silence_ends_nothing_while_a_key_is_held() -> None:
    feeder = Feeder()
    feeder.endpointer.hold(is_held=True)
    feeder.feed(0.9, 1.0)
    assert [type(step) for step in feeder.feed(0.0, 20.0)] == [Paused]
    feeder.endpointer.expect(1.0)
    feeder.feed(0.0, 1.0)
    assert isinstance(feeder.steps[-1], Paused)
    [ended] = feeder.endpointer.close(feeder.now_s, 0.3)
    assert isinstance(ended, Ended)


def test_after_the_key_the_first_pause_or_the_tail_is_the_end() -> None:
    feeder = Feeder()
    feeder.endpointer.hold(is_held=True)
    feeder.feed(0.9, 1.0)
    assert feeder.endpointer.close(feeder.now_s, 0.3) == ()
    assert [type(step) for step in feeder.feed(0.9, 0.32)] == [Ended]
    feeder.endpointer.reset()
    feeder.endpointer.hold(is_held=True)
    feeder.feed(0.9, 1.0)
    feeder.endpointer.close(feeder.now_s, 0.3)
    assert [type(step) for step in feeder.feed(0.0, 0.2)] == [Paused, Ended]


def test_what_is_said_can_be_finished_by_somebody_else() -> None:
    feeder = Feeder()
    assert feeder.endpointer.finish() == ()
    feeder.feed(0.9, 1.0)
    [ended] = feeder.endpointer.finish()
    assert isinstance(ended, Ended)
    assert ended.voiced_s == pytest.approx(1.0, abs=0.05)
    assert not feeder.endpointer.is_speaking


def test_a_longest_wait_below_the_shortest_is_the_shortest() -> None:
    feeder = Feeder(HearingSettings(shortest_wait_s=1.0, longest_wait_s=0.2))
    feeder.feed(0.9, 1.0)
    feeder.feed(0.0, 0.1)
    assert feeder.endpointer.wait_s == 1.0


@given(st.lists(st.tuples(st.floats(0, 1), st.integers(1, 60)), max_size=40), st.integers(0, 2**32))
def test_whatever_is_heard_an_utterance_begins_pauses_and_ends_in_order(runs: list[tuple[float, int]], seed: int) -> None:
    feeder, chance = Feeder(), random.Random(seed)
    for speech, frames in runs:
        for _ in range(frames):
            feeder.frames(speech)
            if chance.random() < 0.1:
                feeder.steps += feeder.endpointer.expect(chance.random())
            if chance.random() < 0.01:
                feeder.endpointer.hold(is_held=True)
            if chance.random() < 0.02:
                feeder.steps += feeder.endpointer.close(feeder.now_s, 0.3)
    following: dict[type[Step] | None, set[type[Step]]] = {
        None: {VoiceBegan},
        VoiceBegan: {Paused, Ended},
        Paused: {Resumed, Ended},
        Resumed: {Paused, Ended},
        Ended: {VoiceBegan},
    }
    before: type[Step] | None = None
    for step in feeder.steps:
        assert type(step) in following[before]
        before = type(step)
