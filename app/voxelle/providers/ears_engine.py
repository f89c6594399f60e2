"""The engine process of the ears: both small networks that listen all the time, so that they cost one process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from voxelle.contracts.audio import INPUT_FRAMES
from voxelle.contracts.tts import Samples
from voxelle.domain.errors import InputError
from voxelle.kernel.limits import return_memory
from voxelle.kernel.worker import CancelToken, Engine, Reply
from voxelle.providers.end_of_turn.smart_turn_engine import SmartTurnNetwork
from voxelle.providers.vad.silero_engine import SileroNetwork


class EarsEngine(Engine):
    """Methods: `judge` a frame of a `speaker` gives `speech`; `forget` a `speaker`; `finished` judges the end of an utterance."""

    workers = 4
    """A frame is judged while the end of somebody's turn is."""

    def __init__(self, config: dict[str, Any]) -> None:
        super().__init__(config)
        self._activity: SileroNetwork
        self._end_of_turn: SmartTurnNetwork

    def load(self, progress: Callable[[float], None]) -> None:
        """Load both networks, and let each judge silence once."""
        self._activity = SileroNetwork(Path(self.config["activity"]))
        self._activity.judge("", np.zeros(INPUT_FRAMES, np.float32))
        self._activity.forget("")
        progress(0.4)
        self._end_of_turn = SmartTurnNetwork(Path(self.config["end_of_turn"]))
        self._end_of_turn.finished(np.zeros(INPUT_FRAMES, np.float32))
        progress(1.0)

    def perform(self, method: str, arguments: dict[str, Any], audio: Samples | None, token: CancelToken) -> Iterator[Reply]:
        """Serve one request; each is over before a cancel could matter."""
        sound = np.zeros(0, np.float32) if audio is None else audio
        match method:
            case "judge":
                yield Reply({"speech": self._activity.judge(str(arguments["speaker"]), sound)})
            case "forget":
                self._activity.forget(str(arguments["speaker"]))
                yield Reply({})
            case "finished":
                yield Reply({"finished": self._end_of_turn.finished(sound)})
                return_memory()  # behind the answer: nobody waits for it, and it is a hundred megabytes
            case _:
                msg = f"The ears have no method {method}."
                raise InputError(msg)
