"""What was heard of a turn that falls silent and goes on."""

from __future__ import annotations

import pytest

from voxelle.companion.performance import Performance
from voxelle.companion.trace import TraceBook
from voxelle.contracts.audio import OUTPUT_RATE, Drained, Playhead, RanDry
from voxelle.domain.avatar import Feeling
from voxelle.domain.events import ClauseHeard, Event, PlayheadMoved, Underrun, WordHeard
from voxelle.domain.speech import Clause, WordTiming
from voxelle.kernel.bus import Bus
from voxelle.kernel.clock import LoopClock

LEAD = OUTPUT_RATE // 10
WORD = OUTPUT_RATE // 2
TEXTS = ("One two three,", "four five six.")


class Show:
    """Two clauses of three words of half a second, a tenth of silence before the first."""

    def __init__(self) -> None:
        self.bus = Bus()
        self.told: list[Event] = []
        for kind in (ClauseHeard, WordHeard, PlayheadMoved, Underrun):
            self.bus.subscribe(kind, self.told.append)
        clock = LoopClock()
        self.performance = Performance(7, self.bus, clock, TraceBook(clock, 0.0), lambda: None)
        for index, text in enumerate(TEXTS):
            spoken = self.performance.add(Clause("turn", index, text, Feeling()))
            spoken.frames = LEAD + WORD * 3
            spoken.time_words([WordTiming(word, 0.1 + 0.5 * at, 0.6 + 0.5 * at) for at, word in enumerate(text.split())], 0.0)
            spoken.is_complete = True

    def play(self, index: int, frames: int) -> None:
        self.performance.on_progress(Playhead(7, index, frames))

    def words(self) -> list[str]:
        return [TEXTS[event.clause_index][event.start : event.end] for event in self.told if isinstance(event, WordHeard)]

    def text(self) -> str:
        return " ".join(clause.text for clause in self.performance.heard())


@pytest.fixture
def show() -> Show:
    return Show()


@pytest.mark.parametrize(
    "clause, frames, expected",
    [
        (0, 0, (0, 0)),
        (0, LEAD // 2, (0, LEAD // 2)),
        (0, LEAD + 100, (0, 0)),
        (0, LEAD + WORD, (0, LEAD + WORD)),
        (0, LEAD + WORD + 1, (0, LEAD + WORD)),
        (1, LEAD + 3 * WORD - 1, (1, LEAD + 2 * WORD)),
        (1, LEAD + 3 * WORD, (1, LEAD + 3 * WORD)),
        (1, LEAD + 3 * WORD + 500, (1, LEAD + 3 * WORD + 500)),
    ],
)
def test_she_goes_on_with_the_word_in_which_she_was_silenced(show: Show, clause: int, frames: int, expected: tuple[int, int]) -> None:
    show.performance.pause(Playhead(7, clause, frames))
    assert show.performance.resume_frame() == expected


def test_silenced_before_anything_was_heard_she_begins_anew(show: Show) -> None:
    show.performance.pause(None)
    assert show.performance.resume_frame() == (0, 0)
    show.performance.resume()
    assert show.text() == ""


def test_a_clause_that_nobody_knows_goes_on_where_it_was(show: Show) -> None:
    show.performance.pause(Playhead(7, 9, 123))
    assert show.performance.resume_frame() == (9, 123)


def test_words_that_are_said_again_count_once_and_the_playhead_goes_back(show: Show) -> None:
    show.play(0, LEAD + WORD * 3 // 2)
    show.performance.pause(Playhead(7, 0, LEAD + WORD * 7 // 4))
    assert show.words() == ["One", "two"]
    _, frame = show.performance.resume_frame()
    show.performance.resume()
    for at in range(frame, LEAD + WORD * 3 + 1, WORD // 10):
        show.play(0, at)
    assert show.words() == ["One", "two", "three,"]
    assert len([event for event in show.told if isinstance(event, ClauseHeard)]) == 1
    positions = [event.position_s for event in show.told if isinstance(event, PlayheadMoved)]
    assert positions[1] == pytest.approx(frame / OUTPUT_RATE)
    assert positions[0] > positions[1]
    assert show.text() == "One two three,"


def test_the_history_keeps_what_was_heard_before_words_were_said_again(show: Show) -> None:
    show.performance.pause(Playhead(7, 0, LEAD + WORD * 7 // 4))
    show.performance.resume()
    show.play(0, LEAD + WORD)
    show.performance.close(Playhead(7, 0, LEAD + WORD + 10))
    assert show.text() == "One two"


def test_nothing_is_heard_while_she_is_silent(show: Show) -> None:
    show.play(0, LEAD)
    show.performance.pause(Playhead(7, 0, LEAD + 10))
    count = len(show.told)
    show.play(0, LEAD + WORD * 2)
    show.performance.on_progress(RanDry(7, 3))
    assert len(show.told) == count
    assert show.text() == ""


def test_a_late_word_that_all_was_heard_counts_when_she_goes_on(show: Show) -> None:
    show.performance.pause(Playhead(7, 1, LEAD + WORD * 3))
    show.performance.pause(None)
    show.performance.on_progress(Drained(7))
    assert not show.performance.drained.is_set()
    show.performance.resume()
    assert show.performance.drained.is_set()
    assert show.text() == " ".join(TEXTS)


def test_a_late_word_that_all_was_heard_counts_for_one_who_is_cut_too(show: Show) -> None:
    show.performance.pause(Playhead(7, 1, LEAD + WORD))
    show.performance.on_progress(Drained(7))
    show.performance.close(Playhead(7, 1, LEAD + WORD))
    show.performance.resume()
    assert show.text() == " ".join(TEXTS)
    assert not show.performance.drained.is_set()


def test_time_for_what_is_said_again_is_counted_in(show: Show) -> None:
    before_s = show.performance.unheard_s()
    show.performance.pause(Playhead(7, 0, LEAD + WORD * 3 // 2))
    show.performance.resume()
    assert show.performance.unheard_s() == pytest.approx(before_s - 0.1 - 0.75 + 0.25)
    show.performance.resume()
    show.performance.close(None)
    show.performance.pause(Playhead(7, 1, 0))
    assert show.performance.unheard_s() == pytest.approx(before_s - 0.6)
