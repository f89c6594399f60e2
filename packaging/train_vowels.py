"""Train the network that reads vowels from sound, with the embedded voice as its teacher: the same file every time.

    python packaging/train_vowels.py

writes resources/mouth/vowels.npz and prints how many of the words in app/voxelle/benches/vowel_words.py it reads right;
none of those words is learned from.
"""

from __future__ import annotations

import argparse
import io
import json
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soxr

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "app"))

from voxelle.benches.vowel_words import WORDS, read_word, speak  # noqa: E402 - the source tree is put on the path first
from voxelle.companion.mouth import HOP, VOWELS, WINDOW, VowelReader, features, vowels_of  # noqa: E402
from voxelle.contracts.audio import OUTPUT_RATE  # noqa: E402
from voxelle.kernel.worker import CancelToken  # noqa: E402
from voxelle.providers.tts.hibari_engine import HibariEngine  # noqa: E402

Floats = npt.NDArray[np.float64]

SENTENCES = 450
HIDDEN = 32
COMMITTEE = 4
"""So many networks from different starts speak with one voice: their scores are averaged, which is one wider network."""
STEPS = 1200
DECAY = 1e-4
QUIET = 0.01
SHORTEST_S = 0.04
LEARNED_WORDS = (
    "rat sat can hand land plan dark farm arm guard rock stop shop not lot run come one done young touch luck bus must feel meet read "
    "need speak keep leave teach three tree ring kick miss rich this kid hill fit zip pool root move lose rule school tune few view "
    "juice fruit suit clue full push put foot wood could should pull let set pet net tell well bell sell leg beg fresh best test rest "
    "west chest friend breath them left caught taught fall tall small hall song long wrong lost cost cause pause raw jaw core store "
    "floor sport short born corn storm fork"
)


def texts() -> list[str]:
    """Return what the voice says: our own seed sentences of the emotions, and single words."""
    seeds: dict[str, list[str]] = json.loads((ROOT / "resources" / "emotion" / "seeds.json").read_text("utf-8"))
    sentences = [sentence for group in seeds.values() for sentence in group]
    chosen = np.random.default_rng(1).permutation(len(sentences))[:SENTENCES]
    return [sentences[index] for index in chosen] + [f"{word.capitalize()}." for word in LEARNED_WORDS.split()]


def examples(engine: HibariEngine) -> Iterator[tuple[Floats, int]]:
    """Yield the features of three moments and the vowel that the voice was making."""
    for text in texts():
        for reply in engine.perform("speak", {"text": text, "prosody": {}}, None, CancelToken()):
            sound = np.pad(soxr.resample(reply.audio, reply.data["sample_rate"], OUTPUT_RATE), WINDOW)
            yield from _of_piece(sound, [(str(symbol), float(start), float(end)) for symbol, start, end in reply.data["phonemes"]])


def _of_piece(sound: npt.NDArray[np.float32], phonemes: list[tuple[str, float, float]]) -> Iterator[tuple[Floats, int]]:
    for symbol, start_s, end_s in phonemes:
        vowels, length_s = vowels_of(symbol), end_s - start_s
        if not vowels or length_s < SHORTEST_S or symbol == "ə":
            continue
        shares = (0.3, 0.5, 0.7) if len(vowels) == 1 else (0.25, 0.85)
        for share in shares:
            vowel = vowels[0] if share < 0.8 else vowels[-1]  # noqa: PLR2004 - the last place of a diphthong
            middle = int((start_s + share * length_s) * OUTPUT_RATE) + WINDOW
            windows = [sound[middle + shift - WINDOW // 2 : middle + shift + WINDOW // 2] for shift in (-HOP, 0, HOP)]
            if any(len(window) < WINDOW for window in windows) or np.sqrt(np.mean(np.square(windows[1]))) < QUIET:
                continue
            yield features(np.stack(windows)).reshape(-1), VOWELS.index(vowel)


def committee(seen: Floats, classes: npt.NDArray[np.intp]) -> tuple[Floats, Floats, Floats, Floats]:
    """Train several networks and join them into one."""
    members = [fit(seen, classes, seed) for seed in range(COMMITTEE)]
    return (
        np.concatenate([member[0] for member in members], axis=1),
        np.concatenate([member[1] for member in members]),
        np.concatenate([member[2] for member in members]) / COMMITTEE,
        np.mean([member[3] for member in members], axis=0),
    )


def fit(seen: Floats, classes: npt.NDArray[np.intp], seed: int) -> tuple[Floats, Floats, Floats, Floats]:
    """Train two layers with Adam; every vowel counts the same, however often it occurs."""
    chance = np.random.default_rng(seed)
    count = np.bincount(classes, minlength=len(VOWELS))
    weight = (1.0 / (len(VOWELS) * count[classes]))[:, np.newaxis]
    wanted = np.eye(len(VOWELS))[classes]
    parts = [
        chance.normal(0, 1 / np.sqrt(seen.shape[1]), (seen.shape[1], HIDDEN)),
        np.zeros(HIDDEN),
        chance.normal(0, 1 / np.sqrt(HIDDEN), (HIDDEN, len(VOWELS))),
        np.zeros(len(VOWELS)),
    ]
    slow, squares = [np.zeros_like(part) for part in parts], [np.zeros_like(part) for part in parts]
    for step in range(1, STEPS + 1):
        w1, b1, w2, b2 = parts
        hidden = np.tanh(seen @ w1 + b1)
        scores = hidden @ w2 + b2
        powers = np.exp(scores - scores.max(axis=1, keepdims=True))
        error = (powers / powers.sum(axis=1, keepdims=True) - wanted) * weight
        inner = (error @ w2.T) * (1 - hidden**2)
        gradients = [seen.T @ inner + DECAY * w1, inner.sum(axis=0), hidden.T @ error + DECAY * w2, error.sum(axis=0)]
        for index, gradient in enumerate(gradients):
            slow[index] = 0.9 * slow[index] + 0.1 * gradient
            squares[index] = 0.999 * squares[index] + 0.001 * gradient**2
            parts[index] = parts[index] - 0.01 * (slow[index] / (1 - 0.9**step)) / (np.sqrt(squares[index] / (1 - 0.999**step)) + 1e-8)
    return parts[0], parts[1], parts[2], parts[3]


def save(reader: VowelReader, output: Path) -> None:
    """Write an .npz whose bytes depend on nothing but the numbers."""
    names = ("mean", "deviation", "w1", "b1", "w2", "b2")
    output.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as kept:
        for name, part in zip(names, (reader.mean, reader.deviation, *reader.weights), strict=True):
            buffer = io.BytesIO()
            np.save(buffer, part.astype(np.float32))
            kept.writestr(zipfile.ZipInfo(f"{name}.npy", (2026, 1, 1, 0, 0, 0)), buffer.getvalue())


def main() -> int:
    """Train, save, and count what is read right."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=ROOT / "resources" / "mouth" / "vowels.npz")
    arguments = parser.parse_args()
    engine = HibariEngine({})
    engine.load(lambda _share: None)
    rows, labels = zip(*examples(engine), strict=True)
    seen, classes = np.array(rows), np.array(labels)
    mean, deviation = seen.mean(axis=0), seen.std(axis=0)
    save(VowelReader(mean, deviation, committee((seen - mean) / deviation, classes)), arguments.output)
    reader = VowelReader.load(arguments.output)
    right = sum(read_word(speak(engine, word), reader) == vowel for vowel, words in WORDS.items() for word in words)
    total = sum(len(words) for words in WORDS.values())
    print(f"{len(seen)} moments learned, {right} of {total} other words read right")
    return 0


if __name__ == "__main__":
    sys.exit(main())
