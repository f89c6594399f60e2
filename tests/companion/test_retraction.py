"""Nothing that was taken back is answered, or stays in the queue, the memory or the store."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.companion.conftest import Stage, chat, happening, open_stage
from voxelle.companion.retraction import Retractions, concerns
from voxelle.companion.triage import Triage
from voxelle.domain.chat import ChannelEvent, Retraction, Stimulus, StimulusKind, StreamEvent, Verdict
from voxelle.domain.events import ClauseHeard, MessageReceived, MessagesRetracted, TurnEnded, TurnStarted
from voxelle.domain.speech import TurnOutcome
from voxelle.kernel.virtual_loop import run_virtual
from voxelle.settings.schema import TurnSettings

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SINCE = NOW - timedelta(hours=24)
LONG = ["[joy] Hello there, my friend. This is a long answer. It goes on and on and on. And on."]


def of_author(name: str) -> Retraction:
    """Return the ban of a viewer."""
    return Retraction("twitch", author_id=name, reason="banned")


def of_ids(*ids: str) -> Retraction:
    """Return the deletion of messages."""
    return Retraction("twitch", stimulus_ids=ids, reason="deleted")


EVERYTHING = Retraction("twitch", is_everything=True, reason="the chat was cleared")


@pytest.mark.parametrize(
    "retraction,is_concerned",
    [
        (of_ids("m1"), True),
        (of_ids("m2"), False),
        (of_author("tom"), True),
        (of_author("rika"), False),
        (Retraction("youtube", author_id="tom"), False),
        (EVERYTHING, True),
        (Retraction("youtube", is_everything=True), False),
        (Retraction("twitch"), False),
    ],
)
def test_a_retraction_names_its_messages(retraction: Retraction, is_concerned: bool) -> None:
    assert concerns(retraction, chat("hi", stimulus_id="m1"), SINCE) is is_concerned


def test_a_cleared_chat_takes_back_no_events_and_nothing_of_earlier_streams() -> None:
    assert not concerns(EVERYTHING, chat("hi", kind=StimulusKind.EVENT), SINCE)
    assert not concerns(EVERYTHING, chat("hi", received_at=SINCE - timedelta(seconds=1)), SINCE)


def test_what_comes_after_its_own_deletion_is_known_for_ten_minutes() -> None:
    taken = Retractions()
    taken.note(of_ids("m1"), NOW, 0.0)
    taken.note(of_author("rika"), NOW, 0.0)
    taken.note(EVERYTHING, NOW, 0.0)
    late, other = chat("hi", stimulus_id="m1", platform_id="m1"), chat("hi", "zoe", received_at=NOW + timedelta(seconds=1))
    assert taken.covers(late, 600.0)
    assert taken.covers(chat("x", "rika", received_at=NOW + timedelta(seconds=9)), 600.0)
    assert taken.covers(chat("x", "zoe"), 600.0)
    assert not taken.covers(other, 1.0)
    assert not taken.covers(replace(late, received_at=NOW + timedelta(seconds=1)), 601.0)
    assert not taken.covers(chat("x", "zoe"), 601.0)
    assert not taken.covers_author("twitch", "", 1.0)


def test_what_is_remembered_stays_bounded() -> None:
    taken = Retractions()
    taken.note(of_ids(*(f"m{number}" for number in range(50_000))), NOW, 0.0)
    assert len(taken._until_s) == 20_000
    assert taken.covers_id("m49999", 0.0)
    taken.note(of_author("tom"), NOW, 10_000.0)
    assert len(taken._until_s) == 1


@pytest.mark.virtual_time
async def test_a_message_that_waits_is_taken_out(folder: Path) -> None:
    async with open_stage(folder, is_running=False) as stage:
        await stage.companion.submit(chat("a bad question?", stimulus_id="m1"))
        await stage.companion.submit(chat("a good question?", "rika", stimulus_id="m2"))
        await stage.companion.retract(of_ids("m1"))
        assert [item.stimulus.id for item in stage.companion.queue().items] == ["m2"]
        assert stage.companion.queue().last_drops[-1].reason == "deleted"
        stage.start()
        await stage.companion.settle()
    assert [event.stimuli[0].id for event in stage.of(TurnStarted)] == ["m2"]
    assert stage.conversations.messages["m1"][0].text == ""
    assert stage.of(MessagesRetracted)[0].stimulus_ids == ("m1",)


@pytest.mark.virtual_time
async def test_what_she_answers_is_cut_at_once_and_not_kept(folder: Path) -> None:
    async with open_stage(folder, LONG) as stage:
        await stage.companion.submit(chat("a bad question?", stimulus_id="m1"))
        await stage.clock.sleep(1.0)
        assert stage.of(ClauseHeard)
        before = stage.clock.monotonic()
        await stage.companion.retract(of_author("tom"))
        assert stage.clock.monotonic() == before
        [ended] = stage.of(TurnEnded)
        await stage.companion.settle()
        [kept] = stage.conversations.turns
        assert list(await stage.companion.recent_turns(5)) == [kept] == [ended.record]
    assert kept.outcome is TurnOutcome.CUT
    assert kept.prompt_line == ""
    assert [stimulus.text for stimulus in kept.stimuli] == [""]
    assert kept.heard_text
    assert any("taken back" in note for note in kept.trace.notes)
    assert stage.of(MessagesRetracted)[0].stimulus_ids == ("m1",)


@pytest.mark.virtual_time
async def test_what_was_answered_is_forgotten_by_memory_and_store(folder: Path) -> None:
    async with open_stage(folder) as stage:
        await stage.companion.submit(chat("a bad question?", stimulus_id="m1"))
        await stage.companion.settle()
        await stage.companion.retract(of_ids("m1"))
        await stage.companion.tell("and now?")
        await stage.companion.settle()
    texts = [message.text for message in stage.model.requests[-1].messages]
    assert not any("bad question" in text for text in texts)
    assert "Hello there, my friend." not in " ".join(texts)
    assert stage.conversations.turns[0].prompt_line == ""
    assert stage.conversations.messages["m1"][0].text == ""


@pytest.mark.virtual_time
async def test_a_message_that_comes_after_its_deletion_is_kept_without_its_words(folder: Path) -> None:
    async with open_stage(folder) as stage:
        await stage.companion.retract(of_ids("m1"))
        decision = await stage.companion.submit(chat("a bad question?", stimulus_id="m1"))
        assert (decision.verdict, decision.reason) == (Verdict.DROPPED, "taken back")
        await stage.companion.settle()
    assert stage.of(MessageReceived)[0].stimulus.text == ""
    assert stage.conversations.messages["m1"][0].text == ""
    assert stage.of(TurnStarted) == []


@pytest.mark.virtual_time
async def test_a_deletion_between_the_end_of_a_turn_and_its_keeping_still_holds(folder: Path) -> None:
    async with open_stage(folder) as stage:

        def on_end(_: TurnEnded) -> None:
            stage.scope.start(stage.companion.retract(of_ids("m1")), name="retract")

        stage.bus.subscribe(TurnEnded, on_end)
        await stage.companion.submit(chat("a bad question?", stimulus_id="m1"))
        await stage.companion.settle()
        await stage.companion.settle()
        assert [turn.prompt_line for turn in await stage.companion.recent_turns(5)] == [""]
    assert stage.conversations.turns[0].prompt_line == ""


@pytest.mark.virtual_time
async def test_a_store_that_fails_costs_no_retraction_in_the_show(folder: Path) -> None:
    async with open_stage(folder) as stage:
        await stage.companion.submit(chat("a bad question?", stimulus_id="m1"))
        await stage.companion.settle()
        stage.conversations.error = stage.conversations.error or _disk_full()
        await stage.companion.retract(of_ids("m1"))
        await stage.companion.settle()
        assert [turn.prompt_line for turn in await stage.companion.recent_turns(5)] == [""]


def _disk_full() -> Any:
    from voxelle.domain.errors import SetupError

    return SetupError("The disk is full.")


@pytest.mark.virtual_time
async def test_a_banned_giver_is_left_out_of_what_was_joined(folder: Path) -> None:
    async with open_stage(folder, LONG) as stage:
        for name, amount in (("zoe", 5), ("troll", 9), ("ann", 2)):
            await stage.companion.tell_event(happening(StreamEvent.GIFT, name, amount))
        await stage.clock.sleep(9.0)
        assert "troll" in stage.model.requests[-1].messages[-1].text
        await stage.companion.retract(of_author("troll"))
        await stage.companion.settle()
        again = stage.model.requests[-1].messages[-1].text
        assert "zoe" in again
        assert "troll" not in again
        assert "7 subscriptions" in again
        assert stage.conversations.turns[0].prompt_line == ""
        await stage.companion.tell_event(happening(StreamEvent.BITS, "troll", 100, text="hello"))
    [*_, last] = stage.conversations.turns
    assert "zoe" in last.prompt_line
    assert stage.channel_events.kept["twitch:bits-troll-100"].reaction == "taken back"
    assert stage.channel_events.kept["twitch:bits-troll-100"].channel_event.text == ""


@pytest.mark.virtual_time
async def test_a_raid_of_somebody_who_was_banned_is_not_greeted(folder: Path) -> None:
    async with open_stage(folder) as stage:
        await stage.companion.tell_event(happening(StreamEvent.RAID, "troll", 500, text="come over"))
        await stage.companion.retract(of_author("troll"))
        await stage.companion.settle()
        [kept] = await stage.companion.channel_events(5)
    assert stage.of(TurnStarted) == []
    assert kept.channel_event.text == ""


@pytest.mark.virtual_time
async def test_a_deleted_notice_is_forgotten_and_not_answered(folder: Path) -> None:
    async with open_stage(folder) as stage:
        notice = happening(StreamEvent.RESUBSCRIPTION, "zoe", 5, id="twitch:n1", text="hello all")
        ban = happening(StreamEvent.BAN, "troll", id="twitch:n2", text="spam")
        late = happening(StreamEvent.RESUBSCRIPTION, "ann", 5, id="twitch:n3", text="bad words")
        for event in (notice, ban):
            await stage.companion.tell_event(event)
        await stage.companion.retract(of_ids("twitch:n1", "twitch:n2", "twitch:n3"))
        await stage.companion.tell_event(late)
        await stage.companion.settle()
        texts = {kept.channel_event.id: kept.channel_event.text for kept in await stage.companion.channel_events(5)}
    assert texts == {"twitch:n1": "", "twitch:n2": "spam", "twitch:n3": ""}
    assert stage.of(TurnStarted) == []


@pytest.mark.virtual_time
async def test_somebody_who_was_banned_is_left_out_of_what_is_still_being_joined(folder: Path) -> None:
    async with open_stage(folder) as stage:
        for name in ("zoe", "troll", "ann"):
            await stage.companion.tell_event(happening(StreamEvent.BITS, name, 100))
        await stage.companion.retract(of_author("troll"))
        await stage.companion.settle()
    [turn] = stage.conversations.turns
    assert turn.prompt_line == "(zoe and ann cheer 200 bits. Thank them all in one line.)"


@pytest.mark.virtual_time
async def test_what_moderators_did_is_told_even_of_the_banned(folder: Path) -> None:
    async with open_stage(folder, is_running=False) as stage:
        await stage.companion.retract(of_author("troll"))
        await stage.companion.tell_event(happening(StreamEvent.BAN, "troll"))
        [kept] = await stage.companion.channel_events(5)
    assert kept.reaction == "switched off"


# -- any order of things --------------------------------------------------------------------------

NAMES = ("ann", "bob", "cid")
TEXTS = ("what game is this?", "hello Mira, nice day", "a third line here")
steps = st.one_of(
    st.tuples(st.just("submit"), st.integers(0, 11), st.sampled_from(NAMES), st.sampled_from(TEXTS)),
    st.tuples(st.just("event"), st.integers(0, 11), st.sampled_from(NAMES), st.sampled_from([StreamEvent.BITS, StreamEvent.RAID])),
    st.tuples(st.just("ids"), st.integers(0, 11)),
    st.tuples(st.just("author"), st.sampled_from(NAMES)),
    st.tuples(st.just("clear")),
    st.tuples(st.just("wait"), st.sampled_from([0.0, 0.05, 0.5, 3.0, 30.0])),
    st.tuples(st.just("stop")),
)


@given(st.lists(steps, max_size=40))
@settings(deadline=None)
def test_no_order_of_lines_and_deletions_leaves_anything_in_the_queue(plan: list[tuple[Any, ...]]) -> None:
    queue, now_s, gone, seen = Triage(TurnSettings(chat_cooldown_s=0.0, viewer_cooldown_s=0.0)), 0.0, set[str](), dict[str, Stimulus]()
    for kind, *rest in plan:
        if kind == "submit":
            stimulus = chat(rest[2], rest[1], f"m{rest[0]}-{len(seen)}")
            seen[stimulus.id] = stimulus
            queue.submit(stimulus, now_s)
        elif kind in {"ids", "author", "clear"}:
            taken = _retraction(kind, rest, seen)
            queue.retract(lambda stimulus, taken=taken: concerns(taken, stimulus, SINCE), now_s, "taken back")  # type: ignore[misc]
            gone |= {stimulus.id for stimulus in seen.values() if concerns(taken, stimulus, SINCE)}
        elif kind == "wait":
            now_s += rest[0]
            picked = queue.pick(now_s)
            assert picked is None or not {stimulus.id for stimulus in picked.stimuli} & gone
        for item in queue.snapshot(now_s).items:
            group = (item.stimulus, *item.merged)
            assert not {stimulus.id for stimulus in group} & gone
            assert item.merged_count == len(item.merged)
            assert item.people == len({stimulus.author.id for stimulus in group})


def _retraction(kind: str, rest: list[Any], seen: dict[str, Any]) -> Retraction:
    if kind == "ids":
        return of_ids(*(each for each in seen if each.startswith(f"m{rest[0]}-")), "unknown")
    return of_author(rest[0]) if kind == "author" else EVERYTHING


@given(st.lists(steps, max_size=25))
@settings(deadline=None, max_examples=40)
def test_no_order_of_things_leaves_anything_anywhere(plan: list[tuple[Any, ...]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        run_virtual(_evening(Path(folder), plan))


class _Watch:
    """Knows what was taken back by now, and that nothing of it is answered from then on."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.stimuli: dict[str, Stimulus] = {}
        self.events: dict[str, ChannelEvent] = {}
        self.gone: set[str] = set()
        self.banned: set[str] = set()

    async def retract(self, retraction: Retraction) -> None:
        since = self.stage.clock.now() - timedelta(hours=24)
        self.gone |= {each.id for each in self.stimuli.values() if concerns(retraction, each, since)}
        if retraction.author_id:
            self.banned.add(retraction.author_id)
        await self.stage.companion.retract(retraction)
        self.check_queue()
        # Whoever was just answered is silent when the retraction returns.
        started, ended = self.stage.of(TurnStarted), {event.record.id for event in self.stage.of(TurnEnded)}
        running = [turn for turn in started if turn.turn_id not in ended]
        for turn in running:
            assert not {each.id for each in turn.stimuli} & self.gone
            assert not {each.author.id for each in turn.stimuli} & self.banned

    def check_queue(self) -> None:
        for item in self.stage.companion.queue().items:
            for stimulus in (item.stimulus, *item.merged):
                assert stimulus.id not in self.gone
                assert stimulus.author.id not in self.banned
                assert not any(name in stimulus.cue for name in self.banned)


async def _evening(folder: Path, plan: list[tuple[Any, ...]]) -> None:
    async with open_stage(folder, LONG) as stage:
        watch = _Watch(stage)
        for number, (kind, *rest) in enumerate(plan):
            if kind == "submit":
                stimulus = chat(rest[2], rest[1], f"m{rest[0]}-{number}", received_at=stage.clock.now())
                watch.stimuli[stimulus.id] = stimulus
                if rest[1] in watch.banned:
                    watch.gone.add(stimulus.id)
                await stage.companion.submit(stimulus)
            elif kind == "event":
                event = happening(rest[2], rest[1], 100, id=f"e{number}", text="take this", received_at=stage.clock.now())
                watch.events[event.id] = event
                await stage.companion.tell_event(event)
            elif kind in {"ids", "author", "clear"}:
                await watch.retract(_retraction(kind, rest, watch.stimuli))
            elif kind == "wait":
                await stage.clock.sleep(rest[0])
            else:
                await stage.companion.stop_talking()
        await stage.clock.sleep(0.1)
        await stage.companion.settle()
        watch.check_queue()
        kept = list(await stage.companion.recent_turns(100))
        assert kept == stage.conversations.turns
        for turn in kept:
            ids = {stimulus.id for stimulus in turn.stimuli}
            assert not any(stimulus.text for stimulus in turn.stimuli if stimulus.id in watch.gone)
            assert not (ids & watch.gone and turn.prompt_line)
            assert not any(name in turn.prompt_line for name in watch.banned)
        for message_id in watch.gone:
            assert stage.conversations.messages[message_id][0].text == ""
        for event_id, event in watch.events.items():
            assert event.author.id not in watch.banned or stage.channel_events.kept[event_id].channel_event.text == ""
