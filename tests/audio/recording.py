"""A sound process whose device is a file, for tests with a real child process and no sound card."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from voxelle.audio.playback import Playback
from voxelle.audio.sinks import Pace, SilentSink
from voxelle.contracts.tts import Samples
from voxelle.domain.errors import SetupError
from voxelle.kernel.worker import CancelToken, Engine, Reply

FILE = "VOXELLE_TEST_RECORDING"


class FileSink(SilentSink):
    """Appends what would be heard to a file, at the pace of sound."""

    title = "Tape"

    def __init__(self, latency_s: float) -> None:
        super().__init__(Pace())
        self.latency_frames = round(latency_s * 48_000)
        self._file = Path(os.environ[FILE]).open("ab", buffering=0)  # noqa: SIM115 -- open as long as the process lives

    def write(self, block: Samples) -> bool:
        self._file.write(block.tobytes())
        return super().write(block)


class RecorderEngine(Playback):
    """The real engine on the file."""

    @staticmethod
    def open_sink(name: str, latency_s: float) -> FileSink:
        if name == "missing":
            msg = "The chosen output device is not there."
            raise SetupError(msg)
        return FileSink(latency_s)

    @staticmethod
    def default_output() -> str:
        return ""

    def perform(self, method: str, arguments: dict[str, Any], audio: Samples | None, token: CancelToken) -> Iterator[Reply]:
        if method == "devices":
            yield Reply({"devices": [["tape", "Tape", True]]})
        elif method == "cut" and os.environ.get("VOXELLE_TEST_STUCK"):
            token.wait(60)
        else:
            yield from super().perform(method, arguments, audio, token)


class Broken(Engine):
    """Loads, and fails whatever is asked."""

    def perform(self, method: str, arguments: dict[str, Any], audio: Samples | None, token: CancelToken) -> Iterator[Reply]:
        raise ZeroDivisionError
