"""Snapshots of an avatar to show."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from voxelle.domain.avatar import AvatarExpression, AvatarHotkey, AvatarInstance, AvatarSnapshot, AvatarState, Emotion, EmotionCue

HERE = AvatarInstance("127.0.0.1", 8001, "VTube Studio", instance_id="one")
OTHER = AvatarInstance("192.168.1.20", 8001, "VTube Studio on the other computer", instance_id="two")
SMILE = {"kind": "hotkey", "target": "h1", "name": "Smile", "pose": [], "weight": 1.0, "fade_s": 0.25}
GONE = {"kind": "hotkey", "target": "h9", "name": "Old dance", "pose": [], "weight": 1.0, "fade_s": 0.25}
MAPPING: dict[str, Any] = {
    "model_name": "Akari",
    "rows": [
        {
            "emotions": ["joy", "amusement"],
            "deeds": [SMILE],
            "threshold": 0.3,
            "cooldown_s": 4.0,
            "hold_s": 4.0,
            "returns": True,
            "is_on": True,
        },
        {
            "emotions": ["anger"],
            "deeds": [GONE],
            "threshold": 0.5,
            "cooldown_s": 8.0,
            "hold_s": 0.0,
            "returns": False,
            "is_on": True,
        },
    ],
    "default": None,
    "idle": [],
    "listening": None,
    "thinking": None,
}


def cue(at: datetime, emotion: Emotion = Emotion.JOY, **changes: Any) -> EmotionCue:
    return replace(EmotionCue(at, emotion, 0.8, "hotkey Smile", is_done=True), **changes)


def avatar(now: datetime, **changes: Any) -> AvatarSnapshot:
    whole = AvatarSnapshot(
        state=AvatarState.READY,
        sentence="Her model is connected.",
        instances=(HERE, OTHER),
        connected_to=HERE,
        program_version="1.32.71",
        model_id="m1",
        model_name="Akari",
        hotkeys=(AvatarHotkey("h1", "Smile", "ToggleExpression"), AvatarHotkey("h2", "<b>Wave</b>", "TriggerAnimation")),
        expressions=(AvatarExpression("blush.exp3.json", "Blush"), AvatarExpression("cry.exp3.json", "Cry", is_active=True)),
        cues=(
            cue(now - timedelta(seconds=9)),
            cue(now - timedelta(seconds=4), Emotion.ANGER, intensity=0.2, deed="nothing: below the threshold", is_done=False),
        ),
        parameters=("MouthOpen", "MouthSmile", "VoxelleMood"),
        problems=((now - timedelta(minutes=2), "VTube Studio refused the hotkey: it was pressed too often."),),
        last_heartbeat_at=now - timedelta(seconds=3),
        notes=("The hotkey Old dance is not in this model.",),
        counters=(("hotkeys", 41),),
    )
    return replace(whole, **changes)
