"""Stub ears for benches: a speaker on the clock, a microphone, and engines of fixed delay that know what is said in which frame.

A frame holds nothing but its own number, so that whoever gets samples knows the time they are from. A word is understood once
most of it was heard, as recognisers do.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_left
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from voxelle.benches.stage import Call
from voxelle.benches.voice_script import Line, SpokenWord, understood
from voxelle.contracts.audio import INPUT_FRAMES, INPUT_RATE, AudioInput, MicrophoneFrame
from voxelle.contracts.end_of_turn import EndOfTurn
from voxelle.contracts.stt import RecognitionRequest, SpeechRecognizer, Transcript
from voxelle.contracts.vad import VoiceActivity

if TYPE_CHECKING:
    from voxelle.contracts.tts import Samples
    from voxelle.kernel.clock import Clock

FRAME_S: Final = INPUT_FRAMES / INPUT_RATE
_SCALE: Final = 2.0**20
"""Frame numbers up to this are exact in a sample."""
_UNDERSTOOD_FROM: Final = 0.6
"""So much of a word has to be heard until it is understood."""
_VOICED, _SILENT = 0.96, 0.02


@dataclass(slots=True)
class Speaker:
    """Somebody who says lines at given times, in seconds of the bench."""

    words: list[SpokenWord] = field(default_factory=list)
    """With times of the bench, in order."""
    sureness: list[float] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    """Indices of the last words of lines."""

    def say(self, line: Line, at_s: float) -> float:
        """Say a line from a time on; returns when its last word ends."""
        self.words += [SpokenWord(word.text, at_s + word.begin_s, at_s + word.end_s, word.guess) for word in line.words]
        self.sureness += line.sureness
        self.ends.append(len(self.words) - 1)
        return at_s + line.ends_s

    def is_voiced(self, begin_s: float, end_s: float) -> bool:
        """Whether most of a moment is voice."""
        voiced = 0.0
        for word in self.words[self._first(begin_s) :]:
            if word.begin_s >= end_s:
                break
            voiced += min(word.end_s, end_s) - max(word.begin_s, begin_s)
        return voiced >= (end_s - begin_s) / 2

    def heard(self, begin_s: float, end_s: float) -> tuple[list[SpokenWord], bool]:
        """Return the words that can be understood of a stretch, and whether they end a line."""
        first = self._first(begin_s)
        words = []
        for word in self.words[first:]:
            length = word.end_s - word.begin_s
            if (min(word.end_s, end_s) - max(word.begin_s, begin_s)) / length < _UNDERSTOOD_FROM:
                if word.begin_s < begin_s:
                    first += 1
                    continue
                break
            words.append(word)
        return words, first + len(words) - 1 in self.ends

    def sure(self, at_s: float) -> float:
        """Return how sure one can be, at this moment of silence, that it is the end."""
        last = bisect_left(self.words, at_s, key=lambda word: word.begin_s) - 1
        return self.sureness[last] if last >= 0 else 0.0

    def _first(self, at_s: float) -> int:
        return bisect_left(self.words, at_s, key=lambda word: word.end_s)


def samples_of(number: int) -> Samples:
    """Return the samples of a frame."""
    return np.full(INPUT_FRAMES, number / _SCALE, np.float32)


def _number(sample: float) -> int:
    return round(sample * _SCALE)


def _stretch(samples: Samples) -> tuple[float, float]:
    """Return from when to when samples are; frames that were never heard are 0."""
    heard = samples[samples > 0]
    return (_number(float(heard[0])) * FRAME_S, (_number(float(heard[-1])) + 1) * FRAME_S) if heard.size else (0.0, 0.0)


class StubMicrophone(AudioInput):
    """Hears frame after frame on the clock while it is open."""

    sentence = "Bench microphone"

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock
        self._is_open = asyncio.Event()
        self.number = 1
        """Of the next frame."""
        self.began_s = clock.monotonic() - FRAME_S
        """When frame 0 began."""

    @property
    def now_s(self) -> float:
        """Seconds of the bench, as the frames count them."""
        return self._clock.monotonic() - self.began_s

    async def open(self) -> None:
        """Begin to hear."""
        self._is_open.set()

    async def close(self) -> None:
        """Hear no more."""
        self._is_open.clear()

    async def run(self) -> None:
        """Hear in real time, until cancelled."""
        while True:
            due_s = (self.number + 1) * FRAME_S
            await self._clock.sleep(max(0.0, due_s - self.now_s))
            self.hear(self._clock.monotonic())

    def hear(self, at_s: float) -> None:
        """Hand the next frame on as if its end were heard now."""
        if self._is_open.is_set():
            self._listener(MicrophoneFrame(samples_of(self.number), at_s, 0.1))
        self.number += 1


class StubActivity(VoiceActivity):
    """Knows at once which frames are voiced."""

    id = "stub_vad"
    title = "Stub voice activity"

    def __init__(self, clock: Clock, speaker: Speaker) -> None:
        super().__init__(clock)
        self._said = speaker

    async def open(self) -> None:
        """Nothing to load."""

    async def close(self) -> None:
        """Nothing to free."""

    async def _judge(self, speaker: str, samples: Samples) -> float:
        begin_s, end_s = _stretch(samples)
        return _VOICED if self._said.is_voiced(begin_s, end_s) else _SILENT

    async def _forget(self, speaker: str) -> None:
        pass


class StubRecognizer(SpeechRecognizer):
    """Understands a stretch after `work_s`, one at a time; a request that is given up costs no more time."""

    id = "stub_stt"
    title = "Stub recogniser"

    def __init__(self, clock: Clock, speaker: Speaker, work_s: float) -> None:
        super().__init__(clock)
        self._said = speaker
        self._free = asyncio.Lock()
        self.work_s = work_s
        self.calls: list[Call] = []
        """Those that are no interim ones."""

    async def open(self) -> None:
        """Nothing to load."""

    async def close(self) -> None:
        """Nothing to free."""

    async def _transcribe(self, request: RecognitionRequest) -> Transcript:
        call = Call(self._clock.monotonic())
        if not request.is_interim:
            self.calls.append(call)
        async with self._free:
            await self._clock.sleep(self.work_s)
        begin_s, end_s = _stretch(request.samples)
        words, is_all = self._said.heard(begin_s, end_s)
        call.answered_s = self._clock.monotonic()
        text = understood(words, is_all=is_all and not (request.is_interim and words[-1].guess), chance=(len(words) * 0.37) % 1.0)
        return Transcript(text, "en", -0.2, 0.01 if words else 0.9)


class StubEndOfTurn(EndOfTurn):
    """Knows after `work_s` how sure one can be of the end."""

    id = "stub_end_of_turn"
    title = "Stub end of turn"

    def __init__(self, clock: Clock, speaker: Speaker, work_s: float) -> None:
        super().__init__(clock)
        self._said = speaker
        self.work_s = work_s

    async def open(self) -> None:
        """Nothing to load."""

    async def close(self) -> None:
        """Nothing to free."""

    async def _probability(self, samples: Samples) -> float:
        await self._clock.sleep(self.work_s)
        return self._said.sure(_stretch(samples)[1])
