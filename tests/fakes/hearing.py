"""Engines of hearing whose every move is written down, and a speaker who talks to them on the clock's time.

Sound is a code: what somebody says stands in the samples as a number, from which the recogniser knows the sentence, and by how
much of it there is, how many of its words.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from tests.fakes.input import FakeInput
from voxelle.companion.hearing.ports import EarPorts
from voxelle.contracts.audio import INPUT_FRAMES, INPUT_RATE, MicrophoneFrame
from voxelle.contracts.embedding import Vectors
from voxelle.contracts.end_of_turn import EndOfTurn
from voxelle.contracts.provider import Limits
from voxelle.contracts.speaker import SpeakerRecognizer, VoicePrint, VoicePrintStore
from voxelle.contracts.stt import RecognitionRequest, SpeechRecognizer, Transcript
from voxelle.contracts.tts import Samples
from voxelle.contracts.vad import VoiceActivity
from voxelle.domain.errors import VoxelleError
from voxelle.kernel.clock import Clock

FRAME_S = INPUT_FRAMES / INPUT_RATE
_VOICE = 0.2
_STEP = 0.001
_NOISE = 0.05


@dataclass(frozen=True, slots=True)
class Sentence:
    """What somebody says, and how well it is understood."""

    text: str
    frames: int
    log_probability: float = -0.1
    no_speech: float = 0.01
    language: str = "en"


class FakeVoiceActivity(VoiceActivity):
    """Knows voice by its loudness."""

    id = "fake_activity"
    title = "Fake voice activity"

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.error: VoxelleError | None = None
        self.error_at_open: VoxelleError | None = None
        self.forgotten: list[str] = []
        self.judged = 0
        self.delay_s = 0.0

    async def open(self) -> None:
        if self.error_at_open is not None:
            raise self.error_at_open

    async def close(self) -> None:
        """Nothing to free."""

    async def _judge(self, speaker: str, samples: Samples) -> float:
        self.judged += 1
        if self.delay_s:
            await self._clock.sleep(self.delay_s)
        if self.error is not None:
            raise self.error
        return 0.95 if samples[0] >= _VOICE - _STEP / 2 else 0.02

    async def _forget(self, speaker: str) -> None:
        if self.error is not None:
            raise self.error
        self.forgotten.append(speaker)


class FakeEndOfTurn(EndOfTurn):
    """Says again and again what it was told to say, after `delay_s`."""

    id = "fake_end_of_turn"
    title = "Fake end of turn"

    def __init__(self, clock: Clock, probability: float = 0.95, delay_s: float = 0.03) -> None:
        super().__init__(clock)
        self.answer = probability
        self.delay_s = delay_s
        self.error: VoxelleError | None = None
        self.asked: list[int] = []
        """Samples of each question."""

    async def open(self) -> None:
        """Nothing to load."""

    async def close(self) -> None:
        """Nothing to free."""

    async def _probability(self, samples: Samples) -> float:
        self.asked.append(samples.size)
        await self._clock.sleep(self.delay_s)
        if self.error is not None:
            raise self.error
        return self.answer


class FakeSpeakers(SpeakerRecognizer):
    """Says that every sound is the voice that was set, one vector for each stretch of 0.8 s."""

    id = "fake_speakers"
    title = "Fake speaker recognition"
    dimensions = 2
    same_from = 0.75
    same_from_short = 0.7

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.voices: tuple[float, ...] = (0.0,)
        """Angles of the voices, in turn; 0 is the streamer's."""
        self.error: VoxelleError | None = None
        self.asked: list[int] = []
        self.closed = 0

    async def open(self) -> None:
        """Nothing to load."""

    async def close(self) -> None:
        self.closed += 1

    async def _embed(self, samples: Samples) -> Vectors:
        self.asked.append(samples.size)
        await self._clock.sleep(0.05)
        if self.error is not None:
            raise self.error
        count = max(1, samples.size // 12_800 - 1)
        angles = np.array([self.voices[index % len(self.voices)] for index in range(count)])
        return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


class FakePrints(VoicePrintStore):
    """Keeps it in memory."""

    def __init__(self, kept: VoicePrint | None = None) -> None:
        self.kept = kept
        self.error: VoxelleError | None = None

    def load(self) -> VoicePrint | None:
        return self.kept

    def save(self, voice_print: VoicePrint) -> None:
        if self.error is not None:
            raise self.error
        self.kept = voice_print

    def delete(self) -> None:
        if self.error is not None:
            raise self.error
        self.kept = None


class FakeRecognizer(SpeechRecognizer):
    """Reads the code of a `Speaker`."""

    id = "fake_recognizer"
    title = "Fake recogniser"

    def __init__(self, clock: Clock, delay_s: float = 0.08, limits: Limits | None = None) -> None:
        super().__init__(clock, limits)
        self.delay_s = delay_s
        self.error: VoxelleError | None = None
        self.sentences: list[Sentence] = []
        self.requests: list[RecognitionRequest] = []

    async def open(self) -> None:
        """Nothing to load."""

    async def close(self) -> None:
        """Nothing to free."""

    async def _transcribe(self, request: RecognitionRequest) -> Transcript:
        self.requests.append(request)
        await self._clock.sleep(self.delay_s)
        if self.error is not None:
            raise self.error
        return self.read(request.samples)

    def read(self, samples: Samples) -> Transcript:
        """Return what stands in the samples."""
        codes = np.rint((samples[::INPUT_FRAMES] - _VOICE) / _STEP).astype(int)
        found = [(index, int((codes == index).sum())) for index in range(len(self.sentences)) if (codes == index).any()]
        texts = [_words_so_far(self.sentences[index], frames) for index, frames in found]
        if not found:
            return Transcript("", no_speech=0.9)
        last = self.sentences[found[-1][0]]
        return Transcript(" ".join(filter(None, texts)), last.language, last.log_probability, last.no_speech)


def _words_so_far(sentence: Sentence, frames: int) -> str:
    words = sentence.text.split()
    if frames >= sentence.frames - 2:
        return sentence.text
    return " ".join(words[: len(words) * frames // sentence.frames])


class Speaker:
    """Somebody at a microphone. Frames come at the pace of the clock."""

    def __init__(self, clock: Clock, microphone: FakeInput, recognizer: FakeRecognizer) -> None:
        self._clock = clock
        self._microphone = microphone
        self._recognizer = recognizer
        self.ended_s = 0.0
        """When the last voiced frame was at the microphone."""

    async def say(self, text: str, seconds: float = 1.0, **understood: float | str) -> None:
        """Say a sentence; `understood` are fields of `Sentence`."""
        frames = max(1, round(seconds / FRAME_S))
        sentence = replace(Sentence(text, frames), **understood)  # type: ignore[arg-type]
        self._recognizer.sentences.append(sentence)
        await self._play(_VOICE + _STEP * (len(self._recognizer.sentences) - 1), frames)
        self.ended_s = self._clock.monotonic()

    async def silence(self, seconds: float) -> None:
        """Say nothing."""
        await self._play(0.0, round(seconds / FRAME_S))

    async def noise(self, seconds: float, burst: int = 1) -> None:
        """Let the fan be heard; `burst` frames come at once."""
        await self._play(_NOISE, round(seconds / FRAME_S), burst)

    async def _play(self, value: float, frames: int, burst: int = 1) -> None:
        samples = np.full(INPUT_FRAMES, value, np.float32)
        for left in range(frames, 0, -burst):
            count = min(burst, left)
            await self._clock.sleep(count * FRAME_S)
            now_s = self._clock.monotonic()
            for before in range(count - 1, -1, -1):
                self._microphone.feed(MicrophoneFrame(samples, now_s - before * FRAME_S, value, self._microphone.overruns))


def fake_ears(clock: Clock) -> EarPorts:
    """Return everything to hear with."""
    return EarPorts(FakeInput(), FakeVoiceActivity(clock), FakeEndOfTurn(clock), FakeRecognizer(clock), FakeSpeakers(clock), FakePrints())
