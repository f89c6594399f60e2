"""From the microphone's frames to what reaches her, on virtual time."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.companion.hearing.conftest import HouseOfEars, open_house
from tests.fakes.hearing import FRAME_S
from voxelle.domain.avatar import Feeling
from voxelle.domain.chat import StimulusKind
from voxelle.domain.events import ClauseHeard, HealthChanged, HealthLevel, HearingChanged, MicrophoneHeard, TurnStateChanged
from voxelle.domain.hearing import EarState, ListeningMode
from voxelle.domain.speech import Clause, TurnState

pytestmark = pytest.mark.virtual_time


async def test_what_the_streamer_says_reaches_her_soon_after_the_end(folder: Path) -> None:
    async with open_house(folder) as house:
        await house.speaker.silence(0.5)
        await house.speaker.say("How are you today?", 1.2)
        ended_s = house.speaker.ended_s
        await house.speaker.silence(1.0)
    [stimulus] = house.mind.submitted
    assert (stimulus.kind, stimulus.text) == (StimulusKind.VOICE, "How are you today?")
    assert (stimulus.author.id, stimulus.source, stimulus.is_mention) == ("streamer", "microphone", False)
    utterance = stimulus.utterance
    assert utterance is not None
    assert utterance.ended_s == pytest.approx(ended_s)
    assert utterance.endpointed_s - ended_s == pytest.approx(0.2, abs=0.02)
    assert utterance.recognised_s - ended_s == pytest.approx(0.096 + 0.08, abs=0.01)
    assert utterance.began_s == pytest.approx(ended_s - 1.2, abs=0.05)
    assert not utterance.is_interrupting
    assert house.states == [EarState.LISTENING, EarState.HEARING, EarState.RECOGNISING, EarState.LISTENING]
    assert house.mind.listening[:2] == [True, False]


async def test_an_unsure_end_is_waited_for_and_one_without_an_engine_in_the_middle(folder: Path) -> None:
    for probability, wait_s in ((0.0, 1.4), (0.5, 0.8), (1.0, 0.2), (None, 0.8)):
        async with open_house(folder, has_end_of_turn=probability is not None) as house:
            house.end_of_turn.answer = probability or 0.0
            await house.speaker.say("Tell me something", 1.0)
            await house.speaker.silence(2.0)
            utterance = house.mind.submitted[0].utterance
            assert utterance is not None
            assert utterance.endpointed_s - utterance.ended_s == pytest.approx(wait_s, abs=FRAME_S)


async def test_whoever_says_and_is_waited_for(folder: Path) -> None:
    async with open_house(folder) as house:
        await house.speaker.say("I like it, and", 1.0)
        await house.speaker.silence(0.8)
        await house.speaker.say("I want more.", 1.0)
        await house.speaker.silence(1.0)
    assert house.mind.texts == ["I like it, and I want more."]


async def test_who_goes_on_in_a_pause_says_one_thing_and_is_understood_whole(folder: Path) -> None:
    async with open_house(folder) as house:
        house.end_of_turn.answer = 0.2
        await house.speaker.say("I went to the market", 1.0)
        await house.speaker.silence(0.5)
        assert house.mind.ahead == ["I went to the market"]
        await house.speaker.say("and bought some fish.", 1.0)
        assert house.mind.ahead[1] == "dropped"
        house.end_of_turn.answer = 0.95
        await house.speaker.silence(1.0)
    assert house.mind.texts == ["I went to the market and bought some fish."]
    assert house.mind.ahead[-1] == "I went to the market and bought some fish."
    finals = [request for request in house.recognizer.requests if not request.is_interim]
    assert len(finals) == 2


async def test_a_sentence_that_ends_while_he_speaks_is_thought_about_ahead(folder: Path) -> None:
    async with open_house(folder) as house:
        await house.speaker.say("Are you there?", 0.6)
        await house.speaker.say("I need you now", 3.0)
        assert house.mind.ahead[0] == "Are you there?"
        await house.speaker.silence(1.0)
    assert house.mind.texts == ["Are you there? I need you now"]


async def test_interim_texts_are_shown_while_he_speaks_one_request_at_a_time(folder: Path) -> None:
    async with open_house(folder) as house:
        house.recognizer.delay_s = 0.3
        await house.speaker.say("one two three four five six seven eight nine ten", 4.0)
        await house.speaker.silence(1.5)
    interims = [event.hearing.interim for event in house.of(HearingChanged) if event.hearing.interim]
    assert len(set(interims)) >= 4
    assert all("one two three four five six seven eight nine ten".startswith(text) for text in interims)
    assert house.of(HearingChanged)[-1].hearing.interim == ""
    requests = [request for request in house.recognizer.requests if request.is_interim]
    assert 3 <= len(requests) <= 5
    assert {event.hearing.speaker for event in house.of(HearingChanged)} == {"", "Streamer"}


def _interim_count(house: HouseOfEars) -> int:
    return sum(request.is_interim for request in house.recognizer.requests)


@pytest.mark.parametrize(
    "delay_s, least, most",
    [(0.0, 30, 120), (0.08, 25, 45), (0.3, 3, 5)],
)
async def test_a_quick_recogniser_is_asked_again_at_once_and_a_slow_one_rests(folder: Path, delay_s: float, least: int, most: int) -> None:
    async with open_house(folder) as house:
        house.recognizer.delay_s = delay_s
        await house.speaker.say("one two three four five six seven eight nine ten", 4.0)
        assert least <= _interim_count(house) <= most
        await house.speaker.silence(1.5)


async def test_whoever_pauses_and_goes_on_is_understood_meanwhile_again(folder: Path) -> None:
    async with open_house(folder) as house:
        house.end_of_turn.answer = 0.1
        house.recognizer.delay_s = 0.08
        await house.speaker.say("I went to the market", 1.0)
        await house.speaker.silence(0.3)
        before = _interim_count(house)
        await house.speaker.say("and bought a lot of fish for all of us.", 3.0)
        assert _interim_count(house) > before + 10
        await house.speaker.silence(2.0)


async def test_what_is_out_of_date_when_it_is_understood_is_not_thought_about(folder: Path) -> None:
    async with open_house(folder) as house:
        house.recognizer.delay_s = 0.25
        await house.speaker.say("Are you there?", 0.6)
        await house.speaker.say("I need you now", 3.0)
        assert "Are you there?" not in house.mind.ahead
        await house.speaker.silence(1.0)


async def test_the_recogniser_is_told_language_and_names(folder: Path) -> None:
    async with open_house(folder, language="de", hot_words=["Elden Ring", "Mira"]) as house:
        await house.speaker.say("Hallo Mira", 1.0)
        await house.speaker.silence(1.0)
    request = house.recognizer.requests[-1]
    assert request.language == "de"
    assert request.hot_words == ("Mira", "Elden Ring")
    assert house.mind.submitted[0].is_mention


async def test_every_frame_is_shown_and_goes_to_the_interruption(folder: Path) -> None:
    async with open_house(folder) as house:
        await house.speaker.noise(1.0)
        await house.speaker.say("Hello you", 1.0)
        await house.speaker.silence(1.0)
    heard = house.of(MicrophoneHeard)
    assert len(heard) == len(house.barge_in.frames) == 31 + 31 + 31
    assert [heard[0].level, heard[0].speech] == pytest.approx([0.05, 0.02])
    assert house.barge_in.texts[-1] == ("Hello you", True)
    assert ("Hello you", False) in house.barge_in.texts
    assert house.barge_in.silences == 1


async def test_what_nobody_said_is_dropped_with_the_reason(folder: Path) -> None:
    async with open_house(folder) as house:
        await house.speaker.say("Thanks for watching!", 1.0, log_probability=-0.9)
        await house.speaker.silence(1.0)
        await house.speaker.say("Hm", 0.1)
        await house.speaker.silence(1.0)
    assert house.mind.submitted == []
    assert house.reasons == ["a sentence that recognisers invent from noise", "too short to be speech"]
    assert house.barge_in.texts[-1] == ("", True)
    assert house.mind.ahead == []
    assert house.mind.listening[-1] is False


async def test_an_hour_of_noise_is_nothing(folder: Path) -> None:
    async with open_house(folder) as house:
        for _ in range(60):
            await house.speaker.noise(59.0, burst=20)
            await house.speaker.say("you", 0.03)  # a single voiced frame: a click
    assert house.mind.submitted == []
    assert house.recognizer.requests == []
    assert house.ears.snapshot().state is EarState.LISTENING


def she_says(house: HouseOfEars, text: str, seconds: float) -> None:
    """Let her begin to say something."""
    house.bus.announce(TurnStateChanged(TurnState.SPEAKING, "t1"))
    house.bus.announce(ClauseHeard(Clause("t1", 0, text, Feeling()), seconds))


async def test_her_own_voice_in_the_microphone_is_no_utterance(folder: Path) -> None:
    async with open_house(folder) as house:
        she_says(house, "The last boss took me three evenings, you know.", 3.0)
        await house.speaker.say("the last boss took me three evenings", 2.5)
        await house.speaker.silence(1.0)
        house.bus.announce(TurnStateChanged(TurnState.IDLE))
    assert house.mind.submitted == []
    assert house.reasons == ["her own voice"]


async def test_an_answer_with_one_of_her_words_is_no_echo(folder: Path) -> None:
    async with open_house(folder) as house:
        she_says(house, "Do you want tea or coffee?", 1.5)
        await house.speaker.silence(1.5)
        house.bus.announce(TurnStateChanged(TurnState.IDLE))
        await house.speaker.say("Coffee", 0.6)
        await house.speaker.silence(1.0)
    assert house.mind.texts == ["Coffee"]


async def test_a_sound_of_agreement_while_she_speaks_is_no_utterance(folder: Path) -> None:
    async with open_house(folder) as house:
        house.mind.can_take_back = False
        she_says(house, "Once upon a time there was a fox.", 8.0)
        await house.speaker.say("uh huh, yeah", 0.8)
        await house.speaker.silence(1.0)
        assert house.reasons == ["a sound of agreement while she spoke"]
        house.barge_in.stops = True
        await house.speaker.say("Wait a moment", 0.8)
        await house.speaker.silence(1.0)
        house.bus.announce(TurnStateChanged(TurnState.IDLE))
        house.barge_in.stops = False
        await house.speaker.silence(5.0)
        await house.speaker.say("yeah", 0.8)
        await house.speaker.silence(1.0)
    assert house.mind.texts == ["Wait a moment", "yeah"]
    assert [stimulus.utterance.is_interrupting for stimulus in house.mind.submitted if stimulus.utterance] == [True, False]


async def test_what_goes_on_before_she_was_heard_is_answered_together(folder: Path) -> None:
    async with open_house(folder) as house:
        await house.speaker.say("What is your name?", 1.0)
        await house.speaker.silence(0.8)
        await house.speaker.say("And where are you from?", 1.0)
        await house.speaker.silence(0.8)
        await house.speaker.say("Hm", 0.15)  # a cough takes nothing away
        await house.speaker.silence(1.0)
    first, second = house.mind.submitted
    assert house.mind.taken_back == [first.id]
    assert (first.text, second.text) == ("What is your name?", "What is your name? And where are you from?")
    assert second.utterance is not None
    assert first.utterance is not None
    assert second.utterance.began_s == first.utterance.began_s
    assert second.utterance.ended_s > first.utterance.ended_s + 1.0


async def test_a_piece_that_was_not_understood_is_heard_again_with_what_follows(folder: Path) -> None:
    async with open_house(folder) as house:
        await house.speaker.say("Mira", 0.5, log_probability=-2.0)
        await house.speaker.silence(0.5)
        assert house.reasons == ["too unclear to be understood"]
        await house.speaker.say("how are you?", 1.0)
        await house.speaker.silence(1.0)
        await house.speaker.say("Hm", 0.5, log_probability=-2.0)
        await house.speaker.silence(3.0)
        await house.speaker.say("I am fine.", 1.0)
        await house.speaker.silence(1.0)
    assert house.mind.texts[0] == "Mira how are you?"
    assert "Hm" not in house.mind.texts[-1]


async def test_what_is_said_after_she_was_heard_stands_alone(folder: Path) -> None:
    async with open_house(folder) as house:
        house.mind.can_take_back = False
        await house.speaker.say("What is your name?", 1.0)
        await house.speaker.silence(0.8)
        await house.speaker.say("And where are you from?", 1.0)
        await house.speaker.silence(25.0)
        await house.speaker.say("Never mind.", 1.0)
        await house.speaker.silence(1.0)
    assert house.mind.texts == ["What is your name?", "And where are you from?", "Never mind."]
    assert len(house.mind.taken_back) == 1


async def test_who_goes_on_while_it_is_still_being_understood_is_answered_once_for_both(folder: Path) -> None:
    async with open_house(folder) as house:
        house.recognizer.delay_s = 0.7
        await house.speaker.say("What is your name?", 1.0)
        await house.speaker.silence(0.3)
        await house.speaker.say("And where are you from?", 1.5)
        await house.speaker.silence(2.0)
    assert house.mind.texts[-1] == "What is your name? And where are you from?"
    assert len(house.mind.taken_back) == 1


async def test_a_speech_of_a_minute_is_one_utterance(folder: Path) -> None:
    async with open_house(folder) as house:
        for index in range(9):
            await house.speaker.say(f"sentence {index}", 6.0)
        await house.speaker.silence(1.0)
    [stimulus] = house.mind.submitted
    assert all(f"sentence {index}" in stimulus.text for index in range(9))
    finals = [request for request in house.recognizer.requests if not request.is_interim]
    assert len(finals) == 2
    assert all(request.samples.size <= 32 * 16_000 for request in finals)


async def test_the_light_is_green_once_sound_was_heard(folder: Path) -> None:
    async with open_house(folder) as house:
        assert house.ears.snapshot().state is EarState.STARTING
        await house.speaker.silence(0.1)
        assert house.ears.snapshot().state is EarState.LISTENING
        assert house.ears.snapshot().sentence == "Fake microphone."
    lights = [event.level for event in house.of(HealthChanged) if event.service == "hearing"]
    assert lights == [HealthLevel.STARTING, HealthLevel.OK]


async def test_the_snapshot_tells_mode_and_losses(folder: Path) -> None:
    async with open_house(folder) as house:
        house.microphone.overruns = 3
        await house.speaker.silence(0.1)
        snapshot = house.ears.snapshot()
    assert (snapshot.mode, snapshot.overruns, snapshot.open_for_s) == (ListeningMode.OPEN, 3, 0.0)
