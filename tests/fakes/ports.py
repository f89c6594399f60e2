"""The house as an integration sees it: whatever it says is noted, and nothing happens."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from voxelle.contracts.integration import IntegrationPorts, Snapshot
from voxelle.domain.chat import ChannelEvent, Decision, Retraction, Stimulus, Verdict
from voxelle.domain.errors import SetupError, VoxelleError
from voxelle.domain.events import HealthChanged, HealthLevel
from voxelle.kernel.bus import Bus
from voxelle.kernel.clock import Clock, Ids, Randomness
from voxelle.kernel.tasks import TaskScope


class FakeSecrets:
    """A password store in memory. While `error` is set, every call raises it."""

    def __init__(self, kept: Mapping[str, str] | None = None) -> None:
        self.kept = dict(kept or {})
        self.writes: list[tuple[str, str]] = []
        self.error: SetupError | None = None

    def _check(self) -> None:
        if self.error is not None:
            raise self.error

    async def get(self, name: str) -> str | None:
        self._check()
        return self.kept.get(name)

    async def set(self, name: str, value: str) -> None:
        self._check()
        self.writes.append((name, value))
        self.kept[name] = value

    async def delete(self, name: str) -> None:
        self._check()
        self.kept.pop(name, None)


class FakePorts:
    """Ports that note everything; `ports` is what an integration gets. Close it at the end of a test that starts errands."""

    def __init__(self, clock: Clock, *, secrets: FakeSecrets | None = None, names: tuple[str, ...] = ("Mira",), service: str = "") -> None:
        self.clock = clock
        self.service = service
        """Under this name the lights are announced on the bus as well, if there is one."""
        self.bus = Bus()
        self.scope = TaskScope("integration")
        self.secrets = secrets or FakeSecrets()
        self.names = names
        self.stimuli: list[Stimulus] = []
        self.told: list[ChannelEvent] = []
        self.retractions: list[Retraction] = []
        self.lights: list[tuple[HealthLevel, str]] = []
        self.snapshots: list[Snapshot] = []
        self.changes: list[dict[str, Any]] = []
        self.error: VoxelleError | None = None
        """Raised by whatever is handed over, while set."""
        self.restarts = 0
        self.on_restart: Callable[[], None] = lambda: None
        self.ports = IntegrationPorts(
            clock=clock,
            randomness=Randomness(1),
            ids=Ids(Randomness(2), clock),
            submit=self.submit,
            report=self.report,
            tell=self.tell,
            retract=self.retract,
            publish=self.snapshots.append,
            bus=self.bus,
            scope=self.scope,
            secrets=self.secrets,
            names=lambda: self.names,
            restart=self.restart,
            change_settings=self.change_settings,
        )

    @property
    def levels(self) -> list[HealthLevel]:
        """The lights that were shown, oldest first."""
        return [level for level, _ in self.lights]

    def _check(self) -> None:
        if self.error is not None:
            raise self.error

    async def submit(self, stimulus: Stimulus) -> Decision:
        self._check()
        self.stimuli.append(stimulus)
        return Decision(stimulus.id, Verdict.QUEUED, 1.0, "test")

    def report(self, level: HealthLevel, sentence: str) -> None:
        self.lights.append((level, sentence))
        if self.service:
            self.bus.announce(HealthChanged(self.service, level, sentence))

    async def tell(self, channel_event: ChannelEvent) -> None:
        self._check()
        self.told.append(channel_event)

    async def retract(self, retraction: Retraction) -> None:
        self._check()
        self.retractions.append(retraction)

    def restart(self) -> None:
        self.restarts += 1
        self.on_restart()

    async def change_settings(self, values: Mapping[str, Any]) -> None:
        self.changes.append(dict(values))

    async def close(self) -> None:
        await self.scope.close()
