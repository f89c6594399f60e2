"""Only the streamer reaches her and stops her, once the streamer's voice is known."""

from __future__ import annotations

from math import pi
from pathlib import Path

import numpy as np
import pytest

from tests.companion.hearing.conftest import open_house
from voxelle.contracts.audio import INPUT_RATE, Samples
from voxelle.contracts.speaker import VoicePrint
from voxelle.domain.errors import InputError, SetupError, TemporaryError
from voxelle.domain.events import NoticeRaised, TurnStateChanged
from voxelle.domain.speech import TurnState

pytestmark = pytest.mark.virtual_time

MINE = VoicePrint("fake_speakers", "2026-03-01T12:00:00+00:00", np.array([[1.0, 0.0]], np.float32))
ANOTHER = (pi / 2,)
TEN_S = np.full(10 * INPUT_RATE, 0.1, np.float32)


async def test_another_voice_does_not_reach_her_and_may_not_stop_her(folder: Path) -> None:
    async with open_house(folder, voice_print=MINE, only_me=True) as house:
        house.speakers.voices = ANOTHER
        await house.speaker.say("Welcome to today's video about fish.", 3.0)
        await house.speaker.silence(2.0)
        assert set(house.barge_in.admitted) == {False}
        assert not any(text for text, _ in house.barge_in.texts)
    assert house.mind.texts == []
    assert True not in house.mind.listening
    assert house.reasons == ["another voice"]


async def test_the_streamers_voice_reaches_her_and_may_stop_her_as_soon_as_it_is_known(folder: Path) -> None:
    async with open_house(folder, voice_print=MINE, only_me=True) as house:
        saying = house.scope.start(house.speaker.say("What do you think of the boss?", 3.0), name="say")
        await house.clock.sleep(0.8)
        assert house.barge_in.admitted == [False]
        await house.clock.sleep(0.3)
        assert house.barge_in.admitted == [False, True]
        assert house.mind.listening == [True]
        await saying
        await house.speaker.silence(2.0)
    assert house.mind.texts == ["What do you think of the boss?"]
    assert house.reasons == []


async def test_a_voice_that_is_not_known_at_first_is_compared_again(folder: Path) -> None:
    async with open_house(folder, voice_print=MINE, only_me=True) as house:
        house.speakers.voices = ANOTHER
        saying = house.scope.start(house.speaker.say("I have a cold, and sound like it.", 3.0), name="say")
        await house.clock.sleep(1.2)
        house.speakers.voices = (0.0,)
        await house.clock.sleep(0.9)
        assert house.barge_in.admitted == [False, False, True]
        await saying
        await house.speaker.silence(2.0)
    assert house.mind.texts == ["I have a cold, and sound like it."]


async def test_without_a_recorded_voice_or_switched_off_everybody_is_heard(folder: Path) -> None:
    async with open_house(folder, only_me=True) as house:
        house.speakers.voices = ANOTHER
        await house.speaker.say("Hello there, Mira.", 1.5)
        await house.speaker.silence(2.0)
        assert house.mind.texts == ["Hello there, Mira."]
    async with open_house(folder / "off", voice_print=MINE, only_me=False) as house:
        house.speakers.voices = ANOTHER
        await house.speaker.say("Hello there, Mira.", 1.5)
        await house.speaker.silence(2.0)
        assert house.mind.texts == ["Hello there, Mira."]
        assert house.speakers.asked == []


async def test_a_print_of_another_engine_is_not_compared_with(folder: Path) -> None:
    async with open_house(folder, voice_print=VoicePrint("older", "2026-03-01", np.ones((1, 7), np.float32)), only_me=True) as house:
        assert house.ears.only_me.voice_print is None
        assert not house.ears.only_me.is_on


async def test_a_short_word_passes_while_she_is_silent_and_not_while_she_speaks(folder: Path) -> None:
    async with open_house(folder, voice_print=MINE, only_me=True) as house:
        await house.speaker.say("Yes.", 0.5)
        await house.speaker.silence(2.0)
        assert house.mind.texts == ["Yes."]
        house.bus.announce(TurnStateChanged(TurnState.SPEAKING, "turn"))
        await house.speaker.say("Run!", 0.5)
        await house.speaker.silence(2.0)
        assert house.speakers.asked == []
    assert house.mind.texts == ["Yes."]
    assert house.reasons == ["another voice"]


async def test_switched_off_in_the_middle_of_a_sentence_the_sentence_counts(folder: Path) -> None:
    async with open_house(folder, voice_print=MINE, only_me=True) as house:
        house.speakers.voices = ANOTHER
        saying = house.scope.start(house.speaker.say("Can you hear me now?", 2.0), name="say")
        await house.clock.sleep(1.2)
        await house.settings.change("hearing.only_me", value=False)
        await saying
        await house.speaker.silence(2.0)
    assert house.mind.texts == ["Can you hear me now?"]


async def test_an_engine_that_fails_lets_everybody_be_heard_and_is_told(folder: Path) -> None:
    async with open_house(folder, voice_print=MINE, only_me=True) as house:
        house.speakers.voices = ANOTHER
        house.speakers.error = TemporaryError("Voices can't be told apart now.")
        await house.speaker.say("Hello there, Mira.", 1.5)
        await house.speaker.silence(2.0)
    assert house.mind.texts == ["Hello there, Mira."]
    assert [event.sentence for event in house.of(NoticeRaised)] == ["Voices can't be told apart now."]


async def test_a_voice_is_learnt_kept_and_forgotten(folder: Path) -> None:
    async with open_house(folder) as house:
        only_me = house.ears.only_me
        house.speakers.voices = (0.1, 0.2)
        await only_me.enrol(TEN_S)
        assert house.prints.kept is only_me.voice_print is not None
        assert only_me.voice_print.vector[0] == pytest.approx([np.cos(0.15), np.sin(0.15)], abs=0.01)
        assert house.speakers.closed == 1
        await house.settings.change("hearing.only_me", value=True)
        assert only_me.is_on
        await only_me.forget()
        assert not only_me.is_on
    assert house.prints.load() is None


@pytest.mark.parametrize(
    "samples, voices, sentence",
    [
        (TEN_S[: 4 * INPUT_RATE], (0.0,), "too short"),
        (TEN_S[: 5 * INPUT_RATE], (0.0,), "too little speech"),
        (TEN_S * 0.01, (0.0,), "too quiet"),
        (TEN_S * np.float32("nan"), (0.0,), "too quiet"),
        (TEN_S, (0.0, 1.2), "several voices"),
    ],
)
async def test_a_recording_of_no_use_is_explained(folder: Path, samples: Samples, voices: tuple[float, ...], sentence: str) -> None:
    async with open_house(folder, voice_print=MINE) as house:
        house.speakers.voices = voices
        with pytest.raises(InputError, match=sentence):
            await house.ears.only_me.enrol(samples)
        assert house.prints.kept is MINE


async def test_a_voice_that_can_not_be_kept_is_not_used(folder: Path) -> None:
    async with open_house(folder) as house:
        house.prints.error = SetupError("The disk is full.")
        with pytest.raises(SetupError, match="full"):
            await house.ears.only_me.enrol(TEN_S)
        assert house.ears.only_me.voice_print is None
