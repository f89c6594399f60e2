"""The fields of each request with their types: what VTube Studio would silently ignore is noted as a violation.

After the requests of https://github.com/DenchiSoft/VTubeStudio/blob/master/README.md and Events/README.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

Shape = Mapping[str, Any]
"""Field → `s`, `n`, `i` or `b` (text, number, whole number, truth), a shape, or a list of one of them.

A `?` behind the name: may be left out.
"""

_OPEN: Shape = {}
_POINTS = {"positionX?": "n", "positionY?": "n", "rotation?": "n", "size?": "n"}

SHAPES: dict[str, Shape] = {
    "APIStateRequest": _OPEN,
    "AuthenticationTokenRequest": {"pluginName": "s", "pluginDeveloper": "s", "pluginIcon?": "s"},
    "AuthenticationRequest": {"pluginName": "s", "pluginDeveloper": "s", "authenticationToken": "s"},
    "PermissionRequest": {"requestedPermission?": "s"},
    "StatisticsRequest": _OPEN,
    "VTSFolderInfoRequest": _OPEN,
    "CurrentModelRequest": _OPEN,
    "AvailableModelsRequest": _OPEN,
    "ModelLoadRequest": {"modelID": "s"},
    "MoveModelRequest": {"timeInSeconds": "n", "valuesAreRelativeToModel": "b", **_POINTS},
    "HotkeysInCurrentModelRequest": {"modelID?": "s", "live2DItemFileName?": "s"},
    "HotkeyTriggerRequest": {"hotkeyID": "s", "itemInstanceID?": "s"},
    "ExpressionStateRequest": {"details?": "b", "expressionFile?": "s"},
    "ExpressionActivationRequest": {"expressionFile": "s", "fadeTime?": "n", "active": "b"},
    "ArtMeshListRequest": _OPEN,
    "ColorTintRequest": {
        "colorTint": {"colorR": "n", "colorG": "n", "colorB": "n", "colorA": "n", "mixWithSceneLightingColor?": "n", "jeb_?": "b"},
        "artMeshMatcher": {
            "tintAll": "b",
            "artMeshNumber?": ["i"],
            "nameExact?": ["s"],
            "nameContains?": ["s"],
            "tagExact?": ["s"],
            "tagContains?": ["s"],
            "artMeshGroupIDExact?": ["s"],
        },
    },
    "FaceFoundRequest": _OPEN,
    "InputParameterListRequest": _OPEN,
    "ParameterValueRequest": {"name": "s"},
    "Live2DParameterListRequest": _OPEN,
    "ParameterCreationRequest": {"parameterName": "s", "explanation?": "s", "min": "n", "max": "n", "defaultValue": "n"},
    "ParameterDeletionRequest": {"parameterName": "s"},
    "InjectParameterDataRequest": {"faceFound?": "b", "mode?": "s", "parameterValues": [{"id": "s", "value": "n", "weight?": "n"}]},
    "ItemListRequest": {
        "includeAvailableSpots?": "b",
        "includeItemInstancesInScene?": "b",
        "includeAvailableItemFiles?": "b",
        "onlyItemsWithFileName?": "s",
        "onlyItemsWithInstanceID?": "s",
    },
    "ItemLoadRequest": {
        "fileName": "s",
        **_POINTS,
        "fadeTime?": "n",
        "order?": "i",
        "smoothing?": "n",
        **dict.fromkeys(("failIfOrderTaken?", "censored?", "flipped?", "locked?", "unloadWhenPluginDisconnects?"), "b"),
        "customDataBase64?": "s",
        **dict.fromkeys(("customDataAskUserFirst?", "customDataSkipAskingUserIfWhitelisted?"), "b"),
        "customDataAskTimer?": "n",
    },
    "ItemUnloadRequest": {
        **dict.fromkeys(("unloadAllInScene?", "unloadAllLoadedByThisPlugin?", "allowUnloadingItemsLoadedByUserOrOtherPlugins?"), "b"),
        "instanceIDs?": ["s"],
        "fileNames?": ["s"],
    },
    "ItemMoveRequest": {
        "itemsToMove": [
            {
                "itemInstanceID": "s",
                "timeInSeconds?": "n",
                "fadeMode?": "s",
                **_POINTS,
                "order?": "i",
                "setFlip?": "b",
                "flip?": "b",
                "userCanStop?": "b",
            }
        ]
    },
    "EventSubscriptionRequest": {"eventName?": "s", "subscribe": "b", "config?": None},
}

CONFIGS: dict[str, Shape] = {
    "TestEvent": {"testMessageForEvent?": "s"},
    "ModelLoadedEvent": {"modelID?": ["s"]},
    "TrackingStatusChangedEvent": _OPEN,
    "BackgroundChangedEvent": _OPEN,
    "ModelConfigChangedEvent": _OPEN,
    "ModelMovedEvent": _OPEN,
    "ModelOutlineEvent": {"draw?": "b"},
    "HotkeyTriggeredEvent": {"onlyForAction?": "s", "ignoreHotkeysTriggeredByAPI?": "b"},
    "ModelAnimationEvent": {"ignoreLive2DItems?": "b", "ignoreIdleAnimations?": "b"},
    "ItemEvent": {"itemInstanceIDs?": ["s"], "itemFileNames?": ["s"]},
    "ModelClickedEvent": {"onlyClicksOnModel?": "b"},
    "PostProcessingEvent": _OPEN,
    "Live2DCubismEditorConnectedEvent": _OPEN,
}

_TYPES: dict[str, tuple[type, ...]] = {"s": (str,), "n": (int, float), "i": (int,), "b": (bool,)}


def wrong_types(value: Any, shape: Any, place: str) -> Iterator[str]:
    """Yield the places whose values are of another type than VTube Studio can read."""
    if shape is None or value is None:
        return
    if isinstance(shape, str):
        if not isinstance(value, _TYPES[shape]) or (isinstance(value, bool) and shape != "b"):
            yield place
    elif isinstance(shape, list):
        if not isinstance(value, list):
            yield place
            return
        for number, each in enumerate(value):
            yield from wrong_types(each, shape[0], f"{place}[{number}]")
    elif not isinstance(value, dict):
        yield place
    else:
        for name, inner in shape.items():
            yield from wrong_types(value.get(name.rstrip("?")), inner, f"{place}.{name.rstrip('?')}")


def odd_fields(value: Any, shape: Any, place: str) -> Iterator[str]:
    """Yield, in words, the fields that no request of this kind has, and those that are missing."""
    if isinstance(shape, list) and isinstance(value, list):
        for each in value:
            yield from odd_fields(each, shape[0], place)
    elif isinstance(shape, dict) and isinstance(value, dict):
        known = {name.rstrip("?") for name in shape}
        yield from (f"{place}.{name} is no field" for name in value if name not in known)
        for name, inner in shape.items():
            if not name.endswith("?") and name not in value:
                yield f"{place}.{name} is missing"
            yield from odd_fields(value.get(name.rstrip("?")), inner, f"{place}.{name.rstrip('?')}")


def _glance(shape: Any) -> Callable[[Any], bool]:
    """Return a quick way to tell that a value is just as it should be: at 60 frames a second nearly all are."""
    if shape is None:
        return lambda value: True
    if isinstance(shape, str):
        types = {*_TYPES[shape], type(None)}
        return lambda value: type(value) in types
    if isinstance(shape, list):
        each = _glance(shape[0])
        return lambda value: type(value) is list and all(map(each, value))
    fields = {name.rstrip("?"): _glance(inner) for name, inner in shape.items()}
    required = frozenset(name for name in shape if not name.endswith("?"))
    return lambda value: (
        type(value) is dict and required <= value.keys() <= fields.keys() and all(fields[name](inner) for name, inner in value.items())
    )


_GLANCES = {kind: _glance(shape) for kind, shape in SHAPES.items()}


def is_right(kind: str, data: Any) -> bool:
    """Tell whether the data of a request has no odd field and no wrong type."""
    return _GLANCES[kind](data)
