"""Devices that do what a test says, in a world whose time passes with every look at it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from voxelle.audio.player import LATENCY_S, Player, Wish
from voxelle.audio.sinks import Pace
from voxelle.contracts.audio import Clip, Progress
from voxelle.contracts.tts import Samples
from voxelle.domain.errors import SetupError, TemporaryError


class Device:
    """Takes blocks without waiting; `plan` says what happens at which write."""

    def __init__(self, title: str, latency_frames: int = 960) -> None:
        self.title = title
        self.latency_frames = latency_frames
        self.blocks: list[Samples] = []
        self.calls: list[str] = []
        self.plan: dict[int, Callable[[], object]] = {}

    def write(self, block: Samples) -> bool:
        self.blocks.append(block)
        return self.plan.get(len(self.blocks), lambda: None)() is True

    def flush(self) -> None:
        self.calls.append("flush")

    def pause(self) -> None:
        self.calls.append("pause")

    def resume(self) -> None:
        self.calls.append("resume")

    def close(self) -> None:
        self.calls.append("close")


class World:
    """All devices there are, by name, and time that passes with every look at it."""

    def __init__(self) -> None:
        self.devices: dict[str, Device] = {}
        self.now = 100.0
        self.opened: list[tuple[str, float]] = []
        self.told: list[Progress] = []
        self.on_sleep: Callable[[float], None] = lambda _: None
        self.pace = Pace(self.time, self.sleep)

    def time(self) -> float:
        self.now += 0.001
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.on_sleep(seconds)

    def open(self, name: str, latency_s: float) -> Device:
        self.opened.append((name, latency_s))
        if name not in self.devices:
            msg = "The chosen output device is not there." if name else "This computer has no sound device."
            raise SetupError(msg)
        return self.devices[name]

    def player(self, name: str = "", latency_s: float = LATENCY_S) -> Player:
        player = Player(Wish(name, latency_s), self.told.append, self.open, pace=self.pace)
        player.open()
        return player


def clip(frames: int, generation: int = 0, clause: int = 0) -> Clip:
    return Clip(generation, clause, 0, np.ones(frames, np.float32))


def lost() -> bool:
    msg = "Speaker was lost."
    raise TemporaryError(msg)
