"""The worker's side of sentence vectors, and of the emotions read from them: MiniLM through onnxruntime."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from voxelle.contracts.tts import Samples
from voxelle.domain.errors import InputError, SetupError
from voxelle.kernel.worker import CancelToken, Engine, Reply

Vectors = npt.NDArray[np.float32]

LONGEST_TEXT = 256
"""Tokens of a text that are read; the model was trained on no more."""
LARGEST_BATCH = 16
"""Texts at once: more of them would make a cancel wait."""
_CHARACTERS_A_TOKEN = 24
"""No text of more characters than this times LONGEST_TEXT is even tokenized."""


class MiniLmEngine(Engine):
    """Methods: `embed` gives the vectors of `texts`, flattened, as audio; `classify` the probabilities of all labels for `text`."""

    def __init__(self, config: dict[str, Any]) -> None:
        super().__init__(config)
        self._session: Any = None
        self._tokenizer: Any = None
        self._labels: list[str] = []
        self._weights: Vectors = np.zeros((0, 0), np.float32)
        self._bias: Vectors = np.zeros(0, np.float32)

    def load(self, progress: Callable[[float], None]) -> None:
        """Load model, tokenizer and, if the configuration names it, the head that knows emotions."""
        self._session, self._tokenizer = load_model(Path(self.config["model"]), Path(self.config["tokenizer"]))
        progress(0.9)
        if head := self.config.get("head"):
            try:
                with np.load(head) as arrays:
                    self._labels = [str(label) for label in arrays["labels"]]
                    self._weights, self._bias = arrays["weights"].astype(np.float32), arrays["bias"].astype(np.float32)
            except (OSError, ValueError, KeyError) as error:
                msg = "The emotion classifier is missing from this installation: install Voxelle again."
                raise SetupError(msg) from error
        self._embed(["warm"])
        progress(1.0)

    def perform(self, method: str, arguments: dict[str, Any], audio: Samples | None, token: CancelToken) -> Iterator[Reply]:
        """Serve one request; a cancel is seen between batches."""
        if method == "embed":
            texts = [str(text) for text in arguments["texts"]]
            rows = []
            for begin in range(0, len(texts), LARGEST_BATCH):
                if token.is_cancelled:
                    return
                rows.append(self._embed(texts[begin : begin + LARGEST_BATCH]))
            vectors = np.concatenate(rows)
            yield Reply({"shape": list(vectors.shape)}, vectors.ravel())
        elif method == "classify" and self._labels:
            scores = softmax(self._embed([str(arguments["text"])])[0] @ self._weights + self._bias)
            yield Reply({"labels": self._labels, "probabilities": scores.tolist()})
        else:
            msg = f"The sentence model has no method {method}."
            raise InputError(msg)

    def _embed(self, texts: Sequence[str]) -> Vectors:
        return embed(self._session, self._tokenizer, texts)


def load_model(model: Path, tokenizer: Path, threads: int = 1) -> tuple[Any, Any]:
    """Return an onnxruntime session and a tokenizer. Raises SetupError for files that can't be read."""
    import onnxruntime
    from tokenizers import Tokenizer

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = threads
    options.log_severity_level = 3
    options.enable_cpu_mem_arena = False
    try:
        session = onnxruntime.InferenceSession(model.read_bytes(), options, providers=["CPUExecutionProvider"])
        words = Tokenizer.from_str(tokenizer.read_text("utf-8"))
    except Exception as error:  # both libraries raise bare Exception for a damaged file
        msg = "The sentence model is missing or damaged: open Engines and press Install."
        raise SetupError(msg) from error
    words.enable_truncation(LONGEST_TEXT)
    words.enable_padding()
    return session, words


def embed(session: Any, tokenizer: Any, texts: Sequence[str]) -> Vectors:
    """Return one unit vector a text: the mean of its tokens' vectors. See
    https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2.
    """  # noqa: D205
    encoded = tokenizer.encode_batch([text[: LONGEST_TEXT * _CHARACTERS_A_TOKEN] for text in texts])
    ids = np.array([each.ids for each in encoded], np.int64)
    mask = np.array([each.attention_mask for each in encoded], np.int64)
    (hidden,) = session.run(None, {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)})
    counted = mask[:, :, np.newaxis].astype(np.float32)
    means = (hidden * counted).sum(axis=1) / counted.sum(axis=1)
    vectors: Vectors = (means / np.linalg.norm(means, axis=1, keepdims=True)).astype(np.float32)
    return vectors


def softmax(scores: Vectors) -> Vectors:
    """Turn scores into probabilities along the last axis."""
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    shares: Vectors = powers / powers.sum(axis=-1, keepdims=True)
    return shares
