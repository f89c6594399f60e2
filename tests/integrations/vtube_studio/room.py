"""A room with a service, a supervisor that keeps it, and everything it says; what most tests of this folder stand in."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

from tests.fakes.vtube_studio import FakeVTubeStudio, memory_net
from voxelle.contracts.integration import IntegrationPorts, SecretStore, Snapshot
from voxelle.domain.avatar import AvatarSnapshot, AvatarState
from voxelle.domain.chat import ChannelEvent, Decision, Retraction, Stimulus, Verdict
from voxelle.domain.errors import SetupError
from voxelle.domain.events import HealthChanged, HealthLevel
from voxelle.integrations.vtube_studio import declaration
from voxelle.integrations.vtube_studio.api import Api
from voxelle.integrations.vtube_studio.model import Model
from voxelle.integrations.vtube_studio.net import Net
from voxelle.integrations.vtube_studio.service import VTubeStudioService
from voxelle.integrations.vtube_studio.settings import Deed, VTubeStudioSettings
from voxelle.integrations.vtube_studio.sign_in import PLUGIN_DEVELOPER, PLUGIN_NAME
from voxelle.kernel.bus import Bus
from voxelle.kernel.clock import Clock, Ids, Randomness
from voxelle.kernel.supervisor import Supervisor
from voxelle.kernel.tasks import TaskScope


class MemorySecrets(SecretStore):
    """A password store that can be missing."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}
        self.is_missing = False

    async def get(self, name: str) -> str | None:
        self._check()
        return self.kept.get(name)

    async def set(self, name: str, value: str) -> None:
        self._check()
        self.kept[name] = value

    async def delete(self, name: str) -> None:
        self._check()
        self.kept.pop(name, None)

    def _check(self) -> None:
        if self.is_missing:
            msg = "This computer offers no password store."
            raise SetupError(msg)

    @property
    def tokens(self) -> list[str]:
        """All tokens that are kept."""
        return [token for value in self.kept.values() if (token := json.loads(value)["token"])]


class StillFace:
    """Stands in for what moves the model: notes what it is told and clears one parameter in the end."""

    def __init__(self) -> None:
        self.models: list[Model] = []
        self.played: list[Deed] = []
        self.pressed: list[str] = []
        self.expressed: list[tuple[str, bool]] = []
        self.runs = 0
        self.ended_with: list[str] = []
        self.error: Exception | None = None

    async def run(self, api: Api, model: Model) -> None:
        self.runs += 1
        self.models.append(model)
        try:
            if self.error is not None:
                raise self.error
            await asyncio.get_running_loop().create_future()
        finally:
            await self._leave(api)

    async def _leave(self, api: Api) -> None:
        try:
            await api.ask("InjectParameterDataRequest", {"mode": "add", "parameterValues": [{"id": "MouthOpen", "value": 0.0}]})
        except Exception as error:
            self.ended_with.append(str(error))
            raise
        self.ended_with.append("neutral")

    def use_model(self, model: Model) -> None:
        self.models.append(model)

    async def play(self, deed: Deed) -> None:
        self.played.append(deed)

    async def press(self, hotkey: str) -> None:
        self.pressed.append(hotkey)

    async def express(self, file: str, *, is_active: bool) -> None:
        self.expressed.append((file, is_active))


class Room:
    """Keeps one service running as the program does, on a fake or on any other net."""

    def __init__(self, clock: Clock, *fakes: FakeVTubeStudio, net: Net | None = None, is_face_real: bool = False, **settings: Any) -> None:
        self.clock = clock
        self.bus = Bus()
        self.secrets = MemorySecrets()
        self.face = StillFace()
        self.lights: list[tuple[HealthLevel, str]] = []
        self.snapshots: list[tuple[float, AvatarSnapshot]] = []
        self.told: list[ChannelEvent] = []
        self.changes: list[Mapping[str, Any]] = []
        self.net = net or memory_net(*fakes)
        self.is_face_real = is_face_real
        randomness = Randomness(7)
        self._scope = TaskScope("room")
        self._supervisor = Supervisor(self.bus, clock, randomness)
        self.ports = IntegrationPorts(
            clock=clock,
            randomness=randomness,
            ids=Ids(randomness, clock),
            submit=self._submit,
            report=lambda level, sentence: self.bus.announce(HealthChanged("vtube_studio", level, sentence)),
            tell=self._tell,
            retract=self._retract,
            publish=self._publish,
            bus=self.bus,
            scope=self._scope,
            secrets=self.secrets,
            names=lambda: ("Mira",),
            restart=lambda: self._supervisor.restart("vtube_studio"),
            change_settings=self._change_settings,
        )
        self.bus.subscribe(HealthChanged, lambda event: self.lights.append((event.level, event.sentence)))
        self.service = self._made(VTubeStudioSettings.model_validate({"is_enabled": True, **settings}))

    def _made(self, settings: VTubeStudioSettings) -> VTubeStudioService:
        if self.is_face_real:
            return VTubeStudioService(settings, self.ports, lambda: self.net)
        return VTubeStudioService(settings, self.ports, lambda: self.net, lambda *_: self.face)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Room]:
        """Run it, and end it in order."""
        async with self._scope:
            keeping = self._scope.start(self._supervisor.run(), name="supervisor")
            self._supervisor.add(self.service)
            try:
                yield self
            finally:
                if "vtube_studio" in self._supervisor.health():
                    await self._supervisor.remove("vtube_studio")
                keeping.cancel()

    async def until(self, is_so: Callable[[], bool], seconds: float = 60.0) -> None:
        """Wait until something is so."""
        end = self.clock.monotonic() + seconds
        while not is_so():
            assert self.clock.monotonic() < end, f"not within {seconds:g} s; {self.snapshot.state} {self.snapshot.sentence!r} {self.light}"
            await self.clock.sleep(0.02)

    async def until_ready(self, seconds: float = 60.0) -> None:
        """Wait until it has joined."""
        await self.until(lambda: self.service.session is not None and self.light[0] is HealthLevel.OK, seconds)
        await self.until(lambda: self.snapshot.state is AvatarState.READY)

    async def perform(self, action: str, **values: Any) -> Any:
        """Do an action as the connection desk does it."""
        arguments = next(each.arguments for each in declaration.actions if each.id == action)
        return await self.service.perform(action, arguments.model_validate(values))

    @property
    def snapshot(self) -> AvatarSnapshot:
        """What was announced last."""
        return self.snapshots[-1][1] if self.snapshots else AvatarSnapshot()

    @property
    def states(self) -> list[AvatarState]:
        """Every state that was announced, repetitions left out."""
        states = [snapshot.state for _, snapshot in self.snapshots]
        return [state for place, state in enumerate(states) if place == 0 or state is not states[place - 1]]

    @property
    def light(self) -> tuple[HealthLevel, str]:
        """The light as it is."""
        return self.lights[-1] if self.lights else (HealthLevel.OFF, "")

    async def _submit(self, stimulus: Stimulus) -> Decision:
        return Decision(stimulus.id, Verdict.QUEUED, 1.0, "test")

    async def _tell(self, event: ChannelEvent) -> None:
        self.told.append(event)

    async def _retract(self, retraction: Retraction) -> None:
        raise AssertionError(retraction)

    def _publish(self, snapshot: Snapshot) -> None:
        assert isinstance(snapshot, AvatarSnapshot)
        self.snapshots.append((self.clock.monotonic(), snapshot))

    async def _change_settings(self, changes: Mapping[str, Any]) -> None:
        self.changes.append(changes)
        settings = VTubeStudioSettings.model_validate(self.service.settings.model_dump() | dict(changes))
        if not self.service.apply(settings):
            await self._supervisor.remove("vtube_studio")
            self.service = self._made(settings)
            self._supervisor.add(self.service)


def allow(fake: FakeVTubeStudio) -> str:
    """Let the fake know us, without a pop-up; returns the token."""
    return fake.sign_in.grant(PLUGIN_NAME, PLUGIN_DEVELOPER)
