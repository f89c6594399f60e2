"""Ten minutes of her own voice from the loudspeakers into the microphone, and ten with somebody who speaks over her.

They are five evenings of two minutes, each with other devices and another room, and begun with a canceller that knows nothing.
Everything is the program's own, from what the output tells the canceller to the decision to interrupt; only the devices and the room
are simulated, in the time of their own clocks, so that it runs faster than real time. What she plays is not softened by being
interrupted: every interruption has to be heard over all of her voice.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING

import numpy as np

from voxelle.audio.echo import EchoCanceller, PlaybackReference
from voxelle.audio.frames import FrameMaker
from voxelle.benches import Figure
from voxelle.benches.echo_room import Line, Room, Scene, level, speak
from voxelle.companion.hearing.barge_in import BargeIn, Mouth
from voxelle.companion.hearing.endpointing import Ended, Endpointer, Resumed, VoiceBegan
from voxelle.contracts.audio import OUTPUT_RATE, MicrophoneFrame
from voxelle.contracts.tts import Samples
from voxelle.domain.errors import SetupError
from voxelle.kernel.bus import Bus
from voxelle.kernel.clock import LoopClock
from voxelle.kernel.tasks import TaskScope
from voxelle.kernel.virtual_loop import run_virtual
from voxelle.providers.tts.hibari_engine import HibariEngine
from voxelle.providers.vad.silero_engine import SileroNetwork
from voxelle.settings.hearing import HearingSettings

if TYPE_CHECKING:
    from voxelle.kernel.paths import Paths

EVENINGS = 5
EVENING_S = 120.0
UNCANCELLED_S = 60.0
_SEED = 20_261_124
_BLOCK = OUTPUT_RATE // 100
_OUTPUT_LATENCY_S = 0.04
_INPUT_LATENCY_S = 0.012
_LATE_S = 0.002
"""How late a thread wakes up on average."""
_HERS = (
    "Hello everybody, and welcome back to the stream! I have missed you all so much.",
    "Today we climb that ridiculous mountain again, and this time I will not fall off the ledge.",
    "Oh no, did you see that? A whole herd of goats just walked past me as if I were furniture.",
    "Thank you for the five subs, you absolute legend. I am going to name a goat after you.",
    "If we go left, there is a bridge, and if we go right, there is a very suspicious cave.",
    "Chat, stop telling me to jump. I know what happens when I jump. We all know what happens.",
    "Someone asked for my favourite food. It is toast, because toast is bread that has been on a journey.",
    "Quiet now. The boss is asleep, and I intend to keep it that way for ten more seconds.",
)
_GUESTS = (
    "Wait, stop there.",
    "Hey, can you tell me what time it is?",
    "No, go left instead.",
    "Hold on a second, I have a question.",
    "What was that noise just now?",
    "Please say that again.",
    "I think the bridge is safer.",
    "Could you read the last message?",
)
_GUEST_VOICE = {"pitch": 0.55, "formant": 0.85}
_QUIET_GUEST_DB = -6.0


def measure(paths: Paths) -> tuple[Figure, ...]:
    """Measure with the embedded voice and the installed voice activity detection."""
    weights = paths.packs / "ears" / "silero_vad.onnx"
    if not weights.is_file():
        msg = "The bench needs the pack `ears`: install it first."
        raise SetupError(msg)
    engine = HibariEngine({})
    engine.load(lambda _share: None)
    hers = [speak(engine, text) for text in _HERS]
    guests = [speak(engine, text, **_GUEST_VOICE) for text in _GUESTS]
    as_loud = float(np.mean([level(each) for each in hers]))
    network = SileroNetwork(weights)
    alone = evenings(network, hers)
    bare = rehearse(network, Scene(hers, (), 0.0, Random(_SEED)), UNCANCELLED_S, Devices(_SEED, cancels=False))
    over = evenings(network, hers, guests, as_loud)
    quiet = evenings(network, hers, guests, as_loud * 10 ** (_QUIET_GUEST_DB / 20), count=min(2, EVENINGS))
    return (
        Figure("simulated_s", EVENINGS * EVENING_S, "s"),
        Figure("lines", len(alone.lines), "count"),
        Figure("self_triggered", alone.turns, "count", "== 0"),
        Figure("self_ducked", alone.ducks, "count", "== 0"),
        Figure("echo_reduction_db", alone.reduction_db, "dB"),
        Figure("uncancelled_turns", bare.turns, "count", ">= 1"),
        Figure("interruptions", len(over.interruptions), "count", ">= 60"),
        Figure("heard_over_percent", over.heard_percent, "%", ">= 95"),
        Figure("stopped_by_percent", over.stopped_percent, "%"),
        Figure("heard_over_quiet_percent", quiet.heard_percent, "%"),
    )


def evenings(
    network: SileroNetwork, hers: Sequence[Samples], guests: Sequence[Samples] = (), guest_level: float = 0.0, count: int = EVENINGS
) -> Outcome:
    """Let so many evenings be heard, and return what came of all of them."""
    whole = Outcome()
    for seed in range(_SEED, _SEED + count):
        whole.add(rehearse(network, Scene(hers, guests, guest_level, Random(seed)), EVENING_S, Devices(seed)))
    return whole


@dataclass(slots=True)
class Outcome:
    """What her ears made of a scene."""

    lines: list[Line] = field(default_factory=list)
    interruptions: list[Line] = field(default_factory=list)
    heard: list[bool] = field(default_factory=list)
    """For each interruption whether a voice was found in it."""
    stopped: list[bool] = field(default_factory=list)
    """For each interruption whether it silenced her: the voice lasted long enough."""
    turns: int = 0
    """Utterances that would have gone to the recogniser."""
    ducks: int = 0
    began_s: list[float] = field(default_factory=list)
    paused_s: list[float] = field(default_factory=list)
    heard_energy: float = 0.0
    left_energy: float = 0.0

    def judge(self) -> None:
        """Say which interruptions were heard."""
        for line in self.interruptions:
            span_s = (_seconds(line.begin) - 0.1, _seconds(line.end) + 0.3)
            self.heard.append(any(span_s[0] <= at_s <= span_s[1] for at_s in self.began_s))
            self.stopped.append(any(span_s[0] <= at_s <= span_s[1] for at_s in self.paused_s))

    def add(self, other: Outcome) -> None:
        """Count another scene's as well."""
        self.lines += other.lines
        self.interruptions += other.interruptions
        self.heard += other.heard
        self.stopped += other.stopped
        self.turns += other.turns
        self.ducks += other.ducks
        self.heard_energy += other.heard_energy
        self.left_energy += other.left_energy

    @property
    def reduction_db(self) -> float:
        """How much quieter her voice became."""
        return float(10 * np.log10(self.heard_energy / self.left_energy))

    @property
    def heard_percent(self) -> float:
        """In how many interruptions a voice was found."""
        return _percent(self.heard)

    @property
    def stopped_percent(self) -> float:
        """How many interruptions silenced her."""
        return _percent(self.stopped)


def rehearse(network: SileroNetwork, scene: Scene, seconds: float, devices: Devices) -> Outcome:
    """Let a scene be heard."""
    network.forget("")
    outcome = Outcome(scene.lines, scene.interruptions)
    run_virtual(_listen(scene, network, seconds, outcome, devices))
    outcome.judge()
    return outcome


class Devices:
    """The output's and the microphone's side of the sound process, between them a room; time is the loudspeaker's."""

    def __init__(self, seed: int, *, cancels: bool = True) -> None:
        self._room = Room(seed)
        self._reference = PlaybackReference()
        self._frames = FrameMaker(OUTPUT_RATE, EchoCanceller(self._reference, is_wanted=cancels))
        self._late = Random(seed)
        self._written = 0
        self._captured = 0

    def run(self, scene: Scene, seconds: float) -> Iterator[MicrophoneFrame]:
        """Play the scene, and yield what the microphone gives meanwhile."""
        played = waiting = np.zeros(0, np.float32)
        for piece in scene.pieces(seconds):
            played = np.concatenate((played, piece.played))
            waiting = np.concatenate((waiting, self._room.hear(piece)))
            used = 0
            while used + _BLOCK <= waiting.size and (played := self._write(played)).size:
                self._captured += _BLOCK
                block = waiting[used : used + _BLOCK, None]
                used += _BLOCK
                yield from self._frames.take(block, self._heard_s + self._lateness_s(), _INPUT_LATENCY_S)
            waiting = waiting[used:]

    @property
    def _heard_s(self) -> float:
        """When the next block can be read."""
        return self._captured / self._room.rate + _INPUT_LATENCY_S

    def _write(self, played: Samples) -> Samples:
        """Write what the output takes until the microphone's next block comes; returns the rest."""
        until_s = self._heard_s + _BLOCK / self._room.rate
        done = 0
        while done + _BLOCK <= played.size and self._written / OUTPUT_RATE - _OUTPUT_LATENCY_S <= until_s:
            audible_s = self._written / OUTPUT_RATE
            self._reference.put(played[done : done + _BLOCK], audible_s + self._lateness_s())
            self._written += _BLOCK
            done += _BLOCK
        return played[done:]

    def _lateness_s(self) -> float:
        return min(0.02, self._late.expovariate(1 / _LATE_S))


async def _listen(scene: Scene, network: SileroNetwork, seconds: float, outcome: Outcome, devices: Devices) -> None:
    settings, clock = HearingSettings(), LoopClock()
    endpointer = Endpointer(settings)
    async with TaskScope("bench") as scope:
        barge_in = BargeIn(_Lips(scene, clock, outcome), lambda: settings, Bus(), clock, scope)
        for frame in devices.run(scene, seconds):
            await clock.sleep(frame.at_s - clock.monotonic())
            speech = network.judge("", frame.samples)
            outcome.heard_energy += frame.level**2
            outcome.left_energy += float(np.mean(frame.samples**2))
            barge_in.on_frame(speech, frame.at_s)
            for step in endpointer.push(speech, frame.at_s):
                if isinstance(step, VoiceBegan | Resumed):
                    outcome.began_s.append(step.at_s)
                elif isinstance(step, Ended):
                    outcome.turns += 1
                    barge_in.on_silence()
                    await barge_in.on_text("", is_final=True)
        barge_in.close()


class _Lips(Mouth):
    """Her mouth for whoever interrupts it: it notes what it was told and speaks on."""

    def __init__(self, scene: Scene, clock: LoopClock, outcome: Outcome) -> None:
        self._scene = scene
        self._clock = clock
        self._outcome = outcome

    @property
    def is_speaking(self) -> bool:
        """Whether a line of hers is audible."""
        now_s = self._clock.monotonic()
        return any(_seconds(line.begin) <= now_s <= _seconds(line.end) + 0.5 for line in self._scene.lines[-8:])

    async def duck(self, gain: float) -> None:
        """Count it."""
        self._outcome.ducks += gain < 1

    async def pause(self) -> bool:
        """Note when."""
        self._outcome.paused_s.append(self._clock.monotonic())
        return True

    async def resume(self) -> None:
        """She never fell silent."""

    async def cut(self) -> None:
        """She never falls silent."""


def _percent(found: Sequence[bool]) -> float:
    return 100 * sum(found) / len(found) if found else float("nan")


def _seconds(frames: int) -> float:
    return frames / OUTPUT_RATE
