"""A face before a fake VTube Studio, and everything it reports."""

from __future__ import annotations

import json
import math
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

from tests.fakes.vtube_studio.fake import FakeVTubeStudio
from tests.fakes.vtube_studio.memory import MemoryApi
from tests.fakes.vtube_studio.models import AKARI
from voxelle.contracts.integration import IntegrationPorts
from voxelle.domain.avatar import (
    AvatarExpression,
    AvatarHotkey,
    Emotion,
    EmotionCue,
    Feeling,
    FeelingSource,
    MouthShape,
    MouthTrack,
)
from voxelle.domain.events import ClauseHeard, Event, MouthMoved, MouthTrackGrown, PlayheadMoved, TurnStateChanged
from voxelle.domain.speech import Clause, TurnState
from voxelle.integrations.vtube_studio.face import Face
from voxelle.integrations.vtube_studio.mapping import TOGGLE_EXPRESSION
from voxelle.integrations.vtube_studio.model import Model
from voxelle.integrations.vtube_studio.parameters import OWN_PARAMETERS
from voxelle.integrations.vtube_studio.settings import Deed, DeedKind, EmotionRow, ModelMapping, VTubeStudioSettings
from voxelle.kernel.bus import Bus
from voxelle.kernel.clock import Clock, Ids, Randomness
from voxelle.kernel.tasks import TaskScope

PLAYHEAD_S = 0.04


class _Keyring:
    """A password store that is never asked here."""

    async def get(self, name: str) -> str | None:
        raise AssertionError(name)

    async def set(self, name: str, value: str) -> None:
        raise AssertionError(name)

    async def delete(self, name: str) -> None:
        raise AssertionError(name)


async def refuse(*_: Any) -> Any:
    raise AssertionError


def ports_of(bus: Bus, clock: Clock, scope: TaskScope, seed: int = 1) -> IntegrationPorts:
    """Return ports of which a face uses time, chance and the bus alone."""
    return IntegrationPorts(
        clock=clock,
        randomness=Randomness(seed),
        ids=Ids(Randomness(2), clock),
        submit=refuse,
        report=lambda _level, _sentence: None,
        tell=refuse,
        retract=refuse,
        publish=lambda _snapshot: None,
        bus=bus,
        scope=scope,
        secrets=_Keyring(),
        names=tuple,
        restart=lambda: None,
        change_settings=refuse,
    )


def hotkey(name: str, **more: Any) -> Deed:
    return Deed(kind=DeedKind.HOTKEY, target=name, name=name, **more)


def expression(file: str, **more: Any) -> Deed:
    return Deed(kind=DeedKind.EXPRESSION, target=file, **more)


def pose(**values: float) -> Deed:
    parameters = [{"parameter": name, "value": value} for name, value in values.items()]
    return Deed.model_validate({"kind": "pose", "name": "Pose", "pose": parameters})


def row(emotions: Sequence[Emotion] | Emotion, *deeds: Deed, **more: Any) -> EmotionRow:
    """Return a row that does something at every intensity, again and again, unless told otherwise."""
    group = (emotions,) if isinstance(emotions, Emotion) else tuple(emotions)
    return EmotionRow(**{"emotions": group, "deeds": deeds, "threshold": 0.0, "cooldown_s": 0.0, "hold_s": 4.0} | more)


def model_of(fake: FakeVTubeStudio) -> Model:
    """Return what the loaded model is to the app."""
    loaded = fake.model
    inputs = frozenset(fake.parameters.inputs)
    if loaded is None:
        return Model(parameters=inputs)
    hotkeys = tuple(AvatarHotkey(each.id, each.name, each.type, each.file) for each in loaded.hotkeys)
    expressions = tuple(AvatarExpression(each.file, each.name, each.is_active) for each in loaded.expressions)
    return Model(loaded.id, loaded.name, hotkeys, expressions, inputs)


def small_model(*names: str, expressions: Sequence[str] = (), kind: str = TOGGLE_EXPRESSION) -> Model:
    """Return a model with hotkeys of these names; `k0`, `k1` … are their ids."""
    hotkeys = tuple(AvatarHotkey(f"k{place}", name, kind, f"{name}.exp3.json") for place, name in enumerate(names))
    return Model("m", "M", hotkeys, tuple(AvatarExpression(file, file.removesuffix(".exp3.json")) for file in expressions))


class Stage:
    """A face, the fake before which it plays, and what she does."""

    def __init__(self, clock: Clock, scope: TaskScope, settings: Mapping[str, Any], mapping: ModelMapping | None, seed: int) -> None:
        self.clock = clock
        self.scope = scope
        self.bus = Bus()
        self.fake = FakeVTubeStudio(clock)
        self.fake.stage.load(AKARI)
        self.settings = VTubeStudioSettings.model_validate({"moves_when_silent": False} | dict(settings))
        if mapping is not None:
            self.map(mapping)
        self.cues: list[EmotionCue] = []
        self.problems: list[str] = []
        self.shapes: list[MouthShape] = []
        self.face = Face(lambda: self.settings, ports_of(self.bus, clock, scope, seed), self.cues.append, self.problems.append)
        self.bus.subscribe(MouthMoved, lambda event: self.shapes.append(event.shape))
        self.api: MemoryApi | None = None
        self._indexes: dict[str, int] = {}

    def map(self, mapping: ModelMapping, model_id: str = AKARI) -> None:
        """Save a mapping."""
        self.settings = self.settings.model_copy(update={"mappings": {**self.settings.mappings, model_id: mapping}})

    def set(self, **values: Any) -> None:
        """Change settings."""
        self.settings = self.settings.model_copy(update=values)

    async def connect(self) -> MemoryApi:
        """Open a line, with our parameters made."""
        self.api = MemoryApi(self.fake)
        for own in OWN_PARAMETERS:
            data: dict[str, Any] = {"parameterName": own.name, "explanation": own.explanation}
            data |= {"min": own.minimum, "max": own.maximum, "defaultValue": own.default}
            await self.api.ask("ParameterCreationRequest", data)
        return self.api

    @asynccontextmanager
    async def playing(self) -> AsyncIterator[MemoryApi]:
        """Run the face on a new line; at the end it is cancelled, and the line closed."""
        api = await self.connect()
        async with TaskScope("line") as line:
            task = line.start(self.face.run(api, model_of(self.fake)), name="face", is_awaited=True)
            await self.clock.sleep(0)
            yield api
            task.cancel()
            with suppress(BaseException):
                await task
        self.fake.drop(api.session, 1000)

    def announce(self, *events: Event) -> None:
        for event in events:
            self.bus.announce(event)

    def hear(self, emotion: Emotion, intensity: float = 0.8, turn_id: str = "t", duration_s: float = 1.0) -> None:
        """Let a clause become audible."""
        index = self._indexes[turn_id] = self._indexes.get(turn_id, -1) + 1
        feeling = Feeling(emotion, intensity, FeelingSource.TAG)
        self.announce(ClauseHeard(Clause(turn_id, index, "Hello.", feeling), duration_s))

    def state(self, state: TurnState, turn_id: str = "t") -> None:
        self.announce(TurnStateChanged(state, "" if state is TurnState.IDLE else turn_id))

    def track(self, shapes: Sequence[MouthShape], *, turn_id: str = "t", index: int = 0, first: int = 0) -> None:
        self.announce(MouthTrackGrown(MouthTrack(turn_id, index, first, tuple(shapes), "spectrum")))

    def playhead(self, position_s: float, *, turn_id: str = "t", index: int = 0, at_s: float | None = None) -> None:
        self.announce(PlayheadMoved(turn_id, index, position_s, self.clock.monotonic() if at_s is None else at_s))

    async def sound(self, seconds: float, *, turn_id: str = "t", index: int = 0) -> None:
        """Let a clause sound: a playhead every 40 ms."""
        for step in range(math.ceil(seconds / PLAYHEAD_S)):
            self.playhead(step * PLAYHEAD_S, turn_id=turn_id, index=index)
            await self.clock.sleep(PLAYHEAD_S)

    def sent(self, kind: str) -> list[dict[str, Any]]:
        """Return the data of all requests of a type."""
        return [each.data for each in self.fake.log(kind)]

    def pressed(self) -> list[str]:
        """Return the names of all hotkeys that were carried out."""
        return [each.hotkey.name for each in self.fake.hotkeys.played]

    def active(self) -> tuple[str, ...]:
        """Return the expressions that are on, without their ending."""
        return tuple(file.removesuffix(".exp3.json") for file in self.fake.face().expressions)

    def value(self, name: str) -> float:
        self.fake.advance()
        return self.fake.parameters.value(name)

    def messages(self) -> list[dict[str, Any]]:
        """Return all that was sent, whole."""
        return [json.loads(each.raw) for each in self.fake.requests]


@asynccontextmanager
async def stage_of(clock: Clock, mapping: ModelMapping | None = None, *, seed: int = 1, **settings: Any) -> AsyncIterator[Stage]:
    """Give a stage whose scope is closed at the end."""
    async with TaskScope("stage") as scope:
        yield Stage(clock, scope, settings, mapping, seed)
