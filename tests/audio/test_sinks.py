"""A sink without a device."""

from __future__ import annotations

import numpy as np
import pytest

from tests.audio.players import World
from voxelle.audio.sinks import BLOCK_FRAMES, SilentSink


def test_silence_keeps_time() -> None:
    world = World()
    sink = SilentSink(world.pace)
    began = world.now
    for _ in range(100):
        assert not sink.write(np.zeros(BLOCK_FRAMES, np.float32))
    assert world.now - began == pytest.approx(1.0, abs=0.05)
    world.now += 50
    sink.write(np.zeros(BLOCK_FRAMES, np.float32))
    sink.pause()
    sink.resume()
    sink.flush()
    sink.close()
