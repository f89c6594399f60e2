"""The fake seen from outside, by the independent client `vtubestudio` of npm."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from tests.fakes.vtube_studio import AKARI, HIYORI, Consent, ErrorId, FakeVTubeStudio
from tests.fakes.vtube_studio.node import FOLDER, node
from tests.fakes.vtube_studio.pictures import png
from tests.fakes.vtube_studio.server import serve
from tests.fakes.vtube_studio.typescript import check
from voxelle.kernel.clock import Clock


async def run_client(fake: FakeVTubeStudio, icon: str) -> tuple[int, dict[str, Any]]:
    program = [node(), str(FOLDER / "client.js"), f"ws://127.0.0.1:{fake.port}", icon, AKARI, HIYORI]
    process = await asyncio.create_subprocess_exec(*program, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE)
    said, _ = await process.communicate()
    return process.returncode or 0, json.loads(said)


@pytest.fixture
def fake(clock: Clock) -> FakeVTubeStudio:
    return FakeVTubeStudio(clock)


async def test_it_signs_in_and_gets_all_it_asks_for(fake: FakeVTubeStudio) -> None:
    fake.sign_in.consent = Consent.ALLOWS
    fake.parameters.hold_by_other("CheekPuff")
    async with serve(fake):
        code, got = await run_client(fake, png())
    assert (code, got["trouble"]) == (0, [])
    assert got["token"] == fake.sign_in.tokens["Independent client", "Somebody else"]
    assert got["state"] == {"active": True, "vTubeStudioVersion": fake.version, "currentSessionAuthenticated": True}
    assert (got["model"]["modelID"], got["models"]["numberOfModels"], got["statistics"]["connectedPlugins"]) == (AKARI, 3, 1)
    assert got["byName"]["hotkeyID"] == next(each.id for each in got_hotkeys(fake) if each.name == "Smile")
    states = {each["file"]: each["active"] for each in got["expressions"]["expressions"]}
    assert [file for file, is_active in states.items() if is_active] == ["Smile.exp3.json"]
    assert [each["active"] for each in got["blush"]["expressions"]] == [True]
    assert got["tint"] == {"matchedArtMeshes": 2}
    assert (got["face"]["found"], got["created"], got["deleted"]) == (False, *[{"parameterName": "MyNewParamName"}] * 2)
    assert (got["own"]["value"], got["own"]["addedBy"], got["angle"]["value"]) == (20, "Independent client", 7)
    assert [each["name"] for each in got["inputs"]["customParameters"]] == ["MyNewParamName"]
    assert [each["success"] for each in got["moved"]["movedItems"]] == [True, False]
    assert [each["fileName"] for each in got["unloaded"]["unloadedItems"]] == ["heart.png"]
    assert got["loaded"] == {"modelID": HIYORI}
    # What was to leave with the plugin is gone; so are the colours.
    assert (fake.items.scene, fake.stage.tints) == ({}, {})
    check_errors(got["errors"])
    check_events(got["events"])
    assert check(got["heard"]) == []
    assert check(each.raw for each in fake.requests) == []
    assert {each.kind for each in fake.violations} <= {"lost"}


def got_hotkeys(fake: FakeVTubeStudio) -> list[Any]:
    return fake.stage.library[AKARI].hotkeys


def check_errors(errors: dict[str, Any]) -> None:
    assert errors == {
        "longTestMessage": ErrorId.EVENT_TEST_MESSAGE_TOO_LONG,
        "unknownHotkey": ErrorId.HOTKEY_NOT_FOUND,
        "noExpressionFile": ErrorId.EXPRESSION_FILE_INVALID,
        "shortParameter": ErrorId.PARAMETER_NAME_INVALID,
        "unknownInput": ErrorId.INJECT_UNKNOWN_PARAMETER,
        "bigValue": ErrorId.INJECT_VALUE_INVALID,
        "heldByOther": ErrorId.INJECT_HELD_BY_OTHER,
        "longMove": ErrorId.MOVE_OUT_OF_RANGE,
        "loadTooSoon": ErrorId.MODEL_LOAD_COOLDOWN,
    }


def check_events(events: dict[str, Any]) -> None:
    first, second = events["test"][:2]
    assert (first["yourTestMessage"], second["counter"]) == ("still there?", first["counter"] + 1)
    assert [each["modelLoaded"] for each in events["modelLoaded"]] == [False, True]
    pressed = [(each["hotkeyName"], each["hotkeyTriggeredByAPI"]) for each in events["hotkeyTriggered"]]
    assert pressed == [("Smile", True)]
    assert [each["itemEventType"] for each in events["item"]] == ["Added", "Removed", "Added"]
    # Once at the subscription, then in every frame of the move.
    assert len(events["modelMoved"]) > 3
    last = events["modelMoved"][-1]["modelPosition"]
    assert (last["positionX"], last["rotation"]) == (0.1, 340.0)


async def test_a_plugin_that_is_denied_gets_error_50(fake: FakeVTubeStudio) -> None:
    fake.sign_in.consent = Consent.DENIES
    async with serve(fake):
        code, got = await run_client(fake, png())
    assert code == 1
    assert "Error Code: 50 TokenRequestDenied" in got["trouble"][0]


async def test_an_icon_of_another_size_gets_error_54(fake: FakeVTubeStudio) -> None:
    fake.sign_in.consent = Consent.ALLOWS
    async with serve(fake):
        code, got = await run_client(fake, png(64, 64))
    assert code == 1
    assert "Error Code: 54 TokenRequestPluginIconInvalid" in got["trouble"][0]
    assert fake.sign_in.popups == []
