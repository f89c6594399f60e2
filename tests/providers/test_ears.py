"""The process that both networks of the ears share."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.providers.conftest import ProcessMaker
from voxelle.contracts.audio import INPUT_FRAMES
from voxelle.contracts.tts import Samples
from voxelle.domain.errors import InputError, SetupError
from voxelle.kernel.clock import Clock
from voxelle.kernel.packs import PackStore
from voxelle.kernel.worker import CancelToken
from voxelle.providers.ears import ACTIVITY_FILE, END_OF_TURN_FILE, PACK, ears_spec
from voxelle.providers.ears_engine import EarsEngine
from voxelle.providers.end_of_turn.smart_turn import SmartTurn
from voxelle.providers.vad.silero import Silero


@pytest.mark.engines
def test_one_engine_judges_frames_and_ends(installed: PackStore, spoken: list[Samples]) -> None:
    config = ears_spec(lambda name: installed.file(PACK, name)).configure()
    engine = EarsEngine(config)
    told: list[float] = []
    engine.load(told.append)
    assert told[-1] == 1.0

    def ask(method: str, samples: Samples | None = None) -> dict[str, float]:
        (reply,) = engine.perform(method, {"speaker": "mic"}, samples, CancelToken())
        return dict(reply.data)

    assert 0.0 <= ask("judge", np.zeros(INPUT_FRAMES, np.float32))["speech"] < 0.1
    assert ask("forget") == {}
    assert ask("finished", spoken[0])["finished"] > 0.5
    with pytest.raises(InputError, match="no method sing"):
        ask("sing")


@pytest.mark.engines
async def test_both_providers_live_in_one_process(
    make_process: ProcessMaker, clock: Clock, installed: PackStore, spoken: list[Samples]
) -> None:
    process = make_process(ears_spec(lambda name: installed.file(PACK, name)))
    silero, smart_turn = Silero(process, clock), SmartTurn(process, clock)
    await silero.open()
    pid = process.snapshot.pid
    assert await smart_turn.probability(spoken[0]) > 0.5
    assert process.snapshot.pid == pid


async def test_damaged_networks_are_told_with_what_to_do(make_process: ProcessMaker, clock: Clock, tmp_path: Path) -> None:
    for name in (ACTIVITY_FILE, END_OF_TURN_FILE):
        (tmp_path / name).write_bytes(b"no network")
    silero = Silero(make_process(ears_spec(lambda name: tmp_path / name)), clock)
    with pytest.raises(SetupError, match="missing or damaged: open Engines and press Install"):
        await silero.open()
