"""An integration: one folder that connects her to something outside."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from pydantic import BaseModel, ConfigDict

from voxelle.domain.avatar import AvatarSnapshot
from voxelle.domain.channel import ChannelSnapshot
from voxelle.domain.chat import ChannelEvent, Decision, Retraction, Stimulus
from voxelle.domain.errors import InputError
from voxelle.domain.events import HealthChanged, HealthLevel
from voxelle.kernel.bus import Bus
from voxelle.kernel.clock import Clock, Ids, Randomness
from voxelle.kernel.tasks import TaskScope

Snapshot = ChannelSnapshot | AvatarSnapshot
"""What a connection shows of itself."""


class SecretStore(Protocol):
    """The password store; every method raises SetupError with a sentence when it does not serve."""

    async def get(self, name: str) -> str | None:
        """Return a secret, None if there is none of that name."""
        ...

    async def set(self, name: str, value: str) -> None:
        """Keep a secret durably, in place of an older one of that name."""
        ...

    async def delete(self, name: str) -> None:
        """Delete a secret; one that is not there is no error."""
        ...


@dataclass(frozen=True, slots=True)
class IntegrationPorts:
    """Everything an integration may use of the house. All of it belongs to the show loop."""

    clock: Clock
    randomness: Randomness
    ids: Ids
    submit: Callable[[Stimulus], Awaitable[Decision]]
    """Hand a stimulus to triage."""
    report: Callable[[HealthLevel, str], None]
    """Set this integration's light, with a sentence."""
    tell: Callable[[ChannelEvent], Awaitable[None]]
    """Say what happened on the channel: it is kept, and she reacts as the streamer wants."""
    retract: Callable[[Retraction], Awaitable[None]]
    """Take messages back: out of the queue, the memory, and her mouth."""
    publish: Callable[[Snapshot], None]
    """Announce what the connection shows of itself, whole."""
    bus: Bus
    """To listen to what she does. An integration ends its subscriptions in the `finally` of its `run`."""
    scope: TaskScope
    """Errands that outlast `run`, such as a sign-in; closed when the integration is taken away."""
    secrets: SecretStore
    names: Callable[[], Sequence[str]]
    """The names she answers to now: her own and her aliases."""
    restart: Callable[[], None]
    """Run anew: after a sign-in, for example."""
    change_settings: Callable[[Mapping[str, Any]], Awaitable[None]]
    """Change some of its own settings, by their names within its part."""


class NoArguments(BaseModel):
    """An action that needs nothing else."""

    model_config = ConfigDict(frozen=True, extra="forbid")


@dataclass(frozen=True, slots=True)
class Action:
    """Something a connection can be asked to do; the same for the window, the command line and the API."""

    id: str
    title: str
    arguments: type[BaseModel] = NoArguments


class Integration(ABC):
    """A service of the supervisor. `run` lasts until cancelled; errors are the house's own (see domain.errors)."""

    name: str

    @abstractmethod
    async def run(self) -> None:
        """Connect, relay, clean up. AuthError: refused login. TemporaryError: lost line. SetupError: wrong setting."""

    async def perform(self, action: str, arguments: BaseModel) -> Any:
        """Do one of the declared actions, whether `run` runs or has ended. Returns JSON values or frozen domain objects."""
        msg = f"This connection can't do “{action}”."
        raise InputError(msg)

    def apply(self, settings: BaseModel) -> bool:
        """Take over changed settings while running; False: it has to be made anew."""
        return False


@dataclass(frozen=True, slots=True)
class Declaration:
    """What a folder says of itself; the settings page, the connections page and the doctor are drawn from it."""

    id: str
    title: str
    summary: str
    settings_type: type[BaseModel]
    create: Callable[[BaseModel, IntegrationPorts], Integration]
    """Build the service; opens nothing and imports no SDK before `run`."""
    actions: tuple[Action, ...] = field(default=())
    icon: str = "connections"
    """Name of a file in `resources/icons`, without its ending."""


class ConnectionDesk(ABC):
    """All connections of this installation: what the Connections page, `voxelle ctl` and the doctor can ask. Show loop only."""

    @property
    @abstractmethod
    def declarations(self) -> Mapping[str, Declaration]:
        """Every connection that is installed, by id."""

    @abstractmethod
    def health(self) -> Mapping[str, HealthChanged]:
        """Return the light of every connection that was switched on."""

    @abstractmethod
    def snapshot(self, connection: str) -> Snapshot | None:
        """Return what a connection last showed of itself, None if nothing."""

    @abstractmethod
    async def perform(self, connection: str, action: str, arguments: Mapping[str, Any]) -> Any:
        """Validate the arguments and do it. InputError for an unknown action, wrong arguments or a connection that is off."""

    @abstractmethod
    async def switch(self, connection: str, *, is_on: bool) -> None:
        """Switch a connection on or off, in the settings."""

    @abstractmethod
    def restart(self, connection: str) -> None:
        """Run a connection anew. InputError for one that is off."""
