"""What goes wrong with microphones and engines while somebody speaks."""

from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np
import pytest

from tests.companion.hearing.conftest import open_house
from tests.fakes.hearing import FRAME_S
from voxelle.contracts.audio import INPUT_FRAMES, MicrophoneFrame
from voxelle.domain.chat import Decision, Stimulus
from voxelle.domain.errors import SetupError, TemporaryError
from voxelle.domain.events import HealthChanged, HealthLevel, NoticeRaised
from voxelle.domain.hearing import EarState

pytestmark = pytest.mark.virtual_time


async def test_without_a_microphone_she_says_so_and_hears_when_one_comes(folder: Path) -> None:
    async with open_house(folder, is_running=False) as house:
        house.microphone.is_lost, house.microphone.sentence = True, "There is no microphone."
        house.scope.start(house.ears.run(), name="ears")
        await house.clock.sleep(0.1)
        assert house.ears.snapshot().state is EarState.LOST
        assert house.ears.snapshot().sentence == "There is no microphone."
        house.microphone.find()
        await house.speaker.say("Hello.", 1.0)
        await house.speaker.silence(1.0)
        assert house.ears.snapshot().state is EarState.LISTENING
    assert house.mind.texts == ["Hello."]
    assert [event.level for event in house.of(HealthChanged)][-2:] == [HealthLevel.STARTING, HealthLevel.OK]


async def test_unplugged_in_the_middle_of_a_sentence_it_is_dropped_and_told(folder: Path) -> None:
    async with open_house(folder) as house:
        saying = house.scope.start(house.speaker.say("turn the music", 2.0), name="say")
        await house.clock.sleep(1.0)
        house.microphone.lose()
        await saying
        assert house.ears.snapshot().state is EarState.LOST
        assert house.ears.snapshot().sentence == "The microphone was unplugged."
        house.microphone.find()
        await house.speaker.silence(1.0)
        await house.speaker.say("Hello again.", 1.0)
        await house.speaker.silence(1.0)
    assert house.reasons == ["the microphone was lost in the middle of it"]
    assert house.mind.texts == ["Hello again."]


async def test_what_was_taken_along_is_answered_alone_when_the_rest_is_lost(folder: Path) -> None:
    async with open_house(folder) as house:
        await house.speaker.say("What is your name?", 1.0)
        await house.speaker.silence(0.8)
        saying = house.scope.start(house.speaker.say("And where do you live all day long", 3.0), name="say")
        await house.clock.sleep(1.5)
        house.microphone.lose()
        await saying
        await house.clock.sleep(1.0)
    first, second = house.mind.submitted
    assert house.mind.taken_back == [first.id]
    assert (second.text, second.id == first.id) == ("What is your name?", False)


async def test_unplugged_after_a_sentence_it_counts(folder: Path) -> None:
    async with open_house(folder) as house:
        house.end_of_turn.answer = 0.0
        await house.speaker.say("Turn the music off.", 1.0)
        await house.speaker.silence(0.3)
        house.microphone.lose()
        await house.clock.sleep(1.0)
    assert house.mind.texts == ["Turn the music off."]
    assert house.reasons == []


async def test_a_dead_recogniser_is_told_once_and_used_again_when_it_is_back(folder: Path) -> None:
    async with open_house(folder) as house:
        house.recognizer.error = TemporaryError("The recogniser stopped.")
        for _ in range(2):
            await house.speaker.say("Can you hear me now?", 2.0)
            await house.speaker.silence(2.0)
        assert "The recogniser stopped." in house.ears.snapshot().sentence
        assert house.mind.submitted == []
        assert house.reasons == ["it could not be understood: speech recognition failed"] * 2
        house.recognizer.error = None
        await house.speaker.say("And now?", 1.0)
        await house.speaker.silence(6.0)
        assert house.ears.snapshot().sentence == "Fake microphone."
    assert house.mind.texts == ["And now?"]
    assert [event.sentence for event in house.of(NoticeRaised)] == ["The recogniser stopped.", "Fake recogniser works again."]
    assert [event.level for event in house.of(HealthChanged)][-2:] == [HealthLevel.DEGRADED, HealthLevel.OK]


async def test_without_the_end_of_turn_engine_she_waits_the_middle(folder: Path) -> None:
    async with open_house(folder) as house:
        house.end_of_turn.error = TemporaryError("It stopped.")
        await house.speaker.say("Hello.", 1.0)
        await house.speaker.silence(2.0)
        utterance = house.mind.submitted[0].utterance
    assert utterance is not None
    assert utterance.endpointed_s - utterance.ended_s == pytest.approx(0.8, abs=0.04)


async def test_without_voice_activity_nothing_is_heard_until_it_is_back(folder: Path) -> None:
    async with open_house(folder) as house:
        saying = house.scope.start(house.speaker.say("half a sentence", 3.0), name="say")
        await house.clock.sleep(1.0)
        house.activity.error = TemporaryError("Voice activity stopped.")
        await saying
        assert house.reasons == ["voices could not be told from noise: that engine failed"]
        assert house.activity.judged < 60  # it is not asked at every frame while it fails
        house.activity.error = None
        await house.speaker.silence(3.0)
        await house.speaker.say("Hello again.", 1.0)
        await house.speaker.silence(1.0)
    assert house.mind.texts == ["Hello again."]


async def test_engines_that_cannot_be_loaded_are_told(folder: Path) -> None:
    async with open_house(folder, is_running=False) as house:
        house.activity.error_at_open = SetupError("Install the ears on the Engines page.")
        house.scope.start(house.ears.run(), name="ears")
        await house.speaker.silence(0.1)
        assert "Install the ears" in house.of(NoticeRaised)[0].sentence


async def test_frames_that_nobody_can_follow_are_bounded_and_counted(folder: Path) -> None:
    async with open_house(folder) as house:
        await house.speaker.silence(0.5)
        house.activity.delay_s = 10.0
        await house.speaker.silence(9.0)
        house.activity.delay_s = 0.0
        assert 150 < house.ears._listener.dropped < 281
        await house.speaker.silence(4.0)
        assert house.ears.snapshot().overruns == house.ears._listener.dropped
        await house.speaker.say("Hello.", 1.0)
        await house.speaker.silence(1.0)
    assert house.mind.texts == ["Hello."]


async def test_a_computer_that_slept_begins_anew(folder: Path) -> None:
    async with open_house(folder) as house:
        await house.speaker.say("half a sentence", 1.0)
        await house.clock.sleep(3600.0)
        await house.speaker.silence(1.0)
        await house.speaker.say("Good morning.", 1.0)
        await house.speaker.silence(1.0)
    assert house.mind.texts == ["Good morning."]
    assert house.reasons == ["the microphone was silent in the middle of it"]
    assert house.activity.forgotten == ["streamer"] * 2


async def test_a_clock_that_goes_back_begins_anew(folder: Path) -> None:
    async with open_house(folder) as house:
        await house.speaker.silence(1.0)
        house.microphone.feed(MicrophoneFrame(np.zeros(INPUT_FRAMES, np.float32), 0.5, 0.0))
        await house.speaker.silence(0.5)
        await house.speaker.say("Hello.", 1.0)
        await house.speaker.silence(1.0)
    assert house.mind.texts == ["Hello."]


async def test_a_few_lost_frames_cost_no_utterance(folder: Path) -> None:
    async with open_house(folder) as house:
        await house.speaker.say("one two", 1.0)
        await house.clock.sleep(4 * FRAME_S)
        await house.speaker.say("three four", 1.0)
        await house.speaker.silence(1.0)
    assert house.mind.texts == ["one two three four"]


async def test_a_failure_to_forget_is_told_and_costs_nothing(folder: Path) -> None:
    async with open_house(folder, is_running=False) as house:
        house.activity.error = TemporaryError("Not yet.")
        house.scope.start(house.ears.run(), name="ears")
        await house.speaker.silence(0.1)
        house.activity.error = None
        await house.speaker.silence(2.0)
        assert house.ears.snapshot().state is EarState.LISTENING


async def test_cancelled_she_releases_the_microphone_and_can_begin_again(folder: Path) -> None:
    async with open_house(folder, is_running=False) as house:
        running = house.scope.start(house.ears.run(), name="ears")
        await house.speaker.say("half a sentence", 1.0)
        running.cancel()
        await asyncio.wait({running})
        assert house.microphone.calls == ["open", "close"]
        house.scope.start(house.ears.run(), name="ears")
        await house.clock.sleep(0.1)
        await house.speaker.say("Hello.", 1.0)
        await house.speaker.silence(1.0)
    assert house.mind.texts == ["Hello."]


async def test_the_last_frame_of_a_switched_off_microphone_says_nothing(folder: Path) -> None:
    async with open_house(folder) as house:
        await house.speaker.silence(0.2)
        house.activity.delay_s = 0.02
        speaking = house.scope.start(house.speaker.say("a", 0.064), name="say")
        await house.clock.sleep(0.07)
        await house.ears.set_deaf(True)
        await speaking
        await house.clock.sleep(1.0)
        assert house.ears.snapshot().state is EarState.DEAF
    assert house.mind.submitted == []


async def test_deaf_while_the_microphone_is_being_opened_it_is_closed_again(folder: Path) -> None:
    async with open_house(folder, is_running=False) as house:
        house.microphone.opening_s = 2.0
        house.scope.start(house.ears.run(), name="ears")
        await house.clock.sleep(1.0)
        await house.ears.set_deaf(True)
        await house.clock.sleep(2.0)
        assert not house.microphone.is_open
        assert house.microphone.calls[-1] == "close"
        await house.ears.set_deaf(False)
        await house.clock.sleep(3.0)
        assert house.microphone.is_open


async def test_switched_off_while_the_engines_are_loaded_nothing_is_opened(folder: Path) -> None:
    async with open_house(folder, is_running=False) as house:
        loading = asyncio.Event()

        async def load() -> None:
            await loading.wait()

        house.activity.open = load  # type: ignore[method-assign]
        house.scope.start(house.ears.run(), name="ears")
        await house.clock.sleep(1.0)
        assert house.ears.snapshot().state is EarState.STARTING
        await house.ears.set_deaf(True)
        loading.set()
        await house.clock.sleep(1.0)
        assert house.microphone.calls == []


async def test_a_bug_ends_the_service_and_releases_the_microphone(folder: Path) -> None:
    async with open_house(folder, is_running=False) as house:

        async def submit(stimulus: Stimulus) -> Decision:
            raise RuntimeError(stimulus.id)

        house.mind.submit = submit  # type: ignore[method-assign]
        running = house.scope.start(house.ears.run(), name="ears", is_awaited=True)
        await house.clock.sleep(0.1)
        await house.speaker.say("Hello.", 1.0)
        await house.speaker.silence(1.0)
        with pytest.raises(RuntimeError):
            await running
    assert house.microphone.calls == ["open", "close"]


async def test_a_long_piece_that_was_not_understood_is_not_dragged_along(folder: Path) -> None:
    async with open_house(folder) as house:
        await house.speaker.say("mumble", 9.0, log_probability=-2.0)
        await house.speaker.silence(0.5)
        await house.speaker.say("How are you?", 1.0)
        await house.speaker.silence(1.0)
    assert house.mind.texts == ["How are you?"]
