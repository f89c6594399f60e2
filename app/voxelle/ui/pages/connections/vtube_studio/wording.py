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


def kind_title(kind: str) -> str:
    """Return what a kind of deed is called."""
    return {"hotkey": _tr("Hotkey"), "expression": _tr("Expression"), "pose": _tr("Pose")}.get(kind, kind)
