"""Puts integrations into the show: those that the settings switch on, and the rehearsal that the window plays."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from pydantic import BaseModel

from voxelle.contracts.integration import Declaration, IntegrationPorts
from voxelle.domain.errors import InputError
from voxelle.domain.events import HealthChanged, HealthLevel, SettingsChanged
from voxelle.integrations import discover

if TYPE_CHECKING:
    from voxelle.companion.companion import Companion
    from voxelle.kernel.bus import Bus
    from voxelle.kernel.clock import Clock, Ids, Randomness
    from voxelle.kernel.supervisor import Supervisor
    from voxelle.kernel.tasks import TaskScope
    from voxelle.settings.service import SettingsService

REHEARSAL = "rehearsal"
_SLOWEST, _FASTEST = 1.0, 20.0


class Connections:
    """Starts, stops and restarts integrations as their settings say. Lives on the show loop."""

    def __init__(
        self,
        companion: Companion,
        supervisor: Supervisor,
        settings: SettingsService,
        bus: Bus,
        clock: Clock,
        ids: Ids,
        randomness: Randomness,
        errands: TaskScope,
    ) -> None:
        self._companion = companion
        self._supervisor = supervisor
        self._settings = settings
        self._bus = bus
        self._clock = clock
        self._ids = ids
        self._randomness = randomness
        self._errands = errands
        self.declarations = discover()
        self._running: set[str] = set()
        self._locks = {integration_id: asyncio.Lock() for integration_id in self.declarations}
        bus.subscribe(SettingsChanged, self._on_settings)

    async def apply(self) -> None:
        """Bring every integration into the state that its settings say."""
        for integration_id in self.declarations:
            await self._apply(integration_id)

    async def _apply(self, integration_id: str) -> None:
        async with self._locks[integration_id]:
            await self._renew(integration_id)

    async def _renew(self, integration_id: str) -> None:
        await self.end(integration_id)
        settings = self._settings.integration(integration_id)
        if getattr(settings, "is_enabled", True):
            self.begin(integration_id, settings)

    def begin(self, integration_id: str, settings: BaseModel) -> None:
        """Start an integration with these settings; it must not run yet."""
        declaration: Declaration = self.declarations[integration_id]

        def report(level: HealthLevel, sentence: str) -> None:
            self._bus.announce(HealthChanged(declaration.id, level, sentence))

        ports = IntegrationPorts(self._clock, self._randomness, self._ids, self._companion.submit, report)
        self._supervisor.add(declaration.create(settings, ports))
        self._running.add(declaration.id)

    async def end(self, integration_id: str) -> None:
        """End an integration; nothing happens if it does not run."""
        if integration_id in self._running:
            self._running.discard(integration_id)
            await self._supervisor.remove(integration_id)

    def _on_settings(self, event: SettingsChanged) -> None:
        changed = {path.split(".")[1] for path in event.paths if path.startswith("integrations.")}
        for integration_id in changed & set(self.declarations):
            self._errands.start(self._apply(integration_id), name=f"apply {integration_id}")


class RehearsalPlayer:
    """The sample stream at a press of a button, whatever the settings say."""

    def __init__(self, connections: Connections, settings: SettingsService, supervisor: Supervisor) -> None:
        self._connections = connections
        self._settings = settings
        self._supervisor = supervisor

    @property
    def is_playing(self) -> bool:
        """Whether lines still come; may be read from any thread."""
        health = self._supervisor.health().get(REHEARSAL)
        return health is not None and health.level in (HealthLevel.STARTING, HealthLevel.OK, HealthLevel.DEGRADED)

    async def start(self, speed: float) -> None:
        """Play from the beginning. InputError for a speed outside 1..20."""
        if not _SLOWEST <= speed <= _FASTEST:
            msg = f"The speed must lie between {_SLOWEST:g} and {_FASTEST:g}."
            raise InputError(msg)
        await self.stop()
        settings = self._settings.integration(REHEARSAL).model_copy(update={"is_enabled": True, "speed": speed, "is_looping": False})
        self._connections.begin(REHEARSAL, settings)

    async def stop(self) -> None:
        """End it; nothing happens if it does not play."""
        await self._connections.end(REHEARSAL)
