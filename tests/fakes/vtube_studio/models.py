"""What the fake knows of models: their hotkeys, expressions, Live2D parameters and art meshes; and three samples."""

from __future__ import annotations

from dataclasses import dataclass, field

FPS = 60


@dataclass(slots=True)
class Hotkey:
    """One hotkey. `is_broken`: its file is missing."""

    id: str
    name: str
    type: str
    file: str = ""
    description: str = ""
    is_broken: bool = False


@dataclass(slots=True)
class Expression:
    """One expression file and who switched it on last (`user`, or a plugin's name)."""

    file: str
    is_active: bool = False
    activated_by: str = ""
    fade_s: float = 0.25

    @property
    def name(self) -> str:
        return self.file.removesuffix(".exp3.json")


@dataclass(slots=True)
class FakeModel:
    """One Live2D model as it lies in VTube Studio's folder."""

    id: str
    name: str
    hotkeys: list[Hotkey] = field(default_factory=list)
    expressions: list[Expression] = field(default_factory=list)
    live2d: list[str] = field(default_factory=lambda: ["ParamAngleX", "ParamAngleY", "ParamMouthOpenY", "ParamMouthForm"])
    art_meshes: list[str] = field(default_factory=lambda: ["D_FACE_00", "HairFront1", "HairFront2", "MouthLine", "Body"])
    tags: list[str] = field(default_factory=lambda: ["hair", "skin"])

    def expression(self, file: str) -> Expression | None:
        """Return the expression of a file."""
        return next((each for each in self.expressions if each.file == file), None)


AKARI = "d87b771d2902473bbaa0226d03ef4754"
HIYORI = "165131471d8a4e42aae01a9738f255ef"
WORDLESS = "47c71722c5304a039b0570b60a189875"


def _hotkeys(start: int, *rows: tuple[str, str, str]) -> list[Hotkey]:
    return [Hotkey(f"{start + place:032x}", name, type_, file) for place, (name, type_, file) in enumerate(rows)]


def sample_models() -> list[FakeModel]:
    """Return a model with everything, one with other names for the same, and one with nothing at all, not even a mouth."""
    akari = FakeModel(
        AKARI,
        "Akari",
        _hotkeys(
            0xA0000,
            ("Smile", "ToggleExpression", "Smile.exp3.json"),
            ("Eyes Cry", "ToggleExpression", "EyesCry.exp3.json"),
            ("Angry", "ToggleExpression", "Angry.exp3.json"),
            ("Blush", "ToggleExpression", "Blush.exp3.json"),
            ("Surprised", "TriggerAnimation", "surprise.motion3.json"),
            ("Wave", "TriggerAnimation", "wave.motion3.json"),
            ("Nod", "TriggerAnimation", "nod.motion3.json"),
            ("Clear face", "RemoveAllExpressions", ""),
            ("Sleepy idle", "ChangeIdleAnimation", "sleepy.motion3.json"),
            ("To Hiyori", "ChangeVTSModel", "Hiyori.vtube.json"),
            ("Corner", "MoveModel", ""),
            ("", "Unset", ""),
        ),
        [Expression(f"{name}.exp3.json") for name in ("Smile", "EyesCry", "Angry", "Blush", "Love")],
    )
    hiyori = FakeModel(
        HIYORI,
        "Hiyori",
        _hotkeys(
            0xB0000,
            ("happy", "ToggleExpression", "happy.exp3.json"),
            ("sad", "ToggleExpression", "sad.exp3.json"),
            ("dance", "TriggerAnimation", "dance.motion3.json"),
        ),
        [Expression("happy.exp3.json"), Expression("sad.exp3.json")],
    )
    return [akari, hiyori, FakeModel(WORDLESS, "Wordless", live2d=["ParamAngleX"])]


@dataclass(slots=True)
class Input:
    """An input that models can follow: a default one, or one that a plugin made."""

    name: str
    minimum: float
    maximum: float
    default: float
    added_by: str = "VTube Studio"
    explanation: str = ""


def default_inputs() -> dict[str, Input]:
    """Return the inputs VTube Studio has by itself.

    After https://github.com/DenchiSoft/VTubeStudio/wiki/VTS-Model-Settings.
    """
    rows = [(f"Face{kind}{axis}", -border, border, 0.0) for kind, border in (("Angle", 30.0), ("Position", 15.0)) for axis in "XYZ"]
    rows += [(name, 0.0, 1.0, 0.0) for name in ("MouthSmile", "MouthOpen", "TongueOut", "CheekPuff", "FaceAngry", "JawOpen")]
    rows += [(name, 0.0, 1.0, 0.5) for name in ("Brows", "BrowLeftY", "BrowRightY")]
    rows += [(f"EyeOpen{side}", 0.0, 1.0, 1.0) for side in ("Left", "Right")]
    rows += [(f"Eye{side}{axis}", -1.0, 1.0, 0.0) for side in ("Left", "Right") for axis in "XY"]
    rows += [(name, -1.0, 1.0, 0.0) for name in ("MousePositionX", "MousePositionY", "MouthX", "MouthPressLipOpen", "MouthShrug")]
    rows += [(f"Voice{name}", 0.0, 1.0, 0.0) for name in ("A", "I", "U", "E", "O", "Silence", "Volume", "Frequency")]
    rows += [(name, 0.0, 1.0, 0.0) for name in ("VoiceVolumePlusMouthOpen", "VoiceFrequencyPlusMouthSmile")]
    rows += [(name, 0.0, 1.0, 0.0) for name in ("HandLeftFound", "HandRightFound", "BothHandsFound", "HandDistance")]
    rows += [(f"Hand{side}Position{axis}", -10.0, 10.0, 0.0) for side in ("Left", "Right") for axis in "XYZ"]
    return {name: Input(name, minimum, maximum, default) for name, minimum, maximum, default in rows}
