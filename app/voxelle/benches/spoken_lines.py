"""Sentences for her ears: spoken by the embedded voice and by espeak-ng, and how many of their words came through."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
import wave
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
import soxr

from voxelle.contracts.audio import INPUT_RATE
from voxelle.contracts.tts import Samples
from voxelle.kernel.worker import CancelToken, Reply
from voxelle.providers.tts.hibari_engine import HibariEngine

SENTENCES: Final = (
    "Hello there, how are you doing today?",
    "I just finished my homework and now I want to play.",
    "What game are we playing tonight?",
    "The dragon sits on a pile of gold.",
    "Please turn the music down a little.",
    "I woke up late and missed the bus to school.",
    "Can you tell me a story about a brave fox?",
    "My favourite colour is green, but I also like blue.",
    "Wait for the roar, then roll to the left.",
    "Thank you so much for the gift, that is very kind.",
    "She sells fresh bread at the corner shop.",
    "We should fight the first boss again tomorrow morning.",
    "Do you think it will rain on Saturday?",
    "I would buy a castle and fill it with cats.",
)
_SPELLINGS: Final = {"favorite": "favourite", "color": "colour"}
"""Right both ways."""


def embedded_lines(sentences: Sequence[str] = SENTENCES) -> list[Samples]:
    """Return sentences as the embedded voice says them, at INPUT_RATE."""
    engine = HibariEngine({})
    engine.load(lambda _share: None)
    return [_heard(list(engine.perform("speak", {"text": line, "prosody": {}}, None, CancelToken()))) for line in sentences]


def espeak_lines(sentences: Sequence[str] = SENTENCES) -> list[Samples]:
    """Return sentences as espeak-ng says them, at INPUT_RATE; nothing where it is not installed."""
    program = shutil.which("espeak-ng")
    if program is None:
        return []
    lines = []
    with tempfile.TemporaryDirectory(prefix="voxelle-bench-") as folder:
        for number, sentence in enumerate(sentences):
            place = Path(folder) / f"{number}.wav"
            subprocess.run([program, "-v", "en-gb", "-w", str(place), sentence], check=True, stdin=subprocess.DEVNULL)
            lines.append(read_wav(place))
    return lines


def read_wav(place: Path) -> Samples:
    """Return a file of 16 bits, mono, at INPUT_RATE."""
    with wave.open(str(place)) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.float32) / 32768
        return np.asarray(soxr.resample(samples, file.getframerate(), INPUT_RATE), np.float32)


def words_of(text: str) -> list[str]:
    """Return the words of a text as they are compared."""
    return [_SPELLINGS.get(word, word) for word in re.findall(r"[a-z']+", text.lower())]


def word_errors(said: str, heard: str) -> tuple[int, int]:
    """Return how many words are wrong, left out or too many, and how many were said."""
    wanted, found = words_of(said), words_of(heard)
    row = list(range(len(found) + 1))
    for index, word in enumerate(wanted, start=1):
        before, row[0] = row[0], index
        for column, other in enumerate(found, start=1):
            before, row[column] = row[column], min(row[column] + 1, row[column - 1] + 1, before + (word != other))
    return row[-1], len(wanted)


def _heard(replies: Sequence[Reply]) -> Samples:
    sound = np.concatenate([reply.audio for reply in replies if reply.audio is not None])
    return np.asarray(soxr.resample(sound, replies[0].data["sample_rate"], INPUT_RATE), np.float32)
