"""Puts integrations into the show: those that the settings switch on, and the rehearsal that the window plays."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import structlog
from pydantic import BaseModel, ValidationError

from voxelle.companion.companion import Companion
from voxelle.contracts.integration import Action, ConnectionDesk, Declaration, Integration, IntegrationPorts, SecretStore, Snapshot
from voxelle.domain.errors import InputError, VoxelleError
from voxelle.domain.events import ConnectionChanged, HealthChanged, HealthLevel, SettingsChanged
from voxelle.integrations import discover
from voxelle.kernel.bus import Bus
from voxelle.kernel.clock import Clock, Ids, Randomness
from voxelle.kernel.supervisor import Supervisor
from voxelle.kernel.tasks import TaskScope
from voxelle.settings.fields import INTEGRATIONS
from voxelle.settings.service import SettingsService
from voxelle.settings.wording import sentence

log = structlog.get_logger("app")

REHEARSAL = "rehearsal"
_SLOWEST, _FASTEST = 1.0, 20.0


@dataclass(frozen=True, slots=True)
class ConnectionPorts:
    """What connections are put into."""

    companion: Companion
    supervisor: Supervisor
    settings: SettingsService
    secrets: SecretStore
    bus: Bus
    clock: Clock
    ids: Ids
    randomness: Randomness


@dataclass(slots=True)
class _Running:
    """An integration that is switched on, whether its `run` runs or has ended."""

    integration: Integration
    settings: BaseModel
    scope: TaskScope
    snapshot: Snapshot | None = None


class Connections(ConnectionDesk):
    """Starts, stops and changes integrations as their settings say, and does what is asked of them. Lives on the show loop."""

    def __init__(self, ports: ConnectionPorts, declarations: Mapping[str, Declaration] | None = None) -> None:
        self._ports = ports
        self._declarations = discover() if declarations is None else dict(declarations)
        self._scope = TaskScope("connections")
        self._running: dict[str, _Running] = {}
        self._health: dict[str, HealthChanged] = {}
        self._locks = {integration_id: asyncio.Lock() for integration_id in self._declarations}
        self._endings = [
            ports.bus.subscribe(SettingsChanged, self._on_settings),
            ports.bus.subscribe(HealthChanged, self._on_health),
        ]

    # -- what can be asked ------------------------------------------------------------------------

    @property
    def declarations(self) -> Mapping[str, Declaration]:
        """Every connection that is installed, by id."""
        return self._declarations

    def health(self) -> Mapping[str, HealthChanged]:
        """Return the light of every connection that was switched on."""
        return dict(self._health)

    def snapshot(self, connection: str) -> Snapshot | None:
        """Return what a connection last showed of itself, None if nothing."""
        running = self._running.get(connection)
        return None if running is None else running.snapshot

    async def perform(self, connection: str, action: str, arguments: Mapping[str, Any]) -> Any:
        """Validate the arguments and do it. InputError for an unknown action, wrong arguments or a connection that is off."""
        declaration = self._declaration(connection)
        known = {each.id: each for each in declaration.actions}
        if action not in known:
            offered = f"These are known: {', '.join(known)}." if known else "It has no actions."
            msg = f"{declaration.title} can't do “{action}”. {offered}"
            raise InputError(msg)
        valid = _validated(known[action], arguments)
        async with self._locks[connection]:
            running = self._on(connection)
        return await running.integration.perform(action, valid)

    async def switch(self, connection: str, *, is_on: bool) -> None:
        """Switch a connection on or off, in the settings; returns when it is."""
        self._declaration(connection)
        await self._ports.settings.change(f"{INTEGRATIONS}.{connection}.is_enabled", is_on)
        await self._apply(connection)

    def restart(self, connection: str) -> None:
        """Run a connection anew. InputError for one that is off."""
        self._declaration(connection)
        self._ports.supervisor.restart(self._on(connection).integration.name)

    # -- as the settings say ----------------------------------------------------------------------

    async def apply(self) -> None:
        """Bring every integration into the state that its settings say."""
        for integration_id in self._declarations:
            await self._apply(integration_id)

    async def close(self) -> None:
        """End all integrations and their errands."""
        for end in self._endings:
            end()
        await self._scope.close()
        for integration_id in tuple(self._running):
            await self.end(integration_id)

    async def _apply(self, integration_id: str) -> None:
        async with self._locks[integration_id]:
            try:
                await self._renew(integration_id)
            except VoxelleError as error:
                # A part that is not complete, or a service that can't be made: the others are not touched.
                await self.end(integration_id)
                log.warning("connection.not_started", connection=integration_id, sentence=error.sentence)
                self._ports.bus.announce(HealthChanged(integration_id, HealthLevel.NEEDS_YOU, error.sentence))

    async def _renew(self, integration_id: str) -> None:
        settings = self._ports.settings.integration(integration_id)
        running = self._running.get(integration_id)
        if not getattr(settings, "is_enabled", True):
            await self.end(integration_id)
            return
        if running is not None:
            if running.settings == settings:
                return
            if running.integration.apply(settings):
                running.settings = settings
                return
            await self.end(integration_id)
        self.begin(integration_id, settings)

    def begin(self, integration_id: str, settings: BaseModel) -> None:
        """Start an integration with these settings; it must not run yet."""
        if integration_id in self._running:
            msg = f"{self._declaration(integration_id).title} runs already."
            raise InputError(msg)
        scope = TaskScope(integration_id)
        integration = self._declarations[integration_id].create(settings, self._house(integration_id, scope))
        self._ports.supervisor.add(integration)
        self._running[integration_id] = _Running(integration, settings, scope)

    async def end(self, integration_id: str) -> None:
        """End an integration and its errands; nothing happens if it does not run."""
        running = self._running.pop(integration_id, None)
        if running is not None:
            await self._ports.supervisor.remove(running.integration.name)
            await running.scope.close()
        elif integration_id in self._health:
            # It never ran, and said why: that is over.
            self._ports.bus.announce(HealthChanged(integration_id, HealthLevel.OFF))
        self._health.pop(integration_id, None)

    # -- inside -----------------------------------------------------------------------------------

    def _house(self, integration_id: str, scope: TaskScope) -> IntegrationPorts:
        """Return what an integration may use of the house."""
        ports = self._ports

        def report(level: HealthLevel, light: str) -> None:
            ports.bus.announce(HealthChanged(integration_id, level, light))

        return IntegrationPorts(
            clock=ports.clock,
            randomness=ports.randomness,
            ids=ports.ids,
            submit=ports.companion.submit,
            report=report,
            tell=ports.companion.tell_event,
            retract=ports.companion.retract,
            publish=partial(self._publish, integration_id, scope),
            bus=ports.bus,
            scope=scope,
            secrets=ports.secrets,
            names=ports.companion.names,
            restart=partial(self.restart, integration_id),
            change_settings=partial(self._change_settings, integration_id),
        )

    def _publish(self, integration_id: str, scope: TaskScope, snapshot: Snapshot) -> None:
        running = self._running.get(integration_id)
        # One that was taken away, or made anew, has no say any more.
        if running is not None and running.scope is scope:
            running.snapshot = snapshot
            self._ports.bus.announce(ConnectionChanged(integration_id, snapshot))

    async def _change_settings(self, integration_id: str, values: Mapping[str, Any]) -> None:
        await self._ports.settings.change_all({f"{INTEGRATIONS}.{integration_id}.{name}": value for name, value in values.items()})

    def _declaration(self, connection: str) -> Declaration:
        declaration = self._declarations.get(connection)
        if declaration is None:
            msg = f"There is no connection called {connection}. These are known: {', '.join(self._declarations)}."
            raise InputError(msg)
        return declaration

    def _on(self, connection: str) -> _Running:
        running = self._running.get(connection)
        if running is None:
            msg = f"{self._declaration(connection).title} is switched off. Switch it on first."
            raise InputError(msg)
        return running

    def _on_health(self, event: HealthChanged) -> None:
        if event.service in self._declarations:
            self._health[event.service] = event

    def _on_settings(self, event: SettingsChanged) -> None:
        changed = {path.split(".")[1] for path in event.paths if path.startswith(f"{INTEGRATIONS}.")}
        for integration_id in changed & set(self._declarations):
            self._scope.start(self._apply(integration_id), name=f"apply {integration_id}")


def _validated(action: Action, arguments: Mapping[str, Any]) -> BaseModel:
    fields = action.arguments.model_fields
    unknown = [name for name in arguments if name not in fields]
    if unknown:
        msg = f"“{action.id}” knows no {', '.join(unknown)}. It takes {', '.join(fields) or 'nothing'}."
        raise InputError(msg)
    try:
        return action.arguments.model_validate(dict(arguments))
    except ValidationError as error:
        raise InputError(sentence(error, lambda path: fields[path].title if path in fields else None)) from error


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
