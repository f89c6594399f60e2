"""What she said, and when it was audible."""

from __future__ import annotations

from datetime import datetime

import pytest

from voxelle.companion.hearing.own_voice import OwnVoice
from voxelle.domain.avatar import Feeling
from voxelle.domain.chat import Author, Stimulus, StimulusKind
from voxelle.domain.events import BargeInChanged, ClauseHeard, TurnStarted, TurnStateChanged
from voxelle.domain.hearing import BargeInState
from voxelle.domain.speech import Clause, TurnState
from voxelle.kernel.bus import Bus
from voxelle.kernel.clock import LoopClock

pytestmark = pytest.mark.virtual_time


class Her:
    """Speaks on a bus of her own."""

    def __init__(self) -> None:
        self.bus, self.clock = Bus(), LoopClock()
        self.voice = OwnVoice(self.bus, self.clock)

    def begins(self, text: str, seconds: float = 2.0) -> None:
        self.bus.announce(TurnStateChanged(TurnState.SPEAKING, "t"))
        self.bus.announce(ClauseHeard(Clause("t", 0, text, Feeling()), seconds))

    def ends(self) -> None:
        self.bus.announce(TurnStateChanged(TurnState.IDLE))


async def test_it_is_hers_while_it_is_audible_and_a_moment_after() -> None:
    her = Her()
    await her.clock.sleep(10.0)
    her.begins("one two")
    await her.clock.sleep(2.0)
    her.begins("three four")
    await her.clock.sleep(2.0)
    her.ends()
    assert her.voice.during(9.0, 9.9) == ""
    assert her.voice.during(10.5, 11.0) == "one two"
    assert her.voice.during(11.0, 13.0) == "one two three four"
    assert her.voice.during(14.0, 14.2) == "three four"
    assert her.voice.during(13.9, 16.0) == ""  # mostly in silence: an answer
    assert her.voice.during(15.0, 16.0) == ""


async def test_words_without_a_sound_are_no_voice() -> None:
    her = Her()
    her.begins("only shown", 0.0)
    assert her.voice.during(0.0, 1.0) == ""
    assert her.voice.is_speaking


async def test_paused_she_is_silent_and_then_says_it_again() -> None:
    her = Her()
    her.begins("a long clause", 5.0)
    await her.clock.sleep(1.0)
    her.bus.announce(BargeInChanged(BargeInState.DUCKED, "t"))
    her.bus.announce(BargeInChanged(BargeInState.PAUSED, "t"))
    await her.clock.sleep(3.0)
    assert her.voice.is_speaking
    assert her.voice.during(2.0, 4.0) == ""
    her.bus.announce(BargeInChanged(BargeInState.NONE, "t"))
    await her.clock.sleep(1.0)
    assert her.voice.during(4.0, 5.0) == "a long clause"
    her.bus.announce(BargeInChanged(BargeInState.INTERRUPTED, "t"))
    her.ends()
    her.bus.announce(BargeInChanged(BargeInState.NONE, ""))
    await her.clock.sleep(2.0)
    assert her.voice.during(6.0, 7.0) == ""


async def test_she_answers_from_the_first_thought_to_the_last_word() -> None:
    her = Her()
    said = Stimulus("s", StimulusKind.VOICE, Author("a", "a"), "hi", datetime.now().astimezone())
    her.bus.announce(TurnStarted("t", "mira", (said,)))
    assert her.voice.is_answering
    assert not her.voice.is_speaking
    her.ends()
    assert not her.voice.is_answering
    her.voice.close()
    her.begins("nobody follows")
    assert not her.voice.is_speaking
