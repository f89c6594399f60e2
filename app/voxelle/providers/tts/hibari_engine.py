"""The worker's side of the embedded voice: text to phonemes to a spectrum to sound, with the time of every phoneme."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from voxelle.contracts.tts import Samples
from voxelle.domain.errors import InputError, SetupError
from voxelle.domain.speech import PhonemeTiming, WordTiming
from voxelle.kernel.worker import CancelToken, Engine, Reply
from voxelle.providers.tts.alignment import PAUSES, PhonemeClock, SpokenWord
from voxelle.providers.tts.prosody import Prosody

SAMPLE_RATE = 24_000
DURATION_OUTPUT = "/Clip_output_0"
"""Inner tensor of the model: the length of every phoneme in steps of 25 ms."""

_STEP = SAMPLE_RATE // 40
_EARLY_STEPS = 2
"""The sound of a phoneme comes so much before the place that its length says: measured with sibilants against vowels,
at all speeds. Without this the first sound of a clause is cut off, and words light up late."""
_LONGEST_PIECE = 160
"""Phonemes that are spoken at once: more of them would make a cancel wait."""
_LONGEST_WORD = 60
"""Letters of one word; what is longer is no word."""
_LONGEST_NUMBER = 18
"""Digits. The names of numbers end somewhere beyond."""
_ENDLESS_NUMBER = re.compile(r"\d{19,}")
_PRE_ROLL_S = 0.02
_TAIL_S = 0.06
_QUIET = 0.002
"""What the network makes is at most about 0.35 loud; below this a last vowel has faded away."""
_PAUSE_S = 0.22
_FADE = SAMPLE_RATE * 5 // 1000
_GAIN = 1.9
_PEAK = 0.97
_VOICED_HZ = 40.0
_LOWEST_HZ, _HIGHEST_HZ = 60.0, 900.0

Spectrum = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Piece:
    """A sentence, or a part of a long one, on its way to sound."""

    words: tuple[str, ...]
    phonemes: str
    spoken: tuple[SpokenWord, ...]


@dataclass(frozen=True, slots=True)
class Spoken:
    """A piece as sound; times count from its first sample."""

    samples: Samples
    words: tuple[WordTiming, ...]
    phonemes: tuple[PhonemeTiming, ...]


class HibariEngine(Engine):
    """Method `speak` yields one reply a piece: its sound, `words` and `phonemes` as [text, start_s, end_s]."""

    gain: float = _GAIN

    def __init__(self, config: dict[str, Any]) -> None:
        super().__init__(config)
        self._session: Any = None
        self._g2p: Any = None
        self._vocabulary: dict[str, int] = {}
        self._split: Callable[[str], list[str]] = lambda text: [text]
        self._normalize: Callable[[str], str] = str
        self._synth: Callable[..., Samples] = lambda *_parts: np.zeros(0, np.float32)

    def load(self, progress: Callable[[float], None]) -> None:
        """Load the voice that lies in the package: no other one is ever asked for, so nothing is fetched."""
        import onnxruntime
        from hibari import Hibari, dsp, voices
        from hibari.g2p import G2P
        from hibari.g2p.normalize import normalize

        def refuse(*_arguments: object) -> None:
            msg = "The embedded voice is offline: other voices are not fetched."
            raise SetupError(msg)

        voices.download = refuse
        assets = Path(voices.ASSETS)
        try:
            model = (assets / "hibari.onnx").read_bytes()
            self._vocabulary = json.loads((assets / "vocab.json").read_text("utf-8"))
        except OSError as error:
            msg = "The embedded voice is missing from this installation: install Voxelle again."
            raise SetupError(msg) from error
        progress(0.2)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        options.enable_cpu_mem_arena = False
        self._session = onnxruntime.InferenceSession(with_output(model, DURATION_OUTPUT), options, providers=["CPUExecutionProvider"])
        progress(0.5)
        self._g2p = G2P()
        self._split, self._normalize, self._synth = Hibari.split_sentences, normalize, dsp.synth
        progress(0.8)
        for _ in self.perform("speak", {"text": "Hello, unheardofname!"}, None, CancelToken()):
            progress(1.0)

    def perform(self, method: str, arguments: dict[str, Any], audio: Samples | None, token: CancelToken) -> Iterator[Reply]:
        """Speak a clause piece by piece; a cancel is seen between pieces and inside the network."""
        if method != "speak":
            msg = f"The embedded voice has no method {method}."
            raise InputError(msg)
        prosody = Prosody(**arguments.get("prosody", {}))
        pieces = self.pieces(str(arguments["text"]))
        offset = 0.0
        for index, piece in enumerate(pieces):
            spoken = self.say(piece, prosody, token, is_last=index == len(pieces) - 1)
            if spoken is None:
                return
            yield Reply(
                {
                    "sample_rate": SAMPLE_RATE,
                    "words": [[word.text, word.start_s + offset, word.end_s + offset] for word in spoken.words],
                    "phonemes": [[each.symbol, each.start_s + offset, each.end_s + offset] for each in spoken.phonemes],
                },
                spoken.samples,
            )
            offset += len(spoken.samples) / SAMPLE_RATE

    def pieces(self, text: str) -> list[Piece]:
        """Cut a clause into sentences, and long sentences at their pauses; every word lands in exactly one piece."""
        words = text.replace("](", "] (").split()
        pieces: list[Piece] = []
        for sentence in self._split(" ".join(words)):
            size = len(sentence.split())
            pieces += self._pieces(tuple(words[:size]))
            words = words[size:]
        if words:
            pieces += self._pieces(tuple(words))
        return pieces

    def _pieces(self, words: tuple[str, ...]) -> list[Piece]:
        if not words:
            return []
        phonemes, spoken = self._phonemize(" ".join(_readable(word[:_LONGEST_WORD]) for word in words))
        if len(phonemes) <= _LONGEST_PIECE or len(words) == 1:
            return [Piece(words, phonemes, spoken)]
        middle = _best_cut(words)
        return self._pieces(words[:middle]) + self._pieces(words[middle:])

    def _phonemize(self, text: str) -> tuple[str, tuple[SpokenWord, ...]]:
        """Return the phonemes that the model knows, and the spoken words with their places among them."""
        phonemes: list[str] = []
        spoken: list[SpokenWord] = []
        word, begin = "", 0
        tokens = self._g2p.phonemize_tokens(self._g2p.tokenize(self._normalize(text)))
        for number, token in enumerate(tokens):
            phonemes += [each for each in token.phonemes or "" if each in self._vocabulary]
            word += token.text
            if token.whitespace or number == len(tokens) - 1:
                spoken.append(SpokenWord(word, begin, len(phonemes)))
                phonemes.append(" ")
                word, begin = "", len(phonemes)
        return "".join(phonemes).rstrip(), tuple(spoken)

    def say(self, piece: Piece, prosody: Prosody, token: CancelToken, *, is_last: bool) -> Spoken | None:
        """Turn a piece into sound; None if it was cancelled."""
        if not any(symbol not in PAUSES for symbol in piece.phonemes):
            return _silence(piece)
        ids = [0, *(self._vocabulary[symbol] for symbol in piece.phonemes), 0]
        outputs = self._run(ids, prosody.speed, token)
        if outputs is None:
            return None
        wave, steps = self._heard(outputs, prosody)
        if token.is_cancelled:
            return None
        borders = np.maximum(steps - _EARLY_STEPS, 0) * _STEP
        lead = max(0, int(borders[0]) - int(_PRE_ROLL_S * SAMPLE_RATE))
        samples = _trimmed(wave, lead, _speech_end(piece.phonemes, borders), is_last=is_last)
        limit = len(samples) / SAMPLE_RATE
        clock = PhonemeClock(
            piece.phonemes, [min(limit, max(0.0, (border - lead) / SAMPLE_RATE)) for border in borders[: len(piece.phonemes) + 1].tolist()]
        )
        return Spoken(_levelled(samples, self.gain * prosody.loudness), clock.words(piece.words, piece.spoken), clock.sounds())

    def _run(self, ids: list[int], speed: float, token: CancelToken) -> list[npt.NDArray[np.float32]] | None:
        """Run the network; a cancel ends it inside."""
        import onnxruntime

        options = onnxruntime.RunOptions()

        def stop() -> None:
            options.terminate = True

        token.on_cancel(stop)
        try:
            outputs: list[npt.NDArray[np.float32]] = self._session.run(None, self._inputs(ids, speed), options)
        except Exception:  # onnxruntime has no class of its own for "told to terminate"
            if token.is_cancelled:
                return None
            raise
        return None if token.is_cancelled else outputs

    def _inputs(self, ids: list[int], speed: float) -> dict[str, npt.NDArray[Any]]:
        """Return what the network is asked."""
        return {"ids": np.array([ids], np.int64), "speed": np.array([speed], np.float32)}

    def _heard(self, outputs: list[npt.NDArray[np.float32]], prosody: Prosody) -> tuple[Samples, npt.NDArray[np.float32]]:
        """Turn what the network answers into sound, and the step at which each phoneme ends."""
        *spectra, f0, durations = outputs
        wave = self._synth(*_warped([each[0] for each in spectra], prosody.formant), _pitched(f0[0], prosody), np.random.default_rng(0))
        return wave, np.cumsum(durations)


def _readable(word: str) -> str:
    """Keep a number within the words that there are for one: what is longer is read to its first eighteen digits."""
    return _ENDLESS_NUMBER.sub(lambda number: number[0][:_LONGEST_NUMBER], word)


def with_output(model: bytes, tensor: str) -> bytes:
    """Return an ONNX model that also hands out an inner tensor: the output is appended to its graph.

    Protobuf joins a message that appears twice, so it is enough to append ModelProto.graph(7) with one
    GraphProto.output(12) of ValueInfoProto.name(1). See https://github.com/onnx/onnx/blob/main/onnx/onnx.proto.
    """

    def field(number: int, payload: bytes) -> bytes:
        return bytes([number << 3 | 2, len(payload)]) + payload

    return model + field(7, field(12, field(1, tensor.encode())))


def _best_cut(words: tuple[str, ...]) -> int:
    """Return where to cut a long sentence: behind the pause nearest to its middle, else in its middle."""
    middle = len(words) / 2
    return min(range(1, len(words)), key=lambda index: abs(index - middle) - (len(words) / 4 if words[index - 1][-1] in PAUSES else 0))


def _silence(piece: Piece) -> Spoken:
    """Return a moment of silence for words that can't be read aloud."""
    samples = np.zeros(int(_TAIL_S * SAMPLE_RATE), np.float32)
    return Spoken(samples, tuple(WordTiming(word, 0.0, 0.0) for word in piece.words), ())


def _speech_end(phonemes: str, borders: npt.NDArray[np.float32]) -> int:
    """Return the sample at which the last sounding phoneme ends."""
    last = max(index for index, symbol in enumerate(phonemes) if symbol not in PAUSES)
    return int(borders[last + 1])


def _trimmed(wave: Samples, lead: int, speech_end: int, *, is_last: bool) -> Samples:
    """Cut the silence before and after speech; between sentences of a clause a breath stays."""
    audible = np.flatnonzero(np.abs(wave[lead:speech_end]) > _QUIET)
    heard_end = lead + int(audible[-1]) + 1 if audible.size else speech_end
    stop = min(len(wave), heard_end + int((_TAIL_S if is_last else _PAUSE_S) * SAMPLE_RATE))
    samples = wave[lead:stop].copy()
    ramp = np.linspace(0.0, 1.0, _FADE, dtype=np.float32)
    samples[:_FADE] *= ramp
    samples[-_FADE:] *= ramp[::-1]
    return samples


def _levelled(samples: Samples, gain: float) -> Samples:
    """Bring speech to its loudness, without clipping."""
    samples *= np.float32(gain)
    peak = float(np.abs(samples).max(initial=0.0))
    if peak > _PEAK:
        samples *= np.float32(_PEAK / peak)
    return samples


def _pitched(f0: npt.NDArray[np.float32], prosody: Prosody) -> npt.NDArray[np.float32]:
    """Move the melody and stretch it around its mean, on a logarithmic scale."""
    voiced = f0 > _VOICED_HZ
    if not voiced.any() or (prosody.pitch == 1.0 and prosody.pitch_range == 1.0):
        return f0
    logs = np.log(f0[voiced])
    mean = logs.mean()
    moved = f0.copy()
    moved[voiced] = np.clip(np.exp(mean + (logs - mean) * prosody.pitch_range) * prosody.pitch, _LOWEST_HZ, _HIGHEST_HZ)
    return moved


def _warped(spectra: list[Spectrum], formant: float) -> list[Spectrum]:
    """Stretch the envelope along frequency: above 1 the voice sounds smaller. The free phase, last, stays."""
    if formant == 1.0:
        return spectra
    bins = spectra[0].shape[0]
    source = np.minimum(np.arange(bins, dtype=np.float32) / np.float32(formant), bins - 1)
    below = source.astype(np.intp)
    above = np.minimum(below + 1, bins - 1)
    share = (source - below)[:, np.newaxis]
    return [each[below] * (1 - share) + each[above] * share for each in spectra[:-1]] + spectra[-1:]
