"""Events of a channel in the show: kept, announced, joined, answered in their order, and answered again."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from pathlib import Path

import pytest

from tests.companion.conftest import MIRA, chat, happening, open_stage
from voxelle.domain.chat import KeptEvent, StimulusKind, StreamEvent, Verdict
from voxelle.domain.errors import InputError, SetupError
from voxelle.domain.events import ChannelEventReceived, ClauseHeard, NoticeRaised, PlayheadMoved, ShowChanged, TurnEnded, TurnStarted
from voxelle.domain.speech import TurnOutcome

pytestmark = pytest.mark.virtual_time


async def test_a_raid_is_kept_announced_and_greeted(folder: Path) -> None:
    async with open_stage(folder) as stage:
        await stage.companion.tell_event(happening(StreamEvent.RAID, "zoe", 42))
        assert stage.of(TurnStarted) == []
        await stage.companion.settle()
        [kept] = await stage.companion.channel_events(10)
    assert stage.of(ChannelEventReceived) == [ChannelEventReceived(kept.channel_event, "she answers", is_answered=True)]
    assert stage.channel_events.kept == {kept.channel_event.id: kept}
    [request] = stage.model.requests
    assert request.messages[-1].text == "(zoe raids the stream with 42 viewers! Welcome zoe and all of them.)"
    assert request.viewer == "zoe"


async def test_a_gift_bomb_and_a_follow_flood_are_one_answer_each(folder: Path) -> None:
    async with open_stage(folder) as stage:
        for number in range(200):
            await stage.companion.tell_event(happening(StreamEvent.FOLLOW, f"v{number}"))
        await stage.companion.tell_event(happening(StreamEvent.GIFT, "zoe", 50))
        await stage.companion.settle()
        assert len(await stage.companion.channel_events(500)) == 200 + 1
    lines = [request.messages[-1].text for request in stage.model.requests]
    assert len(lines) == 2
    assert any("zoe gives 50 subscriptions" in line for line in lines)
    assert any("200 people follow" in line for line in lines)
    answered = [event.is_answered for event in stage.of(ChannelEventReceived)]
    assert answered == [True] * 201


async def test_what_is_passed_over_is_kept_with_the_reason(folder: Path) -> None:
    async with open_stage(folder) as stage:
        await stage.companion.tell_event(happening(StreamEvent.ANNOUNCEMENT))
        await stage.companion.settle()
    [event] = stage.of(ChannelEventReceived)
    assert (event.reaction, event.is_answered) == ("switched off", False)
    assert stage.of(TurnStarted) == []
    assert len(stage.channel_events.kept) == 1


async def test_an_event_told_twice_is_taken_once_even_after_a_restart(folder: Path) -> None:
    raid = happening(StreamEvent.RAID, "zoe", 42)
    async with open_stage(folder) as stage:
        await stage.companion.tell_event(raid)
        await stage.companion.tell_event(raid)
        await stage.companion.settle()
        kept = stage.channel_events.kept
        assert len(stage.of(TurnStarted)) == 1
    async with open_stage(folder, is_running=False) as stage:
        stage.channel_events.kept = kept
        stage.start()
        await stage.companion.tell_event(raid)
        await stage.companion.settle()
        assert len(await stage.companion.channel_events(5)) == 1
    assert stage.of(ChannelEventReceived) == []


async def test_she_can_be_asked_to_react_again_whatever_stood_against_it(folder: Path) -> None:
    async with open_stage(folder) as stage:
        event = happening(StreamEvent.ANNOUNCEMENT, text="a new schedule")
        await stage.companion.tell_event(event)
        for _ in range(2):
            decision = await stage.companion.react_again(event.id)
            assert decision.verdict is Verdict.QUEUED
            await stage.companion.settle()
        with pytest.raises(InputError, match="not at hand"):
            await stage.companion.react_again("nothing")
        await stage.companion.tell_event(happening(StreamEvent.NONE))
        with pytest.raises(InputError, match="no reaction"):
            await stage.companion.react_again(happening(StreamEvent.NONE).id)
    assert [request.messages[-1].text for request in stage.model.requests] == ["(zoe announces: “a new schedule”)"] * 2


async def test_an_event_can_be_ticked_off(folder: Path) -> None:
    async with open_stage(folder) as stage:
        event = happening(StreamEvent.ANNOUNCEMENT)
        await stage.companion.tell_event(event)
        await stage.clock.sleep(5)
        await stage.companion.acknowledge(event.id)
        await stage.companion.acknowledge(event.id)
        [kept] = await stage.companion.channel_events(5)
        assert kept.acknowledged_at == stage.channel_events.kept[event.id].acknowledged_at == stage.clock.now()
        with pytest.raises(InputError, match="not at hand"):
            await stage.companion.acknowledge("nothing")
        assert await stage.companion.channel_events(0) == ()


async def test_a_changed_reaction_holds_from_the_next_event_on(folder: Path) -> None:
    async with open_stage(folder) as stage:
        await stage.settings.change_all({"reactions.raid.template": "{name} comes over.", "reactions.raid.merge_s": 0})
        await stage.companion.tell_event(happening(StreamEvent.RAID, "zoe", 42))
        await stage.companion.settle()
        await stage.settings.change("reactions.raid.is_on", value=False)
        await stage.companion.tell_event(happening(StreamEvent.RAID, "rika", 42))
        await stage.companion.settle()
    assert [request.messages[-1].text for request in stage.model.requests] == ["(zoe comes over.)"]


async def test_a_cheer_gets_one_answer_whether_she_reacts_to_bits_or_not(folder: Path) -> None:
    async with open_stage(folder) as stage:
        await stage.settings.change("reactions.bits.merge_s", value=0)
        for number, verdict in enumerate((Verdict.DROPPED, Verdict.QUEUED)):
            cheer = chat("hello from me", f"tom{number}", event=StreamEvent.BITS, amount=100, told_as=StreamEvent.BITS)
            decision = await stage.companion.submit(cheer)
            assert decision.verdict is verdict
            await stage.companion.tell_event(happening(StreamEvent.BITS, f"tom{number}", 100, id=f"bits{number}"))
            await stage.companion.settle()
            await stage.settings.change("reactions.bits.is_on", value=False)
    assert [turn.record.stimuli[0].kind for turn in stage.of(TurnEnded)] == [StimulusKind.EVENT, StimulusKind.CHAT]


async def test_what_waited_and_came_to_nothing_lets_her_rest(folder: Path) -> None:
    async with open_stage(folder) as stage:
        await stage.companion.settle()
        await stage.companion.tell_event(happening(StreamEvent.RAID, "zoe", 42))
        await stage.settings.change("reactions.raid.is_on", value=False)
        await stage.companion.settle()
    assert stage.of(TurnStarted) == []


async def test_events_are_bounded_whoever_sends_them(folder: Path) -> None:
    async with open_stage(folder) as stage:
        long = "x" * 100_000
        fields = tuple((f"{long}{number}", long) for number in range(100))
        await stage.companion.tell_event(happening(StreamEvent.RAID, "zoe", 5, text=f"{long}\x00", fields=fields))
        await stage.companion.settle()
        [kept] = await stage.companion.channel_events(5)
    event = kept.channel_event
    assert len(event.text) <= 500
    assert len(event.fields) == 40
    assert all(len(name) <= 200 and len(value) <= 500 for name, value in event.fields)


async def test_only_the_newest_events_are_at_hand(folder: Path) -> None:
    async with open_stage(folder, is_running=False) as stage:
        for number in range(2_100):
            await stage.companion.tell_event(happening(StreamEvent.ANNOUNCEMENT, id=f"e{number}"))
        kept = await stage.companion.channel_events(5_000)
    assert [each.channel_event.id for each in (kept[0], kept[-1])] == ["e2099", "e100"]


async def test_a_store_of_events_that_fails_is_told_and_costs_no_reaction(folder: Path) -> None:
    async with open_stage(folder) as stage:
        stage.channel_events.error = SetupError("The disk is full.")
        await stage.companion.tell_event(happening(StreamEvent.RAID, "zoe", 42))
        await stage.companion.settle()
        assert len(await stage.companion.channel_events(5)) == 1
        with pytest.raises(SetupError):
            await stage.companion.acknowledge(happening(StreamEvent.RAID, "zoe", 42).id)
    assert len(stage.of(TurnStarted)) == 1
    assert any("disk is full" in event.sentence for event in stage.of(NoticeRaised))


async def test_a_test_is_answered_and_not_remembered(folder: Path) -> None:
    async with open_stage(folder) as stage:
        await stage.companion.tell_event(happening(StreamEvent.RAID, "zoe", 42, is_test=True))
        await stage.companion.settle()
        assert await stage.companion.recent_turns(5) == ()
    [ended] = stage.of(TurnEnded)
    assert ended.record.stimuli[0].is_test
    assert stage.conversations.turns == []


async def test_a_text_is_said_word_for_word_and_no_model_is_asked(folder: Path) -> None:
    async with open_stage(folder) as stage:
        await stage.settings.change_all({"reactions.raid.template": "Welcome, {name}! So many!", "reactions.raid.is_verbatim": True})
        await stage.companion.tell_event(happening(StreamEvent.RAID, "zoe", 42))
        await stage.companion.settle()
    assert stage.model.requests == []
    assert stage.conversations.turns[0].heard_text == "Welcome, zoe! So many!"
    assert stage.conversations.turns[0].prompt_line == "(zoe raids the stream with 42 viewers!)"


async def test_word_for_word_passes_the_gate_as_well(folder: Path) -> None:
    async with open_stage(folder) as stage:
        await stage.settings.change_all({"reactions.raid.template": "Hi {name}.", "reactions.raid.is_verbatim": True})
        await stage.companion.tell_event(happening(StreamEvent.RAID, "forbidden", 42))
        await stage.companion.settle()
    assert stage.conversations.turns[0].outcome is TurnOutcome.BLOCKED


async def test_what_is_only_written_passes_the_gate_and_no_voice_gets_it(folder: Path) -> None:
    script = ["[joy] Hello there, my friend. This is forbidden. Bye now, see you."]
    async with open_stage(folder, script) as stage:
        await stage.companion.submit(chat("hello Mira, how are you?", is_spoken=False))
        await stage.companion.settle()
    [record] = stage.conversations.turns
    assert stage.voice.requests == []
    assert stage.output.audible == []
    assert record.outcome is TurnOutcome.COMPLETED
    assert record.heard_text == "Hello there, my friend. Bye now, see you."
    assert all(clause.is_whole for clause in record.heard)
    assert [event.duration_s for event in stage.of(ClauseHeard)] == [0.0] * len(record.heard)
    assert record.trace.engines["tts"] == "written"
    assert any("written and not said" in note for note in record.trace.notes)


async def test_writing_can_be_cut_off(folder: Path) -> None:
    async with open_stage(folder, ["[joy] Hello there, my friend. ", 5.0, "And another sentence."]) as stage:
        await stage.companion.submit(chat("hello Mira, how are you?", is_spoken=False))
        await stage.clock.sleep(1.0)
        await stage.companion.stop_talking()
        await stage.companion.settle()
    [record] = stage.conversations.turns
    assert record.outcome is TurnOutcome.CUT
    assert record.heard_text == "Hello there, my friend."


async def test_the_playhead_is_told_by_the_clock_of_the_sound(folder: Path) -> None:
    async with open_stage(folder) as stage:
        await stage.companion.tell("hi")
        await stage.companion.settle()
    moves = stage.of(PlayheadMoved)
    first = [move for move in moves if move.clause_index == 0]
    assert (first[0].position_s, first[0].turn_id) == (0.0, stage.conversations.turns[0].id)
    assert all(0 < later.at_s - earlier.at_s <= 0.04 for earlier, later in pairwise(first))
    assert first[-1].position_s - first[0].position_s == pytest.approx(first[-1].at_s - first[0].at_s, abs=0.001)
    assert {move.clause_index for move in moves} == {0, 1, 2}


async def test_she_listens_while_somebody_writes_to_her(folder: Path) -> None:
    async with open_stage(folder) as stage:
        await stage.companion.set_listening(is_listening=True)
        assert stage.companion.snapshot().is_listening
        await stage.companion.set_listening(is_listening=False)
        assert not stage.companion.snapshot().is_listening
    shown = [event.show.is_listening for event in stage.of(ShowChanged)]
    assert shown.count(True) == 1
    assert not shown[-1]


async def test_her_names_are_those_of_the_one_on_stage(folder: Path) -> None:
    async with open_stage(folder, is_running=False) as stage:
        assert stage.companion.names() == ()
        stage.start()
        await stage.clock.sleep(0.1)
        assert stage.companion.names() == (MIRA.name, *MIRA.aliases)


async def test_the_streamer_is_answered_before_what_is_guaranteed(folder: Path) -> None:
    async with open_stage(folder) as stage:
        await stage.companion.tell("first of all")
        await stage.clock.sleep(0.1)
        await stage.companion.tell_event(happening(StreamEvent.RAID, "zoe", 42))
        await stage.clock.sleep(3.0)
        await stage.companion.tell("then me")
        await stage.companion.settle()
    assert [event.stimuli[0].kind for event in stage.of(TurnStarted)] == [StimulusKind.TYPED, StimulusKind.TYPED, StimulusKind.EVENT]


async def test_kept_events_come_back_newest_first_after_a_restart(folder: Path) -> None:
    async with open_stage(folder, is_running=False) as stage:
        for number in range(3):
            event = happening(StreamEvent.ANNOUNCEMENT, id=f"e{number}", received_at=stage.clock.now())
            stage.channel_events.kept[event.id] = KeptEvent(event, "switched off")
            await stage.clock.sleep(1)
        assert [kept.channel_event.id for kept in await stage.companion.channel_events(2)] == ["e2", "e1"]


async def test_events_that_come_together_wait_for_what_is_known_from_before(folder: Path) -> None:
    async with open_stage(folder, is_running=False) as stage:
        old = happening(StreamEvent.ANNOUNCEMENT, id="old")
        stage.channel_events.kept["old"] = KeptEvent(old, "switched off")
        several = [old, old, happening(StreamEvent.ANNOUNCEMENT, id="new")]
        await asyncio.gather(*(stage.companion.tell_event(event) for event in several))
    assert [event.channel_event.id for event in stage.of(ChannelEventReceived)] == ["new"]


async def test_what_answers_were_made_of_is_remembered_for_a_while_only(folder: Path) -> None:
    async with open_stage(folder, is_running=False) as stage:
        await stage.settings.change("reactions.raid.merge_s", 0)
        for number in range(600):
            await stage.companion.tell_event(happening(StreamEvent.RAID, f"v{number}", 5))
        assert len(stage.companion._happenings._answered) == 500
        assert len(stage.companion.queue().items) == 600
        await stage.companion.panic()
