"""The companion's commands, on virtual time."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from tests.companion.conftest import MIRA, broadcaster, chat, happening, open_stage, raid
from tests.fakes.hearing import fake_ears
from voxelle.companion.commands import VERBS, perform
from voxelle.contracts.audio import OutputChanged, RanDry
from voxelle.domain.chat import Role, StimulusKind, StreamEvent, Verdict
from voxelle.domain.errors import InputError, SetupError, TemporaryError
from voxelle.domain.events import (
    CharacterSaved,
    MessageReceived,
    NoticeRaised,
    QueueChanged,
    ShowChanged,
    TurnStarted,
    Underrun,
)
from voxelle.domain.speech import TurnOutcome, TurnState

pytestmark = pytest.mark.virtual_time


async def test_she_greets_by_herself_without_a_model(folder: Path) -> None:
    async with open_stage(folder, greet=True) as stage:
        await stage.clock.sleep(0.1)
        await stage.companion.settle()
    assert stage.conversations.turns[0].heard_text == MIRA.greeting
    assert stage.model.requests == []


async def test_the_model_is_warmed_with_the_unchanging_prefix(folder: Path) -> None:
    async with open_stage(folder) as stage:
        await stage.clock.sleep(0.1)
        await stage.companion.tell("hi")
        await stage.companion.settle()
    (warm, *_), [request] = stage.model.warmed, stage.model.requests
    assert request.messages[: len(warm.messages) - 1] == warm.messages[:-1]


async def test_a_model_that_cannot_be_warmed_is_told(folder: Path) -> None:
    async with open_stage(folder, is_running=False) as stage:
        stage.model.error_at_warm = SetupError("Install a model on the Engines page.")
        stage.start()
        await stage.clock.sleep(0.1)
    assert any("Install a model" in event.sentence for event in stage.of(NoticeRaised))


async def test_she_knows_the_conversation_after_a_restart(folder: Path) -> None:
    async with open_stage(folder) as stage:
        await stage.companion.tell("my name is Ada")
        await stage.companion.settle()
        kept = stage.conversations.turns
    async with open_stage(folder, is_running=False) as stage:
        stage.conversations.turns = kept
        stage.start()
        await stage.clock.sleep(0.1)
        await stage.companion.tell("what is my name?")
        await stage.companion.settle()
    texts = [message.text for message in stage.model.requests[0].messages]
    assert any("my name is Ada" in text for text in texts)
    assert any(text == "[joy] Hello there, my friend. How are you?" for text in texts)


async def test_the_streamer_comes_before_chat(folder: Path) -> None:
    async with open_stage(folder) as stage:
        await stage.companion.submit(chat("hello Mira, how are you?"))
        await stage.clock.sleep(0.01)
        await stage.companion.submit(chat("another question?", "rika"))
        await stage.companion.tell("mine first")
        await stage.companion.settle()
    order = [event.stimuli[0].kind for event in stage.of(TurnStarted)]
    assert order == [StimulusKind.CHAT, StimulusKind.TYPED, StimulusKind.CHAT]


async def test_every_message_is_kept_whatever_was_decided(folder: Path) -> None:
    async with open_stage(folder, is_running=False) as stage:
        for number in range(200):
            await stage.companion.submit(chat(f"line number {number}", f"viewer{number}"))
        await stage.companion.submit(chat("!so tom"))
        await stage.clock.sleep(1)
    assert len(stage.conversations.messages) == 201
    assert len(stage.of(MessageReceived)) == 201


async def test_a_store_that_fails_is_told_once(folder: Path) -> None:
    async with open_stage(folder) as stage:
        await stage.clock.sleep(0.1)
        stage.conversations.error = SetupError("The disk is full.")
        for number in range(5):
            await stage.companion.submit(chat(f"line number {number}", f"viewer{number}"))
        await stage.companion.settle()
        stage.conversations.error = None
        await stage.companion.tell("works again?")
        await stage.companion.settle()
    assert [event.sentence for event in stage.of(NoticeRaised)].count("The disk is full.") == 1


async def test_a_store_that_cannot_be_read_costs_the_past_only(folder: Path) -> None:
    async with open_stage(folder, is_running=False) as stage:
        stage.conversations.error = TemporaryError("The database is busy.")
        stage.start()
        await stage.clock.sleep(0.1)
        stage.conversations.error = None
        await stage.companion.tell("hi")
        await stage.companion.settle()
    assert stage.conversations.turns[0].outcome is TurnOutcome.COMPLETED


@pytest.mark.parametrize("text", ["", "   ", "\x00\x01\x02", "\u200b\u202e\u2066"])
async def test_a_line_with_nothing_in_it_is_refused_with_a_sentence(folder: Path, text: str) -> None:
    async with open_stage(folder) as stage:
        with pytest.raises(InputError, match="nothing to read"):
            await stage.companion.tell(text)


async def test_a_megabyte_is_cut_and_told(folder: Path) -> None:
    async with open_stage(folder) as stage:
        await stage.companion.tell("a b " * 250_000)
        await stage.companion.settle()
    assert any("500 characters" in event.sentence for event in stage.of(NoticeRaised))
    assert len(stage.model.requests[0].messages[-1].text) < 600


async def test_panic_silences_empties_mutes_and_pauses(folder: Path) -> None:
    async with open_stage(folder) as stage:
        await stage.companion.tell("hi")
        await stage.companion.submit(chat("a question?"))
        await stage.clock.sleep(0.5)
        await stage.companion.panic()
        show = stage.companion.snapshot()
        assert show.is_muted
        assert show.is_chat_paused
        assert show.state is TurnState.IDLE
        assert stage.companion.queue().items == ()
        await stage.clock.sleep(0.1)
        assert stage.output.volumes[-1] == 0.0
        assert (await stage.companion.submit(chat("are you there?", "rika"))).verdict is Verdict.DROPPED
        await stage.companion.set_chat_paused(is_paused=False)
        assert (await stage.companion.submit(chat("and now?", "rika"))).verdict is Verdict.QUEUED


async def test_muting_is_kept_in_the_settings_and_unmuting_brings_the_volume_back(folder: Path) -> None:
    async with open_stage(folder) as stage:
        await stage.clock.sleep(0.1)
        await stage.companion.set_muted(is_muted=True)
        await stage.clock.sleep(0.1)
        await stage.companion.set_muted(is_muted=False)
        await stage.clock.sleep(0.1)
    assert stage.output.volumes == [0.9, 0.0, 0.9]


async def test_a_queued_line_can_be_removed(folder: Path) -> None:
    async with open_stage(folder, is_running=False) as stage:
        await stage.companion.submit(chat("a question?", stimulus_id="q1"))
        await stage.companion.drop_queued("q1")
        await stage.companion.drop_queued("q1")
        assert stage.companion.queue().items == ()
        assert stage.companion.queue().last_drops[-1].reason == "removed by you"
    assert len(stage.of(QueueChanged)) == 2


async def test_another_character_takes_the_stage_with_her_own_past(folder: Path) -> None:
    async with open_stage(folder) as stage:
        await stage.clock.sleep(0.1)
        await stage.companion.save_character(replace(MIRA, id="bolt", name="Bolt", is_sample=False))
        await stage.companion.choose_character("bolt")
        assert stage.companion.snapshot().character == replace(MIRA, id="bolt", name="Bolt", is_sample=False)
        assert stage.settings.current.general.character_id == "bolt"
        with pytest.raises(InputError, match="does not exist"):
            await stage.companion.choose_character("nobody")
        with pytest.raises(InputError, match="on stage"):
            await stage.companion.delete_character("bolt")
        await stage.companion.choose_character("mira")
        await stage.companion.delete_character("bolt")
        assert [character.id for character in await stage.companion.characters()] == ["mira"]


async def test_a_saved_character_speaks_with_the_change(folder: Path) -> None:
    async with open_stage(folder) as stage:
        await stage.clock.sleep(0.1)
        await stage.companion.save_character(replace(MIRA, persona="You are a grumpy owl."))
        await stage.companion.tell("hi")
        await stage.companion.settle()
        assert "grumpy owl" in stage.model.requests[0].messages[0].text
        await stage.companion.delete_character("mira")
        show = stage.companion.snapshot()
        assert show.character is not None
        assert show.character.persona == MIRA.persona
        with pytest.raises(InputError, match="needs a name"):
            await stage.companion.save_character(replace(MIRA, name="  "))
    assert len(stage.of(CharacterSaved)) == 1


async def test_an_unknown_character_in_the_settings_leaves_the_stage_to_the_first(folder: Path) -> None:
    async with open_stage(folder, is_running=False) as stage:
        await stage.settings.change("general.character_id", "gone")
        stage.start()
        await stage.clock.sleep(0.1)
        show = stage.companion.snapshot()
        assert show.character is not None
        assert show.character.id == "mira"


async def test_without_any_character_the_show_says_what_to_do(folder: Path) -> None:
    async with open_stage(folder, is_running=False) as stage:
        stage.characters.kept.clear()
        with pytest.raises(SetupError, match="Install Voxelle again"):
            await stage.companion.run()
        with pytest.raises(SetupError, match="Nobody is on stage"):
            await stage.companion.greet()


async def test_a_voice_can_be_tried_while_nothing_is_said(folder: Path) -> None:
    async with open_stage(folder) as stage:
        await stage.clock.sleep(0.1)
        await stage.companion.preview_voice(replace(MIRA, id="new"), "This is how I sound.")
        assert stage.conversations.turns == []
        assert stage.voice.requests[-1].text == "This is how I sound."
        await stage.companion.tell("hi")
        await stage.clock.sleep(0.3)
        with pytest.raises(InputError, match="Stop her first"):
            await stage.companion.preview_voice(MIRA, "now?")


async def test_a_prompt_can_be_looked_at(folder: Path) -> None:
    async with open_stage(folder) as stage:
        preview = await stage.companion.preview_prompt(MIRA)
    assert [part.name for part in preview.parts] == ["instructions", "character", "scene", "examples"]
    assert 0 < preview.total_tokens < preview.budget_tokens


async def test_a_changed_setting_applies_at_once(folder: Path) -> None:
    async with open_stage(folder) as stage:
        await stage.clock.sleep(0.1)
        await stage.settings.change("turn.answer_chat", value=False)
        assert (await stage.companion.submit(chat("hello?"))).verdict is Verdict.DROPPED
        await stage.settings.change("language_model.max_reply_tokens", 33)
        await stage.settings.change("safety.blocked_words", ("friend",))
        await stage.companion.tell("hi")
        await stage.companion.settle()
    assert stage.model.requests[0].max_tokens == 33
    assert "friend" not in stage.conversations.turns[0].heard_text


async def test_between_two_answers_to_chat_there_is_a_pause(folder: Path) -> None:
    async with open_stage(folder) as stage:
        await stage.companion.submit(chat("first question?"))
        await stage.companion.submit(chat("second question?", "rika"))
        await stage.companion.settle()
    first, second = stage.conversations.turns
    assert (second.started_at - first.ended_at).total_seconds() == pytest.approx(2.0, abs=0.1)


async def test_a_lost_device_is_told_and_shown(folder: Path) -> None:
    async with open_stage(folder) as stage:
        stage.output.sentence = "Headphones were unplugged."
        stage.output._listener(OutputChanged("Headphones were unplugged.", is_lost=True))
        assert stage.companion.snapshot().sound == "Headphones were unplugged."
    assert stage.of(NoticeRaised)
    assert stage.of(ShowChanged)


async def test_sound_that_ran_dry_is_counted(folder: Path) -> None:
    async with open_stage(folder) as stage:
        await stage.companion.tell("hi")
        await stage.clock.sleep(0.3)
        stage.output._listener(RanDry(1, 1))
        await stage.companion.settle()
    assert len(stage.of(Underrun)) == 1
    assert any("ran dry" in note for note in stage.conversations.turns[0].trace.notes)


async def test_recent_turns_are_at_hand(folder: Path) -> None:
    async with open_stage(folder) as stage:
        for _ in range(3):
            await stage.companion.tell("hi")
            await stage.companion.settle()
        assert len(await stage.companion.recent_turns(2)) == 2


async def test_a_raid_and_the_broadcaster_are_named_in_the_prompt(folder: Path) -> None:
    async with open_stage(folder) as stage:
        await stage.companion.submit(raid("zoe", 42))
        await stage.companion.submit(chat("hi there you", "boss", author=broadcaster()))
        await stage.companion.settle()
    lines = [request.messages[-1].text for request in stage.model.requests]
    assert lines == ["(zoe raids the stream with 42 viewers!)", "boss (the streamer): hi there you"]
    assert Role.BROADCASTER in broadcaster().roles


@pytest.mark.parametrize("verb", sorted(VERBS))
async def test_every_verb_can_be_performed_by_name(folder: Path, verb: str) -> None:
    async with open_stage(folder, ears=fake_ears) as stage:
        await stage.settings.change("hearing.is_enabled", True)
        await stage.clock.sleep(0.1)
        await stage.companion.tell_event(happening(StreamEvent.RAID, id="hello", amount=3))
        answer = await perform(stage.companion, verb, {"text": "toggle" if verb == "listen" else "hello"})
        assert verb != "hearing" or answer["state"] == "starting"
        assert verb != "events" or answer[0]["channel_event"]["event"] == "raid"
        assert verb != "status" or answer["character"] == "Mira"
        assert verb != "tell" or answer["verdict"] == "queued"


async def test_an_unknown_verb_and_a_missing_text_are_told(folder: Path) -> None:
    async with open_stage(folder) as stage:
        with pytest.raises(InputError, match="Unknown verb"):
            await perform(stage.companion, "dance", {})
        with pytest.raises(InputError, match="text to tell"):
            await perform(stage.companion, "tell", {"text": 5})
        with pytest.raises(InputError, match="id of an event"):
            await perform(stage.companion, "react-again", {})
        with pytest.raises(InputError, match="wake_name"):
            await perform(stage.companion, "listen", {"text": "sometimes"})
        with pytest.raises(InputError, match="no ears"):
            await perform(stage.companion, "deafen", {})


async def test_panic_drops_what_waits_for_the_stage(folder: Path) -> None:
    async with open_stage(folder) as stage:
        await stage.companion.settle()
        trying = stage.scope.start(stage.companion.preview_voice(MIRA, "This is how I sound today."), name="preview")
        await stage.clock.sleep(0.2)
        await stage.companion.submit(chat("a question?"))
        await stage.clock.sleep(0.2)
        assert len(stage.companion.queue().items) == 1
        await stage.companion.panic()
        await asyncio.wait({trying})
        await stage.clock.sleep(1)
    assert len(stage.of(TurnStarted)) == 1


async def test_two_quick_choices_leave_one_memory(folder: Path) -> None:
    async with open_stage(folder) as stage:
        await stage.companion.settle()
        for name in ("bolt", "sage"):
            await stage.companion.save_character(replace(MIRA, id=name, name=name.title(), is_sample=False))
            await stage.companion.choose_character(name)
            await stage.companion.tell("hi")
            await stage.companion.settle()
        first = stage.scope.start(stage.companion.choose_character("bolt"), name="first")
        second = stage.scope.start(stage.companion.choose_character("sage"), name="second")
        await asyncio.wait({first, second})
        show = stage.companion.snapshot()
        assert show.character is not None
        assert {turn.character_id for turn in await stage.companion.recent_turns(9)} == {show.character.id}


async def test_a_line_that_waited_too_long_leaves_the_queue_on_screen(folder: Path) -> None:
    async with open_stage(folder, ["[joy] Wait. ", 200.0, "Done now, finally, my friend."]) as stage:
        await stage.companion.tell("hi")
        await stage.clock.sleep(0.1)
        await stage.companion.submit(chat("a question?"))
        await stage.companion.settle()
    assert stage.of(QueueChanged)[-1].queue.items == ()


async def test_a_character_without_a_greeting_says_nothing(folder: Path) -> None:
    async with open_stage(folder, is_running=False, greet=True) as stage:
        await stage.companion.save_character(replace(MIRA, greeting="  "))
        stage.start()
        await stage.companion.settle_in()
        await stage.companion.settle()
    assert stage.of(TurnStarted) == []
