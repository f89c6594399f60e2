"""The fake's stage: models, places, colours, items and events, on a virtual clock."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.fakes.vtube_studio import AKARI, HIYORI, WORDLESS, ErrorId, FakeVTubeStudio, MemoryApi
from tests.integrations.vtube_studio.fake_lines import listening, refusal, wait
from voxelle.kernel.clock import Clock

pytestmark = pytest.mark.virtual_time


@pytest.fixture
def fake(clock: Clock) -> FakeVTubeStudio:
    return FakeVTubeStudio(clock)


# -- the stage -----------------------------------------------------------------------------------------------------


async def test_a_model_takes_a_moment_to_load_and_a_while_until_the_next(fake: FakeVTubeStudio) -> None:
    api = MemoryApi(fake)
    heard = await listening(api, "ModelLoadedEvent", modelID=[HIYORI])
    loading = asyncio.gather(api.ask("ModelLoadRequest", {"modelID": HIYORI}), refusal(api, "ModelLoadRequest", {"modelID": AKARI}))
    assert (await loading)[1] == ErrorId.CANNOT_CHANGE_MODEL
    assert [(data["modelName"], data["modelLoaded"]) for _, _, data in heard] == [("Hiyori", True)]
    assert await refusal(api, "ModelLoadRequest", {"modelID": WORDLESS}) == ErrorId.MODEL_LOAD_COOLDOWN
    await asyncio.sleep(2)
    assert await refusal(api, "ModelLoadRequest", {"modelID": "0" * 32}) == ErrorId.MODEL_ID_NOT_FOUND
    assert await refusal(api, "ModelLoadRequest", {}) == ErrorId.MODEL_ID_MISSING
    assert await api.ask("ModelLoadRequest", {"modelID": ""}) == {"modelID": ""}
    assert not (await api.ask("CurrentModelRequest"))["modelLoaded"]


async def test_a_model_moves_smoothly_and_a_new_move_takes_over(fake: FakeVTubeStudio) -> None:
    api = MemoryApi(fake)
    heard = await listening(api, "ModelMovedEvent")
    move = {"timeInSeconds": 1, "valuesAreRelativeToModel": False, "positionX": 1, "rotation": -90}
    await api.ask("MoveModelRequest", move)
    await wait(api, 0.5)
    assert fake.stage.spot.x == pytest.approx(0.5)
    await api.ask("MoveModelRequest", {"timeInSeconds": 0, "valuesAreRelativeToModel": True, "positionX": 1})
    await wait(api, 1)
    position = (await api.ask("CurrentModelRequest"))["modelPosition"]
    assert (position["positionX"], position["rotation"]) == (pytest.approx(1.5, abs=0.01), pytest.approx(315, abs=1))
    assert 28 <= len(heard) <= 34


@pytest.mark.parametrize(
    "given,error_id",
    [
        ({"timeInSeconds": 1}, 301),
        ({"timeInSeconds": 2.1, "valuesAreRelativeToModel": False}, 302),
        ({"timeInSeconds": 0, "valuesAreRelativeToModel": False, "size": 101}, 302),
        ({"timeInSeconds": 0, "valuesAreRelativeToModel": False, "rotation": -361}, 302),
    ],
)
async def test_a_move_out_of_bounds_is_refused(fake: FakeVTubeStudio, given: dict[str, Any], error_id: int) -> None:
    api = MemoryApi(fake)
    assert await refusal(api, "MoveModelRequest", given) == error_id
    fake.stage.load("")
    assert await refusal(api, "MoveModelRequest", given) == ErrorId.MOVE_NO_MODEL


async def test_colours_go_with_their_line_and_white_takes_them_off(fake: FakeVTubeStudio) -> None:
    own, other = MemoryApi(fake), MemoryApi(fake, "Second plugin")
    red = {"colorR": 255, "colorG": 0, "colorB": 0, "colorA": 255}
    white = dict.fromkeys(red, 255)

    async def tint(api: MemoryApi, color: dict[str, int], **matcher: Any) -> int:
        data = {"colorTint": color, "artMeshMatcher": {"tintAll": False, **matcher}}
        return int((await api.ask("ColorTintRequest", data))["matchedArtMeshes"])

    assert await tint(own, red, tintAll=True) == 5
    assert await tint(other, red, nameExact=["BODY"], artMeshNumber=[0]) == 2
    assert await tint(own, white, nameContains=["hair"]) == 2
    assert set(fake.stage.tints) == {"D_FACE_00", "MouthLine", "Body"}
    fake.drop(own.session)
    assert set(fake.stage.tints) == {"D_FACE_00", "Body"}
    wrong = {"colorTint": {**red, "colorR": 256}, "artMeshMatcher": {"tintAll": True}}
    assert await refusal(other, "ColorTintRequest", wrong) == ErrorId.TINT_INVALID
    assert await refusal(other, "ColorTintRequest", {"colorTint": {}, "artMeshMatcher": {"tintAll": True}}) == ErrorId.TINT_MISSING
    fake.stage.load("")
    assert await refusal(other, "ColorTintRequest", wrong) == ErrorId.TINT_NO_MODEL


async def test_clicks_beside_the_model_are_told_to_those_who_want_them(fake: FakeVTubeStudio) -> None:
    own, other = MemoryApi(fake), MemoryApi(fake, "Second plugin")
    picky = await listening(own, "ModelClickedEvent", onlyClicksOnModel=True)
    greedy = await listening(other, "ModelClickedEvent", onlyClicksOnModel=False)
    fake.stage.click(mesh="HairFront1")
    fake.stage.click(is_on_model=False)
    assert [data["artMeshHits"][0]["hitInfo"]["artMeshID"] for _, _, data in picky] == ["HairFront1"]
    assert [data["modelWasClicked"] for _, _, data in greedy] == [True, False]


# -- items ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "given,error_id",
    [
        ({"fileName": ""}, 750),
        ({"fileName": "nothing.png"}, 751),
        ({"fileName": "heart.png", "order": 31}, 755),
        ({"fileName": "heart.png", "order": 1, "failIfOrderTaken": True}, 756),
        ({"fileName": "heart.png", "size": 1.1}, 757),
        ({"fileName": "heart.png", "fadeTime": 2.5}, 757),
    ],
)
async def test_an_item_that_can_not_be_loaded_says_why(fake: FakeVTubeStudio, given: dict[str, Any], error_id: int) -> None:
    fake.items.add("hat.gif")
    assert await refusal(MemoryApi(fake), "ItemLoadRequest", given) == error_id


async def test_items_leave_with_their_plugin_when_it_said_so(fake: FakeVTubeStudio) -> None:
    api = MemoryApi(fake)
    users = fake.items.add("hat.gif")
    for leaves in (True, False):
        await api.ask("ItemLoadRequest", {"fileName": "heart.png", "unloadWhenPluginDisconnects": leaves})
    unload = {"allowUnloadingItemsLoadedByUserOrOtherPlugins": False, "instanceIDs": [users.id]}
    assert await api.ask("ItemUnloadRequest", unload) == {"unloadedItems": []}
    fake.drop_all()
    assert [each.file for each in fake.items.scene.values()] == ["hat.gif", "heart.png"]
    again = MemoryApi(fake)
    gone = await again.ask("ItemUnloadRequest", {"unloadAllLoadedByThisPlugin": True})
    assert [each["fileName"] for each in gone["unloadedItems"]] == ["heart.png"]
    fake.stage.has_windows_open = True
    assert await refusal(again, "ItemUnloadRequest", {"unloadAllInScene": True}) == ErrorId.CANNOT_UNLOAD_ITEM
    assert await refusal(again, "ItemLoadRequest", {"fileName": "heart.png"}) == ErrorId.CANNOT_LOAD_ITEM


async def test_only_items_that_were_asked_for_tell(fake: FakeVTubeStudio) -> None:
    api = MemoryApi(fake)
    heard = await listening(api, "ItemEvent", itemFileNames=["hear"])
    fake.items.add("hat.gif")
    item = fake.items.add("heart.png")
    fake.items.click(item.id)
    fake.items.click(item.id, as_shown_in_example=True)
    fake.items.remove(item.id)
    assert [data["itemEventType"] for _, _, data in heard] == ["Added", "Clicked", "ItemClicked", "Removed"]


# -- events --------------------------------------------------------------------------------------------------------


async def test_the_test_event_comes_every_second_until_it_is_not_wanted(fake: FakeVTubeStudio) -> None:
    await asyncio.sleep(0.4)
    api = MemoryApi(fake)
    heard = await listening(api, "TestEvent", testMessageForEvent="ping")
    await wait(api, 3)
    assert [(round(at, 3), data["counter"]) for at, _, data in heard] == [(1.0, 1), (2.0, 2), (3.0, 3)]
    await api.ask("EventSubscriptionRequest", {"subscribe": False})
    await wait(api, 3)
    assert len(heard) == 3
    await listening(api, "TestEvent")
    await wait(api, 1)
    assert api.session.subscriptions.keys() == {"TestEvent"}


async def test_subscriptions_vanish_with_their_line(fake: FakeVTubeStudio) -> None:
    await listening(MemoryApi(fake), "TestEvent", "ModelLoadedEvent")
    fake.drop_all()
    api = MemoryApi(fake)
    heard = await listening(api)
    fake.stage.load(HIYORI)
    await wait(api, 3)
    assert heard == []


@pytest.mark.parametrize(
    "name,config,error_id",
    [
        ("NoSuchEvent", {}, 950),
        ("TestEvent", {"testMessageForEvent": "x" * 33}, 100_000),
        ("ModelLoadedEvent", {"modelID": ["no id"]}, 100_050),
        ("ModelOutlineEvent", {"draw": "yes"}, 2),
    ],
)
async def test_a_subscription_that_is_wrong_says_why(fake: FakeVTubeStudio, name: str, config: dict[str, Any], error_id: int) -> None:
    given = {"eventName": name, "subscribe": True, "config": config}
    assert await refusal(MemoryApi(fake), "EventSubscriptionRequest", given) == error_id


async def test_some_events_tell_at_once_how_things_are_and_others_by_themselves(fake: FakeVTubeStudio) -> None:
    api = MemoryApi(fake)
    heard = await listening(api, "ModelMovedEvent", "Live2DCubismEditorConnectedEvent", "ModelOutlineEvent", "ModelConfigChangedEvent")
    fake.stage.change_config()
    await wait(api, 1)
    kinds = [kind for _, kind, _ in heard]
    assert [kinds.count(kind) for kind in ("ModelMovedEvent", "Live2DCubismEditorConnectedEvent", "ModelConfigChangedEvent")] == [1, 1, 1]
    assert 14 <= kinds.count("ModelOutlineEvent") <= 16
    await api.ask("EventSubscriptionRequest", {"eventName": "ModelOutlineEvent", "subscribe": False})
    so_far = len(heard)
    await wait(api, 1)
    assert len(heard) == so_far
