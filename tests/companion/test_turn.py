"""A turn on virtual time, with fake engines: what is heard, in which order, and how it ends."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import pytest

from tests.companion.conftest import open_stage
from tests.fakes.engines import FakeClassifier, FakeVoice, Step
from voxelle.companion.machine import TurnMachine
from voxelle.contracts.audio import Clip, Drained, Progress
from voxelle.domain.avatar import Emotion, Feeling, FeelingSource
from voxelle.domain.errors import TemporaryError
from voxelle.domain.events import (
    ClauseBlocked,
    ClauseHeard,
    NoticeRaised,
    ReplyGrown,
    TurnEnded,
    TurnStarted,
    TurnStateChanged,
    WordHeard,
)
from voxelle.domain.speech import TurnOutcome, TurnState
from voxelle.kernel.bus import Bus
from voxelle.kernel.clock import LoopClock

pytestmark = pytest.mark.virtual_time

SLOW_REPLY: list[Step] = [
    "[joy] ",
    0.2,
    "Hello there, ",
    0.1,
    "my friend. ",
    1.0,
    "This is the second sentence. ",
    1.0,
    "And the third one!",
]


async def test_a_reply_is_heard_clause_by_clause_in_order(folder: Path) -> None:
    async with open_stage(folder, SLOW_REPLY) as stage:
        await stage.companion.tell("hi")
        await stage.companion.settle()
    heard = [event.clause.text for event in stage.of(ClauseHeard)]
    assert heard == ["Hello there,", "my friend.", "This is the second sentence.", "And the third one!"]
    [record] = stage.conversations.turns
    assert record.outcome is TurnOutcome.COMPLETED
    assert record.heard_text == " ".join(heard)
    assert not record.was_cut


async def test_the_first_clause_is_audible_while_the_model_still_writes(folder: Path) -> None:
    async with open_stage(folder, SLOW_REPLY) as stage:
        await stage.companion.tell("hi")
        await stage.companion.settle()
    marks = stage.conversations.turns[0].trace.marks
    assert marks["audible"] < marks["llm_done"]
    assert list(marks) == [
        "dequeued",
        "prompt",
        "first_token",
        "first_clause",
        "gated",
        "first_sample",
        "audible",
        "llm_done",
        "last_sample",
        "ended",
    ]


async def test_the_tag_feels_the_first_clause_and_the_classifier_the_others(folder: Path) -> None:
    async with open_stage(folder, ["[sadness] Oh no, that is bad. I am happy now."], classifier=FakeClassifier(LoopClock())) as stage:
        await stage.companion.tell("hi")
        await stage.companion.settle()
    feelings = [event.clause.feeling for event in stage.of(ClauseHeard)]
    assert feelings[0].emotion is Emotion.SADNESS
    assert feelings[0].source is FeelingSource.TAG
    assert {feeling.source for feeling in feelings[1:]} == {FeelingSource.CLASSIFIER}
    assert stage.companion.snapshot().feeling.emotion is Emotion.JOY


async def test_a_failing_classifier_costs_only_its_opinion(folder: Path) -> None:
    classifier = FakeClassifier(LoopClock(), TemporaryError("The feelings are restarting."))
    async with open_stage(folder, ["Hello there everybody. This is fine."], classifier=classifier) as stage:
        await stage.companion.tell("hi")
        await stage.companion.settle()
    [record] = stage.conversations.turns
    assert record.outcome is TurnOutcome.COMPLETED
    assert any("feelings are restarting" in note for note in record.trace.notes)


async def test_every_word_is_announced_when_it_sounds(folder: Path) -> None:
    async with open_stage(folder, ["[joy] Hello there, my friend. How are you today?"]) as stage:
        await stage.companion.tell("hi")
        await stage.companion.settle()
    texts = {event.clause.index: event.clause.text for event in stage.of(ClauseHeard)}
    words = [texts[event.clause_index][event.start : event.end] for event in stage.of(WordHeard)]
    assert words == ["Hello", "there,", "my", "friend.", "How", "are", "you", "today?"]


@pytest.mark.parametrize("has_timings", [True, False])
async def test_history_keeps_only_what_was_heard(folder: Path, has_timings: bool) -> None:
    voice = FakeVoice(LoopClock(), has_timings=has_timings)
    async with open_stage(folder, ["[joy] One two three four, five six seven eight nine ten. And eleven."], voice=voice) as stage:
        await stage.companion.tell("hi")
        await stage.clock.sleep(0.05 + 0.40)
        await stage.companion.stop_talking()
        heard_at_stop = list(stage.output.audible)
        await stage.clock.sleep(5)
        assert stage.output.audible == heard_at_stop
    [record] = stage.conversations.turns
    assert record.outcome is TurnOutcome.CUT
    assert record.heard_text == "One two"
    assert record.was_cut


async def test_a_cut_announces_interrupted_then_stopped_then_idle(folder: Path) -> None:
    async with open_stage(folder, SLOW_REPLY) as stage:
        await stage.companion.tell("hi")
        await stage.clock.sleep(0.5)
        await stage.companion.stop_talking()
    states = [event.state for event in stage.of(TurnStateChanged)]
    assert states == [TurnState.THINKING, TurnState.SPEAKING, TurnState.INTERRUPTED, TurnState.STOPPED, TurnState.IDLE]


async def test_a_cut_while_thinking_stops_the_model_and_hears_nothing(folder: Path) -> None:
    async with open_stage(folder, ["[joy] ", 30.0, "too late"]) as stage:
        await stage.companion.tell("hi")
        await stage.clock.sleep(0.1)
        await stage.companion.stop_talking()
        assert stage.model.closed_early == 1
    [record] = stage.conversations.turns
    assert record.heard == ()
    assert record.outcome is TurnOutcome.CUT
    assert record.ended_at.timestamp() - record.started_at.timestamp() < 1


async def test_stopping_when_nothing_is_said_changes_nothing(folder: Path) -> None:
    async with open_stage(folder) as stage:
        await stage.companion.stop_talking()
    assert stage.of(TurnEnded) == []


async def test_random_cuts_always_end_once_and_match_what_was_audible(folder: Path) -> None:
    chance = random.Random(7)
    async with open_stage(folder, SLOW_REPLY) as stage:
        for _ in range(60):
            await stage.companion.tell("hi")
            await stage.clock.sleep(chance.uniform(0.0, 6.0))
            await stage.companion.stop_talking()
            await stage.companion.settle()
    started = [event.turn_id for event in stage.of(TurnStarted)]
    ended = [event.record.id for event in stage.of(TurnEnded)]
    assert ended == started
    assert len(set(ended)) == len(ended)
    for generation, record in enumerate(stage.conversations.turns, start=1):
        last = max((frames for turn, clause, frames in stage.output.audible if turn == generation and clause == 0), default=0)
        assert bool(record.heard) == (last > 0.05 * 5 / 2 * 48_000)


async def test_a_model_that_fails_in_the_middle_ends_the_reply_where_it_stands(folder: Path) -> None:
    async with open_stage(folder, ["[joy] This much was written. ", TemporaryError("The model was lost.")]) as stage:
        await stage.companion.tell("hi")
        await stage.companion.settle()
    [record] = stage.conversations.turns
    assert record.heard_text == "This much was written."
    assert record.outcome is TurnOutcome.COMPLETED
    assert "The language model failed: The model was lost." in record.trace.notes


async def test_a_model_that_never_answers_is_a_failed_turn_with_a_sentence(folder: Path) -> None:
    async with open_stage(folder, [TemporaryError("No model is there.")]) as stage:
        await stage.companion.tell("hi")
        await stage.companion.settle()
    assert stage.conversations.turns[0].outcome is TurnOutcome.FAILED
    assert any("No model is there." in event.sentence for event in stage.of(NoticeRaised))


async def test_a_bug_in_a_turn_ends_the_turn_and_not_the_show(folder: Path) -> None:
    async with open_stage(folder, [RuntimeError("a bug")], ["[joy] Hello again, my friend."]) as stage:
        await stage.companion.tell("hi")
        await stage.companion.settle()
        await stage.companion.tell("hi again")
        await stage.companion.settle()
    outcomes = [event.record.outcome for event in stage.of(TurnEnded)]
    assert outcomes == [TurnOutcome.FAILED, TurnOutcome.COMPLETED]


async def test_a_voice_that_fails_leaves_captions_at_reading_pace(folder: Path) -> None:
    voice = FakeVoice(LoopClock())
    voice.errors["Hello there my friend."] = TemporaryError("The voice is gone.")
    async with open_stage(folder, ["Hello there my friend."], voice=voice) as stage:
        await stage.companion.tell("hi")
        await stage.companion.settle()
    [record] = stage.conversations.turns
    assert record.heard_text == "Hello there my friend."
    assert record.trace.engines["tts"] == "captions"
    assert stage.of(ClauseHeard)[0].duration_s == 0


async def test_a_voice_lost_in_mid_clause_leaves_the_rest_unsaid_and_goes_on(folder: Path) -> None:
    voice = FakeVoice(LoopClock())
    voice.error_after["Hello there my dear friend."] = TemporaryError("The voice is gone.")
    async with open_stage(folder, ["Hello there my dear friend. Next one is fine."], voice=voice) as stage:
        await stage.companion.tell("hi")
        await stage.companion.settle()
    first, second = stage.conversations.turns[0].heard
    assert not first.is_whole
    assert "Hello there my dear friend.".startswith(first.text)
    assert second.is_whole


async def test_a_bug_in_the_voice_is_captions_too(folder: Path) -> None:
    voice = FakeVoice(LoopClock())
    voice.errors["Hello there my friend."] = RuntimeError("a bug")
    async with open_stage(folder, ["Hello there my friend."], voice=voice) as stage:
        await stage.companion.tell("hi")
        await stage.companion.settle()
    assert stage.conversations.turns[0].trace.engines["tts"] == "captions"


async def test_what_the_gate_holds_back_reaches_no_voice(folder: Path) -> None:
    async with open_stage(folder, ["[joy] This is fine so far. This is forbidden stuff. And this is fine."]) as stage:
        await stage.companion.tell("hi")
        await stage.companion.settle()
    assert all("forbidden" not in request.text for request in stage.voice.requests)
    [blocked] = stage.of(ClauseBlocked)
    assert blocked.rule == "word_list"
    assert stage.conversations.turns[0].outcome is TurnOutcome.COMPLETED
    assert "forbidden" not in stage.conversations.turns[0].heard_text


async def test_a_reply_that_was_held_back_whole_is_replaced_or_blocked(folder: Path) -> None:
    async with open_stage(folder, ["This is forbidden stuff."]) as stage:
        await stage.companion.tell("hi")
        await stage.companion.settle()
        await stage.settings.change("safety.replacement", "Let us talk about something else.")
        await stage.companion.tell("hi")
        await stage.companion.settle()
    blocked, replaced = stage.conversations.turns
    assert blocked.outcome is TurnOutcome.BLOCKED
    assert replaced.heard_text == "Let us talk about something else."


async def test_a_model_that_pauses_does_not_hold_the_first_clause_back(folder: Path) -> None:
    async with open_stage(folder, ["[joy] I was just thinking about ", 3.0, "ramen today."]) as stage:
        await stage.companion.tell("hi")
        await stage.companion.settle()
    marks = stage.conversations.turns[0].trace.marks
    assert marks["first_clause"] < 1.0
    assert stage.conversations.turns[0].heard_text == "I was just thinking about ramen today."


async def test_the_reply_grows_in_cleaned_pieces(folder: Path) -> None:
    async with open_stage(folder, ["[joy] **Hello** there *waves* friend."]) as stage:
        await stage.companion.tell("hi")
        await stage.companion.settle()
    grown = "".join(event.text for event in stage.of(ReplyGrown))
    assert "*" not in grown
    assert "[" not in grown


async def test_an_output_that_never_finishes_does_not_hold_the_show(folder: Path) -> None:
    async with open_stage(folder, ["[joy] Hello there, my friend."]) as stage:

        async def forgetful(generation: int) -> None:
            await asyncio.sleep(0)

        stage.output.finish = forgetful  # type: ignore[method-assign]
        await stage.companion.tell("hi")
        await stage.companion.settle()
    [record] = stage.conversations.turns
    assert any("did not say" in note for note in record.trace.notes)


def test_the_machine_refuses_a_step_it_does_not_know() -> None:
    with pytest.raises(ValueError, match="can't go"):
        TurnMachine(Bus()).to(TurnState.SPEAKING, "x")


async def test_a_slow_classifier_is_not_waited_for(folder: Path) -> None:
    class Slow(FakeClassifier):
        async def _classify(self, text: str) -> Feeling:
            await self._clock.sleep(2.0)
            return await super()._classify(text)

    async with open_stage(folder, ["Hello there my friend. This is the second one."], classifier=Slow(LoopClock())) as stage:
        await stage.companion.tell("hi")
        await stage.companion.settle()
    assert stage.conversations.turns[0].trace.marks["gated"] < 0.5
    assert "Feelings came too late for a clause." in stage.conversations.turns[0].trace.notes


async def test_a_guess_of_the_classifier_leaves_the_feeling_as_it_was(folder: Path) -> None:
    async with open_stage(folder, ["[sadness] Oh no, my friend. Bye."], classifier=FakeClassifier(LoopClock())) as stage:
        await stage.companion.tell("hi")
        await stage.companion.settle()
    assert {event.clause.feeling.emotion for event in stage.of(ClauseHeard)} == {Emotion.SADNESS}


@pytest.mark.parametrize("ticks", range(13))
async def test_a_stop_at_the_very_end_of_a_turn_still_ends_it_and_the_next_one_works(folder: Path, ticks: int) -> None:
    async with open_stage(folder) as stage:
        drained = asyncio.Event()
        listener = stage.output._listener

        def listen(progress: Progress) -> None:
            listener(progress)
            if isinstance(progress, Drained):
                drained.set()

        stage.output.listen(listen)
        await stage.companion.tell("hi")
        await drained.wait()
        for _ in range(ticks):
            await asyncio.sleep(0)
        async with asyncio.timeout(5):
            await stage.companion.stop_talking()
        await stage.companion.tell("and again")
        await stage.companion.settle()
    assert len(stage.of(TurnStarted)) == len(stage.of(TurnEnded)) == 2


async def test_a_delivery_that_fails_ends_the_turn_instead_of_holding_it(folder: Path) -> None:
    async with open_stage(folder, ["One is here. Two is here. Three is here. Four is here. Five is here."], SLOW_REPLY) as stage:
        play, count = stage.output.play, 0

        async def broken(clip: Clip) -> None:
            nonlocal count
            count += 1
            if count == 2:
                msg = "a bug"
                raise RuntimeError(msg)
            await play(clip)

        stage.output.play = broken  # type: ignore[method-assign]
        await stage.companion.tell("hi")
        await stage.companion.settle()
        await stage.companion.tell("again")
        await stage.companion.settle()
    first, second = stage.of(TurnEnded)
    assert first.record.outcome in (TurnOutcome.CUT, TurnOutcome.FAILED)
    assert second.record.outcome is TurnOutcome.COMPLETED


async def test_what_a_stalled_device_still_holds_is_not_heard_after_the_turn(folder: Path) -> None:
    async with open_stage(folder, ["Hello there my friend. And this comes much too late for anybody."]) as stage:
        stage.output.stall_after = 30
        await stage.companion.tell("hi")
        await stage.companion.settle()
        heard = len(stage.output.audible)
        stage.output.go_on.set()
        await stage.clock.sleep(10)
        assert len(stage.output.audible) == heard
    assert stage.conversations.turns[0].heard_text != "Hello there my friend. And this comes much too late for anybody."


async def test_the_speaking_rate_of_the_settings_is_a_factor_on_the_character(folder: Path) -> None:
    async with open_stage(folder) as stage:
        await stage.settings.change("voice.speed", 1.5)
        await stage.companion.tell("hi")
        await stage.companion.settle()
    assert {request.voice.speed for request in stage.voice.requests} == {1.5}
