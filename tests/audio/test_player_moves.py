"""The writing thread when she is paused, when devices change and when there are several."""

from __future__ import annotations

import numpy as np
import pytest

from tests.audio.players import Device, World, clip, lost
from voxelle.audio.player import Player, Wish
from voxelle.audio.sinks import BLOCK_FRAMES
from voxelle.contracts.audio import OUTPUT_RATE, Drained, OutputChanged, Playhead
from voxelle.contracts.tts import Samples


@pytest.fixture
def world() -> World:
    return World()


class Note:
    """What the player told a listener about its blocks."""

    def __init__(self) -> None:
        self.blocks: list[tuple[Samples, float]] = []

    def put(self, block: Samples, audible_at_s: float) -> None:
        self.blocks.append((block, audible_at_s))


def test_a_pause_is_silent_after_its_fade_and_goes_on_where_it_is_told(world: World) -> None:
    device = world.devices[""] = Device("Speaker")
    player = world.player()
    answers: list[Playhead | None] = []
    player.commands.put(lambda player: player.timeline.push(clip(BLOCK_FRAMES * 10)))
    player.commands.put(lambda player: player.timeline.finish(0))
    device.plan[5] = lambda: player.commands.put(lambda player: player.pause(0, answers.append))
    device.plan[12] = lambda: player.commands.put(lambda player: player.resume(0, 0, 2 * BLOCK_FRAMES, 4))
    device.plan[40] = player.close
    player.run()
    assert answers == [Playhead(0, 0, 6 * BLOCK_FRAMES)]
    assert [bool(block.any()) for block in device.blocks[:22]] == [True] * 6 + [False] * 6 + [True] * 8 + [False] * 2
    assert player.take == 4
    heads = [each.frames for each in world.told if isinstance(each, Playhead)]
    assert heads[heads.index(2 * BLOCK_FRAMES) :][-1] == 10 * BLOCK_FRAMES
    assert world.told[-1] == Drained(0)


def test_a_device_that_holds_much_is_flushed_by_a_pause_and_says_again_what_was_not_heard(world: World) -> None:
    device = world.devices[""] = Device("Wireless", latency_frames=OUTPUT_RATE // 4)
    player = world.player()
    answers: list[Playhead | None] = []
    player.commands.put(lambda player: player.timeline.push(clip(48_000)))
    device.plan[50] = lambda: player.commands.put(lambda player: player.pause(0, answers.append))
    device.plan[60] = lambda: player.commands.put(lambda player: player.resume(0, 0, 12_000, 1))
    device.plan[190] = player.close
    player.run()
    assert answers == [Playhead(0, 0, 12_000)]
    assert device.calls == ["flush", "close"]
    assert not any(block.any() for block in device.blocks[50:60])
    assert sum(int(np.count_nonzero(block)) for block in device.blocks) == 50 * BLOCK_FRAMES + 36_000


def test_a_device_lost_while_she_is_paused_loses_no_word(world: World) -> None:
    device = world.devices[""] = Device("Speaker")
    player = world.player()
    player.commands.put(lambda player: player.timeline.push(clip(BLOCK_FRAMES * 10)))
    device.plan[5] = lambda: player.commands.put(lambda player: player.pause(0, lambda _: None))
    second = Device("Headset")

    def vanish() -> bool:
        world.devices[""] = second
        return lost()

    device.plan[10] = vanish
    second.plan[3] = lambda: player.commands.put(lambda player: player.resume(0, 0, 0, 1))
    second.plan[20] = player.close
    player.run()
    assert sum(int(np.count_nonzero(block)) for block in second.blocks) == BLOCK_FRAMES * 10
    assert [each.sentence for each in world.told if isinstance(each, OutputChanged)] == ["Speaker was lost. Her voice goes to Headset."]


def test_who_cancels_the_echo_learns_what_is_audible_when(world: World) -> None:
    world.devices[""] = device = Device("Speaker", latency_frames=2 * BLOCK_FRAMES)
    note = Note()
    player = Player(Wish(volume=0.5), world.told.append, world.open, note, world.pace)
    player.open()
    player.commands.put(lambda player: player.timeline.push(clip(BLOCK_FRAMES * 3)))
    times: list[float] = []
    device.plan = {number: lambda: times.append(world.now) for number in range(1, 10)}
    device.plan[10] = player.close
    player.run()
    np.testing.assert_allclose(note.blocks[0][0], 0.5)
    # One block is heard before this one when it has been written.
    assert [at_s for _, at_s in note.blocks[:9]] == pytest.approx([at_s + 0.01 for at_s in times], abs=0.005)
    assert len(note.blocks) == len(device.blocks)


def test_nothing_is_audible_without_a_device(world: World) -> None:
    note = Note()
    player = Player(Wish(), world.told.append, world.open, note, world.pace)
    player.open()
    world.on_sleep = lambda _: player.close()
    player.run()
    assert note.blocks == []


def test_when_the_default_device_changes_the_voice_moves_between_two_turns(world: World) -> None:
    device = world.devices[""] = Device("Speaker")
    player = world.player()
    player.commands.put(lambda player: player.note_default("speaker"))
    player.commands.put(lambda player: player.timeline.push(clip(BLOCK_FRAMES * 10)))
    player.commands.put(lambda player: player.timeline.finish(0))
    second = Device("Headset")

    def change() -> None:
        world.devices[""] = second
        player.commands.put(lambda player: player.note_default("headset"))
        player.commands.put(lambda player: player.note_default("headset"))

    device.plan[4] = change
    second.plan[5] = player.close
    player.run()
    assert sum(int(np.count_nonzero(block)) for block in device.blocks) == BLOCK_FRAMES * 10
    assert world.told[-2:] == [Drained(0), OutputChanged("Her voice goes to Headset.")]
    assert len(world.opened) == 2


def test_the_end_of_a_turn_is_told_for_it_is_the_moment_to_move(world: World) -> None:
    device = world.devices[""] = Device("Speaker")
    ends: list[int] = []
    player = Player(Wish(), world.told.append, world.open, pace=world.pace, on_turn_end=lambda: ends.append(len(device.blocks)))
    player.open()
    player.commands.put(lambda player: player.timeline.push(clip(BLOCK_FRAMES * 3)))
    player.commands.put(lambda player: player.timeline.finish(0))
    device.plan[8] = player.close
    player.run()
    assert ends == [5]


def test_a_chosen_device_does_not_follow_the_default_one(world: World) -> None:
    device = world.devices["Headset"] = Device("Headset")
    player = world.player("Headset")
    player.commands.put(lambda player: player.note_default("speaker"))
    player.commands.put(lambda player: player.note_default("other"))
    device.plan[5] = player.close
    player.run()
    assert len(world.opened) == 1


@pytest.mark.parametrize("may_look", [True, False])
def test_where_nobody_tells_the_default_device_it_is_looked_for_while_nothing_sounds(
    world: World, monkeypatch: pytest.MonkeyPatch, may_look: bool
) -> None:
    monkeypatch.setattr("voxelle.audio.player.BLIND_S", 0.0)
    device = world.devices[""] = Device("Speaker")
    player = Player(Wish(), world.told.append, world.open, pace=world.pace, may_look=lambda: may_look)
    player.open()
    second = Device("Headset")

    def rest() -> None:
        world.devices[""] = second
        if not may_look:
            player.close()

    device.pause = rest  # type: ignore[method-assign]
    device.plan[5] = lambda: world.sleep(10)
    second.plan[1] = player.close
    player.run()
    assert world.told == ([OutputChanged("Her voice goes to Headset.")] if may_look else [])


def test_somebody_else_can_have_the_devices_looked_at_between_two_turns(world: World) -> None:
    device = world.devices[""] = Device("Speaker")
    player = world.player()
    player.commands.put(Player.look_again)
    device.plan[3] = player.close
    player.run()
    assert len(world.opened) == 2
    assert world.told == []


def test_further_devices_play_the_same_and_are_named(world: World) -> None:
    device, cable = Device("Speaker"), Device("Cable")
    world.devices |= {"": device, "cable": cable}
    player = Player(Wish(further=("cable", "gone")), world.told.append, world.open, pace=world.pace)
    player.open()
    assert player.sentence == (
        "Her voice goes to Speaker. It goes to Cable as well. A further output does not play: The chosen output device is not there."
    )
    player.commands.put(lambda player: player.timeline.push(clip(BLOCK_FRAMES * 3)))
    player.commands.put(lambda player: player.timeline.finish(0))
    device.plan[8] = player.close
    player.run()
    assert world.told[-1] == Drained(0)
    assert not [each for each in world.told if isinstance(each, OutputChanged)]


def test_a_further_device_that_is_lost_is_told_and_looked_for_between_two_turns(world: World) -> None:
    device, cable = Device("Speaker"), Device("Cable")
    world.devices |= {"": device, "cable": cable}
    player = Player(Wish(further=("cable",)), world.told.append, world.open, pace=world.pace)
    cable.plan[1] = lost
    player.open()
    player.commands.put(lambda player: player.timeline.push(clip(BLOCK_FRAMES * 3)))
    player.commands.put(lambda player: player.timeline.finish(0))

    def look() -> None:
        cable.plan.clear()
        player._retry_at = 0.0

    device.plan = {2: player._further._outputs[0]._thread.join, 8: look, 12: player.close}
    player.run()
    assert [each for each in world.told if isinstance(each, OutputChanged)] == [
        OutputChanged("Her voice goes to Speaker. A further output does not play: Speaker was lost."),
        OutputChanged("Her voice goes to Speaker. It goes to Cable as well."),
    ]
    assert device.calls == ["close", "close"]
