"""Keys, names, deafness and changed settings while somebody speaks."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.companion.hearing.conftest import open_house
from tests.companion.hearing.test_ears import she_says
from voxelle.domain.chat import Author, Decision, Stimulus, StimulusKind, Verdict
from voxelle.domain.errors import InputError
from voxelle.domain.events import (
    BargeInChanged,
    HealthChanged,
    HealthLevel,
    HearingChanged,
    MessageReceived,
    MicrophoneHeard,
    TurnEnded,
    TurnStarted,
    TurnStateChanged,
)
from voxelle.domain.hearing import BargeInState, EarState, ListeningMode
from voxelle.domain.speech import TurnOutcome, TurnRecord, TurnState, TurnTrace

pytestmark = pytest.mark.virtual_time


async def test_nothing_is_recognised_until_the_key_is_down(folder: Path) -> None:
    async with open_house(folder, mode="push_to_talk") as house:
        await house.speaker.say("This is for my chat.", 1.0)
        await house.speaker.silence(2.0)
        assert house.ears.snapshot().state is EarState.CLOSED
        assert "nothing is recognised" in house.ears.snapshot().sentence
        assert house.microphone.calls == ["open"]
        assert house.recognizer.requests == []
        assert house.barge_in.frames == []
        assert house.end_of_turn.asked == []
    assert house.mind.submitted == []


async def test_the_key_ends_the_utterance_at_once(folder: Path) -> None:
    async with open_house(folder, mode="push_to_talk") as house:
        house.end_of_turn.answer = 0.0
        await house.speaker.silence(1.0)
        await house.ears.press()
        assert house.ears.snapshot().is_key_down
        await house.speaker.say("Turn the", 1.0)
        await house.speaker.silence(3.0)  # as long as he holds it he has not finished
        await house.speaker.say("music off.", 1.0)
        await house.speaker.silence(0.5)
        assert house.mind.submitted == []
        await house.ears.release()
        released_s = house.clock.monotonic()
        await house.speaker.silence(1.0)
    [stimulus] = house.mind.submitted
    assert stimulus.text == "Turn the music off."
    assert stimulus.utterance is not None
    assert stimulus.utterance.endpointed_s == pytest.approx(released_s)


async def test_the_last_word_may_come_after_the_key(folder: Path) -> None:
    async with open_house(folder, mode="push_to_talk") as house:
        await house.ears.press()
        await house.speaker.silence(0.2)
        saying = house.scope.start(house.speaker.say("Turn the music off", 1.2), name="say")
        await house.clock.sleep(1.0)
        await house.ears.release()
        await saying
        await house.speaker.silence(0.1)
        assert house.mind.submitted == []
        await house.speaker.say("never for her", 2.0)
        await house.speaker.silence(1.0)
    assert house.mind.texts == ["Turn the music off"]


async def test_who_speaks_on_after_the_tail_is_cut_there(folder: Path) -> None:
    async with open_house(folder, mode="push_to_talk") as house:
        await house.ears.press()
        saying = house.scope.start(house.speaker.say("one two three four five six seven eight nine ten", 5.0), name="say")
        await house.clock.sleep(2.0)
        await house.ears.release()
        await saying
        await house.speaker.silence(1.0)
    assert house.mind.texts == ["one two three four"]


async def test_a_key_without_a_word_is_told(folder: Path) -> None:
    async with open_house(folder, mode="push_to_talk") as house:
        await house.ears.press()
        await house.speaker.silence(1.0)
        await house.ears.release()
        await house.ears.release()
        await house.speaker.silence(1.0)
    assert house.reasons == ["nothing was said while the key was down"]


async def test_the_first_syllable_before_the_key_is_not_lost(folder: Path) -> None:
    async with open_house(folder, mode="push_to_talk") as house:
        saying = house.scope.start(house.speaker.say("Hello", 0.8), name="say")
        await house.clock.sleep(0.2)
        await house.ears.press()
        await saying
        await house.speaker.silence(0.2)
        await house.ears.release()
        await house.speaker.silence(1.0)
    assert house.mind.texts == ["Hello"]


async def test_toggle_listens_between_two_presses(folder: Path) -> None:
    async with open_house(folder, mode="toggle") as house:
        await house.speaker.say("not for her", 1.0)
        await house.speaker.silence(1.0)
        await house.ears.press()
        await house.ears.release()
        await house.speaker.say("First.", 1.0)
        await house.speaker.silence(1.0)
        saying = house.scope.start(house.speaker.say("Second.", 1.0), name="say")
        await house.clock.sleep(0.9)
        await house.ears.press()
        await saying
        await house.speaker.silence(1.0)
        await house.speaker.say("not for her", 1.0)
        await house.speaker.silence(1.0)
    assert house.mind.texts[0] == "First."
    assert house.mind.texts[-1].endswith("Second.")
    assert all("not for" not in text for text in house.mind.texts)
    assert house.ears.snapshot().state is EarState.CLOSED


async def test_she_answers_when_named_and_stays_open_for_a_while(folder: Path) -> None:
    async with open_house(folder, mode="wake_name", open_after_name_s=30.0) as house:
        house.mind.can_take_back = False
        await house.speaker.say("nice weather today", 1.0)
        await house.speaker.silence(2.0)
        assert house.ears.snapshot().state is EarState.WAITING
        assert house.barge_in.frames == []
        assert house.mind.listening == [False]
        assert all(event.hearing.interim == "" for event in house.of(HearingChanged))
        await house.speaker.say("hey Myra, how are you?", 1.5)
        await house.speaker.silence(6.0)
        assert house.ears.snapshot().state is EarState.LISTENING
        assert 20.0 < house.ears.snapshot().open_for_s < 30.0
        await house.speaker.say("and tomorrow?", 1.0)
        await house.speaker.silence(35.0)
        assert house.ears.snapshot().state is EarState.WAITING
        assert house.ears.snapshot().open_for_s == 0.0
        await house.speaker.say("one more thing", 1.0)
        await house.speaker.silence(2.0)
    assert house.mind.texts == ["hey Myra, how are you?", "and tomorrow?"]
    assert house.reasons == ["her name was not said", "her name was not said"]
    assert house.mind.submitted[0].is_mention


async def test_while_she_answers_the_open_time_begins_anew(folder: Path) -> None:
    async with open_house(folder, mode="wake_name", open_after_name_s=10.0) as house:
        await house.speaker.say("Mira, tell me a story", 1.0)
        await house.speaker.silence(9.0)
        now = house.clock.now()
        stimulus = Stimulus("s", StimulusKind.VOICE, Author("streamer", "Streamer"), "tell", now)
        record = TurnRecord("t", "mira", now, now, TurnOutcome.COMPLETED, (stimulus,), "tell", (), TurnTrace())
        house.bus.announce(TurnEnded(record))
        await house.speaker.silence(8.0)
        assert house.ears.snapshot().state is EarState.LISTENING
        await house.speaker.silence(3.0)
        assert house.ears.snapshot().state is EarState.WAITING


async def test_named_while_she_speaks_she_listens_before_the_sentence_is_over(folder: Path) -> None:
    async with open_house(folder, mode="wake_name") as house:
        she_says(house, "Once upon a time", 10.0)
        await house.speaker.say("Mira stop talking for a moment please I want to say something", 4.0)
        assert house.barge_in.frames
        assert house.mind.listening == [True]
        await house.speaker.silence(1.0)
        house.bus.announce(TurnStateChanged(TurnState.IDLE))
    assert len(house.mind.submitted) == 1


async def test_deaf_in_the_middle_of_a_sentence_she_has_heard_nothing(folder: Path) -> None:
    async with open_house(folder) as house:
        saying = house.scope.start(house.speaker.say("my password is swordfish", 3.0), name="say")
        await house.clock.sleep(1.5)
        await house.ears.set_deaf(True)
        await house.ears.set_deaf(True)
        heard = len(house.of(MicrophoneHeard))
        await saying
        await house.speaker.silence(2.0)
        assert house.microphone.calls == ["open", "close"]
        assert len(house.of(MicrophoneHeard)) == heard
        snapshot = house.ears.snapshot()
        assert (snapshot.state, snapshot.is_deaf, snapshot.interim, snapshot.speaker) == (EarState.DEAF, True, "", "")
        assert "deaf" in snapshot.sentence
        with pytest.raises(InputError, match="deaf"):
            await house.ears.press()
        await house.ears.set_deaf(False)
        await house.clock.sleep(0.1)
        await house.speaker.say("Hello again.", 1.0)
        await house.speaker.silence(1.0)
    assert house.mind.texts == ["Hello again."]
    assert house.reasons == ["she was made deaf in the middle of it"]
    assert house.mind.listening[:2] == [True, False]


async def test_deaf_while_it_is_understood_nothing_reaches_her(folder: Path) -> None:
    async with open_house(folder) as house:
        house.recognizer.delay_s = 1.0
        await house.speaker.say("my password is swordfish", 1.0)
        await house.speaker.silence(0.5)
        await house.ears.set_deaf(True)
        await house.clock.sleep(3.0)
    assert house.mind.submitted == []
    assert house.reasons == ["she is deaf"]


async def test_switched_off_she_never_opens_the_microphone(folder: Path) -> None:
    async with open_house(folder, is_enabled=False) as house:
        assert house.microphone.calls == []
        assert house.ears.snapshot().state is EarState.OFF
        with pytest.raises(InputError, match="switch the microphone on"):
            await house.ears.press()
        await house.settings.change("hearing.is_enabled", True)
        await house.clock.sleep(0.1)
        await house.speaker.say("Hello.", 1.0)
        await house.speaker.silence(1.0)
        await house.settings.change("hearing.is_enabled", False)
        await house.clock.sleep(0.1)
    assert house.mind.texts == ["Hello."]
    assert house.microphone.calls == ["open", "close"]
    lights = [event.level for event in house.of(HealthChanged)]
    assert lights == [HealthLevel.OFF, HealthLevel.STARTING, HealthLevel.OK, HealthLevel.OFF]


async def test_another_device_is_opened_at_once(folder: Path) -> None:
    async with open_house(folder) as house:
        await house.speaker.silence(0.1)
        saying = house.scope.start(house.speaker.say("half a sentence", 2.0), name="say")
        await house.clock.sleep(1.0)
        await house.settings.change("hearing.input_device", "headset")
        await saying
        await house.speaker.silence(2.0)
    assert house.microphone.calls == ["open", "close", "open", "close"]
    assert house.reasons[0] == "the microphone was changed in the middle of it"


async def test_another_mode_in_the_middle_of_a_sentence_drops_it(folder: Path) -> None:
    async with open_house(folder) as house:
        saying = house.scope.start(house.speaker.say("something long", 2.0), name="say")
        await house.clock.sleep(1.0)
        await house.ears.set_mode(ListeningMode.PUSH_TO_TALK)
        await saying
        await house.speaker.silence(1.0)
        assert house.ears.snapshot().mode is ListeningMode.PUSH_TO_TALK
        assert house.settings.current.hearing.mode is ListeningMode.PUSH_TO_TALK
    assert house.mind.submitted == []
    assert house.reasons == ["the way of listening was changed in the middle of it"]


async def test_from_a_held_key_to_an_open_microphone_the_sentence_goes_on(folder: Path) -> None:
    async with open_house(folder, mode="push_to_talk") as house:
        await house.ears.press()
        await house.speaker.say("Hello there.", 1.0)
        await house.ears.set_mode(ListeningMode.OPEN)
        await house.speaker.silence(1.0)
    assert house.mind.texts == ["Hello there."]


async def test_thresholds_change_while_she_listens(folder: Path) -> None:
    async with open_house(folder, shortest_wait_s=0.2) as house:
        await house.settings.change_all({"hearing.shortest_wait_s": 1.0, "hearing.longest_wait_s": 1.0})
        await house.speaker.say("Hello there.", 1.0)
        await house.speaker.silence(2.0)
        utterance = house.mind.submitted[0].utterance
    assert utterance is not None
    assert utterance.endpointed_s - utterance.ended_s == pytest.approx(1.0, abs=0.04)


async def test_the_window_sees_what_his_voice_does_to_hers(folder: Path) -> None:
    async with open_house(folder) as house:
        await house.speaker.silence(0.1)
        house.barge_in.state = BargeInState.DUCKED
        house.bus.announce(BargeInChanged(BargeInState.DUCKED, "t1"))
        assert house.ears.snapshot().barge_in is BargeInState.DUCKED


async def test_a_key_is_as_good_as_her_name(folder: Path) -> None:
    async with open_house(folder, mode="wake_name") as house:
        await house.speaker.silence(0.1)
        assert house.ears.snapshot().state is EarState.WAITING
        await house.ears.press()
        assert house.ears.snapshot().state is EarState.LISTENING
        await house.speaker.say("what time is it?", 1.0)
        await house.speaker.silence(1.0)
    assert house.mind.texts == ["what time is it?"]


async def test_names_of_the_chat_are_expected_the_newest_first(folder: Path) -> None:
    async with open_house(folder) as house:
        for number in range(20):
            name = f"viewer{number}"
            stimulus = Stimulus(name, StimulusKind.CHAT, Author(name, name), "hi", house.clock.now())
            house.bus.announce(MessageReceived(stimulus, Decision(name, Verdict.QUEUED, 1.0, "a chat line")))
        await house.speaker.say("Hello.", 1.0)
        await house.speaker.silence(1.0)
    assert house.recognizer.requests[-1].hot_words == ("Mira", *(f"viewer{number}" for number in range(19, 7, -1)))


async def test_agreement_while_she_thinks_about_an_answer_is_no_new_question(folder: Path) -> None:
    async with open_house(folder) as house:
        said = Stimulus("s", StimulusKind.VOICE, Author("streamer", "Streamer"), "tell me", house.clock.now())
        house.bus.announce(TurnStarted("t", "mira", (said,)))
        await house.speaker.say("okay", 0.6)
        await house.speaker.silence(1.0)
    assert house.mind.submitted == []
    assert house.mind.taken_back == []
    assert house.reasons == ["a sound of agreement while she spoke"]
