"""Frames as they really come: late, in no order, of several speakers, or not at all."""

from __future__ import annotations

import asyncio

import pytest

from tests.companion.hearing.rooms import DUCKED, FRAME_S, FULL, NONE, PAUSED, SOFT, open_room
from voxelle.companion.hearing.barge_in import LONGEST_PAUSE_S
from voxelle.settings.hearing import HearingSettings

pytestmark = pytest.mark.virtual_time


async def test_frames_that_come_late_are_judged_by_when_they_were_heard() -> None:
    async with open_room() as room:
        await room.make(0.224, 0.9, late_s=0.2)
        await asyncio.sleep(0.1)
        # By the clock the guard is over; but nothing tells yet that the voice lasted so long.
        assert room.barge_in.state is DUCKED
        for frame in range(8):
            room.barge_in.on_frame(0.9, 0.024 + frame * FRAME_S)
        await asyncio.sleep(0)
        assert room.barge_in.state is PAUSED


async def test_frames_in_the_wrong_order_and_very_old_ones_do_no_harm() -> None:
    async with open_room() as room:
        await asyncio.sleep(5)
        room.barge_in.on_frame(0.9, 3.0)
        assert room.barge_in.state is NONE
        room.barge_in.on_frame(0.1, 5.0)
        room.barge_in.on_frame(0.9, 4.7)
        assert room.barge_in.state is NONE
        room.barge_in.on_frame(0.9, 4.99)
        assert room.barge_in.state is DUCKED


async def test_a_microphone_that_falls_silent_leaves_her_neither_quiet_nor_silent() -> None:
    async with open_room() as room:
        await room.voice(0.1)
        await asyncio.sleep(2)
        assert room.mouth.names() == [SOFT, FULL]
        await room.voice(0.5)
        await asyncio.sleep(3)
        assert room.mouth.names() == [SOFT, FULL, SOFT, "pause", FULL, "resume"]


async def test_a_noise_that_never_ends_and_says_nothing_is_given_up() -> None:
    async with open_room() as room:
        await room.voice(LONGEST_PAUSE_S + 10)
        assert room.mouth.names() == [SOFT, "pause", FULL, "resume", SOFT]
        assert room.mouth.at("resume") == pytest.approx(LONGEST_PAUSE_S + 0.3 + FRAME_S, abs=0.04)
        await room.quiet(0.5)
        await room.voice(0.5)
        assert room.mouth.names()[-3:] == [FULL, SOFT, "pause"]


async def test_of_two_speakers_each_is_heard_whatever_the_other_does() -> None:
    async with open_room() as room:

        async def speak(speech: float, phase_s: float) -> None:
            await room.clock.sleep(phase_s)
            await room.make(0.8, speech)

        await asyncio.gather(speak(0.9, 0.0), speak(0.02, 0.011))
        assert room.barge_in.state is PAUSED
        assert room.mouth.at("pause") == pytest.approx(FRAME_S + 0.3, abs=0.01)
        room.barge_in.on_silence()  # the one who said nothing
        assert not await room.barge_in.on_text("mhm", is_final=True)
        await room.voice(0.1)
        assert await room.barge_in.on_text("listen to me", is_final=True)


async def test_one_agrees_first_and_the_other_ones_words_come_after_she_went_on() -> None:
    async with open_room() as room:
        await room.voice(0.6)
        await room.quiet(0.4)
        room.barge_in.on_silence()
        assert not await room.barge_in.on_text("mhm", is_final=True)
        assert room.barge_in.state is NONE
        assert await room.barge_in.on_text("tell me more", is_final=True)
        assert room.mouth.names() == [SOFT, "pause", FULL, "resume", "cut", FULL]


async def test_the_end_of_one_ones_utterance_is_not_the_end_of_the_other_ones_voice() -> None:
    async with open_room() as room:
        await room.voice(0.6)
        await room.quiet(FRAME_S * 2)
        room.barge_in.on_silence()  # of somebody who was silent for long
        assert not await room.barge_in.on_text("mhm", is_final=True)
        assert room.barge_in.state is PAUSED
        await room.voice(0.3)
        await room.quiet(0.3)
        assert room.barge_in.state is PAUSED


async def test_she_waits_for_the_end_of_an_utterance_that_nobody_has_told_yet() -> None:
    async with open_room() as room:
        await room.voice(0.6)
        await room.quiet(FRAME_S)
        room.barge_in.on_silence()  # of one who agreed before
        await room.quiet(0.15)
        assert not await room.barge_in.on_text("mhm", is_final=True)
        await room.quiet(0.15)
        assert room.barge_in.state is PAUSED
        room.barge_in.on_silence()
        assert await room.barge_in.on_text("hold on", is_final=True)


async def test_an_agreement_that_is_understood_at_once_lets_her_go_on_when_it_is_over() -> None:
    async with open_room() as room:
        await room.voice(0.6)
        await room.quiet(0.1)
        room.barge_in.on_silence()
        assert not await room.barge_in.on_text("mhm", is_final=True)
        assert room.barge_in.state is PAUSED
        await room.quiet(0.15)
        assert room.barge_in.state is NONE


async def test_she_does_not_go_on_for_one_before_the_other_one_is_understood() -> None:
    async with open_room() as room:
        await room.voice(0.6)
        await room.quiet(0.4)
        room.barge_in.on_silence()
        room.barge_in.on_silence()
        assert not await room.barge_in.on_text("mhm", is_final=True)
        assert room.barge_in.state is PAUSED
        assert not await room.barge_in.on_text("yeah", is_final=True)
        assert room.barge_in.state is NONE


async def test_silence_while_she_is_ducked_ends_the_ducking() -> None:
    async with open_room() as room:
        await room.voice(0.1)
        await room.quiet(0.1)
        room.barge_in.on_silence()
        await asyncio.sleep(0)
        assert room.barge_in.state is NONE


async def test_a_longer_guard_and_another_sensitivity_are_kept() -> None:
    async with open_room() as room:
        room.hearing = HearingSettings(interrupt_after_s=1.0, speech_from=0.95)
        await room.voice(2.0)
        assert room.mouth.names() == []
        await room.make(2.0, 0.96)
        assert room.mouth.at("pause") - room.mouth.at(SOFT) == pytest.approx(1.0, abs=0.002)
