"""The fake's model: hotkeys, expressions and inputs, on a virtual clock."""

from __future__ import annotations

import asyncio
import itertools
from typing import Any

import pytest

from tests.fakes.vtube_studio import HIYORI, ErrorId, FakeVTubeStudio, MemoryApi
from tests.fakes.vtube_studio.hotkeys import PACE_S, QUEUE
from tests.fakes.vtube_studio.models import Hotkey
from tests.integrations.vtube_studio.fake_lines import inject, listening, refusal, wait
from voxelle.kernel.clock import Clock

pytestmark = pytest.mark.virtual_time


@pytest.fixture
def fake(clock: Clock) -> FakeVTubeStudio:
    return FakeVTubeStudio(clock)


# -- hotkeys -------------------------------------------------------------------------------------------------------


async def test_hotkeys_are_played_one_every_five_frames(fake: FakeVTubeStudio) -> None:
    api = MemoryApi(fake)
    for name in ("Smile", "wave", "NOD", "Angry"):
        await api.ask("HotkeyTriggerRequest", {"hotkeyID": name})
    assert fake.hotkeys.queued == 3
    await wait(api, 1)
    fake.advance()
    assert [each.hotkey.name for each in fake.hotkeys.played] == ["Smile", "Wave", "Nod", "Angry"]
    times = [each.at for each in fake.hotkeys.played]
    assert [later - sooner for sooner, later in itertools.pairwise(times)] == pytest.approx([PACE_S] * 3)
    assert fake.face().by_plugins == ("Smile.exp3.json", "Angry.exp3.json")
    assert fake.violations == []


async def test_the_same_hotkey_twice_within_five_frames_is_refused_and_noted(fake: FakeVTubeStudio) -> None:
    api = MemoryApi(fake)
    await api.ask("HotkeyTriggerRequest", {"hotkeyID": "Wave"})
    assert await refusal(api, "HotkeyTriggerRequest", {"hotkeyID": "Wave"}) == ErrorId.HOTKEY_COOLDOWN
    await asyncio.sleep(PACE_S)
    await api.ask("HotkeyTriggerRequest", {"hotkeyID": "Wave"})
    assert [each.kind for each in fake.violations] == ["rate"]


async def test_one_beyond_the_queue_is_refused_and_noted(fake: FakeVTubeStudio) -> None:
    api = MemoryApi(fake)
    assert fake.model is not None
    fake.model.hotkeys = [Hotkey(str(number), f"Key {number}", "TriggerAnimation") for number in range(QUEUE + 2)]
    for number in range(QUEUE + 1):
        await api.ask("HotkeyTriggerRequest", {"hotkeyID": str(number)})
    assert await refusal(api, "HotkeyTriggerRequest", {"hotkeyID": str(QUEUE + 1)}) == ErrorId.HOTKEY_QUEUE_FULL
    # Played five frames ago, but again in the queue: not yet.
    await asyncio.sleep(PACE_S * 1.5)
    await api.ask("HotkeyTriggerRequest", {"hotkeyID": "0"})
    await asyncio.sleep(PACE_S * 1.5)
    assert await refusal(api, "HotkeyTriggerRequest", {"hotkeyID": "0"}) == ErrorId.HOTKEY_COOLDOWN
    assert [each.kind for each in fake.violations] == ["queue", "rate"]


async def test_a_hotkey_that_can_not_be_played_says_why(fake: FakeVTubeStudio) -> None:
    api = MemoryApi(fake)
    assert fake.model is not None
    fake.model.hotkeys[0].is_broken = True
    assert await refusal(api, "HotkeyTriggerRequest", {"hotkeyID": "Smile"}) == ErrorId.HOTKEY_DATA_INVALID
    assert await refusal(api, "HotkeyTriggerRequest", {"hotkeyID": ""}) == ErrorId.HOTKEY_NOT_FOUND
    assert await refusal(api, "HotkeyTriggerRequest", {"hotkeyID": "Nod", "itemInstanceID": "x"}) == ErrorId.HOTKEY_ITEM_NOT_FOUND
    fake.stage.has_windows_open = True
    assert await refusal(api, "HotkeyTriggerRequest", {"hotkeyID": "Nod"}) == ErrorId.HOTKEY_BAD_STATE
    fake.stage.load("")
    assert await refusal(api, "HotkeyTriggerRequest", {"hotkeyID": "Nod"}) == ErrorId.HOTKEY_NO_MODEL
    assert await refusal(api, "HotkeysInCurrentModelRequest", {"modelID": "x"}) == ErrorId.MODEL_ID_NOT_FOUND
    of_other = await api.ask("HotkeysInCurrentModelRequest", {"modelID": HIYORI})
    assert (of_other["modelLoaded"], len(of_other["availableHotkeys"])) == (False, 3)


async def test_hotkeys_of_a_model_that_left_are_not_played(fake: FakeVTubeStudio) -> None:
    api = MemoryApi(fake)
    for name in ("Wave", "To Hiyori", "Smile"):
        await api.ask("HotkeyTriggerRequest", {"hotkeyID": name})
    await wait(api, 1)
    assert fake.model is fake.stage.library[HIYORI]
    assert [each.hotkey.name for each in fake.hotkeys.played] == ["Wave", "To Hiyori"]


async def test_who_triggered_a_hotkey_is_told_unless_not_wanted(fake: FakeVTubeStudio) -> None:
    own, other = MemoryApi(fake), MemoryApi(fake, "Second plugin")
    deaf = await listening(own, "HotkeyTriggeredEvent", ignoreHotkeysTriggeredByAPI=True, onlyForAction="ToggleExpression")
    heard = await listening(other, "HotkeyTriggeredEvent", "ModelAnimationEvent")
    await own.ask("HotkeyTriggerRequest", {"hotkeyID": "Wave"})
    fake.hotkeys.press("Smile")
    fake.hotkeys.press("Clear face")
    await wait(other, 2)
    assert [data["hotkeyName"] for _, _, data in deaf] == ["Smile"]
    told = [data.get("hotkeyName") or data["animationEventType"] for _, _, data in heard]
    assert told == ["Wave", "Start", "Smile", "Clear face", "End"]
    assert fake.face().expressions == ()


# -- expressions ---------------------------------------------------------------------------------------------------


async def test_expressions_are_set_cleared_and_told(fake: FakeVTubeStudio) -> None:
    api = MemoryApi(fake)
    await api.ask("ExpressionActivationRequest", {"expressionFile": "Love.exp3.json", "active": True, "fadeTime": 5})
    assert not fake.face().is_neutral
    states = await api.ask("ExpressionStateRequest", {"details": True, "expressionFile": "Love.exp3.json"})
    assert [(each["active"], each["usedInHotkeys"]) for each in states["expressions"]] == [(True, [])]
    await api.ask("ExpressionActivationRequest", {"expressionFile": "Love.exp3.json", "active": False})
    assert fake.face().is_neutral
    assert [each.kind for each in fake.violations] == ["range"]
    fake.hotkeys.press("Smile")
    assert (fake.face().expressions, fake.face().is_neutral) == (("Smile.exp3.json",), True)


async def test_an_expression_that_is_not_there_says_why(fake: FakeVTubeStudio) -> None:
    api = MemoryApi(fake)
    wrong, absent = {"expressionFile": "a.png", "active": True}, {"expressionFile": "a.exp3.json", "active": True}
    assert await refusal(api, "ExpressionActivationRequest", wrong) == ErrorId.EXPRESSION_FILE_INVALID
    assert await refusal(api, "ExpressionActivationRequest", absent) == ErrorId.EXPRESSION_NOT_FOUND
    assert await refusal(api, "ExpressionStateRequest", {"details": False, "expressionFile": "a.png"}) == 600
    assert await refusal(api, "ExpressionStateRequest", {"details": False, "expressionFile": "a.exp3.json"}) == 601
    fake.stage.load("")
    assert await refusal(api, "ExpressionActivationRequest", absent) == ErrorId.EXPRESSION_NO_MODEL
    assert (await api.ask("ExpressionStateRequest", {"details": False}))["expressions"] == []


# -- inputs --------------------------------------------------------------------------------------------------------


async def test_an_input_is_lost_a_second_after_it_was_sent_last(fake: FakeVTubeStudio) -> None:
    api = MemoryApi(fake)
    await inject(api, "MouthOpen", 0.8, weight=0.5)
    await asyncio.sleep(1)
    assert fake.face().values["MouthOpen"] == pytest.approx(0.4)
    await inject(api, "MouthOpen", 0.6)
    await asyncio.sleep(1.1)
    assert fake.face().is_neutral
    (violation,) = fake.violations
    assert violation.kind == "lost"
    assert violation.at == pytest.approx(2.0)


@pytest.mark.parametrize("name,value,weight", [("MouthOpen", 0.0, 1.0), ("MouthOpen", 0.9, 0.0), ("EyeOpenLeft", 1.0, 1.0)])
async def test_an_input_may_be_let_go_where_it_rests(fake: FakeVTubeStudio, name: str, value: float, weight: float) -> None:
    await inject(MemoryApi(fake), name, value, weight=weight)
    assert not fake.face().is_neutral
    await asyncio.sleep(2)
    assert (fake.face().is_neutral, fake.violations) == (True, [])
    assert [lost for _, lost in fake.parameters.lost] == [name]


async def test_who_could_not_help_it_is_not_blamed_for_a_lost_input(fake: FakeVTubeStudio) -> None:
    api = MemoryApi(fake)
    await inject(api, "MouthOpen", 1)
    fake.faults.fail_next("InjectParameterDataRequest", 0)
    assert await refusal(api, "InjectParameterDataRequest", {"parameterValues": [{"id": "MouthOpen", "value": 0}]}) == 0
    await asyncio.sleep(2)
    fake.advance()
    await inject(api, "MouthOpen", 1)
    fake.stage.load(HIYORI)
    await asyncio.sleep(2)
    fake.advance()
    await inject(api, "MouthOpen", 1)
    fake.drop_all()
    assert not fake.face().is_neutral
    await asyncio.sleep(2)
    assert (fake.face().is_neutral, fake.violations) == (True, [])


async def test_one_plugin_sets_an_input_and_any_number_adds_to_it(fake: FakeVTubeStudio) -> None:
    own, other = MemoryApi(fake), MemoryApi(fake, "Second plugin")
    await inject(other, "FaceAngleX", 10)
    assert await refusal(own, "InjectParameterDataRequest", {"parameterValues": [{"id": "FaceAngleX", "value": 1}]}) == 454
    await inject(own, "FaceAngleX", 2, mode="add")
    await inject(other, "FaceAngleX", 3, mode="add")
    assert fake.face().values["FaceAngleX"] == 15
    await asyncio.sleep(1.5)
    await inject(own, "FaceAngleX", 1)
    assert fake.face().held["FaceAngleX"].by == "Voxelle"
    fake.parameters.hold_by_other("MouthOpen")
    both = {"parameterValues": [{"id": "MouthSmile", "value": 1}, {"id": "MouthOpen", "value": 1}]}
    assert await refusal(own, "InjectParameterDataRequest", both) == 454
    assert "MouthSmile" not in fake.face().held
    fake.parameters.release_by_other("MouthOpen")
    await own.ask("InjectParameterDataRequest", both)


@pytest.mark.parametrize(
    "given,error_id",
    [
        ({"parameterValues": []}, 450),
        ({"parameterValues": [{"id": "MouthOpen", "value": 1_000_001}]}, 451),
        ({"parameterValues": [{"id": "MouthOpen", "value": float("nan")}]}, 451),
        ({"parameterValues": [{"id": "MouthOpen", "value": 1, "weight": 1.5}]}, 452),
        ({"parameterValues": [{"id": "MouthOpen", "value": 1}, {"id": "Nothing", "value": 1}]}, 453),
        ({"mode": "put", "parameterValues": [{"id": "MouthOpen", "value": 1}]}, 455),
    ],
)
async def test_what_can_not_be_injected_changes_nothing(fake: FakeVTubeStudio, given: dict[str, Any], error_id: int) -> None:
    assert await refusal(MemoryApi(fake), "InjectParameterDataRequest", given) == error_id
    assert fake.face().held == {}


@pytest.mark.parametrize(
    "changes,error_id",
    [
        ({"parameterName": "abc"}, 350),
        ({"parameterName": "with space"}, 350),
        ({"max": 2_000_000}, 351),
        ({"parameterName": "OfOther"}, 352),
        ({"explanation": "x" * 256}, 353),
        ({"parameterName": "MouthOpen"}, 354),
    ],
)
async def test_a_parameter_that_can_not_be_made_says_why(fake: FakeVTubeStudio, changes: dict[str, Any], error_id: int) -> None:
    given = {"parameterName": "OfOther", "explanation": "", "min": 0, "max": 1, "defaultValue": 0}
    await MemoryApi(fake, "Second plugin").ask("ParameterCreationRequest", given)
    assert await refusal(MemoryApi(fake), "ParameterCreationRequest", {**given, "parameterName": "Fresh", **changes}) == error_id


async def test_a_plugin_makes_a_hundred_parameters_and_the_same_again_and_deletes_its_own(fake: FakeVTubeStudio) -> None:
    api = MemoryApi(fake)
    given = {"explanation": "", "min": 0, "max": 1, "defaultValue": 0}
    for number in [*range(100), 7]:
        await api.ask("ParameterCreationRequest", {**given, "parameterName": f"Own{number:03}"})
    assert await refusal(api, "ParameterCreationRequest", {**given, "parameterName": "Own100"}) == ErrorId.PARAMETER_LIMIT_OF_PLUGIN
    await api.ask("ParameterDeletionRequest", {"parameterName": "Own007"})
    assert await refusal(api, "ParameterDeletionRequest", {"parameterName": "Own007"}) == ErrorId.DELETION_NOT_FOUND
    assert await refusal(api, "ParameterDeletionRequest", {"parameterName": "MouthOpen"}) == ErrorId.DELETION_OF_DEFAULT
    assert await refusal(api, "ParameterDeletionRequest", {"parameterName": "a"}) == ErrorId.DELETION_NAME_INVALID
    assert await refusal(api, "ParameterValueRequest", {"name": "Own007"}) == ErrorId.VALUE_UNKNOWN_PARAMETER
    other = MemoryApi(fake, "Second plugin")
    assert await refusal(other, "ParameterDeletionRequest", {"parameterName": "Own008"}) == ErrorId.DELETION_OF_OTHER


async def test_a_plugin_can_say_that_a_face_is_there_for_as_long_as_it_sends(fake: FakeVTubeStudio) -> None:
    api = MemoryApi(fake)
    heard = await listening(api, "TrackingStatusChangedEvent")
    await api.ask("InjectParameterDataRequest", {"faceFound": True, "parameterValues": [{"id": "MouthOpen", "value": 0}]})
    assert (await api.ask("FaceFoundRequest"))["found"]
    await wait(api, 3)
    fake.stage.track(is_found=True)
    assert [data["faceFound"] for _, _, data in heard] == [True, False, True]
