"""The worker's side of Kokoro: phonemes as the embedded voice reads them, spoken by a larger network."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from voxelle.contracts.tts import Samples
from voxelle.domain.errors import SetupError
from voxelle.kernel.worker import CancelToken, Reply
from voxelle.providers.tts.alignment import SpokenWord
from voxelle.providers.tts.hibari_engine import HibariEngine, with_output
from voxelle.providers.tts.prosody import Prosody

BORDERS_OUTPUT = "/encoder/CumSum_output_0"
"""Inner tensor of the model: the step of 25 ms at which each phoneme ends."""

_MOST_PHONEMES = 500
"""The network reads at most 512 with the two that frame them."""


class KokoroEngine(HibariEngine):
    """Serves `speak` as `HibariEngine` does, with `voice` naming a style.

    Rate and loudness follow the prosody; pitch and formant are the style's own.
    """

    gain = 1.0

    def __init__(self, config: dict[str, Any]) -> None:
        super().__init__(config)
        self._styles: dict[str, npt.NDArray[np.float32]] = {}
        self._style = np.zeros((1, 1, 0), np.float32)

    def load(self, progress: Callable[[float], None]) -> None:
        """Load the verified files; nothing is fetched."""
        import onnxruntime
        from hibari import Hibari, voices
        from hibari.g2p import G2P
        from hibari.g2p.normalize import normalize

        try:
            self._vocabulary = json.loads((Path(voices.ASSETS) / "vocab.json").read_text("utf-8"))
            self._styles = read_styles(Path(self.config["voices"]))
            model = Path(self.config["model"]).read_bytes()
        except (OSError, ValueError) as error:
            msg = "The Kokoro voice can't be read: open Engines and press Install."
            raise SetupError(msg) from error
        self._style = next(iter(self._styles.values()))
        progress(0.2)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = int(self.config["threads"]), 1
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(with_output(model, BORDERS_OUTPUT), options, providers=["CPUExecutionProvider"])
        progress(0.7)
        self._g2p = G2P()
        self._split, self._normalize = Hibari.split_sentences, normalize
        for _ in self.perform("speak", {"text": "Hello!"}, None, CancelToken()):
            progress(1.0)

    def perform(self, method: str, arguments: dict[str, Any], audio: Samples | None, token: CancelToken) -> Iterator[Reply]:
        """Speak a clause in the named style, the first one if there is none of that name."""
        self._style = self._styles.get(str(arguments.get("voice", "")), next(iter(self._styles.values())))
        yield from super().perform(method, arguments, audio, token)

    def _phonemize(self, text: str) -> tuple[str, tuple[SpokenWord, ...]]:
        phonemes, spoken = super()._phonemize(text)
        kept = tuple(SpokenWord(each.text, min(each.begin, _MOST_PHONEMES), min(each.end, _MOST_PHONEMES)) for each in spoken)
        return phonemes[:_MOST_PHONEMES], kept

    def _inputs(self, ids: list[int], speed: float) -> dict[str, npt.NDArray[Any]]:
        style = self._style[min(len(ids) - 3, len(self._style) - 1)]
        return {"tokens": np.array([ids], np.int64), "style": style.reshape(1, -1), "speed": np.array([speed], np.float32)}

    def _heard(self, outputs: list[npt.NDArray[np.float32]], prosody: Prosody) -> tuple[Samples, npt.NDArray[np.float32]]:
        wave, borders = outputs
        return np.asarray(wave, np.float32).ravel(), borders.ravel()


def read_styles(path: Path) -> dict[str, npt.NDArray[np.float32]]:
    """Read the styles by name, each a row for every length of a sentence. Raises OSError or ValueError."""
    with np.load(path, allow_pickle=False) as archive:
        styles = {name: np.asarray(archive[name], np.float32) for name in archive.files}
    if not styles:
        msg = "there is no style in the file"
        raise ValueError(msg)
    return styles
