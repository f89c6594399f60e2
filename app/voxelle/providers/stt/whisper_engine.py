"""The worker's side of the embedded recogniser."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np

from voxelle.contracts.tts import Samples
from voxelle.domain.errors import InputError, SetupError
from voxelle.kernel.limits import return_memory
from voxelle.kernel.worker import CancelToken, Engine, Reply
from voxelle.providers.log_mel import RATE
from voxelle.providers.stt.languages import SpokenLanguages
from voxelle.providers.stt.whisper_model import REPEATED, Heard, WhisperModel, pieces

SHORTEST_S: Final = 0.1
"""Nothing can be understood of less."""
_CLEAR: Final = -0.7
"""Log-probability from which on a text tells what language is being spoken: noise tells nothing."""


class WhisperEngine(Engine):
    """Method: `transcribe`, with `language`, `hot_words` and `is_interim`, gives `text`, `language`, `log_probability` and `no_speech`."""

    def __init__(self, config: dict[str, Any]) -> None:
        super().__init__(config)
        self._model: WhisperModel
        self._languages = SpokenLanguages()

    def load(self, progress: Callable[[float], None]) -> None:
        """Load the model and let it listen to silence once."""
        # Threads that wait must not spin: a game wants the processor.
        os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
        os.environ.setdefault("KMP_BLOCKTIME", "0")
        self._model = WhisperModel(Path(self.config["folder"]), int(self.config["threads"]))
        progress(0.6)
        self._model.decode(self._model.encode(np.zeros(RATE, np.float32)), 0.0, "en", ())
        progress(1.0)

    def perform(self, method: str, arguments: dict[str, Any], audio: Samples | None, token: CancelToken) -> Iterator[Reply]:
        """Write down what is said. A cancel is seen between listening and writing, and between pieces."""
        if method != "transcribe":
            msg = f"The speech recogniser has no method {method}."
            raise InputError(msg)
        language = str(arguments.get("language", ""))
        if language and not self._model.knows(language):
            msg = f"The embedded recogniser in use does not know the language “{language}”: choose stt-base, or another language."
            raise SetupError(msg)
        sound = np.zeros(0, np.float32) if audio is None else np.nan_to_num(audio, posinf=0.0, neginf=0.0)
        if len(sound) < SHORTEST_S * RATE:
            yield Reply({"text": "", "language": language, "log_probability": 0.0, "no_speech": 1.0})
            return
        heard: list[Heard] = []
        for piece in pieces(sound):
            encoded = self._model.encode(piece)
            if token.is_cancelled:
                return
            seconds = len(piece) / RATE
            found = {} if language else self._model.languages_of(encoded)
            language = language or self._languages.likeliest(found)
            heard.append(self._written(encoded, seconds, language, arguments))
            if heard[-1].log_probability > _CLEAR and not arguments.get("is_interim"):
                self._languages.note(found, seconds)
            if token.is_cancelled:
                return
        yield Reply({"language": language, **joined(heard)})
        return_memory()

    def _written(self, encoded: Any, seconds: float, language: str, arguments: dict[str, Any]) -> Heard:
        """Put one piece into words; what went round in circles gets a second chance, unless it is in a hurry."""
        words = [str(word) for word in arguments.get("hot_words", ())]
        heard = self._model.decode(encoded, seconds, language, words)
        if heard.log_probability > REPEATED or arguments.get("is_interim"):
            return heard
        again = self._model.decode(encoded, seconds, language, (), is_strict=True)
        return again if again.log_probability > heard.log_probability else heard


def joined(heard: list[Heard]) -> dict[str, Any]:
    """Make one answer of all pieces: a token counts as much in a short piece as in a long one."""
    tokens = sum(each.tokens for each in heard)
    return {
        "text": " ".join(each.text for each in heard if each.text),
        "log_probability": sum(each.log_probability * each.tokens for each in heard) / tokens if tokens else 0.0,
        "no_speech": min(each.no_speech for each in heard),
    }
