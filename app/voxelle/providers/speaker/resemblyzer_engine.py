"""The worker's side of speaker recognition: three recurrent layers, reckoned with numpy alone.

https://github.com/resemble-ai/Resemblyzer, after "Generalized end-to-end loss for speaker verification"
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from voxelle.contracts.tts import Samples
from voxelle.domain.errors import InputError, SetupError
from voxelle.kernel.worker import CancelToken, Engine, Reply
from voxelle.providers.log_mel import HOP, RATE, mel_power

DIMENSIONS: Final = 256
STRETCH: Final = 160
"""Frames of sound that the network was made for: 1.6 s."""
_BANDS: Final = 40
_LAYERS: Final = 3
_GATES: Final = 4 * DIMENSIONS
_STEP: Final = 80
"""Frames from one stretch to the next."""
_LEAST_LAST: Final = 120
"""A last stretch that is shorter is left out, unless it is the only one."""
_LOUDNESS: Final = 10 ** (-26 / 20)
"""Every voice is made so loud: the network takes a whisper and a shout of one person for two otherwise."""
_QUIET: Final = 1e-5
_PIECE: Final = 3 * HOP
_SILENCE: Final = 0.05
"""What is so much quieter than the loudest tenth is silence."""
_AROUND: Final = 7
"""Pieces that belong to a loud one in their middle: words have holes."""

_FILE_SIZE: Final = 17_090_379
_LAYERS_AT, _LAYERS_COUNT = 269_883, 1_357_824
_WEIGHT_AT, _BIAS_AT = 7_731, 6_699
"""Where the numbers lie in the file. It is a pickle, of which nothing is ever unpickled: its SHA-256 is known, and so are these places."""

Numbers = npt.NDArray[np.float32]


class VoiceNetwork:
    """Turns sound into vectors. Not for several threads at once."""

    def __init__(self, path: Path) -> None:
        """Read the weights. Raises SetupError if they are not there, or not these."""
        try:
            raw = path.read_bytes()
        except OSError as error:
            raise SetupError(_DAMAGED) from error
        if len(raw) != _FILE_SIZE:
            raise SetupError(_DAMAGED)
        layers = _numbers(raw, _LAYERS_AT, _LAYERS_COUNT)
        self._weight = _numbers(raw, _WEIGHT_AT, DIMENSIONS * DIMENSIONS).reshape(DIMENSIONS, DIMENSIONS).T.copy()
        self._bias = _numbers(raw, _BIAS_AT, DIMENSIONS)
        self._layers: list[tuple[Numbers, Numbers, Numbers]] = []
        at, biases_at = 0, _LAYERS_COUNT - _LAYERS * 2 * _GATES
        for inputs in (_BANDS, DIMENSIONS, DIMENSIONS):
            of_input = layers[at : at + _GATES * inputs].reshape(_GATES, inputs).T.copy()
            at += _GATES * inputs
            of_state = layers[at : at + _GATES * DIMENSIONS].reshape(_GATES, DIMENSIONS).T.copy()
            at += _GATES * DIMENSIONS
            bias = layers[biases_at : biases_at + _GATES] + layers[biases_at + _GATES : biases_at + 2 * _GATES]
            biases_at += 2 * _GATES
            self._layers.append((of_input, of_state, bias))

    def embed(self, samples: Samples) -> Numbers:
        """Return one vector of length 1 for each stretch of the samples (at RATE), shape (stretches, DIMENSIONS)."""
        sound = _voiced(np.nan_to_num(samples, posinf=0.0, neginf=0.0).astype(np.float32, copy=False))
        loudness = float(np.sqrt(np.mean(np.square(sound))))
        sound = sound * np.float32(_LOUDNESS / max(loudness, _QUIET))
        if len(sound) < STRETCH * HOP:  # said again and again until it is long enough: silence would make it another voice
            sound = np.resize(sound, STRETCH * HOP)
        frames = len(sound) // HOP
        starts = [0, *range(_STEP, frames - _LEAST_LAST + 1, _STEP)]
        bands = mel_power(np.pad(sound, (0, STRETCH * HOP)), _BANDS)
        return self._run(np.stack([bands[at : at + STRETCH] for at in starts]))

    def _run(self, sound: Numbers) -> Numbers:
        """Reckon stretches side by side; shape (stretches, frames, bands)."""
        flow = np.swapaxes(sound, 0, 1)
        for of_input, of_state, bias in self._layers:
            given = flow @ of_input + bias
            state = np.zeros((flow.shape[1], DIMENSIONS), np.float32)
            memory = np.zeros_like(state)
            flow = np.empty((flow.shape[0], *state.shape), np.float32)
            for at, step in enumerate(given):
                gates = step + state @ of_state
                new = np.tanh(gates[:, 2 * DIMENSIONS : 3 * DIMENSIONS])
                opened = _sigmoid(gates)
                memory = opened[:, DIMENSIONS : 2 * DIMENSIONS] * memory + opened[:, :DIMENSIONS] * new
                state = opened[:, 3 * DIMENSIONS :] * np.tanh(memory)
                flow[at] = state
        voices = np.maximum(0.0, flow[-1] @ self._weight + self._bias)
        unit: Numbers = (voices / np.maximum(np.linalg.norm(voices, axis=1, keepdims=True), _QUIET)).astype(np.float32)
        return unit


class SpeakerEngine(Engine):
    """Method: `embed` gives the voice of each stretch of the sound, one behind the other, as audio."""

    def __init__(self, config: dict[str, Any]) -> None:
        super().__init__(config)
        self._network: VoiceNetwork

    def load(self, progress: Callable[[float], None]) -> None:
        """Read the weights, and let them hear silence once."""
        self._network = VoiceNetwork(Path(self.config["weights"]))
        self._network.embed(np.zeros(RATE, np.float32))
        progress(1.0)

    def perform(self, method: str, arguments: dict[str, Any], audio: Samples | None, token: CancelToken) -> Iterator[Reply]:
        """Serve one request; it is over before a cancel could matter."""
        if method != "embed" or audio is None:
            msg = f"The speaker recognition has no method {method} for this."
            raise InputError(msg)
        yield Reply({}, self._network.embed(audio).ravel())


_DAMAGED: Final = "The speaker recognition is missing or damaged: open Engines and press Install."


def _numbers(raw: bytes, at: int, count: int) -> Numbers:
    """Return numbers of the file; before them it says how many there are."""
    if int.from_bytes(raw[at - 8 : at], "little") != count:
        raise SetupError(_DAMAGED)
    return np.frombuffer(raw, "<f4", count, at).astype(np.float32)


def _voiced(sound: Samples) -> Samples:
    """Leave long silences out: they are nobody's. What is quiet all over stays as it is."""
    count = len(sound) // _PIECE
    if not count:
        return np.pad(sound, (0, _PIECE))
    pieces = sound[: count * _PIECE].reshape(count, _PIECE)
    loudness = np.sqrt(np.mean(np.square(pieces), axis=1))
    is_loud = loudness > _SILENCE * np.quantile(loudness, 0.9)
    kept = np.convolve(is_loud, np.ones(_AROUND), "same") > 0
    return pieces[kept].ravel() if kept.any() else sound


def _sigmoid(value: Numbers) -> Numbers:
    result: Numbers = 0.5 * (np.tanh(0.5 * value) + 1.0)
    return result
