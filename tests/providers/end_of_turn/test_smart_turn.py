"""The end of a turn: the host's side, and the network on its real weights."""

from __future__ import annotations

import numpy as np
import pytest

from tests.providers.conftest import ProcessMaker
from voxelle.contracts.tts import Samples
from voxelle.kernel.clock import Clock
from voxelle.kernel.packs import PackStore
from voxelle.providers.ears import END_OF_TURN_FILE, PACK
from voxelle.providers.end_of_turn.smart_turn import SmartTurn
from voxelle.providers.end_of_turn.smart_turn_engine import LONGEST, SmartTurnNetwork
from voxelle.providers.process import EngineSpec

PAUSE = np.zeros(3200, np.float32)


@pytest.fixture
def network(installed: PackStore) -> SmartTurnNetwork:
    return SmartTurnNetwork(installed.file(PACK, END_OF_TURN_FILE))


async def test_only_the_last_eight_seconds_are_sent(make_process: ProcessMaker, clock: Clock) -> None:
    smart_turn = SmartTurn(make_process(EngineSpec("The echo", "tests.fakes.worker_engines:EchoEars", dict)), clock)
    await smart_turn.open()
    assert await smart_turn.probability(np.zeros(LONGEST // 2, np.float32)) == 0.5
    assert await smart_turn.probability(np.zeros(3 * LONGEST, np.float32)) == 1.0
    assert smart_turn.speed is not None
    await smart_turn.close()


@pytest.mark.engines
def test_whole_sentences_sound_finished_and_broken_ones_less(network: SmartTurnNetwork, spoken: list[Samples]) -> None:
    whole = [network.finished(np.concatenate([sound, PAUSE])) for sound in spoken[:5]]
    halves = [network.finished(np.concatenate([sound[: len(sound) // 2], PAUSE])) for sound in spoken[:5]]
    assert min(whole) > 0.5
    assert np.mean(halves) < np.mean(whole) - 0.2


@pytest.mark.engines
def test_what_came_before_the_last_eight_seconds_and_broken_samples_do_not_matter(network: SmartTurnNetwork, spoken: list[Samples]) -> None:
    newest = np.concatenate([np.zeros(LONGEST - len(spoken[0]), np.float32), spoken[0]])
    assert network.finished(np.concatenate([spoken[1], newest])) == network.finished(newest) == network.finished(spoken[0])
    assert 0.0 <= network.finished(np.full(1000, np.nan, np.float32)) <= 1.0
    assert 0.0 <= network.finished(np.zeros(0, np.float32)) <= 1.0
