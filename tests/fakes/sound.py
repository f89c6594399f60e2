"""A sound check without devices."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from voxelle.contracts.audio import INPUT_RATE, OUTPUT_RATE, Recording, SoundDesk, SoundDevice
from voxelle.contracts.tts import Samples
from voxelle.domain.errors import VoxelleError


class FakeDesk(SoundDesk):
    """Two ways out, two ways in; `error` is raised by everything while set."""

    def __init__(self) -> None:
        self.error: VoxelleError | None = None
        self.recorded_s: list[float] = []

    def _check(self) -> None:
        if self.error is not None:
            raise self.error

    async def outputs(self) -> Sequence[SoundDevice]:
        self._check()
        return SoundDevice("speakers", "Built-in speakers", is_default=True), SoundDevice("cable", "Virtual cable")

    async def inputs(self) -> Sequence[SoundDevice]:
        self._check()
        return SoundDevice("desk", "Desk microphone", is_default=True), SoundDevice("headset", "Headset")

    async def record(self, seconds: float) -> Recording:
        self._check()
        self.recorded_s.append(seconds)
        return Recording(np.zeros(round(seconds * INPUT_RATE), np.float32), 0.4, 0.1, "She hears you.")

    def tone(self) -> Samples:
        return np.zeros(OUTPUT_RATE, np.float32)

    def playable(self, recording: Recording) -> Samples:
        return np.repeat(recording.samples, 3)
