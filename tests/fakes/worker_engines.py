"""Engines for real engine processes, without weights: they answer as the embedded ones do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from voxelle.contracts.tts import Samples
from voxelle.domain.errors import SetupError
from voxelle.kernel.worker import CancelToken, Engine, Reply


class EchoEngine(Engine):
    """Speaks the methods of all embedded engines; `config["broken"]` is the sentence it refuses to load with."""

    def load(self, progress: Callable[[float], None]) -> None:
        if broken := self.config.get("broken"):
            raise SetupError(broken)
        progress(0.5)

    def perform(self, method: str, arguments: dict[str, Any], audio: Samples | None, token: CancelToken) -> Iterator[Reply]:
        if method == "stream":
            for word in ("[joy]", " hi", ""):
                yield Reply({"text": word})
            yield Reply({"timings": {"predicted_n": arguments["max_tokens"], "predicted_per_second": 12.5}})
        elif method == "warm":
            yield Reply({"timings": {}, "arguments": arguments})
        elif method == "speak":
            words = [[word, index * 0.1, index * 0.1 + 0.1] for index, word in enumerate(arguments["text"].split())]
            yield Reply({"sample_rate": 24_000, "words": words, "phonemes": [["h", 0.0, 0.05]]}, np.full(2400, 0.5, np.float32))
        elif method == "embed":
            yield Reply({"shape": [len(arguments["texts"]), 384]}, np.ones(384 * len(arguments["texts"]), np.float32))
        elif method == "classify":
            yield Reply({"labels": ["joy", "fear"], "probabilities": [0.25, 0.75]})
        else:
            token.wait(60)


class EchoEars(Engine):
    """Speaks the methods of the ears and of the recogniser; a request with hot words is never answered."""

    def perform(self, method: str, arguments: dict[str, Any], audio: Samples | None, token: CancelToken) -> Iterator[Reply]:
        seconds = 0.0 if audio is None else audio.size / 16_000
        if method == "judge":
            yield Reply({"speech": 0.75})
        elif method == "forget":
            yield Reply({})
        elif method == "finished":
            yield Reply({"finished": min(1.0, seconds / 8)})
        elif not arguments["hot_words"]:
            yield Reply({"text": f"{seconds:g} s", "language": arguments["language"] or "en", "log_probability": -0.25, "no_speech": 0.125})
        else:
            token.wait(60)


class HangingEngine(Engine):
    """Never answers."""

    def perform(self, method: str, arguments: dict[str, Any], audio: Samples | None, token: CancelToken) -> Iterator[Reply]:
        token.wait(60)
        yield from ()


class SilentEngine(Engine):
    """Answers with too little, as a broken engine might."""

    def perform(self, method: str, arguments: dict[str, Any], audio: Samples | None, token: CancelToken) -> Iterator[Reply]:
        yield Reply({"sample_rate": 24_000, "words": [], "phonemes": []})
