"""Spoken turns with stub engines: how soon after the end of speech she is heard, and whether she was ever heard too soon."""

from __future__ import annotations

import asyncio
import math
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from voxelle.benches.stage import Call, Stage, open_stage
from voxelle.benches.voice_script import WRONG_ENDS, Line, lines
from voxelle.benches.voice_stubs import FRAME_S, Speaker, StubActivity, StubEndOfTurn, StubMicrophone, StubRecognizer
from voxelle.companion.hearing.ports import EarPorts
from voxelle.companion.sameness import means_same
from voxelle.domain.events import ClauseHeard, MicrophoneHeard
from voxelle.kernel.clock import LoopClock, SystemClock
from voxelle.kernel.tasks import TaskScope

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from voxelle.kernel.clock import Clock

SPOKEN_TURNS: Final = 500
SHARES: Final = 300
SOON_S: Final = 0.22
_SEED: Final = 20_261_207
RECOGNITION_S, FIRST_TOKEN_S, FIRST_SAMPLE_S, END_OF_TURN_S = 0.08, 0.15, 0.06, 0.03
_PATIENCE_S: Final = 12.0
_BETWEEN_S: Final = 0.7
_MOMENT_S: Final = 0.005


@dataclass(slots=True)
class VoiceStage:
    """A companion who hears, and the one who speaks to her."""

    stage: Stage
    microphone: StubMicrophone
    speaker: Speaker
    recognizer: StubRecognizer
    answered: dict[str, str] = field(default_factory=dict)
    """What the model was asked for each turn that was heard."""
    first_heard_s: dict[str, float] = field(default_factory=dict)
    """When each turn was first audible, in seconds of the bench."""
    has_sounded: asyncio.Event = field(default_factory=asyncio.Event)
    has_followed: asyncio.Event = field(default_factory=asyncio.Event)
    """The newest frame was taken."""

    @property
    def played_s(self) -> float:
        """When the first sample of the newest turn was handed to the output."""
        played = self.stage.output.first_play_s
        return played[max(played)]

    def note_clause(self, event: ClauseHeard) -> None:
        """Something is audible."""
        if event.clause.turn_id not in self.first_heard_s:
            self.first_heard_s[event.clause.turn_id] = self.microphone.now_s
            self.answered[event.clause.turn_id] = self.stage.model.calls[-1].text.rpartition(": ")[2]
            self.has_sounded.set()


@dataclass(slots=True)
class Findings:
    """What was found of the turns."""

    first_audio_s: list[float] = field(default_factory=list)
    """From the end of speech; infinity for a turn without an answer."""
    by_kind: dict[str, list[float]] = field(default_factory=dict)
    speculated_heard: int = 0
    """Answers that sounded although the speaker went on, where the engines could know it."""
    wrong_ends_heard: int = 0
    """Answers that sounded since even the end-of-turn engine was sure."""
    misunderstood: int = 0
    """Answers to something else than what was said."""


@asynccontextmanager
async def open_voice_stage(
    folder: Path, clock: Clock, *, recognition_s: float, first_token_s: float, first_sample_s: float, end_of_turn_s: float
) -> AsyncIterator[VoiceStage]:
    """Open a companion with stub engines and stub ears; `folder` takes the settings file."""
    microphone, speaker = StubMicrophone(clock), Speaker()
    recognizer = StubRecognizer(clock, speaker, recognition_s)
    ears = EarPorts(microphone, StubActivity(clock, speaker), StubEndOfTurn(clock, speaker, end_of_turn_s), recognizer)
    async with open_stage(folder, clock, first_token_s=first_token_s, first_sample_s=first_sample_s, ears=ears) as stage:
        await stage.settings.change("hearing.is_enabled", value=True)
        await stage.companion.settle_in()
        voice = VoiceStage(stage, microphone, speaker, recognizer)
        stage.bus.subscribe(ClauseHeard, voice.note_clause)
        stage.bus.subscribe(MicrophoneHeard, lambda _event: voice.has_followed.set())
        yield voice


async def voice_turns(folder: Path, turns: int) -> Findings:
    """Let somebody speak to her so often, on virtual time."""
    findings = Findings()
    delays = {
        "recognition_s": RECOGNITION_S,
        "first_token_s": FIRST_TOKEN_S,
        "first_sample_s": FIRST_SAMPLE_S,
        "end_of_turn_s": END_OF_TURN_S,
    }
    async with open_voice_stage(folder, LoopClock(), **delays) as voice, TaskScope("speaker") as scope:
        scope.start(voice.microphone.run(), name="microphone")
        await voice.stage.clock.sleep(1.0)
        for line in lines(turns, _SEED):
            await _converse(voice, line, findings)
    return findings


async def _converse(voice: VoiceStage, line: Line, findings: Findings) -> None:
    """Say one line and wait for the answer; an answer before the end of the line is noted."""
    clock = voice.stage.clock
    if line.kind != "barge_in":
        await voice.stage.companion.stop_talking()
        await clock.sleep(_BETWEEN_S)
    known = set(voice.first_heard_s)
    ends_s = voice.speaker.say(line, voice.microphone.now_s + 0.1)
    await clock.sleep(ends_s - voice.microphone.now_s)
    for turn_id in set(voice.first_heard_s) - known:
        if line.kind == WRONG_ENDS:
            findings.wrong_ends_heard += 1
        else:
            findings.speculated_heard += 1
        known.add(turn_id)
    try:
        async with asyncio.timeout(_PATIENCE_S):
            while not (new := set(voice.first_heard_s) - known):
                voice.has_sounded.clear()
                await voice.has_sounded.wait()
    except TimeoutError:
        _note(findings, line, math.inf)
        return
    [turn_id] = new
    _note(findings, line, voice.first_heard_s[turn_id] - ends_s)
    if line.kind != WRONG_ENDS and not means_same(voice.answered[turn_id], line.text):
        findings.misunderstood += 1
    await clock.sleep(_BETWEEN_S)


def _note(findings: Findings, line: Line, took_s: float) -> None:
    findings.first_audio_s.append(took_s)
    findings.by_kind.setdefault(line.kind, []).append(took_s)


async def voice_orchestration(folder: Path, turns: int) -> list[float]:
    """Return what every spoken turn spent outside the engines and outside of waiting for the speaker, in seconds, on the real clock.

    Half of the turns are begun ahead and committed by the frame that decides; half are decided before their words are known.
    The frames are handed over as fast as they are taken.
    """
    delays = {"recognition_s": 0.01, "first_token_s": 0.02, "first_sample_s": 0.01, "end_of_turn_s": 0.005}
    plain = [line for line in lines(4 * turns, _SEED) if line.kind == "plain" and line.is_sure][:turns]
    async with open_voice_stage(folder, SystemClock(), **delays) as voice:
        shares = [await _share_ahead(voice, line) for line in plain[::2]]
        await voice.stage.settings.change("hearing.think_ahead", value=False)
        return shares + [await _share_straight(voice, line) for line in plain[1::2]]


class _Frames:
    """Hands frames over as fast as they are taken; their times go on from now."""

    def __init__(self, voice: VoiceStage) -> None:
        self._voice = voice
        self._first = voice.microphone.number
        self._begin_s = voice.stage.clock.monotonic()
        self.last_s = self._begin_s
        """When the last one was handed over."""

    async def hear(self) -> None:
        """Hand one over, and wait until it was followed."""
        microphone, self._voice.has_followed = self._voice.microphone, asyncio.Event()
        self.last_s = self._voice.stage.clock.monotonic()
        microphone.hear(self._begin_s + (microphone.number + 1 - self._first) * FRAME_S)
        async with asyncio.timeout(_PATIENCE_S):
            await self._voice.has_followed.wait()


async def _say(voice: VoiceStage, line: Line) -> _Frames:
    """Say a line up to the frame of silence after which its words are asked for."""
    frames, calls = _Frames(voice), len(voice.recognizer.calls)
    voice.stage.output.has_played.clear()
    voice.speaker.say(line, voice.microphone.number * FRAME_S + _BETWEEN_S)
    while len(voice.recognizer.calls) == calls:
        await frames.hear()
        await asyncio.sleep(0)
    return frames


async def _share_ahead(voice: VoiceStage, line: Line) -> float:
    """Say a line, wait until the answer is ready behind the curtain, and let the next frames decide."""
    stage, clock = voice.stage, voice.stage.clock
    frames = await _say(voice, line)
    heard = voice.recognizer.calls[-1]
    async with asyncio.timeout(_PATIENCE_S):
        while (ready := _ready(stage, heard)) is None:
            await clock.sleep(_MOMENT_S)
    await clock.sleep(_MOMENT_S)
    decided_s = math.inf
    while not stage.output.has_played.is_set():
        decided_s = clock.monotonic()
        await frames.hear()
        await clock.sleep(_MOMENT_S)
    played_s = voice.played_s
    await stage.companion.stop_talking()
    thought, spoken = ready
    return max(0.0, thought.asked_s - heard.answered_s) + spoken.asked_s - thought.answered_s + played_s - decided_s


def _ready(stage: Stage, heard: Call) -> tuple[Call, Call] | None:
    """Return the calls of the model and of the voice for the answer that waits, if it does."""
    if math.isnan(heard.answered_s) or not stage.model.calls:
        return None
    thought = stage.model.calls[-1]
    spoken = next((call for call in stage.voice.calls if call.asked_s >= thought.answered_s), None)
    return None if spoken is None or math.isnan(spoken.answered_s) else (thought, spoken)


async def _share_straight(voice: VoiceStage, line: Line) -> float:
    """Say a line and the silence after it at once, so that all is decided before anything is known."""
    stage, model_calls, voice_calls = voice.stage, len(voice.stage.model.calls), len(voice.stage.voice.calls)
    frames = await _say(voice, line)
    heard, decided_s = voice.recognizer.calls[-1], frames.last_s
    async with asyncio.timeout(_PATIENCE_S):
        while math.isnan(heard.answered_s) or len(stage.model.calls) == model_calls:
            await frames.hear()
            await stage.clock.sleep(_MOMENT_S / 10)
        await stage.output.has_played.wait()
    played_s = voice.played_s
    await stage.companion.stop_talking()
    calls = (heard, stage.model.calls[model_calls], stage.voice.calls[voice_calls])
    return played_s - decided_s - sum(call.answered_s - call.asked_s for call in calls)
