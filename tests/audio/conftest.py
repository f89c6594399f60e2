"""A sound server of the test's own, private and without a card."""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from voxelle.contracts.tts import Samples

_START_S = 15.0


@dataclass
class SoundServer:
    """PulseAudio with one null sink, and a recorder on its monitor."""

    folder: Path
    recordings: list[subprocess.Popen[bytes]] = field(default_factory=list)
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        # norewinds: without it the null sink works in blocks of two seconds.
        sink = "module-null-sink sink_name=stage rate=48000 channels=2 norewinds=1"
        modules = ["module-native-protocol-unix", sink, "module-always-sink"]
        command = ["pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", *(f"-L{module}" for module in modules)]
        self.process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + _START_S
        while subprocess.run(["pactl", "info"], capture_output=True, check=False).returncode:
            assert time.monotonic() < deadline, "PulseAudio did not start"
            time.sleep(0.05)

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def record(self) -> None:
        """Begin to record what is heard; returns once the first frames are there."""
        command = ["parec", "-d", "stage.monitor", "--format=float32le", "--rate=48000", "--channels=1", "--latency-msec=20", "--raw"]
        self.recordings.append(subprocess.Popen([*command, str(self._file)]))
        while not self._file.exists() or not self._file.stat().st_size:
            time.sleep(0.01)

    def recorded(self) -> Samples:
        samples: Samples = np.fromfile(self._file, np.float32)
        return samples

    def stop_recording(self) -> None:
        for recording in self.recordings:
            recording.terminate()
            recording.wait()
        self.recordings.clear()

    @property
    def _file(self) -> Path:
        return self.folder / "heard.raw"


@pytest.fixture
def sound_server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[SoundServer]:
    """A running server that every program started by the test finds, and nobody else."""
    # The path of a unix socket has to be short.
    with tempfile.TemporaryDirectory(prefix="vxp-") as runtime:
        monkeypatch.setenv("XDG_RUNTIME_DIR", runtime)
        # A second server on one session bus takes itself for the first one and ends.
        for name in ("PULSE_SERVER", "PULSE_SINK", "PULSE_SOURCE", "PULSE_RUNTIME_PATH", "DBUS_SESSION_BUS_ADDRESS"):
            monkeypatch.delenv(name, raising=False)
        server = SoundServer(tmp_path)
        try:
            server.start()
            yield server
        finally:
            server.stop_recording()
            server.stop()
