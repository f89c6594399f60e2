"""A whole conversation by voice: microphone, companion, voice, interruptions, on virtual time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.companion.conftest import Stage, chat, open_stage
from tests.fakes.engines import Step
from tests.fakes.hearing import FakeEndOfTurn, FakeRecognizer, FakeVoiceActivity, Speaker
from tests.fakes.input import FakeInput
from voxelle.companion.hearing.ports import EarPorts
from voxelle.domain.events import BargeInChanged, HearingChanged, QueueChanged, ShowChanged, UtteranceDropped
from voxelle.domain.hearing import BargeInState, EarState
from voxelle.domain.speech import TurnOutcome
from voxelle.kernel.clock import LoopClock

pytestmark = pytest.mark.virtual_time

STORY = ["[joy] Once upon a time there was a little fox who lived in a studio. ", "It sang all day and nobody ever came. Then it slept."]


@dataclass
class Talk:
    """Somebody who talks to her."""

    stage: Stage
    speaker: Speaker
    recognizer: FakeRecognizer


@asynccontextmanager
async def talk(folder: Path, *scripts: Sequence[Step], **hearing: object) -> AsyncIterator[Talk]:
    """Open a companion who listens."""
    made: list[tuple[FakeInput, FakeRecognizer]] = []

    def ears(clock: LoopClock) -> EarPorts:
        made.append((FakeInput(), FakeRecognizer(clock)))
        return EarPorts(made[0][0], FakeVoiceActivity(clock), FakeEndOfTurn(clock), made[0][1])

    async with open_stage(folder, *scripts, ears=ears) as stage:
        await stage.settings.change_all({f"hearing.{name}": value for name, value in {"is_enabled": True, **hearing}.items()})
        await stage.clock.sleep(0.1)
        [(microphone, recognizer)] = made
        yield Talk(stage, Speaker(stage.clock, microphone, recognizer), recognizer)


async def test_she_answers_what_is_said_to_her_and_remembers_who_said_it(folder: Path) -> None:
    async with talk(folder, [0.15, "[joy] I am fine, thank you."]) as talking:
        await talking.speaker.say("Hello Mira, how are you?", 1.5)
        await talking.speaker.silence(4.0)
        await talking.stage.companion.settle()
        [record] = talking.stage.conversations.turns
        assert record.heard_text == "I am fine, thank you."
        assert record.prompt_line == "Streamer (the streamer, aloud): Hello Mira, how are you?"
        assert record.stimuli[0].is_mention
        marks = record.trace.marks
        assert list(marks)[:2] == ["recognised", "endpointed"] or list(marks)[:2] == ["endpointed", "recognised"]
        assert marks["endpointed"] == pytest.approx(0.19, abs=0.02)
        assert marks["audible"] < 0.6
        shows = [event.show.is_listening for event in talking.stage.of(ShowChanged)]
        assert True in shows
        assert not talking.stage.companion.snapshot().is_listening
        assert talking.stage.companion.hearing().state is EarState.LISTENING


async def test_the_second_half_said_while_she_thinks_is_answered_with_the_first(folder: Path) -> None:
    async with talk(folder, [2.0, "[joy] Never heard."], ["[joy] That is a lot of questions."], think_ahead=False) as talking:
        await talking.speaker.say("What is your name?", 1.0)
        await talking.speaker.silence(0.8)
        await talking.speaker.say("And where do you live?", 1.0)
        await talking.speaker.silence(4.0)
        await talking.stage.companion.settle()
        stage = talking.stage
    assert stage.model.requests[-1].messages[-1].text == "Streamer (the streamer, aloud): What is your name? And where do you live?"
    heard = [record for record in stage.conversations.turns if record.heard_text]
    assert [record.heard_text for record in heard] == ["That is a lot of questions."]
    assert all("Never" not in record.heard_text for record in stage.conversations.turns)


async def test_what_waits_is_taken_back_out_of_the_queue(folder: Path) -> None:
    async with talk(folder, STORY, is_interruptible=False, think_ahead=False) as talking:
        await talking.stage.companion.submit(chat("tell a story"))
        await talking.stage.clock.sleep(1.0)
        await talking.speaker.say("And after that", 1.0)
        await talking.speaker.silence(0.8)
        waiting = [item.stimulus.text for item in talking.stage.companion.queue().items]
        assert waiting == ["And after that"]
        await talking.speaker.say("tell another one.", 1.0)
        await talking.speaker.silence(0.8)
        waiting = [item.stimulus.text for item in talking.stage.companion.queue().items]
        assert waiting == ["And after that tell another one."]
        assert talking.stage.of(QueueChanged)
        await talking.stage.companion.panic()


async def test_interrupted_she_stops_answers_and_is_told_not_to_repeat(folder: Path) -> None:
    async with talk(folder, STORY, ["[joy] Of course."], think_ahead=False) as talking:
        await talking.stage.companion.tell("tell me a story")
        await talking.stage.clock.sleep(2.0)
        await talking.speaker.say("Wait, what was its name?", 1.5)
        await talking.speaker.silence(3.0)
        await talking.stage.companion.settle()
        stage = talking.stage
    first, second = stage.conversations.turns
    assert first.outcome is TurnOutcome.CUT
    assert first.heard_text.startswith("Once upon")
    assert second.heard_text == "Of course."
    assert second.stimuli[0].text == "Wait, what was its name?"
    assert "do not say it again" in stage.model.requests[-1].messages[-1].text
    assert stage.model.requests[-1].messages[-2].text.endswith(f"{first.heard_text} —")
    states = [event.state for event in stage.of(BargeInChanged)]
    assert states[:3] == [BargeInState.DUCKED, BargeInState.PAUSED, BargeInState.INTERRUPTED]
    assert any(event.hearing.barge_in is BargeInState.PAUSED for event in stage.of(HearingChanged))


async def test_a_cough_lets_her_go_on_to_the_end(folder: Path) -> None:
    async with talk(folder, STORY) as talking:
        await talking.stage.companion.tell("tell me a story")
        await talking.stage.clock.sleep(2.0)
        await talking.speaker.say("Hm", 0.5, no_speech=0.9)
        await talking.speaker.silence(15.0)
        await talking.stage.companion.settle()
        stage = talking.stage
    [record] = stage.conversations.turns
    assert record.outcome is TurnOutcome.COMPLETED
    assert record.heard_text.endswith("Then it slept.")
    assert [event.reason for event in stage.of(UtteranceDropped)] == ["most likely nobody spoke"]
