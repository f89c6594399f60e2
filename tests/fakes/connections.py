"""A desk of connections that does what a test says, and notes what was asked of it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from voxelle.contracts.integration import ConnectionDesk, Declaration, Integration, IntegrationPorts, Snapshot
from voxelle.domain.errors import InputError, VoxelleError
from voxelle.domain.events import ConnectionChanged, HealthChanged, HealthLevel
from voxelle.integrations.rehearsal import declaration as rehearsal
from voxelle.integrations.twitch import declaration as twitch
from voxelle.integrations.vtube_studio.actions import ACTIONS
from voxelle.integrations.vtube_studio.settings import VTubeStudioSettings
from voxelle.kernel.bus import Bus
from voxelle.settings.service import SettingsService


def _none(_settings: object, _ports: IntegrationPorts) -> Integration:
    raise NotImplementedError


VTUBE_STUDIO = Declaration(
    "vtube_studio",
    "VTube Studio",
    "Her model moves its mouth and shows what she feels.",
    VTubeStudioSettings,
    _none,
    actions=ACTIONS,
    icon="vtube_studio",
)


class FakeDesk(ConnectionDesk):
    """`results` and `errors` by action or verb: what `perform`, `switch` and `restart` return or raise. Show loop only."""

    def __init__(
        self, bus: Bus, settings: SettingsService | None = None, declarations: tuple[Declaration, ...] = (rehearsal, twitch, VTUBE_STUDIO)
    ) -> None:
        self._bus = bus
        self._settings = settings
        self.installed = {each.id: each for each in declarations}
        self.lights: dict[str, HealthChanged] = {}
        self.snapshots: dict[str, Snapshot] = {}
        self.calls: list[tuple[Any, ...]] = []
        self.results: dict[str, Any] = {}
        self.errors: dict[str, VoxelleError | Exception] = {}
        self.gates: dict[str, asyncio.Event] = {}

    @property
    def declarations(self) -> Mapping[str, Declaration]:
        if "declarations" in self.errors:
            raise self.errors["declarations"]
        return self.installed

    def health(self) -> Mapping[str, HealthChanged]:
        return self.lights

    def snapshot(self, connection: str) -> Snapshot | None:
        return self.snapshots.get(connection)

    async def perform(self, connection: str, action: str, arguments: Mapping[str, Any]) -> Any:
        declared = {each.id: each for each in self.installed[connection].actions}
        if action not in declared:
            msg = f"This connection can't do “{action}”."
            raise InputError(msg)
        try:
            valid = declared[action].arguments.model_validate(arguments)
        except ValidationError as error:
            msg = f"Wrong arguments for “{action}”."
            raise InputError(msg) from error
        await self._note(action, connection, valid.model_dump(mode="json"))
        return self.results.get(action)

    async def switch(self, connection: str, *, is_on: bool) -> None:
        await self._note("switch", connection, is_on)
        if self._settings is not None:
            await self._settings.change(f"integrations.{connection}.is_enabled", is_on)

    def restart(self, connection: str) -> None:
        self.calls.append(("restart", connection))
        if "restart" in self.errors:
            raise self.errors["restart"]

    def light(self, connection: str, level: HealthLevel, sentence: str = "") -> None:
        """Set a light and announce it."""
        self.lights[connection] = HealthChanged(connection, level, sentence)
        self._bus.announce(self.lights[connection])

    def show(self, connection: str, snapshot: Snapshot) -> None:
        """Take over a snapshot and announce it."""
        self.snapshots[connection] = snapshot
        self._bus.announce(ConnectionChanged(connection, snapshot))

    async def _note(self, verb: str, *details: Any) -> None:
        self.calls.append((verb, *details))
        if verb in self.gates:
            await self.gates[verb].wait()
        if verb in self.errors:
            raise self.errors[verb]
