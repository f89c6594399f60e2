"""What VTube Studio's error numbers mean for the streamer, and what helps.

Numbers: https://github.com/DenchiSoft/VTubeStudio/blob/master/Files/ErrorID.cs
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

from voxelle.domain.errors import TemporaryError
from voxelle.integrations.vtube_studio.api import ApiError

API_OFF: Final = 1
UNAUTHENTICATED: Final = 8
DENIED: Final = 50
ASKED_ALREADY: Final = 51
ICON_REFUSED: Final = 54
NOTHING_KNOWN: Final = -1
EVENT_OFFSET: Final = 100_000

API_OFF_SENTENCE: Final = "VTube Studio runs, but its API is off: switch on “Start API (allow plugins)” in its settings."


class ApiOffError(TemporaryError):
    """VTube Studio runs and takes no plugins now."""

    def __init__(self) -> None:
        super().__init__(API_OFF_SENTENCE)


class UnansweredError(TemporaryError):
    """VTube Studio took a request and said nothing to it, though the line stands."""

    def __init__(self) -> None:
        super().__init__("VTube Studio did not answer in time.")


class Remedy(StrEnum):
    """What helps."""

    RETRY = "retry"
    """The same request, a moment later."""
    SIGN_IN = "sign_in"
    """A new session, or the streamer's consent."""
    DROP = "drop"
    """Nothing: the request is let go, with a note."""


_RETRY, _SIGN_IN, _DROP = Remedy.RETRY, Remedy.SIGN_IN, Remedy.DROP
_WINDOWS_OPEN = "is not possible while a window is open in VTube Studio: close its menus, then try again."
_OURS = "This is a mistake in Voxelle; the log has the number."

ERRORS: Final[Mapping[int, tuple[str, Remedy]]] = {
    0: ("VTube Studio had an error of its own. If it stays so, start it again.", _RETRY),
    API_OFF: (API_OFF_SENTENCE, _RETRY),
    2: (f"VTube Studio could not read a message. {_OURS}", _DROP),
    3: (f"VTube Studio did not know its API's name. {_OURS}", _DROP),
    4: ("This version of VTube Studio speaks another version of the API: update VTube Studio.", _DROP),
    5: (f"VTube Studio did not take the number of a message. {_OURS}", _DROP),
    6: (f"VTube Studio did not see what a message wants. {_OURS}", _DROP),
    7: ("This version of VTube Studio does not know that request: update VTube Studio.", _DROP),
    UNAUTHENTICATED: ("VTube Studio wants Voxelle to sign in again.", _SIGN_IN),
    9: ("VTube Studio wants your permission for that: look into its plugin settings.", _DROP),
    DENIED: ("VTube Studio denies access: ask again here, then click “Allow” over there.", _SIGN_IN),
    ASKED_ALREADY: ("VTube Studio still shows a question of a plugin: answer it over there.", _RETRY),
    52: (f"VTube Studio did not take Voxelle's name. {_OURS}", _DROP),
    53: (f"VTube Studio did not take the name of Voxelle's developers. {_OURS}", _DROP),
    ICON_REFUSED: (f"VTube Studio did not take Voxelle's icon. {_OURS}", _DROP),
    100: ("VTube Studio missed the permission it once gave: ask for it again.", _SIGN_IN),
    101: (f"VTube Studio missed Voxelle's name. {_OURS}", _SIGN_IN),
    102: (f"VTube Studio missed the name of Voxelle's developers. {_OURS}", _SIGN_IN),
    150: ("No model was named.", _DROP),
    151: ("That is no id of a model.", _DROP),
    152: ("That model is not in VTube Studio's folder any more.", _DROP),
    153: ("Models can be changed every two seconds only: try again in a moment.", _RETRY),
    154: (f"Changing the model {_WINDOWS_OPEN}", _RETRY),
    200: ("VTube Studio has too many hotkeys waiting: fewer at once help.", _RETRY),
    201: ("No model is loaded, so there is no hotkey to press.", _DROP),
    202: ("The loaded model has no such hotkey any more: choose another in the mapping.", _DROP),
    203: ("That hotkey was pressed a moment ago and is not ready again.", _RETRY),
    204: ("The hotkey's file is missing: set the hotkey up again in VTube Studio.", _DROP),
    205: (f"Pressing a hotkey {_WINDOWS_OPEN}", _RETRY),
    206: ("VTube Studio could not do what the hotkey asks for.", _DROP),
    207: ("The item of that hotkey is not in the scene.", _DROP),
    208: ("Items can't do that kind of hotkey.", _DROP),
    250: ("No model is loaded, so nothing can be tinted.", _DROP),
    251: ("The tint lacked a colour or what to tint.", _DROP),
    252: ("Colours go from 0 to 255.", _DROP),
    300: ("No model is loaded, so nothing can be moved.", _DROP),
    301: (f"The move lacked something. {_OURS}", _DROP),
    302: ("The model can't be moved that far: correct the place.", _DROP),
    350: ("VTube Studio does not take the name of a parameter.", _DROP),
    351: ("VTube Studio does not take the range of a parameter.", _DROP),
    352: ("Another plugin owns a parameter of that name.", _DROP),
    353: ("The explanation of a parameter is too long.", _DROP),
    354: ("A parameter can't have the name of one of VTube Studio's own.", _DROP),
    355: ("Voxelle has made as many parameters as VTube Studio allows one plugin.", _DROP),
    356: ("VTube Studio is full of plugins' parameters: delete some in its settings.", _DROP),
    400: ("That is no name of a parameter.", _DROP),
    401: ("That parameter does not exist.", _DROP),
    402: ("That parameter belongs to another plugin.", _DROP),
    403: ("VTube Studio's own parameters can't be deleted.", _DROP),
    450: (f"A movement without any parameter was sent. {_OURS}", _DROP),
    451: ("A parameter can't take that value.", _DROP),
    452: ("A parameter's weight goes from 0 to 1.", _DROP),
    453: ("A parameter that should move does not exist: it may have been deleted in VTube Studio.", _DROP),
    454: ("Another plugin holds a parameter that should move: end it there, or choose other mouth inputs here.", _DROP),
    455: (f"VTube Studio did not know how to move a parameter. {_OURS}", _DROP),
    500: ("That parameter does not exist.", _DROP),
    550: ("The NDI settings can be changed every three seconds only.", _RETRY),
    551: ("NDI can't have that size.", _DROP),
    600: ("That is no file of an expression: its name ends in .exp3.json.", _DROP),
    601: ("The loaded model has no such expression.", _DROP),
    650: ("That is no file of an expression: its name ends in .exp3.json.", _DROP),
    651: ("The loaded model has no such expression any more: choose another in the mapping.", _DROP),
    652: ("No model is loaded, so no expression can be shown.", _DROP),
    700: ("No model is loaded, so there are no physics to change.", _DROP),
    701: ("The loaded model has no physics.", _DROP),
    702: ("Another plugin holds the model's physics.", _RETRY),
    703: ("No physics were named.", _DROP),
    704: ("The loaded model has no such group of physics.", _DROP),
    705: ("A value for the physics was missing.", _DROP),
    706: ("A group of physics was named twice.", _DROP),
    750: ("No item was named.", _DROP),
    751: ("There is no such item in VTube Studio's items folder: check its name, capitals included.", _DROP),
    752: ("Items can be loaded a little later only.", _RETRY),
    753: (f"Loading an item {_WINDOWS_OPEN}", _RETRY),
    754: ("VTube Studio's scene is full of items: take some away.", _DROP),
    755: ("Items can't have that place in the order.", _DROP),
    756: ("Another item has that place in the order.", _DROP),
    757: ("An item can't have that place or size.", _DROP),
    758: ("That image can't be an item: PNG, JPG or GIF, 64 to 2048 pixels.", _DROP),
    759: ("VTube Studio shows too many questions already: answer them over there.", _RETRY),
    760: ("The item was refused over there.", _DROP),
    800: (f"Taking an item away {_WINDOWS_OPEN}", _RETRY),
    850: ("That item is not in the scene.", _DROP),
    851: ("Live2D items can't be animated so.", _DROP),
    852: ("The item has no such frame.", _DROP),
    853: ("An item stops at 1,024 frames at most.", _DROP),
    854: ("A simple image can't be animated.", _DROP),
    900: ("That item is not in the scene.", _DROP),
    901: ("Items can't move in that way.", _DROP),
    902: ("Another item has that place in the order.", _DROP),
    903: (f"Changing the order of items {_WINDOWS_OPEN}", _RETRY),
    950: ("This version of VTube Studio does not know that event: update VTube Studio.", _DROP),
    1000: ("No model is loaded, so there is nothing to choose of it.", _DROP),
    1001: (f"Choosing parts of the model {_WINDOWS_OPEN}", _RETRY),
    1002: ("The loaded model has no such part.", _DROP),
    1003: ("Too many parts of the model were named.", _DROP),
    1050: ("The item to pin is not in the scene.", _DROP),
    1051: ("An item can't be pinned at that angle or size.", _DROP),
    1052: ("The model to pin to is not loaded.", _DROP),
    1053: ("The loaded model has no such part to pin to.", _DROP),
    1054: ("There is no such point on the model to pin to.", _DROP),
    1100: ("This version of VTube Studio does not know that permission: update VTube Studio.", _DROP),
    1101: (f"Asking for a permission {_WINDOWS_OPEN}", _RETRY),
    1102: ("VTube Studio could not save the permission: check its folder.", _DROP),
    1150: ("Too many effects were named.", _DROP),
    1200: (f"Changing effects {_WINDOWS_OPEN}", _RETRY),
    1201: ("Effects fade within two seconds.", _DROP),
    1202: ("A preset of effects and single effects can't be set at once.", _DROP),
    1203: ("There is no such preset of effects.", _DROP),
    1204: ("An effect can't take that value.", _DROP),
    1205: ("An effect was named twice.", _DROP),
    1206: ("That effect is not allowed in VTube Studio's settings.", _DROP),
    1250: ("That item is not in the scene.", _DROP),
    1251: ("An item can't be sorted in that way.", _DROP),
    1252: ("The loaded model has no such part to put an item before.", _DROP),
    1253: ("The loaded model has no such part to put an item behind.", _DROP),
    1254: ("An item can't be split there.", _DROP),
    1255: (f"Sorting items {_WINDOWS_OPEN}", _RETRY),
    EVENT_OFFSET: ("The text of the test is too long.", _DROP),
    EVENT_OFFSET + 50: ("That is no id of a model.", _DROP),
}


def sentence_for(error_id: int) -> str:
    """Return what a number means; one that is unknown is named, for it can be looked up."""
    known = ERRORS.get(error_id)
    if known is not None:
        return known[0]
    if error_id >= EVENT_OFFSET:
        return f"VTube Studio did not take the settings of an event (error {error_id}): an update of Voxelle may know better."
    return f"VTube Studio answered with an error that is not known here (error {error_id})."


def remedy_for(error_id: int) -> Remedy:
    """Return what helps against an error; nothing against an unknown one."""
    known = ERRORS.get(error_id)
    return known[1] if known is not None else Remedy.DROP


def read_error(data: Mapping[str, Any]) -> ApiError:
    """Turn the data of an APIError into ours. Their own text is left out: it is English for programmers."""
    value = data.get("errorID")
    error_id = value if isinstance(value, int) and not isinstance(value, bool) else NOTHING_KNOWN
    return ApiError(sentence_for(error_id), error_id)
