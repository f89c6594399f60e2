"""Chains of recognisers, in virtual time."""

from __future__ import annotations

from collections.abc import AsyncIterator

import numpy as np
import pytest
import pytest_asyncio

from tests.fakes.links import Mood, MoodyRecognizer
from voxelle.contracts.provider import Abilities
from voxelle.contracts.stt import RecognitionRequest
from voxelle.domain.errors import InputError, SetupError, TemporaryError
from voxelle.domain.events import Event, FallbackSwitched
from voxelle.kernel.clock import Clock, Randomness
from voxelle.providers.circuit import Recovery, Standing
from voxelle.providers.recognizer_chain import RecognizerChain

pytestmark = pytest.mark.virtual_time

REQUEST = RecognitionRequest(np.zeros(16_000, np.float32))
PLAN = Recovery(first_s=5, factor=2, most_s=60, jitter=0, good_probes=2)


class Stage:
    """A chain of two recognisers and what it announced."""

    def __init__(self, clock: Clock, randomness: Randomness) -> None:
        self.server, self.embedded = MoodyRecognizer("server", clock), MoodyRecognizer("embedded", clock)
        self.events: list[Event] = []
        self.changes = 0
        self.chain = RecognizerChain(
            (self.server, self.embedded),
            clock=clock,
            randomness=randomness,
            announce=self.events.append,
            on_change=self._count,
            recovery=PLAN,
        )

    def _count(self) -> None:
        self.changes += 1

    async def text(self) -> str:
        return (await self.chain.transcribe(REQUEST)).text


@pytest_asyncio.fixture
async def stage(clock: Clock, randomness: Randomness) -> AsyncIterator[Stage]:
    made = Stage(clock, randomness)
    yield made
    await made.chain.close()


async def test_the_first_recogniser_understands_and_the_other_is_not_touched(stage: Stage) -> None:
    await stage.chain.open()
    assert await stage.text() == "server"
    assert stage.chain.serving == "server"
    assert (stage.embedded.opened, stage.embedded.requests, stage.events) == (0, [], [])


async def test_one_that_fails_is_replaced_within_the_utterance_and_that_is_announced(stage: Stage) -> None:
    stage.server.mood = Mood.BUSY
    stage.embedded.abilities = Abilities(offline=True)
    assert await stage.text() == "embedded"
    assert stage.events == [FallbackSwitched("stt", "server", "embedded", "server is busy. Embedded serves now.")]
    assert [link.standing for link in stage.chain.links] == [Standing.RESTING, Standing.GOOD]
    assert stage.chain.abilities.offline
    assert stage.changes == 1


async def test_it_comes_back_after_good_probes(stage: Stage, clock: Clock) -> None:
    stage.server.mood = Mood.BUSY
    await stage.text()
    stage.server.mood = Mood.WELL
    await clock.sleep(12)
    assert await stage.text() == "server"


async def test_with_none_left_the_most_helpful_error_is_raised_and_a_reset_gives_new_chances(stage: Stage) -> None:
    stage.server.mood, stage.embedded.mood = Mood.BUSY, Mood.UNSET
    with pytest.raises(SetupError, match="has no model"):
        await stage.text()
    assert stage.chain.serving == ""
    stage.server.mood = stage.embedded.mood = Mood.WELL
    stage.chain.reset()
    assert await stage.text() == "server"


async def test_a_wrong_request_is_nobodys_fault(stage: Stage) -> None:
    stage.server.error = InputError("Such a sound is none.")
    with pytest.raises(InputError):
        await stage.text()
    assert stage.chain.serving == "server"


async def test_another_order_holds_from_the_next_utterance_on(stage: Stage) -> None:
    stage.chain.arrange([stage.embedded, stage.server])
    assert await stage.text() == "embedded"
    stage.chain.arrange([])
    with pytest.raises(SetupError, match="No engine is chosen for this stage"):
        await stage.text()


async def test_one_that_never_answers_is_left_for_the_next(stage: Stage) -> None:
    stage.server.mood = Mood.HANGS
    assert await stage.text() == "embedded"
    (event,) = stage.events
    assert isinstance(event, FallbackSwitched)
    assert "did not answer within 20 seconds" in event.sentence


async def test_a_chain_alone_keeps_no_time(stage: Stage) -> None:
    stage.server.mood = stage.embedded.mood = Mood.HANGS
    with pytest.raises(TemporaryError, match="did not answer"):
        await stage.text()
