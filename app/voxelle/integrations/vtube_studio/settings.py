"""What the streamer sets for VTube Studio, and what each model does at which emotion."""

from __future__ import annotations

from enum import StrEnum

from pydantic import ConfigDict, Field

from voxelle.domain.avatar import Emotion
from voxelle.settings.part import SettingsPart

_NAME = r"^[^\x00-\x1f]*$"


class MouthRoute(StrEnum):
    """Which inputs move the mouth."""

    OWN = "own"
    """Our own parameters (VoxelleMouthOpen …), which the streamer assigns in the model's settings."""
    DEFAULT = "default"
    """The default inputs MouthOpen, MouthSmile and the voice vowels, if nobody else sets them."""
    BOTH = "both"


class DeedKind(StrEnum):
    """What a row of a mapping does."""

    HOTKEY = "hotkey"
    EXPRESSION = "expression"
    POSE = "pose"


class ParameterPose(SettingsPart):
    """One parameter of a pose."""

    parameter: str = Field(max_length=64, pattern=r"^[A-Za-z0-9_]+$", title="Parameter", description="Name of an input.")
    value: float = Field(ge=-1_000_000, le=1_000_000, title="Value", description="At full intensity.")


class Deed(SettingsPart):
    """Something the model can do, with its share of the chance among its neighbours."""

    kind: DeedKind = Field(DeedKind.HOTKEY, title="Kind", description="Hotkey, expression or pose.")
    target: str = Field("", max_length=200, pattern=_NAME, title="Target", description="Id of the hotkey, or file of the expression.")
    name: str = Field("", max_length=200, pattern=_NAME, title="Name", description="To find it again after a swap of models.")
    pose: tuple[ParameterPose, ...] = Field((), max_length=30, title="Pose", description="Parameters of a pose.")
    weight: float = Field(1.0, ge=0.0, le=100.0, title="Weight", description="Twice the weight is chosen twice as often.")
    fade_s: float = Field(0.25, ge=0.0, le=2.0, title="Fade (s)", description="Of an expression or pose.")


class EmotionRow(SettingsPart):
    """Emotions, and what the model does when one of them is heard."""

    emotions: tuple[Emotion, ...] = Field((), title="Emotions", description="One, or a group that shares a row.")
    deeds: tuple[Deed, ...] = Field((), max_length=20, title="What happens", description="One of them is chosen by weight.")
    threshold: float = Field(0.3, ge=0.0, le=1.0, title="From intensity", description="Weaker ones do nothing.")
    cooldown_s: float = Field(4.0, ge=0.0, le=600.0, title="Pause (s)", description="Not again before.")
    hold_s: float = Field(4.0, ge=0.0, le=120.0, title="Hold (s)", description="Then back to neutral. 0: until the next one.")
    returns: bool = Field(True, title="Back to neutral", description="What was set is cleared afterwards; a toggle is pressed again.")
    is_on: bool = Field(True, title="On", description="Off: the row is kept and does nothing.")


class ModelMapping(SettingsPart):
    """What one model does. `rows` in order; the first that fits serves."""

    model_name: str = Field("", max_length=200, pattern=_NAME, title="Model", description="As VTube Studio calls it.")
    rows: tuple[EmotionRow, ...] = Field((), max_length=60, title="Emotions", description="What happens at which emotion.")
    default: EmotionRow | None = Field(None, title="All others", description="For emotions that no row has.")
    idle: tuple[Deed, ...] = Field((), max_length=20, title="When silent", description="Done now and then while nothing happens.")
    listening: Deed | None = Field(None, title="Listening", description="While somebody speaks to her.")
    thinking: Deed | None = Field(None, title="Thinking", description="While she thinks.")


class StagePreset(SettingsPart):
    """Where the model stands."""

    name: str = Field(min_length=1, max_length=60, pattern=_NAME, title="Name", description="Chat, full screen, react …")
    position_x: float = Field(0.0, ge=-1000, le=1000, title="Across", description="-1 is the left border, 1 the right one.")
    position_y: float = Field(0.0, ge=-1000, le=1000, title="Up", description="-1 is the lower border, 1 the upper one.")
    rotation: float = Field(0.0, ge=-360, le=360, title="Rotation (°)", description="Clockwise.")
    size: float = Field(-80.0, ge=-100, le=100, title="Size", description="-100 is smallest, 100 largest.")
    seconds: float = Field(0.6, ge=0.0, le=2.0, title="Time (s)", description="How long the move takes.")


class VTubeStudioSettings(SettingsPart):
    """Where VTube Studio runs, how the mouth moves, and what the model does."""

    model_config = ConfigDict(title="VTube Studio")

    is_enabled: bool = Field(False, title="Connect to VTube Studio", description="Off: the model is left alone.")
    host: str = Field(
        "",
        max_length=253,
        pattern=r"^$|^[A-Za-z0-9._:\-\[\]]+$",
        title="Computer",
        description="Empty: found by itself on this computer. For a second computer: its name or address.",
    )
    port: int = Field(
        8001, ge=1, le=65535, title="Port", description="As set in VTube Studio; found by itself where the computer is empty."
    )
    discovery_port: int = Field(
        47779, ge=0, le=65535, title="Discovery port", description="Where VTube Studio tells that it runs. 0 switches the search off."
    )
    moves_mouth: bool = Field(True, title="Move the mouth", description="From what she is really saying, with no virtual cable.")
    mouth_route: MouthRoute = Field(
        MouthRoute.DEFAULT,
        title="Mouth inputs",
        description="Default: works with most models at once. Own: assign VoxelleMouthOpen and the vowels in the model's settings.",
    )
    mouth_offset_ms: int = Field(
        0,
        ge=-500,
        le=500,
        title="Mouth ahead of sound (ms)",
        description="More: the mouth moves earlier. For screens and streams that lag.",
    )
    mouth_gain: float = Field(1.0, ge=0.2, le=3.0, title="Mouth size", description="How far it opens.")
    mouth_rate: int = Field(60, ge=30, le=60, title="Mouth frames a second", description="60 is smoother, 30 lighter.")
    shows_emotions: bool = Field(True, title="Show emotions", description="What she feels in each clause reaches the model as it is heard.")
    moves_when_silent: bool = Field(True, title="Move when silent", description="Motions now and then while nothing happens.")
    idle_every_s: float = Field(25.0, ge=5.0, le=600.0, title="About every (s)", description="Between two motions, with variety.")
    blinks: bool = Field(False, title="Blink", description="Adds blinking where no camera tracks the face.")
    drifts: bool = Field(False, title="Let the gaze drift", description="Adds small movements of eyes and head.")
    face_found: bool = Field(
        False, title="No camera", description="Tells VTube Studio that a face is there, so that its “tracking lost” motion stops."
    )
    reacts_to_touch: bool = Field(True, title="Feels touch", description="Clicks on the model are something she can react to.")
    presets: tuple[StagePreset, ...] = Field(
        (
            StagePreset(name="Chat", position_x=0.6, position_y=-0.3, size=-75.0),
            StagePreset(name="Full screen", position_x=0.0, position_y=0.0, size=-60.0),
            StagePreset(name="React", position_x=-0.7, position_y=-0.5, size=-82.0),
        ),
        max_length=20,
        title="Places",
        description="Where the model can stand.",
        json_schema_extra={"widget": "hidden"},
    )
    mappings: dict[str, ModelMapping] = Field(
        default_factory=dict, title="Emotions of each model", description="By the model's id.", json_schema_extra={"widget": "hidden"}
    )
