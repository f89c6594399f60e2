"""The process that voice activity and end of turn share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from voxelle.providers.process import EngineSpec

PACK: Final = "ears"
ACTIVITY_FILE: Final = "silero_vad.onnx"
END_OF_TURN_FILE: Final = "smart-turn-v3.2-cpu.onnx"
TARGET: Final = "voxelle.providers.ears_engine:EarsEngine"


def ears_spec(find_file: Callable[[str], Path]) -> EngineSpec:
    """Describe the process. `find_file` is asked for both files of the pack at every start.

    It has no lower priority than the show: a frame judged late is an interruption noticed late.
    """

    def configure() -> dict[str, Any]:
        return {"activity": str(find_file(ACTIVITY_FILE)), "end_of_turn": str(find_file(END_OF_TURN_FILE))}

    return EngineSpec("The ears", TARGET, configure)
