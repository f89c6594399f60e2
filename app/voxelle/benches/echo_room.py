"""A loudspeaker, a room and a microphone in simulated time: two clocks that drift apart, walls, a little hiss."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, Final

import numpy as np
import soxr

from voxelle.contracts.audio import OUTPUT_RATE
from voxelle.contracts.tts import Samples
from voxelle.kernel.worker import CancelToken
from voxelle.providers.tts.hibari_engine import HibariEngine

PIECE_FRAMES: Final = OUTPUT_RATE * 10
"""The scene is made in pieces of ten seconds; every few of them the furniture is moved."""
ECHO_DB: Final = -10.0
SHORTEST_DELAY_S, LONGEST_DELAY_S = 0.06, 0.12
"""What neither device says of its latency, and the way through the air."""
_DRIFT_PPM: Final = 80.0
_PIECES_A_ROOM: Final = 3
_MOVED_S: Final = 0.002
_REFLECTIONS: Final = 6
_REVERBERATION_S: Final = 0.25
_IMPULSE_S: Final = 0.55
_HISS: Final = 10 ** (-65 / 20)


@dataclass(frozen=True, slots=True)
class Line:
    """Something said: from one frame to another of the scene."""

    begin: int
    end: int


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """Ten seconds of the scene at OUTPUT_RATE: what her output plays, and what is said at the microphone meanwhile."""

    played: Samples
    said: Samples


def speak(engine: HibariEngine, text: str, **prosody: float) -> Samples:
    """Let the embedded voice say something, at OUTPUT_RATE."""
    replies = list(engine.perform("speak", {"text": text, "prosody": prosody}, None, CancelToken()))
    samples = np.concatenate([reply.audio for reply in replies if reply.audio is not None])
    return np.asarray(soxr.resample(samples, replies[0].data["sample_rate"], OUTPUT_RATE), np.float32)


def level(samples: Samples) -> float:
    """Return the loudness: RMS."""
    return float(np.sqrt(np.mean(samples * samples)))


class Scene:
    """She says one line after the other; with a guest somebody says something over most of them, at a loudness."""

    def __init__(self, hers: Sequence[Samples], guests: Sequence[Samples], guest_level: float, chance: Random) -> None:
        self.lines: list[Line] = []
        """What she says."""
        self.interruptions: list[Line] = []
        self._hers = hers
        self._guests = [guest * np.float32(guest_level / level(guest)) for guest in guests]
        self._chance = chance
        self._made = 0
        self._played = np.zeros(0, np.float32)
        self._said = np.zeros(0, np.float32)

    def pieces(self, seconds: float) -> Iterator[Piece]:
        """Make the scene, so many seconds of it."""
        for _ in range(round(seconds * OUTPUT_RATE / PIECE_FRAMES)):
            while self._played.size < PIECE_FRAMES:
                self._add_line()
            yield Piece(self._played[:PIECE_FRAMES], self._said[:PIECE_FRAMES])
            self._played, self._said = self._played[PIECE_FRAMES:], self._said[PIECE_FRAMES:]
            self._made += PIECE_FRAMES

    def _add_line(self) -> None:
        hers = self._chance.choice(self._hers) * np.float32(self._chance.uniform(0.7, 1.0))
        size = hers.size + round(self._chance.uniform(0.4, 2.0) * OUTPUT_RATE)
        begin = self._made + self._played.size
        self.lines.append(Line(begin, begin + hers.size))
        played, said = np.zeros(size, np.float32), np.zeros(size, np.float32)
        played[: hers.size] = hers
        if self._guests:
            guest = self._chance.choice(self._guests)
            latest = max(0, hers.size - guest.size)
            at = self._chance.randint(min(OUTPUT_RATE // 5, latest), latest)
            said[at : at + guest.size] = guest[: size - at]
            self.interruptions.append(Line(begin + at, begin + at + guest.size))
        self._played = np.concatenate((self._played, played))
        self._said = np.concatenate((self._said, said))


class Room:
    """Turns what is played into what a microphone hears, whose clock runs differently by some parts in a million.

    Delay and clocks stay as they are; the walls move, and the microphone by up to 70 cm.
    """

    def __init__(self, seed: int) -> None:
        self._chance = np.random.default_rng(seed)
        self.rate = OUTPUT_RATE * (1 + self._chance.uniform(-_DRIFT_PPM, _DRIFT_PPM) * 1e-6)
        """Samples that the microphone gives in a second of the loudspeaker's clock."""
        self._delay_s = self._chance.uniform(SHORTEST_DELAY_S, LONGEST_DELAY_S)
        self._stream: Any = soxr.ResampleStream(OUTPUT_RATE, self.rate, 1, dtype="float32", quality="HQ")
        self._ringing = np.zeros(0, np.float32)
        self._impulse = self._furnish()
        self._pieces = 0

    def hear(self, piece: Piece) -> Samples:
        """Return what the microphone hears of a piece, as it comes."""
        if self._pieces and self._pieces % _PIECES_A_ROOM == 0:
            self._impulse = self._furnish()
        self._pieces += 1
        echo = _through(piece.played, self._impulse)
        echo[: self._ringing.size] += self._ringing
        self._ringing = echo[PIECE_FRAMES:]
        heard = np.asarray(self._stream.resample_chunk(echo[:PIECE_FRAMES] + piece.said), np.float32)
        hiss: Samples = heard + self._chance.standard_normal(heard.size).astype(np.float32) * np.float32(_HISS)
        return hiss

    def _furnish(self) -> Samples:
        """Return another impulse response: the delay, some walls, a tail."""
        impulse = np.zeros(round(_IMPULSE_S * OUTPUT_RATE), np.float32)
        direct = round((self._delay_s + self._chance.uniform(0.0, _MOVED_S)) * OUTPUT_RATE)
        impulse[direct] = 1.0
        for _ in range(_REFLECTIONS):
            late = round(self._chance.uniform(0.002, 0.04) * OUTPUT_RATE)
            impulse[direct + late] += self._chance.uniform(0.15, 0.5) * self._chance.choice((-1, 1))
        at_s = np.arange(impulse.size - direct) / OUTPUT_RATE
        impulse[direct:] += 0.0125 * self._chance.standard_normal(at_s.size) * np.exp(-6.9 * at_s / _REVERBERATION_S)
        loudness = np.sqrt(np.sum(impulse * impulse))
        return np.asarray(impulse * (10 ** (ECHO_DB / 20) / loudness), np.float32)


def _through(samples: Samples, impulse: Samples) -> Samples:
    """Convolve; the result is longer by the impulse."""
    size = samples.size + impulse.size - 1
    fast = 1 << (size - 1).bit_length()
    return np.fft.irfft(np.fft.rfft(samples, fast) * np.fft.rfft(impulse, fast), fast)[:size].astype(np.float32)
