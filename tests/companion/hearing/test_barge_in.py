"""What a voice does to hers, on virtual time: quieter, silent, on again or cut for good."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest

from tests.companion.hearing.rooms import DUCKED, FRAME_S, FULL, INTERRUPTED, NONE, PAUSED, RECORD, SOFT, open_room
from voxelle.domain.events import TurnEnded, TurnStarted
from voxelle.settings.hearing import HearingSettings

pytestmark = pytest.mark.virtual_time


async def test_she_gets_quieter_with_the_first_voiced_frame_and_stops_after_the_guard() -> None:
    async with open_room() as room:
        await room.quiet(0.32)
        await room.voice(0.8)
        began_s = round(10 * FRAME_S + FRAME_S, 3)
        assert room.mouth.at(SOFT) == began_s
        assert room.mouth.at("pause") == pytest.approx(began_s + room.hearing.interrupt_after_s, abs=0.002)
        assert room.barge_in.state is PAUSED


@pytest.mark.parametrize("is_final", [True, False])
async def test_words_cut_her_for_good(is_final: bool) -> None:
    async with open_room() as room:
        await room.voice(0.8)
        assert await room.barge_in.on_text("wait a moment", is_final=is_final)
        assert room.mouth.names() == [SOFT, "pause", "cut", FULL]
        assert room.states == [DUCKED, PAUSED, INTERRUPTED]
        # What is recognised in the end of the same words counts as well, though she is silent by then.
        if not is_final:
            room.barge_in.on_silence()
            assert await room.barge_in.on_text("wait a moment please", is_final=True)
        await room.voice(0.8)
        assert room.barge_in.state is INTERRUPTED
        room.bus.announce(TurnStarted("next", "c", ()))
        assert room.barge_in.state is NONE
        assert room.mouth.names() == [SOFT, "pause", "cut", FULL]


async def test_the_next_turn_can_be_interrupted_like_the_first() -> None:
    async with open_room() as room:
        room.bus.announce(TurnStarted("first", "c", ()))
        await room.voice(0.8)
        await room.barge_in.on_text("wait", is_final=True)
        await room.quiet(0.5)
        room.mouth.is_speaking = True
        room.bus.announce(TurnStarted("second", "c", ()))
        await room.quiet(0.5)
        await room.voice(0.8)
        assert await room.barge_in.on_text("wait again", is_final=True)
        assert room.mouth.names() == [SOFT, "pause", "cut", FULL] * 2
        assert room.turns == ["first"] * 3 + ["second"] * 4


@pytest.mark.parametrize("text", ["mhm", "Yeah, okay.", "hahaha", "", "  "])
async def test_agreement_laughter_and_coughs_let_her_go_on_as_soon_as_they_are_known(text: str) -> None:
    async with open_room() as room:
        await room.voice(0.6)
        assert room.barge_in.state is PAUSED
        await room.quiet(0.3)
        room.barge_in.on_silence()
        assert not await room.barge_in.on_text(text, is_final=True)
        assert room.mouth.names() == [SOFT, "pause", FULL, "resume"]
        assert room.barge_in.state is NONE


async def test_an_agreement_that_is_still_being_said_does_not_let_her_go_on() -> None:
    async with open_room() as room:
        await room.voice(0.6)
        assert not await room.barge_in.on_text("yeah", is_final=False)
        assert not await room.barge_in.on_text("yeah", is_final=True)
        assert room.barge_in.state is PAUSED
        await room.voice(0.3)
        assert await room.barge_in.on_text("yeah but wait", is_final=False)


async def test_where_nothing_is_understood_she_goes_on_after_a_while() -> None:
    async with open_room() as room:
        await room.voice(0.6)
        ended_s = room.clock.monotonic() - 0.6 + 18 * FRAME_S
        await room.quiet(3.0)
        assert room.mouth.names() == [SOFT, "pause", FULL, "resume"]
        assert room.mouth.at("resume") == pytest.approx(ended_s + room.hearing.resume_after_s, abs=FRAME_S)


async def test_who_speaks_again_while_she_waits_makes_her_wait_longer() -> None:
    async with open_room() as room:
        await room.voice(0.6)
        await room.quiet(1.2)
        await room.voice(0.2)
        await room.quiet(1.2)
        assert room.barge_in.state is PAUSED
        assert await room.barge_in.on_text("one more thing", is_final=True)
        assert room.mouth.names() == [SOFT, "pause", "cut", FULL]


async def test_a_sound_shorter_than_the_guard_only_makes_her_quieter() -> None:
    async with open_room() as room:
        await room.voice(0.2)
        await room.quiet(1.0)
        assert room.mouth.names() == [SOFT, FULL]
        assert room.states == [DUCKED, NONE]


async def test_clicks_of_a_keyboard_do_not_add_up() -> None:
    async with open_room() as room:
        for _ in range(10):
            await room.voice(FRAME_S)
            await room.quiet(0.3)
        assert "pause" not in room.mouth.names()
        assert room.barge_in.state is NONE


async def test_holes_in_words_do_not_begin_the_guard_anew() -> None:
    async with open_room() as room:
        await room.voice(0.16)
        await room.quiet(0.16)
        await room.voice(0.064)
        assert room.barge_in.state is PAUSED


async def test_a_hole_at_the_end_of_the_guard_is_no_voice() -> None:
    async with open_room() as room:
        await room.voice(0.256)
        await room.quiet(0.16)
        assert room.barge_in.state is DUCKED
        await room.quiet(0.16)
        assert room.barge_in.state is NONE


async def test_who_may_not_interrupt_her_only_makes_her_quieter() -> None:
    async with open_room() as room:
        room.hearing = HearingSettings(is_interruptible=False)
        await room.voice(2.0)
        assert not await room.barge_in.on_text("stop it", is_final=True)
        await room.quiet(0.5)
        assert room.mouth.names() == [SOFT, FULL]


async def test_a_setting_that_changes_while_she_is_paused_counts_at_once() -> None:
    async with open_room() as room:
        await room.voice(0.6)
        room.hearing = HearingSettings(is_interruptible=False)
        await room.quiet(0.1)
        assert room.mouth.names() == [SOFT, "pause", FULL, "resume"]


async def test_words_that_are_recognised_after_she_went_on_still_stop_her() -> None:
    async with open_room() as room:
        await room.voice(0.6)
        await room.quiet(2.5)
        assert room.barge_in.state is NONE
        assert await room.barge_in.on_text("what was that", is_final=True)
        assert room.mouth.names() == [SOFT, "pause", FULL, "resume", "cut", FULL]
        assert room.states == [DUCKED, PAUSED, NONE, INTERRUPTED]


async def test_a_short_no_stops_her_once_it_is_understood() -> None:
    async with open_room() as room:
        await room.voice(0.2)
        await room.quiet(0.5)
        assert not await room.barge_in.on_text("no", is_final=False)
        assert await room.barge_in.on_text("no", is_final=True)


async def test_words_that_never_met_her_voice_stop_nothing() -> None:
    async with open_room() as room:
        room.mouth.is_speaking = False
        await room.voice(1.0)
        room.mouth.is_speaking = True
        assert not await room.barge_in.on_text("hello there", is_final=True)
        assert room.mouth.names() == []


async def test_who_speaks_already_when_she_begins_interrupts_her_too() -> None:
    async with open_room() as room:
        room.mouth.is_speaking = False
        await room.voice(1.0)
        assert room.mouth.names() == []
        room.mouth.is_speaking = True
        began_s = room.clock.monotonic() + FRAME_S
        await room.voice(1.0)
        assert room.mouth.at(SOFT) == pytest.approx(began_s, abs=0.002)
        assert room.mouth.at("pause") == pytest.approx(began_s + 0.3, abs=0.002)


@pytest.mark.parametrize("seconds, done", [(0.2, [SOFT, FULL]), (0.6, [SOFT, "pause", FULL, "resume"])])
async def test_a_turn_that_ends_meanwhile_leaves_nothing_ducked_or_held(seconds: float, done: list[str]) -> None:
    async with open_room() as room:
        await room.voice(seconds)
        room.mouth.is_speaking = False
        room.bus.announce(TurnEnded(RECORD))
        await room.quiet(0.1)
        assert room.mouth.names() == done
        assert room.barge_in.state is NONE
        # The words met the turn that is over and stop nothing any more.
        room.mouth.is_speaking = True
        assert not await room.barge_in.on_text("and what about this", is_final=True)


async def test_a_turn_that_ended_unnoticed_is_seen_with_the_next_frame() -> None:
    async with open_room() as room:
        await room.voice(0.1)
        room.mouth.is_speaking = False
        await room.voice(0.1)
        assert room.mouth.names() == [SOFT, FULL]


async def test_a_pause_that_comes_too_late_is_none() -> None:
    async with open_room() as room:
        room.mouth.holds_something = False
        await room.voice(0.32)
        await asyncio.sleep(0.02)
        assert room.states == [DUCKED, PAUSED, NONE]
        assert room.mouth.names() == [SOFT, "pause", FULL, "resume"]


async def test_a_slow_device_gets_one_thing_after_the_other_and_the_last_wish_counts() -> None:
    async with open_room() as room:
        room.mouth.slowness_s = 0.1
        await room.voice(0.32)
        await asyncio.sleep(0.02)
        room.barge_in.on_silence()
        cutting = asyncio.gather(room.barge_in.on_text("stop", is_final=True))
        await asyncio.sleep(1)
        assert all(await cutting)
        assert room.mouth.names() == [SOFT, "pause", "cut", FULL]
        times = [at_s for _, at_s in room.mouth.done]
        assert all(later - earlier >= 0.099 for earlier, later in pairwise(times))


async def test_a_voice_that_is_not_known_only_makes_her_quieter() -> None:
    async with open_room() as room:
        room.barge_in.admit(is_known=False)
        await room.voice(3.0)
        assert room.states == [DUCKED]
        await room.quiet(1.0)
    assert room.states == [DUCKED, NONE]
    assert room.mouth.names() == [SOFT, FULL]


async def test_a_voice_that_becomes_known_silences_her_at_once() -> None:
    async with open_room() as room:
        room.barge_in.admit(is_known=False)
        await room.voice(1.0)
        room.barge_in.admit(is_known=True)
        assert room.states == [DUCKED, PAUSED]


async def test_a_voice_that_is_known_soon_still_has_to_last() -> None:
    async with open_room() as room:
        room.barge_in.admit(is_known=False)
        await room.voice(0.1)
        room.barge_in.admit(is_known=True)
        assert room.states == [DUCKED]
        await room.voice(0.4)
        assert room.states == [DUCKED, PAUSED]
