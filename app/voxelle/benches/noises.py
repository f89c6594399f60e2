"""What a microphone hears all evening that is nobody's speech, synthesised from a seed: a quiet room, a fan, music, a keyboard."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
import numpy.typing as npt

from voxelle.contracts.audio import INPUT_RATE
from voxelle.contracts.tts import Samples

Chance = np.random.Generator
_SCALE: Final = (220.0, 246.94, 261.63, 293.66, 329.63, 349.23, 392.0, 440.0, 523.25)
_VOWELS: Final = ((700.0, 1220.0, 2600.0), (450.0, 800.0, 2830.0))
_OVERTONES: Final = (1.0, 0.5, 0.33, 0.2, 0.12)


def quiet_room(seconds: float, chance: Chance) -> Samples:
    """Hiss of a sound card, 60 dB below full."""
    return _as_samples(0.001 * chance.standard_normal(_count(seconds)))


def fan(seconds: float, chance: Chance) -> Samples:
    """A fan close by: low noise that swells a little, with the hum of its motor."""
    count = _count(seconds)
    time_s = np.arange(count) / INPUT_RATE
    wind = _coloured(count, chance, slope=0.8)
    hum = sum(level * np.sin(2 * np.pi * 49.7 * part * time_s) for part, level in ((1, 0.3), (2, 0.2), (7, 0.1)))
    swell = 1.0 + 0.2 * np.sin(2 * np.pi * 0.3 * time_s)
    return _as_samples((0.05 * wind + 0.02 * hum) * swell)


def music(seconds: float, chance: Chance) -> Samples:
    """Chords, a melody with overtones and vibrato, and drums, at 112 beats a minute: what comes from loudspeakers."""
    beat = round(INPUT_RATE * 60 / 112)
    count = _count(seconds)
    sound = np.zeros(count + 4 * beat)
    for index, begin in enumerate(range(0, count, beat // 2)):
        _add(sound, begin, 0.10 * _note(float(chance.choice(_SCALE)) * float(chance.choice((1, 2))), beat, vibrato=0.006))
        if index % 8 == 0:
            root = float(chance.choice(_SCALE[:6])) / 2
            for interval in (1.0, 1.2599, 1.4983):
                _add(sound, begin, 0.06 * _note(root * interval, 4 * beat))
        if index % 2 == 0:
            _add(sound, begin, 0.25 * _drum(beat // 2, 60.0))
        else:
            _add(sound, begin, 0.08 * chance.standard_normal(beat // 8) * np.exp(-np.arange(beat // 8) / 400))
    return _as_samples(sound[:count])


def choir(seconds: float, chance: Chance) -> Samples:
    """A synthesiser's choir that sings "ah" and "oh" in chords over the music: the nearest to a voice that is none."""
    count = _count(seconds)
    beat = round(INPUT_RATE * 60 / 112)
    sound = 0.4 * np.asarray(music(seconds, chance), np.float64)
    for begin in range(0, count, 4 * beat):
        root, formants = float(chance.choice(_SCALE[:6])), _VOWELS[int(chance.integers(len(_VOWELS)))]
        for interval in (1.0, 1.2599, 1.4983):
            _add(sound, begin, 0.07 * _sung(root * interval, 4 * beat, formants))
    return _as_samples(sound)


def keyboard(seconds: float, chance: Chance) -> Samples:
    """Somebody types in bursts: each stroke a click down, a thud, and a softer click up, in a quiet room."""
    count = _count(seconds)
    sound = 0.001 * chance.standard_normal(count + INPUT_RATE)
    at_s = 0.0
    while at_s < seconds:
        for part_s, level in ((0.0, 0.3), (0.012, 0.15), (0.09, 0.12)):
            _add(sound, _count(at_s + part_s), level * chance.uniform(0.5, 1.0) * _click(chance))
        at_s += float(chance.uniform(0.06, 0.22)) if chance.random() < 0.92 else float(chance.uniform(0.5, 3.0))
    return _as_samples(sound[:count])


NOISES: Final[dict[str, Callable[[float, Chance], Samples]]] = {
    "silence": quiet_room,
    "fan": fan,
    "music": music,
    "choir": choir,
    "keyboard": keyboard,
}


def _count(seconds: float) -> int:
    return round(seconds * INPUT_RATE)


def _as_samples(sound: npt.NDArray[np.float64]) -> Samples:
    return np.clip(sound, -1.0, 1.0).astype(np.float32)


def _add(sound: npt.NDArray[np.float64], begin: int, part: npt.NDArray[np.float64]) -> None:
    end = min(len(sound), begin + len(part))
    sound[begin:end] += part[: end - begin]


def _coloured(count: int, chance: Chance, slope: float) -> npt.NDArray[np.float64]:
    """Noise whose power falls with the frequency."""
    spectrum = np.fft.rfft(chance.standard_normal(count))
    spectrum /= np.maximum(1.0, np.arange(len(spectrum)) * INPUT_RATE / count / 100) ** slope
    noise = np.fft.irfft(spectrum, count)
    coloured: npt.NDArray[np.float64] = noise / noise.std()
    return coloured


def _note(hertz: float, length: int, vibrato: float = 0.0) -> npt.NDArray[np.float64]:
    time_s = np.arange(length) / INPUT_RATE
    phase = 2 * np.pi * hertz * (time_s + vibrato / 5.5 * np.sin(2 * np.pi * 5.5 * time_s))
    tone = sum(level * np.sin(part * phase) for part, level in enumerate(_OVERTONES, start=1))
    shaped: npt.NDArray[np.float64] = tone * np.minimum(1.0, time_s / 0.02) * np.exp(-2.0 * time_s)
    return shaped


def _sung(hertz: float, length: int, formants: tuple[float, ...]) -> npt.NDArray[np.float64]:
    """A tone whose overtones are strongest near the formants of a vowel, with the vibrato of a singer."""
    time_s = np.arange(length) / INPUT_RATE
    phase = 2 * np.pi * hertz * (time_s + 0.006 / 5.5 * np.sin(2 * np.pi * 5.5 * time_s))
    tone = np.zeros(length)
    for part in range(1, int(4000 / hertz)):
        tone += sum(1 / (1 + ((part * hertz - formant) / 120) ** 2) for formant in formants) * np.sin(part * phase)
    sung: npt.NDArray[np.float64] = tone * np.minimum(1.0, time_s / 0.15) * np.minimum(1.0, (length / INPUT_RATE - time_s) / 0.3)
    return sung


def _drum(length: int, hertz: float) -> npt.NDArray[np.float64]:
    time_s = np.arange(length) / INPUT_RATE
    beaten: npt.NDArray[np.float64] = np.sin(2 * np.pi * hertz * time_s * np.exp(-4 * time_s)) * np.exp(-14 * time_s)
    return beaten


def _click(chance: Chance) -> npt.NDArray[np.float64]:
    length = int(chance.integers(60, 240))
    time_s = np.arange(length) / INPUT_RATE
    ring = np.sin(2 * np.pi * float(chance.uniform(1800, 4200)) * time_s)
    struck: npt.NDArray[np.float64] = (0.6 * ring + 0.4 * chance.standard_normal(length)) * np.exp(-time_s * 900)
    return struck
