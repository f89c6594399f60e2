"""VTube Studio's messages, read and written."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voxelle.domain.avatar import AvatarExpression, AvatarHotkey
from voxelle.domain.errors import InputError
from voxelle.integrations.vtube_studio import messages
from voxelle.integrations.vtube_studio.messages import (
    Standing,
    number_of,
    objects_of,
    read_api_state,
    read_expressions,
    read_hotkeys,
    read_message,
    read_model_name,
    read_model_parameters,
    read_parameters,
    read_standing,
    read_token,
    text_of,
    write_request,
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda children: st.lists(children, max_size=4) | st.dictionaries(st.text(), children, max_size=4),
    max_leaves=12,
)
READERS = (
    read_api_state, read_token, read_model_name, read_standing, read_hotkeys, read_expressions, read_parameters, read_model_parameters,
)  # fmt: skip
FIELDS = (
    "active", "authenticationToken", "modelLoaded", "modelID", "modelName", "modelPosition", "availableHotkeys", "expressions",
    "defaultParameters", "customParameters", "parameters", "vTubeStudioVersion",
)  # fmt: skip


def test_a_request_is_written_as_the_api_wants_it() -> None:
    text = write_request("MoveModelRequest", "voxelle-1", {"timeInSeconds": 0.2, "valuesAreRelativeToModel": False})
    assert json.loads(text) == {
        "apiName": "VTubeStudioPublicAPI",
        "apiVersion": "1.0",
        "requestID": "voxelle-1",
        "messageType": "MoveModelRequest",
        "data": {"timeInSeconds": 0.2, "valuesAreRelativeToModel": False},
    }
    assert "data" not in json.loads(write_request("APIStateRequest", "voxelle-2"))


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_json_has_no_number_for_is_not_sent(value: float) -> None:
    with pytest.raises(InputError):
        write_request("InjectParameterDataRequest", "voxelle-1", {"parameterValues": [{"id": "MouthOpen", "value": value}]})


def test_a_message_is_read_and_unknown_fields_are_passed_over() -> None:
    text = '{"messageType": "APIStateResponse", "requestID": "a", "timestamp": 1, "new": [1, 2], "data": {"active": true, "more": {}}}'
    message = read_message(text)
    assert (message.kind, message.request_id, message.data["active"]) == ("APIStateResponse", "a", True)
    assert not message.is_event
    assert read_message('{"messageType": "TestEvent", "requestID": null, "data": null}').data == {}
    assert read_message('{"messageType": "TestEvent"}').is_event


@pytest.mark.parametrize(
    "text",
    ["", "x", "[]", "7", '"a"', "{}", '{"messageType": 7}', '{"messageType": "a", "data": {"a": 1e999}}', "[" * 100_000, '{"a": ' * 50_000],
)
def test_anything_else_is_an_input_error(text: str) -> None:
    with pytest.raises(InputError):
        read_message(text)


def test_a_message_beyond_all_measure_is_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messages, "LONGEST_MESSAGE", 10)
    with pytest.raises(InputError, match="too long"):
        read_message('{"messageType": "TestEvent"}')


@given(JSON, st.sampled_from(FIELDS))
def test_no_reader_stumbles_over_any_value(value: Any, field: str) -> None:
    for read in READERS:
        read({"modelLoaded": True, field: value})
        read({"modelLoaded": True, field: [value, {"name": value, "hotkeyID": value, "file": value}]})


def test_a_state_without_the_word_active_is_on() -> None:
    assert read_api_state({}).is_active
    assert not read_api_state({"active": False}).is_active
    state = read_api_state({"active": True, "vTubeStudioVersion": "1.9.0", "currentSessionAuthenticated": True})
    assert (state.version, state.is_signed_in) == ("1.9.0", True)


@pytest.mark.parametrize("token, kept", [("adcd-123", "adcd-123"), ("", ""), (None, ""), (7, ""), ("ä", ""), ("a\n", ""), ("a" * 300, "")])
def test_a_token_is_plain_ascii(token: Any, kept: str) -> None:
    assert read_token({"authenticationToken": token}) == kept


def test_texts_lose_control_characters_and_what_is_too_long() -> None:
    assert text_of({"a": "x\x00\ny"}, "a") == "xy"
    assert text_of({"a": "x" * 500}, "a", 10) == "x" * 10
    assert text_of({"a": 7}, "a") == ""


def test_numbers_are_finite_numbers() -> None:
    assert number_of({"a": 7}, "a") == 7.0
    assert [number_of({"a": value}, "a", 3.0) for value in (True, "7", None, math.nan, math.inf)] == [3.0] * 5


def test_lists_hold_objects_as_many_as_can_be_shown() -> None:
    assert objects_of({"a": [{}, 7, None, {"b": 1}]}, "a") == [{}, {"b": 1}]
    assert len(objects_of({"a": [{}] * 5000}, "a")) == messages.MOST_THINGS
    assert objects_of({"a": {}}, "a") == []


def test_hotkeys_keep_their_ids_and_an_unknown_kind_shows_its_description() -> None:
    rows = [
        {"name": "Smile", "type": "ToggleExpression", "description": "x", "file": "s.exp3.json", "hotkeyID": "1", "keyCombination": []},
        {"name": "New", "description": "Does something new", "hotkeyID": "2"},
        {"name": "Lost", "type": "Unset"},
    ]
    assert read_hotkeys({"availableHotkeys": rows}) == (
        AvatarHotkey("1", "Smile", "ToggleExpression", "s.exp3.json"),
        AvatarHotkey("2", "New", "Does something new"),
    )


def test_expressions_and_parameters_are_read() -> None:
    rows = [{"name": "Smile", "file": "Smile.exp3.json", "active": True}, {"name": "no file"}]
    assert read_expressions({"expressions": rows}) == (AvatarExpression("Smile.exp3.json", "Smile", is_active=True),)
    both = {"defaultParameters": [{"name": "MouthOpen"}, {}], "customParameters": [{"name": "Mine"}]}
    assert read_parameters(both) == {"MouthOpen", "Mine"}
    assert read_model_parameters({"parameters": [{"name": "ParamAngleX"}]}) == {"ParamAngleX"}


def test_a_standing_lies_within_what_can_be_moved_to() -> None:
    position = {"positionX": -5000, "positionY": 0.4, "rotation": 9.33, "size": 101}
    assert read_standing({"modelLoaded": True, "modelPosition": position}) == Standing(-1000, 0.4, 9.33, 100)
    assert read_standing({"modelLoaded": False, "modelPosition": position}) is None
    assert read_model_name({"modelLoaded": False, "modelID": "a", "modelName": "b"}) == ("", "")
