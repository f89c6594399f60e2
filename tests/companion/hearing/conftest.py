"""Ears in a test house on virtual time: a fake microphone, fake engines, a mind that only notes."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from tests.fakes.hearing import FakeEndOfTurn, FakePrints, FakeRecognizer, FakeSpeakers, FakeVoiceActivity, Speaker
from tests.fakes.input import FakeInput
from voxelle.companion.hearing.ears import EarPorts, Ears, House
from voxelle.contracts.speaker import VoicePrint
from voxelle.domain.chat import Author, Decision, Role, Stimulus, Verdict
from voxelle.domain.events import Event, HearingChanged, UtteranceDropped
from voxelle.domain.hearing import BargeInState, EarState
from voxelle.kernel.bus import Bus
from voxelle.kernel.clock import Ids, LoopClock
from voxelle.kernel.tasks import TaskScope
from voxelle.settings.file import SettingsFile
from voxelle.settings.service import SettingsService

E = TypeVar("E", bound=Event)
STREAMER = Author("streamer", "Streamer", "local", frozenset({Role.BROADCASTER}))


class FakeMind:
    """Notes what reaches it; `can_take_back` says whether nothing was heard of an answer."""

    def __init__(self) -> None:
        self.submitted: list[Stimulus] = []
        self.ahead: list[str] = []
        """Texts that were thought about ahead, and `dropped`."""
        self.taken_back: list[str] = []
        self.listening: list[bool] = []
        self.can_take_back = True

    @property
    def texts(self) -> list[str]:
        return [stimulus.text for stimulus in self.submitted]

    async def submit(self, stimulus: Stimulus) -> Decision:
        self.submitted.append(stimulus)
        return Decision(stimulus.id, Verdict.QUEUED, 100.0, "you said it")

    async def take_back(self, stimulus_id: str) -> bool:
        self.taken_back.append(stimulus_id)
        return self.can_take_back

    async def set_listening(self, is_listening: bool) -> None:
        self.listening.append(is_listening)

    def think_ahead(self, stimulus: Stimulus) -> None:
        self.ahead.append(stimulus.text)

    def drop_ahead(self) -> None:
        if self.ahead and self.ahead[-1] != "dropped":
            self.ahead.append("dropped")

    def names(self) -> tuple[str, ...]:
        return ("Mira",)


class FakeInterruption:
    """Notes what it hears; `stops` says whether she lets herself be interrupted."""

    def __init__(self) -> None:
        self.state = BargeInState.NONE
        self.frames: list[float] = []
        self.texts: list[tuple[str, bool]] = []
        self.silences = 0
        self.admitted: list[bool] = []
        self.stops = False

    def on_frame(self, speech: float, at_s: float) -> None:
        self.frames.append(at_s)

    async def on_text(self, text: str, *, is_final: bool) -> bool:
        self.texts.append((text, is_final))
        return self.stops and bool(text)

    def admit(self, *, is_known: bool) -> None:
        self.admitted.append(is_known)

    def on_silence(self) -> None:
        self.silences += 1

    def close(self) -> None:
        """Nothing to end."""


@dataclass
class HouseOfEars:
    """Ears and all around them."""

    ears: Ears
    microphone: FakeInput
    activity: FakeVoiceActivity
    end_of_turn: FakeEndOfTurn
    recognizer: FakeRecognizer
    mind: FakeMind
    barge_in: FakeInterruption
    speaker: Speaker
    speakers: FakeSpeakers
    prints: FakePrints
    settings: SettingsService
    bus: Bus
    clock: LoopClock
    scope: TaskScope
    events: list[Event] = field(default_factory=list)

    def of(self, event_class: type[E]) -> list[E]:
        """Return all events of a class so far."""
        return [event for event in self.events if isinstance(event, event_class)]

    @property
    def reasons(self) -> list[str]:
        """Why utterances were dropped."""
        return [event.reason for event in self.of(UtteranceDropped)]

    @property
    def states(self) -> list[EarState]:
        """The states that were announced, each once in a row."""
        states: list[EarState] = []
        for event in self.of(HearingChanged):
            if not states or states[-1] is not event.hearing.state:
                states.append(event.hearing.state)
        return states


@asynccontextmanager
async def open_house(
    folder: Path, *, is_running: bool = True, has_end_of_turn: bool = True, voice_print: VoicePrint | None = None, **hearing: Any
) -> AsyncIterator[HouseOfEars]:
    """Open ears that listen; further arguments are settings of hearing."""
    clock, bus = LoopClock(), Bus()
    events: list[Event] = []
    bus.subscribe(Event, events.append)
    settings = SettingsService(SettingsFile(folder / "settings.json"), bus, clock, None)
    await settings.change_all({f"hearing.{name}": value for name, value in {"is_enabled": True, **hearing}.items()})
    microphone, mind, barge_in = FakeInput(), FakeMind(), FakeInterruption()
    activity, end_of_turn, recognizer = FakeVoiceActivity(clock), FakeEndOfTurn(clock), FakeRecognizer(clock)
    speakers, prints = FakeSpeakers(clock), FakePrints(voice_print)
    engines = EarPorts(microphone, activity, end_of_turn if has_end_of_turn else None, recognizer, speakers, prints)
    ears = Ears(engines, House(mind, barge_in, settings, bus, clock, Ids(random.Random(1), clock), STREAMER))
    speaker = Speaker(clock, microphone, recognizer)
    async with TaskScope("test") as scope:
        house = HouseOfEars(
            ears,
            microphone,
            activity,
            end_of_turn,
            recognizer,
            mind,
            barge_in,
            speaker,
            speakers,
            prints,
            settings,
            bus,
            clock,
            scope,
            events,
        )
        if is_running:
            scope.start(ears.run(), name="ears")
            await clock.sleep(0.01)
        yield house
    ears.close()
