"""Her mouth as somebody's voice moves it: ducked, paused, going on, cut."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import pytest

from tests.companion.conftest import Stage as House
from tests.companion.conftest import chat, open_stage
from tests.companion.test_turn import SLOW_REPLY
from voxelle.companion.stage import Stage
from voxelle.contracts.audio import Drained, Playhead, Progress
from voxelle.domain.events import ClauseHeard, TurnEnded, TurnStarted, TurnStateChanged, WordHeard
from voxelle.domain.speech import TurnOutcome, TurnState

pytestmark = pytest.mark.virtual_time

WHOLE = "Hello there, my friend. This is the second sentence. And the third one!"


def mouth(house: House) -> Stage:
    """Return what moves."""
    return house.companion._stage


async def test_she_goes_on_where_she_was_paused_and_everything_is_heard_once(folder: Path) -> None:
    async with open_stage(folder, SLOW_REPLY) as house:
        await house.companion.tell("hi")
        await house.clock.sleep(0.6)
        assert mouth(house).is_speaking
        assert await mouth(house).pause()
        silent_since = len(house.output.audible)
        await house.clock.sleep(60)
        assert len(house.output.audible) == silent_since
        assert mouth(house).is_speaking
        assert house.companion.snapshot().state is TurnState.SPEAKING
        await mouth(house).resume()
        await house.companion.settle()
        assert not mouth(house).is_speaking
    [record] = house.conversations.turns
    assert record.outcome is TurnOutcome.COMPLETED
    assert record.heard_text == WHOLE
    assert not any("did not say" in note for note in record.trace.notes)
    assert len(house.of(WordHeard)) == len(WHOLE.split())
    assert len(house.of(ClauseHeard)) == 4
    states = [event.state for event in house.of(TurnStateChanged)]
    assert states == [TurnState.THINKING, TurnState.SPEAKING, TurnState.IDLE]


async def test_a_paused_turn_that_is_cut_ends_like_any_other(folder: Path) -> None:
    async with open_stage(folder, ["[joy] One two three four, five six seven eight nine ten. And eleven."]) as house:
        await house.companion.tell("hi")
        await house.clock.sleep(0.05 + 0.40)
        await mouth(house).pause()
        await house.clock.sleep(5)
        await house.companion.stop_talking()
        await mouth(house).resume()
        await house.clock.sleep(5)
        assert house.output.audible[-1][0] == 1
    [record] = house.conversations.turns
    assert record.outcome is TurnOutcome.CUT
    assert record.heard_text == "One two"


@pytest.mark.parametrize("after_s", [0.0, 0.1, 0.21, 0.24])
async def test_paused_before_her_first_word_she_says_nothing_until_she_goes_on(folder: Path, after_s: float) -> None:
    async with open_stage(folder, SLOW_REPLY) as house:
        await house.companion.tell("hi")
        await house.clock.sleep(0.001 + after_s)
        assert mouth(house).is_speaking
        assert await mouth(house).pause()
        await house.clock.sleep(60)
        assert house.output.audible == []
        assert house.of(TurnEnded) == []
        await mouth(house).resume()
        await house.companion.settle()
    assert house.conversations.turns[0].heard_text == WHOLE


async def test_paused_before_her_first_word_and_cut_she_is_never_heard(folder: Path) -> None:
    async with open_stage(folder, SLOW_REPLY) as house:
        await house.companion.tell("hi")
        await house.clock.sleep(0.1)
        await mouth(house).pause()
        await house.clock.sleep(5)
        await house.companion.stop_talking()
        await house.clock.sleep(5)
    assert house.output.audible == []
    assert house.conversations.turns[0].outcome is TurnOutcome.CUT
    assert house.conversations.turns[0].heard == ()


async def test_a_turn_with_nothing_to_say_does_not_end_while_it_is_paused(folder: Path) -> None:
    async with open_stage(folder, [0.5, "This is forbidden stuff."]) as house:
        await house.companion.tell("hi")
        await house.clock.sleep(0.1)
        assert await mouth(house).pause()
        await house.clock.sleep(5)
        assert house.of(TurnEnded) == []
        await mouth(house).resume()
        await house.companion.settle()
    assert house.conversations.turns[0].outcome is TurnOutcome.BLOCKED


async def test_pausing_twice_is_one_pause_and_going_on_without_one_changes_nothing(folder: Path) -> None:
    async with open_stage(folder, SLOW_REPLY) as house:
        assert not mouth(house).is_speaking
        assert not await mouth(house).pause()
        await mouth(house).resume()
        await house.companion.tell("hi")
        await house.clock.sleep(1)
        await mouth(house).resume()
        assert await mouth(house).pause()
        assert await mouth(house).pause()
        assert house.output.pauses == [1]
        await mouth(house).resume()
        await house.companion.settle()
    assert house.conversations.turns[0].heard_text == WHOLE


async def test_what_is_written_only_is_not_her_voice(folder: Path) -> None:
    async with open_stage(folder, SLOW_REPLY) as house:
        await house.companion.submit(chat("hello", is_spoken=False))
        await house.clock.sleep(0.5)
        assert not mouth(house).is_speaking
        assert not await mouth(house).pause()
        await house.companion.settle()
    assert house.conversations.turns[0].outcome is TurnOutcome.COMPLETED


async def test_ducking_goes_to_the_output(folder: Path) -> None:
    async with open_stage(folder) as house:
        await mouth(house).duck(0.3)
        await mouth(house).duck(1.0)
    assert house.output.ducks == [0.3, 1.0]


async def test_she_does_not_begin_to_speak_while_somebody_else_does(folder: Path) -> None:
    async with open_stage(folder, SLOW_REPLY) as house:
        await house.companion.tell("hi")
        await house.clock.sleep(0.1)
        await mouth(house).duck(0.3)
        await house.clock.sleep(3)
        assert house.output.audible == []
        await mouth(house).duck(1.0)
        await house.companion.settle()
        assert house.output.ducks == [0.3, 1.0]
    assert house.conversations.turns[0].heard_text == WHOLE


async def test_held_paused_and_going_on_she_says_everything(folder: Path) -> None:
    async with open_stage(folder, SLOW_REPLY) as house:
        await house.companion.tell("hi")
        await house.clock.sleep(0.1)
        await mouth(house).duck(0.3)
        assert await mouth(house).pause()
        await mouth(house).duck(1.0)
        await house.clock.sleep(3)
        assert house.output.audible == []
        await mouth(house).resume()
        await house.companion.settle()
    assert house.conversations.turns[0].heard_text == WHOLE


async def test_who_cannot_be_interrupted_begins_softly(folder: Path) -> None:
    async with open_stage(folder, SLOW_REPLY) as house:
        await house.settings.change("hearing.is_interruptible", False)
        await house.companion.tell("hi")
        await house.clock.sleep(0.1)
        await mouth(house).duck(0.3)
        await house.clock.sleep(1)
        assert house.output.audible
        await mouth(house).duck(1.0)
        await house.companion.settle()


async def test_who_speaks_already_is_not_held(folder: Path) -> None:
    async with open_stage(folder, SLOW_REPLY) as house:
        await house.companion.tell("hi")
        await house.clock.sleep(0.5)
        await mouth(house).duck(0.3)
        before = len(house.output.audible)
        await house.clock.sleep(0.5)
        assert len(house.output.audible) > before
        await mouth(house).duck(1.0)
        await house.companion.settle()
    assert house.conversations.turns[0].heard_text == WHOLE


async def test_a_pause_that_comes_too_late_lets_the_turn_end(folder: Path) -> None:
    async with open_stage(folder) as house:
        pause = house.output.pause

        async def late(generation: int) -> Playhead | None:
            house.companion._on_progress(Drained(generation))
            return await pause(generation)

        house.output.pause = late  # type: ignore[method-assign]
        await house.companion.tell("hi")
        await house.clock.sleep(0.5)
        assert not await mouth(house).pause()
        await house.companion.settle()
    assert house.conversations.turns[0].outcome is TurnOutcome.COMPLETED


@pytest.mark.parametrize("ticks", range(8))
async def test_a_pause_at_the_very_end_of_a_turn_holds_nothing_up(folder: Path, ticks: int) -> None:
    async with open_stage(folder) as house:
        drained = asyncio.Event()
        listener = house.output._listener

        def listen(progress: Progress) -> None:
            listener(progress)
            if isinstance(progress, Drained):
                drained.set()

        house.output.listen(listen)
        await house.companion.tell("hi")
        await drained.wait()
        for _ in range(ticks):
            await asyncio.sleep(0)
        async with asyncio.timeout(5):
            assert not await mouth(house).pause()
            await mouth(house).resume()
            await house.companion.settle()
            await house.companion.tell("and again")
            await house.companion.settle()
    assert [record.outcome for record in house.conversations.turns] == [TurnOutcome.COMPLETED] * 2


async def test_random_pauses_and_cuts_always_end_every_turn_once(folder: Path) -> None:
    chance = random.Random(11)
    async with open_stage(folder, SLOW_REPLY) as house:
        for _ in range(60):
            await house.companion.tell("hi")
            for _ in range(chance.randrange(4)):
                await house.clock.sleep(chance.uniform(0.0, 1.5))
                await mouth(house).pause()
                await house.clock.sleep(chance.uniform(0.0, 1.5))
                await mouth(house).resume()
            if chance.random() < 0.5:
                await house.companion.stop_talking()
            await house.companion.settle()
    started = [event.turn_id for event in house.of(TurnStarted)]
    ended = [event.record for event in house.of(TurnEnded)]
    assert started == [record.id for record in ended]
    assert all(WHOLE.startswith(record.heard_text) for record in ended)
    assert all(record.heard_text == WHOLE for record in ended if record.outcome is TurnOutcome.COMPLETED)
