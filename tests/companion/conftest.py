"""A stage with fake engines on virtual time."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import pytest

from tests.fakes.engines import FakeModel, FakeVoice, Step
from tests.fakes.output import FakeOutput
from tests.fakes.stores import FakeChannelEvents, FakeCharacters, FakeConversations
from voxelle.companion.companion import Companion, CompanionPorts
from voxelle.companion.hearing.ports import EarPorts
from voxelle.contracts.emotion import EmotionClassifier
from voxelle.domain.chat import Author, ChannelEvent, Role, Stimulus, StimulusKind, StreamEvent
from voxelle.domain.events import Event
from voxelle.domain.persona import Character
from voxelle.kernel.bus import Bus
from voxelle.kernel.clock import Ids, LoopClock
from voxelle.kernel.tasks import TaskScope
from voxelle.settings.file import SettingsFile
from voxelle.settings.service import SettingsService

E = TypeVar("E", bound=Event)

MIRA = Character(
    id="mira",
    name="Mira",
    persona="You are a cheerful fox.",
    scene="A small stream.",
    examples="tom: hi\nher: [joy] Hello Tom!\nrika: bye\nMira: [sadness] Bye already?",
    greeting="Hello everybody! I am so glad that you came.",
    is_sample=True,
)


def chat(text: str, name: str = "tom", stimulus_id: str = "", **changes: object) -> Stimulus:
    """Return a chat line."""
    fields: dict[str, object] = {
        "id": stimulus_id or f"{name}-{text}",
        "kind": StimulusKind.CHAT,
        "author": Author(name, name, "twitch", frozenset()),
        "text": text,
        "received_at": datetime(2026, 1, 1, tzinfo=UTC),
        "source": "test",
    }
    return Stimulus(**{**fields, **changes})  # type: ignore[arg-type]


def raid(name: str, viewers: int) -> Stimulus:
    """Return a raid."""
    return chat("", name, f"raid-{name}", kind=StimulusKind.EVENT, event=StreamEvent.RAID, amount=viewers)


def happening(event: StreamEvent, name: str = "zoe", amount: int = 0, **changes: object) -> ChannelEvent:
    """Return something that happened on a channel."""
    fields: dict[str, object] = {
        "id": f"twitch:{event.value}-{name}-{amount}",
        "event": event,
        "author": Author(name, name, "twitch"),
        "received_at": datetime(2026, 1, 1, tzinfo=UTC),
        "source": "twitch",
        "amount": amount,
    }
    return ChannelEvent(**{**fields, **changes})  # type: ignore[arg-type]


def broadcaster() -> Author:
    """Return the streamer as an author."""
    return Author("b", "boss", "twitch", frozenset({Role.BROADCASTER}))


@dataclass
class Stage:
    """A companion in its test house."""

    companion: Companion
    model: FakeModel
    voice: FakeVoice
    output: FakeOutput
    conversations: FakeConversations
    channel_events: FakeChannelEvents
    characters: FakeCharacters
    settings: SettingsService
    bus: Bus
    clock: LoopClock
    scope: TaskScope
    events: list[Event] = field(default_factory=list)

    def start(self) -> None:
        """Put the companion on stage."""
        self.scope.start(self.companion.run(), name="show")
        if self.companion.ears is not None:
            self.scope.start(self.companion.ears.run(), name="ears")

    def of(self, event_class: type[E]) -> list[E]:
        """Return all events of a class so far."""
        return [event for event in self.events if isinstance(event, event_class)]


@asynccontextmanager
async def open_stage(
    folder: Path,
    *scripts: Sequence[Step],
    classifier: EmotionClassifier | None = None,
    voice: FakeVoice | None = None,
    is_running: bool = True,
    greet: bool = False,
    words: Sequence[str] = ("forbidden",),
    ears: Callable[[LoopClock], EarPorts] | None = None,
) -> AsyncIterator[Stage]:
    """Open a companion with a model that plays the scripts."""
    clock, bus = LoopClock(), Bus()
    events: list[Event] = []
    bus.subscribe(Event, events.append)
    settings = SettingsService(SettingsFile(folder / "settings.json"), bus, clock, None)
    await settings.change("general.greet_on_start", greet)
    model = FakeModel(clock, *(scripts or (["[joy] Hello there, my friend. How are you?"],)))
    voice = voice or FakeVoice(clock)
    output = FakeOutput(clock)
    conversations, channel_events, characters = FakeConversations(), FakeChannelEvents(), FakeCharacters(MIRA)
    ports = CompanionPorts(
        model,
        voice,
        classifier,
        output,
        conversations,
        channel_events,
        characters,
        settings,
        words,
        bus,
        clock,
        Ids(random.Random(1), clock),
        ears=ears(clock) if ears is not None else None,
    )
    companion = Companion(ports)
    async with TaskScope("test") as scope:
        scope.start(output.run(), name="output")
        stage = Stage(companion, model, voice, output, conversations, channel_events, characters, settings, bus, clock, scope, events)
        if is_running:
            stage.start()
        yield stage
        await companion.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder for settings."""
    return tmp_path
