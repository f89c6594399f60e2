"""The writing thread, with devices that do what the test says."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.audio.players import Device, World, clip, lost
from voxelle.audio.player import LATENCY_S, LONGEST_LATENCY_S
from voxelle.audio.sinks import BLOCK_FRAMES, SilentSink
from voxelle.contracts.audio import OUTPUT_RATE, Drained, OutputChanged, Playhead, RanDry


@pytest.fixture
def world() -> World:
    return World()


def test_the_playhead_is_behind_the_device_by_its_latency(world: World) -> None:
    device = world.devices[""] = Device("Speaker")
    player = world.player()
    assert player.sentence == "Her voice goes to Speaker."
    player.commands.put(lambda player: player.timeline.push(clip(4800)))
    player.commands.put(lambda player: player.timeline.finish(0))
    heads_at: list[int] = []
    device.plan = {number: lambda: heads_at.append(len(world.told)) for number in range(1, 12)}
    device.plan[13] = player.close
    player.run()
    # Two blocks of latency: nothing was told before the third write, and all of it one block after the twelfth.
    assert heads_at[:4] == [0, 0, 0, 1]
    assert world.told[:2] == [Playhead(0, 0, 0), Playhead(0, 0, 960)]
    assert world.told[-2:] == [Playhead(0, 0, 4800), Drained(0)]
    assert device.calls == ["close"]


def test_a_cut_answers_when_the_fade_has_sounded(world: World) -> None:
    device = world.devices[""] = Device("Speaker")
    player = world.player()
    answers: list[tuple[Playhead | None, int]] = []
    player.commands.put(lambda player: player.timeline.push(clip(48_000)))

    def note(final: Playhead | None) -> None:
        answers.append((final, len(device.blocks)))

    device.plan[5] = lambda: player.commands.put(lambda player: player.cut(0, note))
    device.plan[20] = player.close
    player.run()
    assert answers == [(Playhead(0, 0, 6 * BLOCK_FRAMES), 8)]
    assert all(block.any() for block in device.blocks[:6])
    assert not any(block.any() for block in device.blocks[6:])


def test_a_device_that_holds_much_is_flushed_by_a_cut(world: World) -> None:
    device = world.devices[""] = Device("Wireless", latency_frames=OUTPUT_RATE // 4)
    player = world.player()
    answers: list[Playhead | None] = []
    player.commands.put(lambda player: player.timeline.push(clip(48_000)))
    device.plan[50] = lambda: player.commands.put(lambda player: player.cut(0, answers.append))
    device.plan[60] = player.close
    player.run()
    assert answers == [Playhead(0, 0, 50 * BLOCK_FRAMES - OUTPUT_RATE // 4)]
    assert device.calls == ["flush", "close"]


def test_a_device_lost_while_it_is_flushed_is_replaced(world: World) -> None:
    device = world.devices[""] = Device("Speaker", latency_frames=OUTPUT_RATE)
    player = world.player()
    device.flush = lost  # type: ignore[assignment]
    del world.devices[""]
    player.cut(0, world.told.append)  # type: ignore[arg-type]
    assert isinstance(world.told[0], OutputChanged)
    assert world.told[1] is None


def test_a_lost_device_is_replaced_by_silence_that_keeps_time_and_comes_back(world: World) -> None:
    device = world.devices[""] = Device("Speaker")
    player = world.player()
    player.commands.put(lambda player: player.timeline.push(clip(OUTPUT_RATE * 20)))
    player.commands.put(lambda player: player.timeline.finish(0))

    def vanish() -> bool:
        del world.devices[""]
        return lost()

    device.plan[10] = vanish
    second = Device("Headset")

    def on_sleep(seconds: float) -> None:
        if world.now > 106:
            world.devices[""] = second

    world.on_sleep = on_sleep
    second.plan[3] = player.close
    player.run()
    changes = [each.sentence for each in world.told if isinstance(each, OutputChanged)]
    assert changes == [
        "Speaker was lost. This computer has no sound device. Until then her words are captions only.",
        "Her voice goes to Headset.",
    ]
    heads = [each.frames for each in world.told if isinstance(each, Playhead)]
    assert heads == sorted(heads)
    # The clock went on in silence as sound would have.
    assert heads[-1] / OUTPUT_RATE == pytest.approx(world.now - 100, abs=1.0)
    assert second.blocks[0].any()


def test_another_device_plays_while_the_wanted_one_is_missing_and_gives_way_between_turns(world: World) -> None:
    spare = world.devices[""] = Device("Speaker")
    player = world.player("Headset")
    assert player.sentence == "The chosen output device is not there. Until then her voice goes to Speaker."
    wanted = Device("Headset")
    player.commands.put(lambda player: player.timeline.push(clip(BLOCK_FRAMES * 30)))
    player.commands.put(lambda player: player.timeline.finish(0))

    def plug_in() -> bool:
        world.devices["Headset"] = wanted
        world.now += 60
        return False

    spare.plan[20] = plug_in
    wanted.plan[1] = player.close
    player.run()
    assert sum(int(np.count_nonzero(block)) for block in spare.blocks) == BLOCK_FRAMES * 30
    assert world.told[-1] == OutputChanged("Her voice goes to Headset.")


def test_a_device_that_runs_dry_twice_gets_more_room_between_turns(world: World) -> None:
    device = world.devices[""] = Device("Speaker")
    player = world.player()
    player.commands.put(lambda player: player.timeline.push(clip(BLOCK_FRAMES * 10)))
    player.commands.put(lambda player: player.timeline.finish(0))
    device.plan = {4: lambda: True, 6: lambda: True, 30: lambda: True, 60: player.close}
    player.run()
    assert [each for each in world.told if isinstance(each, RanDry)] == [RanDry(0, 1), RanDry(0, 2)]
    assert world.opened == [("", LATENCY_S), ("", pytest.approx(LATENCY_S + 0.02))]
    assert not [each for each in world.told if isinstance(each, OutputChanged)]


def test_room_has_an_end(world: World) -> None:
    device = world.devices[""] = Device("Speaker")
    player = world.player(latency_s=LONGEST_LATENCY_S)
    player.commands.put(lambda player: player.timeline.push(clip(BLOCK_FRAMES * 10)))
    player.commands.put(lambda player: player.timeline.finish(0))
    device.plan = {4: lambda: True, 6: lambda: True, 60: player.close}
    player.run()
    assert len(world.opened) == 1


def test_after_a_while_of_silence_the_device_rests_until_the_next_command(world: World) -> None:
    device = world.devices[""] = Device("Speaker")
    player = world.player()
    beats: list[float] = []

    def rest() -> None:
        device.calls.append("pause")
        player.commands.put(lambda player: beats.append(player.alive_until))
        player.commands.put(lambda player: player.end())

    device.pause = rest  # type: ignore[method-assign]
    device.plan[5] = lambda: world.sleep(10)
    player.run()
    assert device.calls == ["pause", "resume", "close"]
    assert math.isfinite(beats[0])


def test_while_it_rests_without_a_device_it_goes_on_looking_for_one(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    player = world.player()
    assert "captions only" in player.sentence
    device = Device("Headset")
    device.plan[1] = player.close
    rests: list[float] = []

    def rest(sink: SilentSink) -> None:
        rests.append(world.now)
        world.now = player._retry_at + 0.001
        if len(rests) > 2:
            world.devices[""] = device

    monkeypatch.setattr(SilentSink, "pause", rest)
    player._retry_at = world.now + 20
    player.run()
    assert world.told == [OutputChanged("Her voice goes to Headset.")]
