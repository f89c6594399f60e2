"""The curtain: what waits behind it, and in which order it is let through."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest

from tests.fakes.output import FakeOutput
from voxelle.companion.curtain import MOST_FRAMES, Curtain
from voxelle.contracts.audio import OUTPUT_RATE, Clip
from voxelle.domain.events import Event, NoticeLevel, NoticeRaised
from voxelle.kernel.bus import Bus
from voxelle.kernel.clock import LoopClock

pytestmark = pytest.mark.virtual_time


class Logbook(FakeOutput):
    """Writes down what came, together with the news."""

    def __init__(self, log: list[object]) -> None:
        super().__init__(LoopClock())
        self.log = log

    async def play(self, clip: Clip) -> None:
        await asyncio.sleep(0.01)
        self.log.append(clip.offset)

    async def finish(self, generation: int) -> None:
        self.log.append(("finish", generation))


class House:
    """A curtain, what is behind and before it."""

    def __init__(self, *, is_up: bool) -> None:
        self.log: list[object] = []
        bus = Bus()
        bus.subscribe(Event, lambda event: self.log.append(getattr(event, "sentence", event)))
        self.output = Logbook(self.log)
        self.curtain = Curtain(self.output, bus, is_up=is_up)

    def tell(self, sentence: str) -> None:
        self.curtain.bus.announce(NoticeRaised(NoticeLevel.INFO, sentence))

    async def play(self, offset: int, frames: int = OUTPUT_RATE) -> None:
        await self.curtain.play(Clip(1, 0, offset, np.zeros(frames, np.float32)))


async def test_an_open_curtain_lets_everything_through() -> None:
    house = House(is_up=True)
    house.tell("one")
    await house.play(0)
    await house.curtain.finish(1)
    assert house.log == ["one", 0, ("finish", 1)]


async def test_nothing_is_noticed_before_it_rises_and_then_all_in_order() -> None:
    house = House(is_up=False)
    house.tell("one")
    await house.play(0)
    house.tell("two")
    await house.curtain.finish(1)
    house.curtain.put_first(NoticeRaised(NoticeLevel.INFO, "zero"))
    assert house.log == []
    async with asyncio.TaskGroup() as group:
        group.create_task(house.curtain.rise())
        await asyncio.sleep(0)
        house.tell("three")
        await house.play(7)
    house.tell("four")
    assert house.log == ["zero", "one", 0, "two", ("finish", 1), "three", 7, "four"]


async def test_a_dropped_turn_is_never_noticed() -> None:
    house = House(is_up=False)
    house.tell("one")
    await house.play(0)
    house.curtain.drop()
    house.tell("two")
    await house.play(1)
    await house.curtain.finish(1)
    await house.curtain.rise()
    assert house.log == []
    assert await house.curtain.cut(1) is None
    assert house.output.cuts == []


async def test_who_plays_too_much_behind_it_waits() -> None:
    house = House(is_up=False)
    await house.play(0, MOST_FRAMES)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(5):
            await house.play(1)
    async with asyncio.TaskGroup() as group:
        group.create_task(house.play(2))
        await asyncio.sleep(1)
        await house.curtain.rise()
    assert house.log == [0, 2]


@pytest.mark.parametrize("end", ["drop", "cut"])
async def test_who_waits_behind_it_is_not_held_for_ever(end: str) -> None:
    house = House(is_up=False)
    await house.play(0, MOST_FRAMES)
    async with asyncio.timeout(5), asyncio.TaskGroup() as group:
        group.create_task(house.play(1))
        await asyncio.sleep(1)
        if end == "drop":
            house.curtain.drop()
        else:
            assert await house.curtain.cut(1) is None
    assert house.log == []


async def test_a_cut_forgets_the_sound_and_keeps_the_news() -> None:
    house = House(is_up=False)
    house.tell("one")
    await house.play(0)
    await house.curtain.finish(1)
    await house.curtain.cut(1)
    house.tell("two")
    await house.play(1)
    await house.curtain.finish(1)
    house.curtain.spill()
    house.tell("three")
    assert house.log == ["one", "two", "three"]


async def test_before_her_first_sound_a_pause_holds_the_sound_alone() -> None:
    house = House(is_up=True)
    assert await house.curtain.pause(1) is None
    house.tell("one")
    await house.play(0)
    assert house.log == ["one"]
    await house.curtain.resume(1, 0, 0)
    assert house.log == ["one", 0]
    assert house.output.pauses == []


async def test_later_the_output_is_paused() -> None:
    house = House(is_up=True)
    await house.play(0)
    await house.curtain.pause(1)
    assert house.output.pauses == [1]
    await house.curtain.resume(1, 0, 0)
    await house.play(1)
    assert house.log == [0, 1]
