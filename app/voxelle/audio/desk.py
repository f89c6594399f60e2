"""The sound check of a show that plays and hears through the sound process."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from voxelle.audio.input import MicrophoneInput, list_inputs
from voxelle.audio.output import SoundOutput
from voxelle.audio.sound_check import check_tone
from voxelle.contracts.audio import INPUT_RATE, OUTPUT_RATE, Recording, SoundDesk, SoundDevice
from voxelle.contracts.tts import Samples


class ProcessDesk(SoundDesk):
    """Asks the sound process that her voice and her ears share."""

    def __init__(self, output: SoundOutput, microphone: MicrophoneInput) -> None:
        self._output = output
        self._microphone = microphone

    async def outputs(self) -> Sequence[SoundDevice]:
        """Return what can play."""
        return await self._output.list_outputs()

    async def inputs(self) -> Sequence[SoundDevice]:
        """Return what can hear."""
        return await list_inputs(self._output.process)

    async def record(self, seconds: float) -> Recording:
        """Record a piece of what the chosen microphone hears."""
        return await self._microphone.record_sample(seconds)

    def tone(self) -> Samples:
        """Return three soft notes upwards."""
        return check_tone()

    def playable(self, recording: Recording) -> Samples:
        """Return a recording at OUTPUT_RATE, its samples joined by straight lines: good enough for a check."""
        heard = recording.samples
        at = np.arange(heard.size * OUTPUT_RATE // INPUT_RATE) * (INPUT_RATE / OUTPUT_RATE)
        return np.interp(at, np.arange(heard.size), heard).astype(np.float32) if heard.size else heard
