"""A sound process whose microphone is a tone, for tests with a real child process and no sound card."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tests.audio.recording import RecorderEngine
from voxelle.audio.device_source import Block, Source
from voxelle.audio.listening import Listening
from voxelle.contracts.audio import SoundDevice
from voxelle.contracts.tts import Samples
from voxelle.domain.errors import SetupError
from voxelle.kernel.worker import CancelToken, Reply

HELD = "VOXELLE_TEST_HELD"
"""A file that exists while the microphone is open."""
RATE = 48_000


class ToneSource:
    """Half as loud as it could be."""

    title = "Tuning fork"
    rate = RATE
    latency_s = 0.01

    def __init__(self) -> None:
        self._at = 0
        self._due = time.monotonic()
        Path(os.environ[HELD]).touch()

    def read(self) -> tuple[Block, bool]:
        self._due += 0.01
        time.sleep(max(0.0, self._due - time.monotonic()))
        places = self._at + np.arange(RATE // 100)
        self._at += RATE // 100
        return (0.5 * np.sin(2 * np.pi * 440 * places / RATE)).astype(np.float32)[:, None], False

    def close(self) -> None:
        Path(os.environ[HELD]).unlink()


class ToneListening(Listening):
    """Has that microphone, or none."""

    @staticmethod
    def open_source(name: str, latency_s: float) -> Source:
        if name == "missing" or "VOXELLE_TEST_NO_MICROPHONE" in os.environ:
            msg = "This computer has no microphone."
            raise SetupError(msg)
        return ToneSource()

    @staticmethod
    def inputs() -> Sequence[SoundDevice]:
        return (SoundDevice("fork", "Tuning fork", is_default=True),)

    @staticmethod
    def place(device: str) -> str:
        return ""


class HearingEngine(RecorderEngine):
    """The real engine with that microphone; `die` ends it as a crash would."""

    listening = ToneListening

    def perform(self, method: str, arguments: dict[str, Any], audio: Samples | None, token: CancelToken) -> Iterator[Reply]:
        if method == "die":
            os._exit(1)
        yield from super().perform(method, arguments, audio, token)
