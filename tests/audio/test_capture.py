"""The listening thread, with microphones that do what the test says."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable

import numpy as np
import pytest

from voxelle.audio import capture as module
from voxelle.audio.capture import LATENCY_S, LATENCY_STEP_S, Capture
from voxelle.audio.device_source import Block
from voxelle.audio.echo import EchoCanceller
from voxelle.audio.reference import PlaybackReference
from voxelle.audio.sinks import Pace
from voxelle.contracts.audio import Captured, InputChanged, MicrophoneFrame
from voxelle.domain.errors import SetupError, TemporaryError

RATE = 16_000
MISSING = "The chosen microphone is not there."


class Microphone:
    """Gives a block whenever it is asked; `plan` says what happens at which read."""

    latency_s = 0.02

    def __init__(self, world: World, title: str, rate: int = RATE) -> None:
        self.title = title
        self.rate = rate
        self.loudness = 0.1
        self.plan: dict[int, Callable[[], object]] = {}
        self.reads = 0
        self.closed = 0
        self._world = world

    def read(self) -> tuple[Block, bool]:
        self.reads += 1
        self._world.now += 0.01
        has_lost = self.plan.get(self.reads, lambda: None)() is True
        return np.full((self._world.given, 1), self.loudness, np.float32), has_lost

    def close(self) -> None:
        self.closed += 1


class World:
    """All microphones there are, by name."""

    def __init__(self) -> None:
        self.now = 50.0
        self.given = RATE // 100
        self.devices: dict[str, Microphone] = {}
        self.opened: list[tuple[str, float]] = []
        self.told: list[Captured] = []
        self.looks = 0
        self.on_open: Callable[[], None] = lambda: None

    def plug(self, name: str, title: str, rate: int = RATE) -> Microphone:
        self.devices[name] = Microphone(self, title, rate)
        return self.devices[name]

    def open(self, name: str, latency_s: float) -> Microphone:
        self.opened.append((name, latency_s))
        self.on_open()
        if name not in self.devices:
            raise SetupError(MISSING if name else "This computer has no microphone.")
        return self.devices[name]

    def look(self) -> None:
        self.looks += 1

    def capture(self, name: str, canceller: EchoCanceller | None = None) -> Capture:
        canceller = canceller or EchoCanceller(PlaybackReference(), is_wanted=False)
        return Capture(name, canceller, self.told.append, self.open, self.look, Pace(lambda: self.now))

    @property
    def sentences(self) -> list[tuple[str, bool]]:
        return [(each.sentence, each.is_lost) for each in self.told if isinstance(each, InputChanged)]


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(module, "RETRY_S", 0.002)
    monkeypatch.setattr(module, "LONGEST_RETRY_S", 0.004)
    return World()


def lose() -> None:
    msg = "Desk was lost."
    raise TemporaryError(msg)


def test_frames_come_and_the_device_is_given_back(world: World) -> None:
    desk = world.plug("desk", "Desk")
    capture = world.capture("desk")
    desk.plan[100] = capture.close
    capture.run()
    frames = [each for each in world.told if isinstance(each, MicrophoneFrame)]
    assert len(frames) == 31
    assert frames[-1].at_s == pytest.approx(50 + 31 * 0.032 - Microphone.latency_s, abs=1e-6)
    assert world.sentences == [("She hears through Desk.", False)]
    assert desk.closed == 1


def test_a_lost_microphone_is_told_and_the_default_one_listens_meanwhile(world: World) -> None:
    desk, other = world.plug("desk", "Desk"), world.plug("", "Laptop")
    capture = world.capture("desk")

    def unplug() -> None:
        del world.devices["desk"]
        lose()

    def plug_again() -> None:
        world.devices["desk"] = desk
        capture.note_place("missing")
        capture.note_place("desk")

    desk.plan[10], other.plan[10] = unplug, plug_again
    desk.plan[20] = capture.close
    capture.run()
    assert world.sentences == [
        ("She hears through Desk.", False),
        ("Desk was lost.", True),
        (f"{MISSING} Until then she hears through Laptop.", False),
        ("She hears through Desk.", False),
    ]


def test_it_is_looked_for_with_growing_pauses_until_it_is_there(world: World) -> None:
    capture = world.capture("")

    def come() -> None:
        if len(world.opened) == 5:
            world.plug("", "Laptop").plan[3] = capture.close

    world.on_open = come
    capture.run()
    assert world.sentences == [("This computer has no microphone.", True), ("She hears through Laptop.", False)]
    assert len(world.opened) == 5
    assert world.looks == 1


def test_without_a_sound_server_the_wanted_one_is_looked_for_when_nobody_speaks(world: World) -> None:
    other = world.plug("", "Laptop")
    other.plan[7000] = lambda: setattr(other, "loudness", 0.001)
    capture = world.capture("desk")
    world.on_open = lambda: capture.close() if len(world.opened) > 2 else None
    capture.run()
    assert other.reads == pytest.approx(7101, abs=4)
    assert world.looks == 1


def test_lost_samples_are_counted_on_and_give_the_next_device_more_room(world: World) -> None:
    desk = world.plug("", "Desk")
    desk.plan[5] = desk.plan[6] = lambda: True
    desk.plan[20] = lose
    capture = world.capture("")

    def lose_and_end() -> bool:
        capture.close()
        return True

    desk.plan[40] = lose_and_end
    capture.run()
    assert world.opened == [("", LATENCY_S), ("", LATENCY_S + 2 * LATENCY_STEP_S)]
    assert [each for each in world.told if isinstance(each, MicrophoneFrame)][-1].overruns == 3


def test_odd_devices_are_explained(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = world.plug("", "Desk", 48_000)
    desk.loudness, world.given = 0.0, 160
    capture = world.capture("")
    desk.plan[1200] = lambda: setattr(desk, "loudness", 0.1)
    desk.plan[1300] = capture.close
    capture.run()
    said = [sentence for sentence, _ in world.sentences]
    assert "says 48,000 Hz and gives 16,000 Hz" in said[1]
    assert "nothing but silence" in said[2]
    assert "silence" not in said[3]
    monkeypatch.setitem(__import__("sys").modules, "pywebrtc_audio", None)
    deaf = world.capture("", EchoCanceller(PlaybackReference()))
    world.told.clear()
    desk.plan[1310] = deaf.close
    deaf.run()
    assert "hears nothing while she speaks" in world.sentences[0][0]


def test_where_the_sound_server_has_it_matters_only_when_it_changes(world: World) -> None:
    desk = world.plug("", "Desk")
    capture = world.capture("")
    places = itertools.chain(["a", "a", "b"], itertools.repeat("b"))
    desk.plan = {count: lambda: capture.note_place(next(places)) for count in range(1, 10)}
    desk.plan[20] = capture.close
    capture.run()
    assert len(world.opened) == 2
    assert desk.closed == 2


def test_it_counts_as_stuck_when_a_read_does_not_come_back(world: World) -> None:
    desk = world.plug("", "Desk")
    capture = world.capture("")
    moments: list[float] = []
    desk.plan = {1: lambda: moments.append(capture.alive_until), 2: lambda: moments.append(capture.alive_until), 3: capture.close}
    capture.run()
    assert moments == [50 + module.OPENING_S, pytest.approx(50.01 + module.STUCK_S)]
    assert not math.isinf(capture.alive_until)
