"""The check by types can fail, and lets right messages through."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.fakes.vtube_studio import node as node_module
from tests.fakes.vtube_studio import typescript
from tests.fakes.vtube_studio.node import NodeMissingError, node
from tests.fakes.vtube_studio.typescript import check
from tests.integrations.vtube_studio.fake_lines import message

RIGHT: tuple[tuple[str, Any], ...] = (
    ("APIStateRequest", None),
    ("APIStateRequest", {}),
    ("VTSFolderInfoRequest", {}),
    ("AuthenticationTokenRequest", {"pluginName": "Plugin", "pluginDeveloper": "Developer", "pluginIcon": "iVBORw0"}),
    ("HotkeyTriggerRequest", {"hotkeyID": "x"}),
    ("MoveModelRequest", {"timeInSeconds": 0.5, "valuesAreRelativeToModel": False, "positionX": -1e-3}),
    ("InjectParameterDataRequest", {"faceFound": True, "mode": "add", "parameterValues": [{"id": "MouthOpen", "value": 0.5, "weight": 1}]}),
    ("EventSubscriptionRequest", {"subscribe": False}),
    ("EventSubscriptionRequest", {"eventName": "ModelMovedEvent", "subscribe": True, "config": {}}),
    ("EventSubscriptionRequest", {"eventName": "TestEvent", "subscribe": True, "config": {"testMessageForEvent": "ping"}}),
    (
        "EventSubscriptionRequest",
        {"eventName": "HotkeyTriggeredEvent", "subscribe": True, "config": {"onlyForAction": "ToggleExpression"}},
    ),
)
WRONG: tuple[tuple[str, Any, str], ...] = (
    ("NoSuchRequest", {}, "never"),
    ("Nothing", {}, "never"),
    ("APIStateRequest", {"more": 1}, "never"),
    ("HotkeyTriggerRequest", None, "null"),
    ("HotkeyTriggerRequest", {}, "hotkeyID"),
    ("HotkeyTriggerRequest", {"hotkeyID": 5}, "'number' is not assignable to type 'string'"),
    ("HotkeyTriggerRequest", {"hotkeyID": "x", "hotkeyName": "y"}, "hotkeyName"),
    ("InjectParameterDataRequest", {"mode": "put", "parameterValues": []}, "put"),
    ("InjectParameterDataRequest", {"parameterValues": [{"id": "MouthOpen", "val": 1}]}, "val"),
    ("InjectParameterDataRequest", {"parameterValues": [{"id": "MouthOpen", "value": None}]}, "null"),
    ("EventSubscriptionRequest", {"eventName": "NoSuchEvent", "subscribe": True}, "never"),
    ("EventSubscriptionRequest", {"eventName": "ItemEvent", "subscribe": True, "config": {"all": True}}, "all"),
    ("EventSubscriptionRequest", {"eventName": "ModelMovedEvent", "subscribe": True, "config": {"fast": True}}, "never"),
    ("HotkeyTriggerResponse", {"hotkeyID": "x"}, "timestamp"),
    ("APIError", {"errorID": 99_999, "message": "x"}, "99999"),
)


def test_right_messages_pass() -> None:
    assert check(message(kind, data) for kind, data in RIGHT) == []


def test_a_wrong_message_among_right_ones_is_refused_in_words() -> None:
    wrong = [message(kind, data) for kind, data, _ in WRONG]
    right = [message(kind, data) for kind, data in RIGHT]
    found = check([*right, *wrong])
    for kind, _, word in WRONG:
        assert any(sentence.startswith(f"{kind}: ") and word in sentence for sentence in found), (kind, word)
    assert len(found) == len(WRONG)


def test_a_wrong_envelope_is_refused() -> None:
    changes: tuple[dict[str, Any], ...] = ({"apiName": "Other"}, {"requestID": 5}, {"timestamp": "now"}, {"more": True})
    assert len(check(message("HotkeyTriggerRequest", {"hotkeyID": "x"}, **each) for each in changes)) == len(changes)


def test_messages_that_differ_in_numbers_alone_are_checked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[int] = []

    def compile_nothing(messages: list[Any]) -> list[list[str]]:
        compiled.append(len(messages))
        return [[] for _ in messages]

    monkeypatch.setattr(typescript, "_compile", compile_nothing)
    frames = [{"parameterValues": [{"id": "OnceAlone", "value": number / 7, "weight": 1}]} for number in range(500)]
    assert check(message("InjectParameterDataRequest", frame, requestID=str(number)) for number, frame in enumerate(frames)) == []
    assert compiled == [1]


def test_without_node_a_sentence_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("shutil.which", lambda name: None)
    with pytest.raises(NodeMissingError, match=r"Node\.js is missing: run `python3 packaging/bootstrap\.py test`"):
        node()
    monkeypatch.undo()
    monkeypatch.setattr(node_module, "FOLDER", tmp_path)
    with pytest.raises(NodeMissingError, match="typescript, vtubestudio, ws"):
        node()
