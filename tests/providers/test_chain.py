"""Chains of models and voices, in virtual time."""

from __future__ import annotations

from collections.abc import AsyncIterator
from itertools import pairwise

import pytest
import pytest_asyncio

from tests.fakes.links import Mood, MoodyModel, MoodyVoice
from voxelle.contracts.llm import ChatMessage, ChatRequest, ChatRole
from voxelle.contracts.provider import Abilities
from voxelle.contracts.tts import SpeechRequest
from voxelle.domain.errors import AuthError, InputError, SetupError, TemporaryError
from voxelle.domain.events import Event, FallbackSwitched
from voxelle.kernel.clock import Clock, Randomness
from voxelle.kernel.tasks import TaskScope
from voxelle.providers.chain import ModelChain, VoiceChain
from voxelle.providers.circuit import Recovery, Standing

pytestmark = pytest.mark.virtual_time

HELLO = ChatRequest((ChatMessage(ChatRole.USER, "hi"),))
PLAN = Recovery(first_s=5, factor=2, most_s=60, jitter=0, good_probes=2)


class Stage:
    """A chain of three models and what it announced."""

    def __init__(self, clock: Clock, randomness: Randomness) -> None:
        self.models = [MoodyModel(name, clock) for name in ("cloud", "embedded", "prepared")]
        self.cloud, self.embedded, self.prepared = self.models
        self.events: list[Event] = []
        self.changes = 0
        self.chain = ModelChain(
            self.models, clock=clock, randomness=randomness, announce=self.events.append, on_change=self._count, recovery=PLAN
        )

    def _count(self) -> None:
        self.changes += 1

    async def reply(self) -> str:
        return "".join([delta.text async for delta in self.chain.stream(HELLO)])

    def switches(self) -> list[tuple[str, str]]:
        return [(event.from_engine, event.to_engine) for event in self.events if isinstance(event, FallbackSwitched)]


@pytest_asyncio.fixture
async def stage(clock: Clock, randomness: Randomness) -> AsyncIterator[Stage]:
    made = Stage(clock, randomness)
    yield made
    await made.chain.close()


async def test_the_first_model_answers_and_the_others_are_not_touched(stage: Stage) -> None:
    assert await stage.reply() == "cloud!"
    assert stage.chain.serving == "cloud"
    assert (stage.embedded.opened, stage.embedded.requests, stage.events) == (0, [], [])


async def test_a_failure_before_the_first_piece_goes_on_with_the_next_and_is_announced(stage: Stage) -> None:
    stage.cloud.mood = Mood.BUSY
    assert await stage.reply() == "embedded!"
    assert stage.chain.serving == "embedded"
    (event,) = stage.events
    assert event == FallbackSwitched("llm", "cloud", "embedded", "cloud is busy. Embedded serves now.")
    assert [link.standing for link in stage.chain.links] == [Standing.RESTING, Standing.GOOD, Standing.GOOD]
    assert [link.is_active for link in stage.chain.links] == [False, True, False]
    assert stage.chain.links[0].sentence == "cloud is busy."
    assert stage.changes == 1


async def test_a_failure_after_the_first_piece_is_raised_and_the_next_reply_comes_from_another(stage: Stage) -> None:
    stage.cloud.mood = Mood.BREAKS_OFF
    said: list[str] = []

    async def listen() -> None:
        async for delta in stage.chain.stream(HELLO):
            said.append(delta.text)  # noqa: PERF401 -- kept up to the error

    with pytest.raises(TemporaryError, match="broke off"):
        await listen()
    assert said == ["cloud"]
    assert stage.embedded.requests == []
    assert await stage.reply() == "embedded!"


async def test_an_engine_comes_back_only_after_enough_good_probes_in_a_row(stage: Stage, clock: Clock) -> None:
    stage.cloud.mood = Mood.BUSY
    await stage.reply()
    await clock.sleep(5.5)
    assert [good for _, good in stage.cloud.probes] == [False]
    stage.cloud.mood = Mood.WELL
    await clock.sleep(10)
    assert [good for _, good in stage.cloud.probes] == [False, True]
    stage.cloud.mood = Mood.BUSY
    await clock.sleep(5)
    assert stage.chain.serving == "embedded"
    assert [good for _, good in stage.cloud.probes] == [False, True, False]
    stage.cloud.mood = Mood.WELL
    await clock.sleep(60)
    assert [good for _, good in stage.cloud.probes] == [False, True, False, True, True]
    assert stage.chain.serving == "cloud"
    assert stage.switches() == [("cloud", "embedded"), ("embedded", "cloud")]
    assert await stage.reply() == "cloud!"
    assert len(stage.cloud.requests) == 2


async def test_probes_come_ever_more_rarely(stage: Stage, clock: Clock) -> None:
    stage.cloud.mood = Mood.BUSY
    await stage.reply()
    await clock.sleep(600)
    times = [round(at) for at, _ in stage.cloud.probes]
    assert times[:5] == [5, 15, 35, 75, 135]
    assert {b - a for a, b in pairwise(times[4:])} == {60}


async def test_an_engine_that_fails_soon_again_rests_longer(stage: Stage, clock: Clock) -> None:
    stage.cloud.mood = Mood.BUSY
    await stage.reply()
    stage.cloud.mood = Mood.WELL
    await clock.sleep(30)
    assert stage.chain.serving == "cloud"
    stage.cloud.mood = Mood.BUSY
    await stage.reply()
    failed_at, before = clock.monotonic(), len(stage.cloud.probes)
    stage.cloud.mood = Mood.WELL
    await clock.sleep(30)
    assert round(stage.cloud.probes[before][0] - failed_at) == 10
    assert await stage.reply() == "cloud!"
    stage.cloud.mood = Mood.BUSY
    await stage.reply()
    failed_at, before = clock.monotonic(), len(stage.cloud.probes)
    await clock.sleep(30)
    assert round(stage.cloud.probes[before][0] - failed_at) == 5


async def test_a_server_that_asks_to_wait_is_left_alone_until_then(stage: Stage, clock: Clock) -> None:
    stage.cloud.error = TemporaryError("wait", retry_after_s=100)
    await stage.reply()
    stage.cloud.error = None
    stage.embedded.mood = stage.prepared.mood = Mood.BUSY
    with pytest.raises(TemporaryError):
        await stage.reply()
    await clock.sleep(90)
    assert stage.cloud.probes == []
    assert len(stage.cloud.requests) == 1
    await clock.sleep(20)
    assert len(stage.cloud.probes) == 2


async def test_a_probe_that_hangs_counts_as_a_bad_one(stage: Stage, clock: Clock) -> None:
    stage.cloud.mood = Mood.BUSY
    await stage.reply()
    stage.cloud.mood = Mood.HANGS
    await clock.sleep(26)
    stage.cloud.mood = Mood.WELL
    await clock.sleep(60)
    assert [good for _, good in stage.cloud.probes] == [False, True, True]
    assert stage.chain.serving == "cloud"


@pytest.mark.parametrize("mood", [Mood.REFUSED, Mood.UNSET])
async def test_what_needs_the_streamer_is_left_alone_until_reset(stage: Stage, clock: Clock, mood: Mood) -> None:
    stage.cloud.mood = mood
    assert await stage.reply() == "embedded!"
    stage.cloud.mood = Mood.WELL
    await clock.sleep(10_000)
    assert await stage.reply() == "embedded!"
    assert stage.cloud.probes == []
    assert len(stage.cloud.requests) == 1
    assert stage.chain.links[0].standing is Standing.NEEDS_YOU
    stage.chain.reset()
    assert await stage.reply() == "cloud!"
    assert stage.chain.links[0].sentence == ""


async def test_a_probe_that_finds_a_wrong_key_ends_the_probing(stage: Stage, clock: Clock) -> None:
    stage.cloud.mood = Mood.BUSY
    await stage.reply()
    stage.cloud.mood = Mood.REFUSED
    await clock.sleep(1000)
    assert len(stage.cloud.probes) == 1
    assert stage.chain.links[0].standing is Standing.NEEDS_YOU


async def test_when_all_fail_the_error_the_streamer_can_act_upon_is_raised(stage: Stage) -> None:
    stage.cloud.mood, stage.embedded.mood, stage.prepared.mood = Mood.BUSY, Mood.UNSET, Mood.REFUSED
    with pytest.raises(AuthError, match="prepared refused the key"):
        await stage.reply()
    assert stage.chain.serving == ""
    assert stage.switches()[-1] == ("prepared", "")
    assert "Nothing is left" in stage.events[-1].sentence  # type: ignore[attr-defined]
    stage.prepared.mood = stage.embedded.mood = Mood.BUSY
    stage.chain.reset()
    with pytest.raises(TemporaryError, match="cloud is busy"):
        await stage.reply()


async def test_one_that_rests_is_tried_as_a_last_resort_and_comes_back_by_serving(stage: Stage) -> None:
    for model in stage.models:
        model.mood = Mood.BUSY
    with pytest.raises(TemporaryError):
        await stage.reply()
    stage.embedded.mood = Mood.WELL
    assert await stage.reply() == "embedded!"
    assert stage.chain.serving == "embedded"
    assert stage.embedded.probes == []


async def test_an_empty_answer_is_passed_over_without_a_grudge(stage: Stage) -> None:
    stage.cloud.mood = Mood.EMPTY
    assert await stage.reply() == "embedded!"
    assert stage.chain.serving == "cloud"
    stage.embedded.mood = stage.prepared.mood = Mood.EMPTY
    with pytest.raises(TemporaryError, match="no answer"):
        await stage.reply()


async def test_a_wrong_request_is_nobodys_failure(stage: Stage) -> None:
    stage.cloud.error = InputError("too long")
    with pytest.raises(InputError):
        await stage.reply()
    await stage.chain.warm(HELLO)
    assert stage.chain.serving == "cloud"


async def test_closing_a_reply_early_says_nothing_about_the_engine(stage: Stage) -> None:
    reply = stage.chain.stream(HELLO)
    assert (await anext(reply)).text == "cloud"
    await reply.aclose()
    assert stage.chain.serving == "cloud"
    assert stage.events == []


async def test_two_that_fail_at_once_make_one_switch_and_one_errand(stage: Stage, clock: Clock) -> None:
    stage.cloud.mood = Mood.BUSY
    async with TaskScope("test") as scope:
        tasks = [scope.start(stage.reply(), name="reply", is_awaited=True) for _ in range(3)]
        assert [await task for task in tasks] == ["embedded!"] * 3
    assert stage.switches() == [("cloud", "embedded")]
    await clock.sleep(6)
    assert len(stage.cloud.probes) == 1


async def test_a_reply_that_began_before_the_failure_does_not_bring_the_engine_back(stage: Stage) -> None:
    early = stage.chain.stream(HELLO)
    await anext(early)
    stage.cloud.mood = Mood.BUSY
    await stage.reply()
    assert [delta.text async for delta in early] == ["!"]
    assert stage.chain.serving == "embedded"


async def test_opening_and_warming_pass_over_what_fails_before_somebody_waits(stage: Stage) -> None:
    await stage.chain.open()
    assert (stage.cloud.opened, stage.embedded.opened) == (1, 0)
    stage.cloud.mood = Mood.BUSY
    await stage.chain.warm(HELLO)
    assert (stage.cloud.warmed, stage.embedded.warmed) == (1, 1)
    assert stage.chain.serving == "embedded"
    stage.embedded.mood = stage.prepared.mood = Mood.UNSET
    await stage.chain.warm(HELLO)
    assert stage.chain.serving == ""


async def test_another_order_applies_to_the_next_reply(stage: Stage, clock: Clock) -> None:
    stage.cloud.mood = Mood.BUSY
    await stage.reply()
    stage.chain.arrange([stage.prepared, stage.cloud])
    assert await stage.reply() == "prepared!"
    assert [link.engine_id for link in stage.chain.links] == ["prepared", "cloud"]
    assert stage.switches()[-1] == ("embedded", "prepared")
    stage.chain.arrange([])
    with pytest.raises(SetupError, match="No engine is chosen"):
        await stage.reply()
    with pytest.raises(SetupError):
        await stage.chain.open()
    assert stage.chain.abilities == Abilities()
    await clock.sleep(60)
    assert stage.cloud.probes == []


async def test_a_failure_of_an_engine_that_was_taken_out_changes_nothing(stage: Stage) -> None:
    stage.cloud.mood = Mood.BREAKS_OFF
    reply = stage.chain.stream(HELLO)
    await anext(reply)
    stage.chain.arrange([stage.embedded])
    with pytest.raises(TemporaryError):
        await anext(reply)
    assert [link.standing for link in stage.chain.links] == [Standing.GOOD]


async def test_the_chain_can_do_what_the_engine_in_front_can(clock: Clock, randomness: Randomness) -> None:
    able = MoodyModel("able", clock, Abilities(grammar=True))
    plain = MoodyModel("plain", clock)
    chain = ModelChain([able, plain], clock=clock, randomness=randomness, announce=lambda _: None, recovery=PLAN)
    assert chain.abilities.grammar
    able.mood = Mood.BUSY
    await chain.warm(HELLO)
    assert not chain.abilities.grammar
    await chain.close()
    assert (able.closed, plain.closed) == (1, 1)


async def test_a_voice_that_breaks_off_is_replaced_at_the_border_of_the_clause(clock: Clock, randomness: Randomness) -> None:
    events: list[Event] = []
    first, second = MoodyVoice("hibari", clock, 24_000), MoodyVoice("espeak", clock, 22_050)
    chain = VoiceChain([first, second], clock=clock, randomness=randomness, announce=events.append, recovery=PLAN)

    async def rates() -> list[int]:
        return [chunk.sample_rate async for chunk in chain.synthesize(SpeechRequest("Hello."))]

    await chain.open()
    assert await rates() == [24_000, 24_000]
    first.mood = Mood.BREAKS_OFF
    with pytest.raises(TemporaryError):
        await rates()
    assert chain.has_next
    assert chain.serving == "espeak"
    assert await rates() == [22_050, 22_050]
    second.mood = Mood.EMPTY
    assert await rates() == []
    first.mood, second.mood = Mood.BUSY, Mood.UNSET
    with pytest.raises(SetupError):
        await rates()
    assert not chain.has_next
    assert [link.standing for link in chain.links] == [Standing.RESTING, Standing.NEEDS_YOU]
    chain.reset()
    assert chain.has_next
    chain.arrange([second])
    second.mood = Mood.WELL
    assert await rates() == [22_050, 22_050]
    await chain.close()
