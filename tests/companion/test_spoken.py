"""What is said to her, on its way through triage and prompt."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.companion.conftest import broadcaster, chat
from voxelle.companion.prompt import after_interruption, prompt_line
from voxelle.companion.triage import MAX_SPOKEN, MAX_TEXT, Triage, with_clean_text
from voxelle.domain.avatar import Feeling
from voxelle.domain.chat import QueueItem, Stimulus, StimulusKind, Verdict
from voxelle.domain.hearing import Utterance
from voxelle.domain.speech import HeardClause, TurnOutcome, TurnRecord, TurnTrace
from voxelle.settings.schema import TurnSettings


def spoken(text: str, **changes: object) -> Stimulus:
    """Return something that the streamer said."""
    times = Utterance("u", 1.0, 2.0, 2.2, 2.3)
    return chat(text, "boss", **{"kind": StimulusKind.VOICE, "author": broadcaster(), "utterance": times, **changes})  # type: ignore[arg-type]


def turn(outcome: TurnOutcome, text: str = "Once upon a time") -> TurnRecord:
    """Return a past turn."""
    now = datetime(2026, 1, 1, tzinfo=UTC)
    heard = (HeardClause(0, text, Feeling(), is_whole=False),) if text else ()
    return TurnRecord("t", "mira", now, now, outcome, (), "tom: hi", heard, TurnTrace())


def test_the_streamers_voice_comes_as_first_as_what_he_types() -> None:
    queue = Triage(TurnSettings())
    said = queue.submit(spoken("hello"), 3.0)
    typed = queue.submit(chat("typed", "e", kind=StimulusKind.TYPED), 3.0)
    guest = queue.submit(spoken("me too", author=chat("").author), 3.0)
    assert (said.verdict, said.reason) == (Verdict.QUEUED, "you said it")
    assert guest.score < said.score == typed.score
    assert guest.reason == "spoken to her"


def test_its_time_counts_from_the_end_of_the_speech() -> None:
    queue = Triage(TurnSettings())
    queue.submit(spoken("hello"), 2.5)
    picked = queue.pick(2.5)
    assert picked is not None
    assert picked.since_s == 2.0
    queue.submit(spoken("from the future"), 1.0)
    picked = queue.pick(1.0)
    assert picked is not None
    assert picked.since_s == 1.0


def test_nothing_said_is_nothing_to_answer() -> None:
    assert Triage(TurnSettings()).submit(spoken(""), 0.0).reason == "it is empty"


def test_a_long_speech_is_longer_than_a_line_of_chat_may_be() -> None:
    words = "word " * 1_000
    assert len(with_clean_text(spoken(words)).text) == MAX_SPOKEN
    assert len(with_clean_text(chat(words)).text) == MAX_TEXT
    assert len(prompt_line(QueueItem(spoken("word " * 300), 0.0, ()))) > MAX_TEXT


@pytest.mark.parametrize(
    "stimulus, line",
    [
        (spoken("hello"), "boss (the streamer, aloud): hello"),
        (spoken("hello", author=chat("").author), "tom (aloud): hello"),
        (chat("hello", "boss", author=broadcaster()), "boss (the streamer): hello"),
    ],
)
def test_she_is_told_who_speaks_and_how(stimulus: Stimulus, line: str) -> None:
    assert prompt_line(QueueItem(stimulus, 0.0, ())) == line


def test_after_an_interruption_she_is_told_not_to_say_it_again() -> None:
    assert after_interruption("boss: hi", [turn(TurnOutcome.COMPLETED), turn(TurnOutcome.CUT)]).endswith(") boss: hi")
    assert "interrupted" in after_interruption("boss: hi", [turn(TurnOutcome.CUT)])


@pytest.mark.parametrize("history", [[], [turn(TurnOutcome.COMPLETED)], [turn(TurnOutcome.CUT, "")]])
def test_without_an_interruption_nothing_is_told(history: list[TurnRecord]) -> None:
    assert after_interruption("boss: hi", history) == "boss: hi"
