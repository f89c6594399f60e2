"""Connections: what an integration may use, what it can be asked, and how it follows its settings."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict, Field

from tests.companion.conftest import Stage, happening, open_stage
from voxelle.companion.connection_commands import perform
from voxelle.connections import ConnectionPorts, Connections
from voxelle.contracts.integration import Action, Declaration, Integration, IntegrationPorts
from voxelle.domain.avatar import AvatarSnapshot, AvatarState
from voxelle.domain.chat import Retraction, StreamEvent
from voxelle.domain.errors import AuthError, InputError, SetupError
from voxelle.domain.events import ConnectionChanged, HealthChanged, HealthLevel, MessagesRetracted
from voxelle.kernel.clock import Ids, Randomness
from voxelle.kernel.supervisor import Supervisor
from voxelle.settings.file import SettingsFile
from voxelle.settings.service import SettingsService

pytestmark = pytest.mark.virtual_time


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder for settings."""
    return tmp_path


class PuppetSettings(BaseModel):
    """What can be set of a puppet."""

    model_config = ConfigDict(frozen=True, extra="forbid", title="Puppet")

    is_enabled: bool = Field(False, title="On")
    size: float = Field(1.0, le=3.0, title="Size")
    strings: int = Field(8, title="Strings")


class Wave(BaseModel):
    """How to wave."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    times: int = Field(1, ge=1, le=9, title="Times")
    is_big: bool = Field(False, title="Big")


@dataclass
class Workshop:
    """Every puppet that was made."""

    made: list[Puppet] = field(default_factory=list)
    error: Exception | None = None
    is_unmakeable: bool = False

    def create(self, settings: BaseModel, ports: IntegrationPorts) -> Integration:
        if self.is_unmakeable:
            msg = "The workshop is closed."
            raise SetupError(msg)
        self.made.append(Puppet(self, settings, ports))
        return self.made[-1]


class Puppet(Integration):
    """Waves; takes over its size while running."""

    name = "puppet"

    def __init__(self, workshop: Workshop, settings: BaseModel, ports: IntegrationPorts) -> None:
        self.workshop = workshop
        self.settings = settings
        self.ports = ports
        self.runs = 0
        self.is_running = False

    async def run(self) -> None:
        self.runs += 1
        if self.workshop.error is not None:
            raise self.workshop.error
        self.is_running = True
        self.ports.report(HealthLevel.OK, "It dances.")
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            self.is_running = False

    async def perform(self, action: str, arguments: BaseModel) -> Any:
        if action == "look":
            return AvatarSnapshot(AvatarState.READY)
        if action == "wave":
            return {"waved": arguments.model_dump(), "is_running": self.is_running}
        return await super().perform(action, arguments)

    def apply(self, settings: BaseModel) -> bool:
        changed = settings.model_dump()
        if changed["strings"] != self.settings.model_dump()["strings"]:
            return False
        self.settings = settings
        return True


class NoSecrets:
    """A password store that holds nothing."""

    async def get(self, name: str) -> str | None:
        return None

    async def set(self, name: str, value: str) -> None:
        """Forget it."""

    async def delete(self, name: str) -> None:
        """Nothing to delete."""


@dataclass
class House:
    """Connections in a test house."""

    stage: Stage
    connections: Connections
    settings: SettingsService
    workshop: Workshop

    @property
    def puppet(self) -> Puppet:
        return self.workshop.made[-1]

    async def wait(self, condition: Callable[[], object]) -> None:
        """Let others work until something is so."""
        for _ in range(3_000):
            if condition():
                return
            await self.stage.clock.sleep(0.01)
        pytest.fail("it never came")


@asynccontextmanager
async def open_house(folder: Path) -> AsyncIterator[House]:
    """Open a stage with one connection, a puppet that is off."""
    workshop = Workshop()
    actions = (Action("wave", "Wave", Wave), Action("look", "Look"), Action("fly", "Fly"))
    declaration = Declaration("puppet", "Puppet", "A puppet.", PuppetSettings, workshop.create, actions)
    async with open_stage(folder) as stage:
        settings = SettingsService(
            SettingsFile(folder / "house.json"), stage.bus, stage.clock, environ={}, parts={"puppet": PuppetSettings}
        )
        randomness = Randomness(1)
        supervisor = Supervisor(stage.bus, stage.clock, randomness)
        ids = Ids(randomness, stage.clock)
        ports = ConnectionPorts(stage.companion, supervisor, settings, NoSecrets(), stage.bus, stage.clock, ids, randomness)
        connections = Connections(ports, {"puppet": declaration})
        running = stage.scope.start(supervisor.run(), name="supervisor")
        await connections.apply()
        yield House(stage, connections, settings, workshop)
        await connections.close()
        running.cancel()
        await asyncio.wait({running})


async def test_a_connection_that_is_off_can_be_looked_at_and_nothing_else(folder: Path) -> None:
    async with open_house(folder) as house:
        assert set(house.connections.declarations) == {"puppet"}
        assert house.connections.health() == {}
        assert house.connections.snapshot("puppet") is None
        for refused in (house.connections.perform("puppet", "wave", {}), _restart(house)):
            with pytest.raises(InputError, match="Puppet is switched off"):
                await refused
        with pytest.raises(InputError, match="no connection called robot"):
            await house.connections.perform("robot", "wave", {})
        with pytest.raises(InputError, match="no connection called robot"):
            await house.connections.switch("robot", is_on=True)
    assert house.workshop.made == []


async def _restart(house: House) -> None:
    house.connections.restart("puppet")


async def test_it_is_switched_on_and_off_in_the_settings(folder: Path) -> None:
    async with open_house(folder) as house:
        await house.connections.switch("puppet", is_on=True)
        await house.wait(lambda: house.puppet.is_running)
        assert house.connections.health()["puppet"].level is HealthLevel.OK
        house.puppet.ports.publish(AvatarSnapshot(model_name="Fox"))
        assert house.connections.snapshot("puppet") == AvatarSnapshot(model_name="Fox")
        await house.connections.switch("puppet", is_on=False)
        assert not house.puppet.is_running
        assert house.connections.health() == {}
        assert house.connections.snapshot("puppet") is None
        house.puppet.ports.publish(AvatarSnapshot(model_name="late"))
        assert house.connections.snapshot("puppet") is None
    assert [event.snapshot for event in house.stage.of(ConnectionChanged)] == [AvatarSnapshot(model_name="Fox")]
    assert len(house.workshop.made) == 1


@pytest.mark.parametrize(
    "action,arguments,sentence",
    [
        ("dance", {}, "Puppet can't do “dance”. These are known: wave, look, fly."),
        ("wave", {"times": 10}, "Times must be at most 9."),
        ("wave", {"times": "many"}, "Times must be a whole number."),
        ("wave", {"hands": 2}, "“wave” knows no hands. It takes times, is_big."),
        ("look", {"at": "me"}, "“look” knows no at. It takes nothing."),
        ("fly", {}, "This connection can't do “fly”."),
    ],
)
async def test_what_is_asked_is_validated_with_a_sentence(folder: Path, action: str, arguments: dict[str, Any], sentence: str) -> None:
    async with open_house(folder) as house:
        await house.connections.switch("puppet", is_on=True)
        with pytest.raises(InputError) as caught:
            await house.connections.perform("puppet", action, arguments)
        assert caught.value.sentence == sentence


async def test_it_does_what_is_asked_even_when_its_run_has_ended(folder: Path) -> None:
    async with open_house(folder) as house:
        house.workshop.error = AuthError("Sign in again.")
        await house.connections.switch("puppet", is_on=True)
        await house.wait(lambda: house.connections.health()["puppet"].level is HealthLevel.NEEDS_YOU)
        answer = await house.connections.perform("puppet", "wave", {"times": "3", "is_big": "true"})
        assert answer == {"waved": {"times": 3, "is_big": True}, "is_running": False}
        house.workshop.error = None
        house.puppet.ports.restart()
        await house.wait(lambda: house.puppet.is_running)
        assert house.puppet.runs == 2


async def test_a_changed_setting_is_taken_over_or_makes_it_anew(folder: Path) -> None:
    async with open_house(folder) as house:
        await house.connections.switch("puppet", is_on=True)
        await house.wait(lambda: house.puppet.is_running)
        first = house.puppet
        await first.ports.change_settings({"size": 2.5})
        await house.wait(lambda: first.settings.model_dump()["size"] == 2.5)
        assert house.settings.value("integrations.puppet.size") == 2.5
        assert (house.puppet, first.runs) == (first, 1)
        with pytest.raises(InputError, match="Size must be at most 3"):
            await first.ports.change_settings({"size": 9})
        await house.settings.change("integrations.puppet.strings", 4)
        await house.wait(lambda: len(house.workshop.made) == 2 and house.puppet.is_running)
        assert not first.is_running
        house.connections.restart("puppet")
        await house.wait(lambda: house.puppet.runs == 2 and house.puppet.is_running)


async def test_one_that_cannot_be_made_says_so_and_disturbs_nobody(folder: Path) -> None:
    async with open_house(folder) as house:
        house.workshop.is_unmakeable = True
        await house.connections.switch("puppet", is_on=True)
        light = house.connections.health()["puppet"]
        assert (light.level, light.sentence) == (HealthLevel.NEEDS_YOU, "The workshop is closed.")
        await house.connections.switch("puppet", is_on=False)
        assert house.connections.health() == {}
        assert house.stage.of(HealthChanged)[-1] == HealthChanged("puppet", HealthLevel.OFF)
        house.workshop.is_unmakeable = False
        await house.connections.switch("puppet", is_on=True)
        await house.settings.change("integrations.puppet.size", 2.0)
        await house.wait(lambda: house.workshop.made and house.puppet.is_running)


async def test_its_errands_end_with_it(folder: Path) -> None:
    async with open_house(folder) as house:
        await house.connections.switch("puppet", is_on=True)
        errand = house.puppet.ports.scope.start(asyncio.sleep(1_000), name="errand")
        await house.connections.switch("puppet", is_on=False)
        assert errand.cancelled()
        with pytest.raises(RuntimeError):
            house.puppet.ports.scope.start(asyncio.sleep(1), name="late")
        house.connections.begin("puppet", PuppetSettings())
        with pytest.raises(InputError, match="runs already"):
            house.connections.begin("puppet", PuppetSettings())


async def test_it_tells_takes_back_and_knows_her_names(folder: Path) -> None:
    async with open_house(folder) as house:
        await house.connections.switch("puppet", is_on=True)
        ports = house.puppet.ports
        await house.wait(ports.names)
        assert tuple(ports.names()) == ("Mira",)
        await ports.tell(happening(StreamEvent.RAID, "zoe", 5))
        await ports.retract(Retraction("twitch", author_id="zoe"))
        assert len(await house.stage.companion.channel_events(5)) == 1
        assert await ports.secrets.get("puppet") is None
    assert len(house.stage.of(MessagesRetracted)) == 1


async def test_the_verbs_of_the_command_line_reach_it(folder: Path) -> None:
    async with open_house(folder) as house:
        desk = house.connections
        shown = await perform(desk, "connections", {})
        assert shown == {
            "puppet": {
                "title": "Puppet",
                "level": "off",
                "sentence": "",
                "actions": ["show", "on", "off", "restart", "wave", "look", "fly"],
                "snapshot": None,
            }
        }
        assert await perform(desk, "connection", {"connection": "puppet", "action": "on"}) is None
        await house.wait(lambda: house.puppet.is_running)
        house.puppet.ports.publish(AvatarSnapshot(model_name="Fox"))
        one = await perform(desk, "connection", {"connection": "puppet"})
        assert (one["level"], one["sentence"], one["snapshot"]["model_name"]) == ("ok", "It dances.", "Fox")
        look = await perform(desk, "connection", {"connection": "puppet", "action": "look"})
        assert look["state"] == "ready"
        wave = await perform(desk, "connection", {"connection": "puppet", "action": "wave", "arguments": {"times": 2}})
        assert wave["waved"]["times"] == 2
        assert await perform(desk, "connection", {"connection": "puppet", "action": "restart"}) is None
        assert await perform(desk, "connection", {"connection": "puppet", "action": "off"}) is None
        assert desk.health() == {}
        with pytest.raises(InputError, match="no connection called robot"):
            await perform(desk, "connection", {"connection": "robot"})
        for wrong in ({}, {"connection": "puppet", "action": 5}, {"connection": "puppet", "arguments": []}):
            with pytest.raises(InputError, match="Name the connection"):
                await perform(desk, "connection", wrong)
