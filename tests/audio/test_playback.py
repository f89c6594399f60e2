"""The inside of the sound process."""

from __future__ import annotations

import numpy as np
import pytest

from tests.audio.players import World
from voxelle.audio import playback
from voxelle.audio.playback import Playback
from voxelle.audio.progress import from_words, to_words
from voxelle.contracts.audio import Drained, OutputChanged, Playhead, RanDry
from voxelle.domain.errors import SetupError
from voxelle.kernel.worker import CancelToken


def test_progress_travels() -> None:
    for progress in (Playhead(1, 2, 3), Drained(4), RanDry(5, 6), OutputChanged("Where?", is_lost=True)):
        assert from_words(to_words(progress)) == progress


def test_nothing_is_played_before_the_device_is_open() -> None:
    engine = Playback({})
    for method in ("push", "finish", "volume", "duck", "cut", "pause", "resume"):
        with pytest.raises(SetupError, match="not open"):
            next(engine.perform(method, {"generation": 0, "volume": 1, "gain": 1}, np.zeros(1, np.float32), CancelToken()))


def test_a_device_that_never_comes_back_from_a_write_ends_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    codes: list[int] = []
    monkeypatch.setattr("os._exit", codes.append)
    player = world.player()
    playback._leave_if_stuck(player)
    assert codes == []
    world.now += 60
    playback._leave_if_stuck(player)
    assert codes == [1]
