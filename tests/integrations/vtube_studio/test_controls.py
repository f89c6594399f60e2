"""What the streamer asks of the connection."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from tests.fakes.vtube_studio import AKARI, Consent, ErrorId, FakeVTubeStudio
from tests.integrations.vtube_studio.room import Room
from voxelle.contracts.integration import NoArguments
from voxelle.domain.chat import StreamEvent
from voxelle.domain.errors import InputError, TemporaryError, VoxelleError
from voxelle.integrations.vtube_studio import declaration
from voxelle.integrations.vtube_studio.controls import MOST_PRESETS, NOT_CONNECTED
from voxelle.integrations.vtube_studio.settings import Deed, ModelMapping, StagePreset
from voxelle.integrations.vtube_studio.stage import MOST_ITEMS
from voxelle.integrations.vtube_studio.writer import HOTKEY_EVERY_S
from voxelle.kernel.clock import Clock
from voxelle.kernel.tasks import TaskScope

pytestmark = pytest.mark.virtual_time


@pytest.fixture
def fake(clock: Clock) -> FakeVTubeStudio:
    made = FakeVTubeStudio(clock)
    made.sign_in.consent = Consent.ALLOWS
    return made


SAMPLES: dict[str, dict[str, Any]] = {
    "play_hotkey": {"id": "Smile"},
    "play_deed": {"deed": {"target": "Smile"}},
    "set_expression": {"file": "Smile.exp3.json"},
    "go_to_preset": {"name": "Chat"},
    "save_preset": {"name": "Chat"},
    "tint": {},
    "load_item": {"file": "heart.png"},
    "unload_items": {},
    "suggest_mapping": {},
    "import_mapping": {"text": "{}"},
    "test_event": {},
}


@pytest.mark.parametrize("action", SAMPLES)
async def test_what_needs_a_line_says_so_without_one(clock: Clock, action: str) -> None:
    with pytest.raises(InputError, match=NOT_CONNECTED):
        await Room(clock).perform(action, **SAMPLES[action])


async def test_every_declared_action_is_there_and_others_are_refused(clock: Clock) -> None:
    room = Room(clock)
    assert set(room.service._controls._acts) == {each.id for each in declaration.actions}
    with pytest.raises(InputError, match="can't do “dance”"):
        await room.service.perform("dance", NoArguments())
    with pytest.raises(InputError, match="no permission to forget"):
        await room.perform("forget")


async def test_hotkeys_expressions_and_deeds_can_be_tried(clock: Clock, fake: FakeVTubeStudio) -> None:
    async with Room(clock, fake, is_face_real=True).open() as room:
        await room.until_ready()
        await room.perform("play_hotkey", id="Wave")
        await clock.sleep(0.5)
        assert [each.hotkey.name for each in fake.hotkeys.played] == ["Wave"]
        await room.perform("set_expression", file="Smile.exp3.json")
        await room.until(lambda: [each.file for each in room.snapshot.expressions if each.is_active] == ["Smile.exp3.json"])
        await room.perform("set_expression", file="Smile.exp3.json", active=False)
        await room.until(lambda: not any(each.is_active for each in room.snapshot.expressions))
        await room.perform("play_deed", deed={"kind": "expression", "target": "Love.exp3.json"})
        await room.until(lambda: fake.face().expressions == ("Love.exp3.json",))
        await room.until(lambda: not fake.face().expressions)
        with pytest.raises(InputError, match="Hotkey gone is not in this model"):
            await room.perform("play_hotkey", id="gone")
        with pytest.raises(InputError, match="Expression gone is not in this model"):
            await room.perform("set_expression", file="gone")
        fake.stage.has_windows_open = True
        with pytest.raises(InputError, match="while a settings window is open"):
            await room.perform("play_hotkey", id="Wave")
        assert len(room.snapshot.problems) == 1
    assert fake.violations == []


async def test_a_hotkey_that_is_hammered_waits_its_turn(clock: Clock, fake: FakeVTubeStudio) -> None:
    async with Room(clock, fake, is_face_real=True).open() as room, TaskScope("fingers") as fingers:
        await room.until_ready()
        presses = [fingers.start(room.perform("play_hotkey", id="Wave"), name="press", is_awaited=True) for _ in range(6)]
        for press in presses:
            await press
        at = [each.at for each in fake.log("HotkeyTriggerRequest")]
        assert len(at) == 6
        assert min(later - earlier for earlier, later in itertools.pairwise(at)) >= HOTKEY_EVERY_S - 1e-6
    assert fake.violations == []


async def test_a_toggle_that_was_pressed_shows_in_the_list_and_stays(clock: Clock, fake: FakeVTubeStudio) -> None:
    async with Room(clock, fake, is_face_real=True).open() as room:
        await room.until_ready()
        await room.perform("play_hotkey", id="Smile")
        await room.until(lambda: [each.file for each in room.snapshot.expressions if each.is_active] == ["Smile.exp3.json"], 2)
        await clock.sleep(30)
        assert fake.face().expressions == ("Smile.exp3.json",)
        await room.perform("play_deed", deed={"kind": "expression", "target": "Love.exp3.json"})
        await room.perform("set_expression", file="Love.exp3.json", active=True)
        await clock.sleep(10)
        assert "Love.exp3.json" in fake.face().expressions, "what the streamer set by hand is not taken back"


async def test_a_mapping_is_saved_beside_those_of_other_models(clock: Clock, fake: FakeVTubeStudio) -> None:
    async with Room(clock, fake, mappings={"other": ModelMapping(model_name="Other")}).open() as room:
        await room.until_ready()
        mapping = await room.perform("suggest_mapping")
        assert mapping["model_name"] == "Akari"
        await room.perform("save_mapping", model_id=AKARI, mapping=mapping)
        assert set(room.service.settings.mappings) == {"other", AKARI}
        assert room.service.settings.mappings[AKARI].rows
        assert not any("are saved for this model yet" in note for note in room.snapshot.notes)
        lost = ModelMapping(idle=(Deed(target="x", name="Gone"),))
        await room.perform("save_mapping", model_id=AKARI, mapping=lost)
        await room.until(lambda: any("Gone" in note for note in room.snapshot.notes))


async def test_a_hotkey_file_is_read_for_the_loaded_model_and_not_saved(clock: Clock, fake: FakeVTubeStudio) -> None:
    async with Room(clock, fake).open() as room:
        await room.until_ready()
        report = await room.perform("import_mapping", text='{"joy": "Smile", /* gone */ "anger": "No such",} // end')
        assert [(row["emotion"], row["found"]) for row in report["rows"]] == [("joy", "matched"), ("anger", "missing")]
        assert ModelMapping.model_validate(report["mapping"]).rows
        assert room.changes == []
        with pytest.raises(InputError, match="is no hotkey mapping"):
            await room.perform("import_mapping", text="holiday photos")


async def test_the_model_moves_smoothly_to_a_place_and_where_it_stands_can_be_kept(clock: Clock, fake: FakeVTubeStudio) -> None:
    async with Room(clock, fake).open() as room:
        await room.until_ready()
        await room.perform("go_to_preset", name="React")
        assert fake.stage.spot.x == pytest.approx(0.0, abs=0.01)
        await clock.sleep(1)
        assert (fake.stage.spot.x, fake.stage.spot.y, fake.stage.spot.size) == (-0.7, -0.5, -82.0)
        await room.perform("save_preset", name="Corner")
        await room.perform("save_preset", name="Chat")
        presets = {each.name: each for each in room.service.settings.presets}
        assert list(presets) == ["Chat", "Full screen", "React", "Corner"]
        assert presets["Chat"].position_x == presets["Corner"].position_x == -0.7
        with pytest.raises(InputError, match="no place called Nowhere"):
            await room.perform("go_to_preset", name="Nowhere")
        full = tuple(StagePreset(name=f"{number}") for number in range(MOST_PRESETS))
        room.service.settings = room.service.settings.model_copy(update={"presets": full})
        with pytest.raises(InputError, match="20 places already"):
            await room.perform("save_preset", name="one more")


async def test_without_a_model_nothing_of_it_can_be_done(clock: Clock, fake: FakeVTubeStudio) -> None:
    fake.stage.load("")
    async with Room(clock, fake, is_face_real=True).open() as room:
        await room.until_ready()
        for action in ("go_to_preset", "save_preset", "tint", "play_hotkey", "play_deed", "set_expression", "suggest_mapping"):
            with pytest.raises(VoxelleError, match="No model is loaded"):
                await room.perform(action, **SAMPLES[action])


async def test_a_tint_is_put_on_and_taken_off(clock: Clock, fake: FakeVTubeStudio) -> None:
    async with Room(clock, fake).open() as room:
        await room.until_ready()
        await room.perform("tint", r=10, g=20, b=30, a=200)
        assert {colour for _, colour in fake.stage.tints.values()} == {(10, 20, 30, 200)}
        await room.perform("tint")
        assert fake.stage.tints == {}


async def test_items_are_ours_and_go_with_us(clock: Clock, fake: FakeVTubeStudio) -> None:
    fake.items.add("hat.gif")
    async with Room(clock, fake).open() as room:
        await room.until_ready()
        loaded = await room.perform("load_item", file="heart.png")
        assert loaded["instance"] in fake.items.scene
        assert all(each.leaves_with_plugin for each in fake.items.scene.values() if each.plugin)
        assert await room.perform("unload_items") == {"unloaded": 1}
        assert await room.perform("unload_items") == {"unloaded": 0}
        await room.perform("load_item", file="heart.png")
        with pytest.raises(InputError, match="no such item"):
            await room.perform("load_item", file="Heart.png")
        room.service._stage._items = [("id", "heart.png")] * MOST_ITEMS
        with pytest.raises(InputError, match="take them away first"):
            await room.perform("load_item", file="heart.png")
    assert [each.file for each in fake.items.scene.values()] == ["hat.gif"]


async def test_items_that_cannot_be_taken_away_at_the_end_go_with_the_line(clock: Clock, fake: FakeVTubeStudio) -> None:
    async with Room(clock, fake).open() as room:
        await room.until_ready()
        await room.perform("load_item", file="heart.png")
        fake.faults.fail_next("ItemUnloadRequest", ErrorId.CANNOT_UNLOAD_ITEM)
    assert fake.items.scene == {}


async def test_what_cannot_be_restored_is_let_go(clock: Clock, fake: FakeVTubeStudio) -> None:
    async with Room(clock, fake).open() as room:
        await room.until_ready()
        await room.perform("load_item", file="heart.png")
        await room.perform("tint", r=1)
        fake.items.files.remove("heart.png")
        fake.drop_all()
        await room.until(lambda: room.service.session is None)
        await room.until_ready()
        assert fake.items.scene == {}
        fake.faults.fail_next("ColorTintRequest", ErrorId.TINT_NO_MODEL)
        fake.stage.load("")
        await room.until(lambda: not room.snapshot.model_id)
        fake.stage.load(AKARI)
        await room.until(lambda: bool(room.snapshot.model_id))


async def test_the_truth_light_is_a_round_trip(clock: Clock, fake: FakeVTubeStudio) -> None:
    async with Room(clock, fake).open() as room:
        await room.until_ready()
        result = await room.perform("test_event")
        assert 0 < result["round_trip_s"] <= 1.0
        fake.sessions[0].subscriptions.clear()
        fake.faults.fail_next("EventSubscriptionRequest", ErrorId.EVENT_UNKNOWN)
        with pytest.raises(InputError, match="does not know that event"):
            await room.perform("test_event")
        fake.faults.swallow_next("EventSubscriptionRequest")
        with pytest.raises(TemporaryError, match="sends no events"):
            await room.perform("test_event")


async def test_searching_returns_what_runs(clock: Clock, fake: FakeVTubeStudio) -> None:
    async with Room(clock, fake).open() as room:
        await room.until_ready()
        (found,) = await room.perform("search")
        assert (found["title"], found["port"]) == ("VTube Studio", 8001)
        assert fake.connected == 1
        await room.perform("connect", host="", port=8001)
        await room.until(lambda: fake.connected == 2)
        await room.until_ready()
        fake.is_running = False
        fake.drop_all()
        await room.until(lambda: room.service.session is None)
        await clock.sleep(30)
        assert await room.perform("search") == []


async def test_clicks_are_something_she_can_react_to(clock: Clock, fake: FakeVTubeStudio) -> None:
    item = fake.items.add("flower_pot2 (@artist).png")
    async with Room(clock, fake).open() as room:
        await room.until_ready()
        fake.stage.click(mesh="D_HairFrontR1")
        await clock.sleep(1.5)
        fake.items.click(item.id, as_shown_in_example=True)
        await clock.sleep(1.5)
        fake.items.click(item.id)
        for _ in range(50):
            fake.stage.click()
        await clock.sleep(1.5)
        assert [each.text for each in room.told] == ["hair front right", "the item flower pot", "the item flower pot"]
        assert {(each.event, each.source, each.author.name) for each in room.told} == {(StreamEvent.TOUCH, "vtube_studio", "")}
        assert len({each.id for each in room.told}) == 3
        assert room.service.apply(room.service.settings.model_copy(update={"reacts_to_touch": False}))
        fake.stage.click()
        await clock.sleep(1.5)
        assert len(room.told) == 3
