"""Train the emotion classifier's head from our own seed sentences: softmax regression on MiniLM vectors, the same file every time.

    python packaging/train_emotion.py FOLDER_WITH_MODEL_AND_TOKENIZER

writes resources/emotion/head.npz and prints how well it does on the sentences it was trained with, each left out in turn by fifths.
"""

from __future__ import annotations

import argparse
import io
import json
import sys
import zipfile
from pathlib import Path

import numpy as np
import numpy.typing as npt

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "app"))

from voxelle.domain.avatar import Emotion  # noqa: E402 - the source tree is put on the path first
from voxelle.providers.embedding.minilm_engine import embed, load_model  # noqa: E402

Floats = npt.NDArray[np.float64]

STEPS = 1500
RATE = 2.0
DECAY = 1e-4
"""Weight of the squared weights in the loss: more makes the probabilities flatter."""
FOLDS = 5


def fit(vectors: Floats, classes: npt.NDArray[np.intp], labels: int) -> tuple[Floats, Floats]:
    """Descend with momentum from zero: a convex problem, so there is one answer."""
    weights, bias = np.zeros((vectors.shape[1], labels)), np.zeros(labels)
    speed_w, speed_b = np.zeros_like(weights), np.zeros_like(bias)
    wanted = np.eye(labels)[classes]
    for _ in range(STEPS):
        error = (probabilities(vectors, weights, bias) - wanted) / len(vectors)
        speed_w = 0.9 * speed_w - RATE * (vectors.T @ error + DECAY * weights)
        speed_b = 0.9 * speed_b - RATE * error.sum(axis=0)
        weights, bias = weights + speed_w, bias + speed_b
    return weights, bias


def probabilities(vectors: Floats, weights: Floats, bias: Floats) -> Floats:
    """Return a row of probabilities a vector."""
    scores = vectors @ weights + bias
    powers: Floats = np.exp(scores - scores.max(axis=1, keepdims=True))
    shares: Floats = powers / powers.sum(axis=1, keepdims=True)
    return shares


def cross_validated(vectors: Floats, classes: npt.NDArray[np.intp], labels: int) -> float:
    """Return the share of right answers for sentences that were left out."""
    fold = np.arange(len(vectors)) % FOLDS
    right = 0
    for number in range(FOLDS):
        weights, bias = fit(vectors[fold != number], classes[fold != number], labels)
        right += int((probabilities(vectors[fold == number], weights, bias).argmax(axis=1) == classes[fold == number]).sum())
    return right / len(vectors)


def save(path: Path, arrays: dict[str, npt.NDArray[np.generic]]) -> None:
    """Write an .npz whose bytes depend on its arrays alone: no time of day inside."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, array in arrays.items():
            buffer = io.BytesIO()
            np.save(buffer, array, allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy", (1980, 1, 1, 0, 0, 0)), buffer.getvalue(), zipfile.ZIP_DEFLATED)


def main() -> None:
    """Train and save."""
    parser = argparse.ArgumentParser(description="Train the emotion classifier's head.")
    parser.add_argument("model", type=Path, help="folder with model.onnx and tokenizer.json")
    parser.add_argument("--output", type=Path, default=ROOT / "resources" / "emotion" / "head.npz")
    arguments = parser.parse_args()
    seeds: dict[str, list[str]] = json.loads((ROOT / "resources" / "emotion" / "seeds.json").read_text("utf-8"))
    labels = [emotion.value for emotion in Emotion]
    texts = [text for label in labels for text in seeds[label]]
    classes = np.array([index for index, label in enumerate(labels) for _ in seeds[label]], np.intp)
    session, tokenizer = load_model(arguments.model / "model.onnx", arguments.model / "tokenizer.json")
    vectors = np.concatenate([embed(session, tokenizer, [text]) for text in texts]).astype(np.float64)
    print(f"{len(texts)} sentences, {len(labels)} labels, {cross_validated(vectors, classes, len(labels)):.1%} right when left out")
    weights, bias = fit(vectors, classes, len(labels))
    # Half precision: small in the repository, and the same on every processor.
    save(arguments.output, {"labels": np.array(labels), "weights": weights.astype(np.float16), "bias": bias.astype(np.float16)})


if __name__ == "__main__":
    main()
