"""Whisper on CTranslate2, without the half minute of padding that it was trained with.

The network takes windows shorter than 30 s. What was said plus eight seconds of silence is understood as well as the whole
window, in less than half its time; with less silence than that it begins to invent.
https://opennmt.net/CTranslate2/python/ctranslate2.models.Whisper.html
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from voxelle.contracts.tts import Samples
from voxelle.domain.errors import SetupError
from voxelle.providers.log_mel import HOP, RATE, log_mel

LONGEST_S: Final = 28.0
"""The longest sound that is understood in one piece."""
REPEATED: Final = -3.0
"""Log-probability of a text that goes round in circles: however sure the network is of it, nobody said that."""
MOST_REPETITIVE: Final = 2.4
"""How much smaller a text may become when it is packed."""
_WINDOW_S: Final = 30.0
_PAD_S: Final = 8.0
_TOKENS_A_SECOND: Final = 12
_FEWEST_TOKENS: Final = 24
_HOT_TOKENS: Final = 60
_CONTEXT: Final = 448


@dataclass(frozen=True, slots=True)
class Heard:
    """What one piece of sound was understood as."""

    text: str
    log_probability: float
    no_speech: float
    tokens: int


class WhisperModel:
    """A model of one folder. Raises SetupError when it can't be read."""

    def __init__(self, folder: Path, threads: int) -> None:
        import ctranslate2
        from tokenizers import Tokenizer

        self._as_view = ctranslate2.StorageView.from_array
        try:
            self._words = Tokenizer.from_str((folder / "tokenizer.json").read_text("utf-8"))
            self._model = ctranslate2.models.Whisper(
                str(folder), device="cpu", compute_type="int8", inter_threads=1, intra_threads=threads, max_queued_batches=1
            )
        except Exception as error:  # both libraries raise bare Exception and RuntimeError for a damaged file
            msg = "The speech recogniser is missing or damaged: open Engines and press Install."
            raise SetupError(msg) from error
        self.is_multilingual = bool(self._model.is_multilingual)
        self._end = self._token("<|endoftext|>")

    def encode(self, samples: Samples) -> Any:
        """Let the network listen to at most LONGEST_S of sound. This is the larger half of the work."""
        seconds = min(_WINDOW_S, math.ceil(len(samples) / RATE + _PAD_S))
        features = log_mel(samples, round(seconds * RATE) // HOP)
        return self._model.encode(self._as_view(np.ascontiguousarray(features[np.newaxis])))

    def knows(self, language: str) -> bool:
        """Whether it understands a language (ISO 639-1)."""
        return language == "en" or (self.is_multilingual and self._words.token_to_id(f"<|{language}|>") is not None)

    def languages_of(self, encoded: Any) -> dict[str, float]:
        """Return how likely it is that a sound is of each language."""
        if not self.is_multilingual:
            return {"en": 1.0}
        (found,) = self._model.detect_language(encoded)
        return {str(name).strip("<|>"): float(probability) for name, probability in found}

    def decode(self, encoded: Any, seconds: float, language: str, hot_words: Sequence[str], *, is_strict: bool = False) -> Heard:
        """Put a sound that lasted so long into words. With `is_strict` no three words come twice."""
        prompt = self._prompt(language, hot_words)
        limit = min(_CONTEXT // 2, _FEWEST_TOKENS + round(_TOKENS_A_SECOND * seconds))
        (result,) = self._model.generate(
            encoded,
            [prompt],
            beam_size=1,
            max_length=max(2 * limit, len(prompt) + limit),  # half of it, or what the prompt leaves: whichever is less
            no_repeat_ngram_size=3 if is_strict else 0,
            suppress_blank=True,
            suppress_tokens=[-1],  # what the model's own list names: noises, brackets, notes of music
            return_scores=True,
            return_no_speech_prob=True,
        )
        ids = [token for token in result.sequences_ids[0] if token < self._end]
        text = self._words.decode(ids).strip()
        score = float(result.scores[0]) if ids else 0.0
        if is_repetitive(text) or len(ids) >= limit:
            score = min(score, REPEATED)
        return Heard(text, score, float(result.no_speech_prob), len(ids))

    def _prompt(self, language: str, hot_words: Sequence[str]) -> list[int]:
        """Return the tokens before the text: names to expect, as if they had been said just before, and the task."""
        task = [self._token("<|startoftranscript|>")]
        if self.is_multilingual:
            task += [self._token(f"<|{language}|>"), self._token("<|transcribe|>")]
        return [*self._hints(hot_words), *task, self._token("<|notimestamps|>")]

    def _hints(self, hot_words: Sequence[str]) -> list[int]:
        ids: list[int] = []
        for word in hot_words:
            more = self._words.encode(f"{',' if ids else ''} {word.strip()}", add_special_tokens=False).ids
            if len(ids) + len(more) > _HOT_TOKENS:
                break
            ids += more
        return [self._token("<|startofprev|>"), *ids] if ids else []

    def _token(self, name: str) -> int:
        found = self._words.token_to_id(name)
        if found is None:
            msg = "The speech recogniser and its words do not belong together: open Engines and press Install."
            raise SetupError(msg)
        return int(found)


def is_repetitive(text: str) -> bool:
    """Whether a text goes round in circles, as the network does on music."""
    data = text.encode()
    return len(data) / len(zlib.compress(data)) > MOST_REPETITIVE


def pieces(samples: Samples) -> list[Samples]:
    """Cut a sound that is too long where it is quietest, into pieces of at most LONGEST_S."""
    found: list[Samples] = []
    longest, block = round(LONGEST_S * RATE), RATE // 10
    while len(samples) > longest:
        # Not in the first two thirds: pieces are to be as few as they can.
        begin = 2 * longest // 3
        later = samples[begin : longest - (longest - begin) % block]
        loudness = np.square(later.reshape(-1, block)).mean(axis=1)
        cut = begin + int(loudness.argmin()) * block + block // 2
        found.append(samples[:cut])
        samples = samples[cut:]
    return [*found, samples]
