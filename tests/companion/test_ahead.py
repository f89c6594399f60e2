"""Thinking ahead: what she begins before it is certain that somebody has finished is never noticed, unless it was right."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from tests.companion.conftest import Stage, chat, open_stage
from tests.fakes.engines import Step
from voxelle.companion.ahead import MORE_AFTER_S, MOST_STARTS
from voxelle.domain.chat import Author, Role, Stimulus, StimulusKind
from voxelle.domain.errors import TemporaryError
from voxelle.domain.events import ClauseHeard, Event, MouthTrackGrown, ReplyGrown, TurnEnded, TurnStarted, TurnStateChanged
from voxelle.domain.hearing import Utterance
from voxelle.domain.speech import TurnOutcome, TurnState

pytestmark = pytest.mark.virtual_time

REPLY: list[Step] = [0.15, "[joy] Hello there, my friend. ", 0.1, "This is the second sentence."]
STREAMER = Author("streamer", "Streamer", "local", frozenset({Role.BROADCASTER}))
NOTICED = (TurnStarted, TurnStateChanged, ReplyGrown, ClauseHeard, MouthTrackGrown, TurnEnded)


def spoken(stage: Stage, text: str, utterance: str = "u1", stimulus_id: str = "s1") -> Stimulus:
    """Return something that was said just now."""
    now_s = stage.clock.monotonic()
    times = Utterance(utterance, now_s - 2.0, now_s - 0.2, now_s, now_s - 0.02)
    return Stimulus(stimulus_id, StimulusKind.VOICE, STREAMER, text, stage.clock.now(), "microphone", utterance=times)


def noticed(stage: Stage) -> Sequence[Event]:
    """Return what anybody could notice of a turn."""
    return [event for event in stage.events if isinstance(event, NOTICED)]


async def on_stage(stage: Stage) -> None:
    """Wait until she is there."""
    await stage.companion.settle_in()
    await stage.clock.sleep(0.05)


async def test_what_she_began_is_heard_at_once_when_it_was_right(folder: Path) -> None:
    async with open_stage(folder, REPLY) as stage:
        await on_stage(stage)
        stage.companion.think_ahead(spoken(stage, "What is your um name"))
        await stage.clock.sleep(0.5)
        assert noticed(stage) == []
        assert stage.output.audible == []
        await stage.companion.submit(spoken(stage, "What is your name?", stimulus_id="final"))
        asked_s = stage.clock.monotonic()
        await stage.clock.sleep(0.001)
        assert stage.output.audible
        assert stage.clock.monotonic() - asked_s < 0.01
        await stage.companion.settle()
    [record] = stage.conversations.turns
    assert len(stage.model.requests) == 1
    assert record.outcome is TurnOutcome.COMPLETED
    assert record.heard_text == "Hello there, my friend. This is the second sentence."
    assert [stimulus.id for stimulus in record.stimuli] == ["final"]
    assert record.prompt_line == "Streamer (the streamer, aloud): What is your name?"
    [started], [ended] = stage.of(TurnStarted), stage.of(TurnEnded)
    assert started.stimuli == record.stimuli
    assert started.turn_id == ended.record.id
    states = [event.state for event in stage.of(TurnStateChanged)]
    assert states == [TurnState.THINKING, TurnState.SPEAKING, TurnState.IDLE]
    order = [type(event) for event in noticed(stage)]
    assert order[0] is TurnStarted
    assert order[-1] is TurnEnded


async def test_its_times_count_from_the_end_of_the_speech(folder: Path) -> None:
    async with open_stage(folder, REPLY) as stage:
        await on_stage(stage)
        stage.companion.think_ahead(spoken(stage, "What is your name"))
        await stage.clock.sleep(1.0)
        began_s = stage.clock.monotonic()
        await stage.companion.submit(spoken(stage, "What is your name?"))
        await stage.companion.settle()
    [record] = stage.conversations.turns
    marks = record.trace.marks
    assert list(marks)[:2] == ["endpointed", "recognised"]
    assert marks["prompt"] == marks["first_token"] == marks["first_sample"] == 0.0
    assert marks["audible"] <= marks["ended"]
    assert any("began to think before" in note for note in record.trace.notes)
    assert record.started_at.timestamp() >= stage.clock.now().timestamp() - stage.clock.monotonic() + began_s


@pytest.mark.parametrize("final", ["What is your game?", "Do not what is your name"])
async def test_what_was_wrong_is_never_noticed(folder: Path, final: str) -> None:
    async with open_stage(folder, REPLY) as stage:
        await on_stage(stage)
        stage.companion.think_ahead(spoken(stage, "What is your name"))
        await stage.clock.sleep(1.0)
        await stage.companion.submit(spoken(stage, final))
        await stage.companion.settle()
    assert len(stage.model.requests) == 2
    assert stage.model.requests[1].messages[-1].text.endswith(final)
    [record] = stage.conversations.turns
    assert len(stage.of(TurnStarted)) == len(stage.of(TurnEnded)) == 1
    assert {generation for generation, _, _ in stage.output.audible} == {2}
    assert record.heard_text == "Hello there, my friend. This is the second sentence."


@pytest.mark.parametrize("after_s", [0.0, 0.1, 0.2, 0.5, 3.0])
async def test_a_speaker_who_goes_on_stops_the_engines_and_leaves_no_trace(folder: Path, after_s: float) -> None:
    async with open_stage(folder, [0.15, "[joy] Hello there, my friend. ", 60.0, "Never."]) as stage:
        await on_stage(stage)
        stage.companion.think_ahead(spoken(stage, "What is your name"))
        await stage.clock.sleep(after_s)
        stage.companion.drop_ahead()
        await stage.clock.sleep(20)
        assert noticed(stage) == []
        assert stage.output.audible == []
        assert stage.output.cuts == []
        assert stage.conversations.turns == []
        assert stage.model.closed_early == (0 if after_s == 0 else 1)


async def test_the_same_meaning_goes_on_and_another_begins_anew(folder: Path) -> None:
    async with open_stage(folder, REPLY) as stage:
        await on_stage(stage)
        for text in ("What is your", "What is your name", "What is your name?", "what is, uh, your name", "What is your name and your age"):
            stage.companion.think_ahead(spoken(stage, text))
            await stage.clock.sleep(0.1)
        asked = [request.messages[-1].text.partition(": ")[2] for request in stage.model.requests]
        assert asked == ["What is your name", "What is your name and your age"]


@pytest.mark.parametrize("text", ["Hello.", "um", "", "I want to tell you that and", "So I went there,", "It is because..."])
async def test_what_cannot_be_all_is_not_begun(folder: Path, text: str) -> None:
    async with open_stage(folder, REPLY) as stage:
        await on_stage(stage)
        stage.companion.think_ahead(spoken(stage, text))
        await stage.clock.sleep(1)
        assert stage.model.requests == []


async def test_an_utterance_is_begun_so_often_and_not_more(folder: Path) -> None:
    async with open_stage(folder, REPLY) as stage:
        await on_stage(stage)
        for number in range(10):
            stage.companion.think_ahead(spoken(stage, f"I have {number} coins"))
            await stage.clock.sleep(0.05)
            if number % 2:
                stage.companion.drop_ahead()
        assert len(stage.model.requests) == MOST_STARTS
        stage.companion.think_ahead(spoken(stage, "I have many coins", utterance="u2"))
        await stage.clock.sleep(2 * MORE_AFTER_S)
        assert len(stage.model.requests) == MOST_STARTS + 1
        for number in range(10):
            stage.companion.think_ahead(spoken(stage, f"I have {number} coins", utterance="u2"))
            await stage.clock.sleep(0.05)
        assert len(stage.model.requests) == 2 * MOST_STARTS + 2


async def test_a_setting_switches_it_off(folder: Path) -> None:
    async with open_stage(folder, REPLY) as stage:
        await on_stage(stage)
        await stage.settings.change("hearing.think_ahead", False)
        stage.companion.think_ahead(spoken(stage, "What is your name"))
        await stage.clock.sleep(1)
        assert stage.model.requests == []


async def test_anything_else_that_is_picked_goes_first_and_the_draft_is_gone(folder: Path) -> None:
    async with open_stage(folder, [0.15, "[joy] Nobody hears this."], ["[joy] Hello Tom, my friend."]) as stage:
        await on_stage(stage)
        stage.companion.think_ahead(spoken(stage, "What is your name"))
        await stage.clock.sleep(1)
        await stage.companion.submit(chat("hello there"))
        await stage.companion.settle()
    [record] = stage.conversations.turns
    assert record.heard_text == "Hello Tom, my friend."
    assert len(stage.of(TurnStarted)) == 1


async def test_the_past_may_not_have_changed_meanwhile(folder: Path) -> None:
    async with open_stage(folder, REPLY) as stage:
        await on_stage(stage)
        [mira] = await stage.companion.characters()
        stage.companion.think_ahead(spoken(stage, "What is your name"))
        await stage.clock.sleep(1)
        await stage.companion.save_character(replace(mira, persona="You are a wolf."))
        await stage.companion.submit(spoken(stage, "What is your name"))
        await stage.companion.settle()
        assert len(stage.model.requests) == 2
        stage.companion.think_ahead(spoken(stage, "What is your name", "u2"))
        await stage.clock.sleep(1)
        await stage.settings.change("safety.blocked_words", ("second",))
        await stage.companion.submit(spoken(stage, "What is your name", "u2"))
        await stage.companion.settle()
    assert "second" not in stage.conversations.turns[-1].heard_text


async def test_what_failed_is_tried_anew_for_the_real_turn(folder: Path) -> None:
    async with open_stage(folder, [TemporaryError("Not yet.")], [TemporaryError("Not yet.")], ["[joy] Here I am, my friend."]) as stage:
        await on_stage(stage)
        stage.companion.think_ahead(spoken(stage, "What is your name"))
        await stage.clock.sleep(1)
        await stage.companion.submit(spoken(stage, "What is your name"))
        await stage.companion.settle()
    [record] = stage.conversations.turns
    assert record.heard_text == "Here I am, my friend."


async def test_a_bug_in_what_she_began_costs_nothing_but_time(folder: Path) -> None:
    async with open_stage(folder, [RuntimeError("a bug")], ["[joy] Here I am, my friend."]) as stage:
        await on_stage(stage)
        stage.companion.think_ahead(spoken(stage, "What is your name"))
        await stage.clock.sleep(1)
        await stage.companion.submit(spoken(stage, "What is your name"))
        await stage.companion.settle()
    assert [event.record.outcome for event in stage.of(TurnEnded)] == [TurnOutcome.COMPLETED]


async def test_what_waits_long_behind_the_curtain_does_not_end_there(folder: Path) -> None:
    async with open_stage(folder, REPLY) as stage:
        await on_stage(stage)
        stage.companion.think_ahead(spoken(stage, "What is your name"))
        await stage.clock.sleep(600)
        await stage.companion.submit(spoken(stage, "What is your name"))
        await stage.companion.settle()
    [record] = stage.conversations.turns
    assert record.outcome is TurnOutcome.COMPLETED
    assert not any("did not say" in note for note in record.trace.notes)


async def test_it_can_be_cut_like_any_other_turn(folder: Path) -> None:
    async with open_stage(folder, REPLY) as stage:
        await on_stage(stage)
        for number in range(40):
            stage.companion.think_ahead(spoken(stage, "What is your name", f"u{number}"))
            await stage.clock.sleep(0.3)
            await stage.companion.submit(spoken(stage, "What is your name", f"u{number}", f"s{number}"))
            if number % 4:
                for _ in range(number):
                    await asyncio.sleep(0)
            else:
                await stage.clock.sleep(0.05 * number)
            await stage.companion.stop_talking()
            await stage.companion.settle()
    started = [event.turn_id for event in stage.of(TurnStarted)]
    ended = [event.record.id for event in stage.of(TurnEnded)]
    assert started == ended
    assert len(set(ended)) == 40
    states = [event.state for event in stage.of(TurnStateChanged)]
    assert states.count(TurnState.THINKING) == states.count(TurnState.IDLE) == 40


async def test_who_interrupts_her_is_thought_about_as_soon_as_she_is_silent(folder: Path) -> None:
    async with open_stage(folder, REPLY) as stage:
        await stage.companion.tell("hi")
        await stage.clock.sleep(1)
        stage.companion.think_ahead(spoken(stage, "No wait, stop it"))
        stage.companion.think_ahead(spoken(stage, "No wait, stop it please"))
        await stage.clock.sleep(0.2)
        assert len(stage.model.requests) == 1
        await stage.companion.stop_talking()
        await stage.clock.sleep(0.5)
        assert stage.model.requests[-1].messages[-1].text.endswith("stop it please")
        await stage.companion.submit(spoken(stage, "No wait, stop it please."))
        await stage.companion.settle()
    assert len(stage.model.requests) == 2
    assert len(stage.conversations.turns) == 2


async def test_a_word_given_up_while_she_spoke_is_not_begun_afterwards(folder: Path) -> None:
    async with open_stage(folder, REPLY) as stage:
        await stage.companion.tell("hi")
        await stage.clock.sleep(1)
        stage.companion.think_ahead(spoken(stage, "No wait, stop it"))
        stage.companion.drop_ahead()
        await stage.companion.settle()
        await stage.clock.sleep(1)
    assert len(stage.model.requests) == 1


async def test_nothing_is_left_when_she_leaves_with_something_begun(folder: Path) -> None:
    async with open_stage(folder, REPLY) as stage:
        await on_stage(stage)
        stage.companion.think_ahead(spoken(stage, "What is your name"))
        await stage.clock.sleep(0.2)
    assert noticed(stage) == []


async def test_before_she_is_on_stage_she_does_not_think(folder: Path) -> None:
    async with open_stage(folder, REPLY, is_running=False) as stage:
        stage.companion.think_ahead(spoken(stage, "What is your name"))
        stage.start()
        await stage.clock.sleep(1)
    assert stage.model.requests == []


async def test_who_speaks_decides_too(folder: Path) -> None:
    async with open_stage(folder, REPLY) as stage:
        await on_stage(stage)
        stage.companion.think_ahead(spoken(stage, "What is your name"))
        await stage.clock.sleep(1)
        other = replace(spoken(stage, "What is your name"), author=Author("guest", "Guest"))
        await stage.companion.submit(other)
        await stage.companion.settle()
    assert len(stage.model.requests) == 2
