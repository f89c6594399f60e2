"""Whatever fails, recovers and is reset in whatever order: the chain keeps its promises."""

from __future__ import annotations

import random
from collections.abc import Coroutine
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from tests.fakes.links import Mood, MoodyModel
from voxelle.contracts.llm import ChatMessage, ChatRequest, ChatRole
from voxelle.domain.errors import VoxelleError
from voxelle.domain.events import Event, FallbackSwitched
from voxelle.kernel.clock import LoopClock
from voxelle.kernel.virtual_loop import VirtualTimeLoop
from voxelle.providers.chain import ModelChain
from voxelle.providers.circuit import Recovery, Standing

HELLO = ChatRequest((ChatMessage(ChatRole.USER, "hi"),))
PLAN = Recovery(first_s=5, factor=2, most_s=60, jitter=0.2, good_probes=2)
NAMES = ("first", "second", "third")


class ChainMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.loop = VirtualTimeLoop()
        self.clock = LoopClock()
        self.models = {name: MoodyModel(name, self.clock) for name in NAMES}
        self.events: list[Event] = []
        self.chain = ModelChain(
            self.models.values(), clock=self.clock, randomness=random.Random(1), announce=self.events.append, recovery=PLAN
        )

    def run(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        return self.loop.run_until_complete(coroutine)

    def standing(self) -> dict[str, Standing]:
        return {link.engine_id: link.standing for link in self.chain.links}

    @rule(name=st.sampled_from(NAMES), mood=st.sampled_from(Mood))
    def mood_changes(self, name: str, mood: Mood) -> None:
        self.models[name].mood = mood

    @rule()
    def somebody_asks(self) -> None:
        before = self.standing()
        counts = {name: len(model.requests) for name, model in self.models.items()}

        async def ask() -> list[str]:
            said: list[str] = []
            try:
                async for delta in self.chain.stream(HELLO):
                    said.append(delta.text)  # noqa: PERF401 -- kept up to the error
            except VoxelleError:
                said.append("failed")
            return said

        said = self.run(ask())
        asked = {name for name, model in self.models.items() if len(model.requests) > counts[name]}
        # One engine speaks in one reply, and nobody is asked twice.
        assert len({text for text in said if text in NAMES}) <= 1
        assert all(len(model.requests) - counts[name] <= 1 for name, model in self.models.items())
        for name in asked:
            assert before[name] is not Standing.NEEDS_YOU
            if before[name] is Standing.RESTING:
                # Only when nothing good was left: every good one was asked and failed or was empty.
                assert all(before[other] is not Standing.GOOD or other in asked for other in NAMES)
        if said[-1:] == ["!"]:
            assert self.models[said[0]].mood in {Mood.WELL, Mood.HANGS}

    @rule(seconds=st.floats(0.1, 200))
    def time_passes(self, seconds: float) -> None:
        before, counts = self.standing(), {name: len(model.probes) for name, model in self.models.items()}
        self.run(self.clock.sleep(seconds))
        for name, model in self.models.items():
            fresh = model.probes[counts[name] :]
            if before[name] is not Standing.RESTING:
                # Only an engine that rests is probed.
                assert not fresh
            if before[name] is Standing.RESTING and self.standing()[name] is Standing.GOOD:
                # It came back by two good probes in a row, which may have begun earlier.
                assert [good for _, good in model.probes[-2:]] == [True, True]

    @rule()
    def streamer_resets(self) -> None:
        async def reset() -> None:
            self.chain.reset()

        self.run(reset())
        assert set(self.standing().values()) == {Standing.GOOD}

    @rule()
    def all_is_well_for_long(self) -> None:
        for model in self.models.values():
            model.mood = Mood.WELL
        self.run(self.clock.sleep(500))
        assert Standing.RESTING not in self.standing().values()

    @invariant()
    def the_first_good_one_is_in_front(self) -> None:
        good = [name for name, standing in self.standing().items() if standing is Standing.GOOD]
        assert self.chain.serving == (good[0] if good else "")

    @invariant()
    def every_switch_was_announced_without_a_gap(self) -> None:
        at = NAMES[0]
        for event in self.events:
            assert isinstance(event, FallbackSwitched)
            assert event.from_engine == at
            assert event.to_engine != at
            assert event.sentence.endswith(".")
            at = event.to_engine
        assert at == self.chain.serving

    def teardown(self) -> None:
        self.run(self.chain.close())
        self.loop.close()


TestChainMachine = ChainMachine.TestCase
TestChainMachine.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
