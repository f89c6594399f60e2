"""VTube Studio in the streamer's words."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from voxelle.domain.avatar import AvatarState, Emotion


def _tr(text: str) -> str:
    return QCoreApplication.translate("VTubeStudioPanel", text)


def state_look(state: AvatarState) -> tuple[str, str]:
    """Return a state as word and tone."""
    looks = {
        AvatarState.SEARCHING: (_tr("Searching"), "info"),
        AvatarState.API_OFF: (_tr("API is off"), "warning"),
        AvatarState.CONNECTING: (_tr("Connecting"), "info"),
        AvatarState.WAITING_FOR_CONSENT: (_tr("Waiting for “Allow”"), "warning"),
        AvatarState.REFUSED: (_tr("Not allowed"), "danger"),
        AvatarState.READY: (_tr("Connected"), "ok"),
    }
    return looks[state]


def state_sentence(state: AvatarState) -> str:
    """Return what to do, where the connection itself said nothing."""
    sentences = {
        AvatarState.SEARCHING: _tr("Looking for VTube Studio. Start it, or enter computer and port in the settings."),
        AvatarState.API_OFF: _tr("VTube Studio runs, but its API is off. Switch it on there: Settings, “Start API (allow plugins)”."),
        AvatarState.CONNECTING: _tr("Found it. Connecting …"),
        AvatarState.WAITING_FOR_CONSENT: _tr("Click “Allow” in VTube Studio. Its question waits there."),
        AvatarState.REFUSED: _tr("VTube Studio was told not to allow Voxelle. Ask again, and click “Allow” there."),
        AvatarState.READY: _tr("Her model is connected."),
    }
    return sentences[state]


def emotion_title(emotion: str) -> str:
    """Return an emotion's name."""
    return emotion.replace("_", " ").capitalize()


def emotions_title(emotions: list[str]) -> str:
    """Return a group of emotions in one line."""
    known = [emotion_title(each) for each in Emotion if each.value in emotions]
    return ", ".join(known) or _tr("No emotion yet")


def hotkey_title(kind: str) -> str:
    """Return what a hotkey does, in words; a kind that is not known here as VTube Studio calls it.

    Kinds: https://github.com/DenchiSoft/VTubeStudio/blob/master/Files/HotkeyAction.cs
    """
    titles = {
        "Unset": _tr("Does nothing yet"),
        "TriggerAnimation": _tr("Plays an animation"),
        "ChangeIdleAnimation": _tr("Changes the idle animation"),
        "ToggleExpression": _tr("Switches an expression on or off"),
        "RemoveAllExpressions": _tr("Clears all expressions"),
        "MoveModel": _tr("Moves the model"),
        "ChangeBackground": _tr("Changes the background"),
        "ReloadMicrophone": _tr("Restarts the microphone"),
        "ReloadTextures": _tr("Loads the textures anew"),
        "CalibrateCam": _tr("Calibrates the camera"),
        "ChangeVTSModel": _tr("Changes the model"),
        "TakeScreenshot": _tr("Takes a screenshot"),
        "ScreenColorOverlay": _tr("Switches the light of the screen"),
        "RemoveAllItems": _tr("Takes all items away"),
        "ToggleItemScene": _tr("Switches a scene of items"),
        "DownloadRandomWorkshopItem": _tr("Loads an item by chance"),
        "ExecuteItemAction": _tr("Does something with an item"),
        "ArtMeshColorPreset": _tr("Switches colours of the model"),
        "ToggleTracker": _tr("Switches the tracking on or off"),
        "ToggleTwitchFeature": _tr("Switches a Twitch feature"),
        "LoadEffectPreset": _tr("Loads a preset of effects"),
        "ToggleLive2DEditorAPI": _tr("Switches the link to the Live2D editor"),
        "WebItemAction": _tr("Does something with a web item"),
        "ToggleModelSound": _tr("Switches the model's sound"),
    }
    return titles.get(kind, kind)


def kind_title(kind: str) -> str:
    """Return what a kind of deed is called."""
    return {"hotkey": _tr("Hotkey"), "expression": _tr("Expression"), "pose": _tr("Pose")}.get(kind, kind)
