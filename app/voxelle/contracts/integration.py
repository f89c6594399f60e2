"""An integration: one folder that connects her to something outside."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from pydantic import BaseModel

from voxelle.domain.chat import Decision, Stimulus
from voxelle.domain.events import HealthLevel
from voxelle.kernel.clock import Clock, Ids, Randomness


@dataclass(frozen=True, slots=True)
class IntegrationPorts:
    """Everything an integration may use of the house."""

    clock: Clock
    randomness: Randomness
    ids: Ids
    submit: Callable[[Stimulus], Awaitable[Decision]]
    """Hand a stimulus to triage."""
    report: Callable[[HealthLevel, str], None]
    """Set this integration's light, with a sentence."""


class Integration(ABC):
    """A service of the supervisor. `run` lasts until cancelled; errors are the house's own (see domain.errors)."""

    name: str

    @abstractmethod
    async def run(self) -> None:
        """Connect, relay, clean up. AuthError: refused login. TemporaryError: lost line. SetupError: wrong setting."""


@dataclass(frozen=True, slots=True)
class Declaration:
    """What a folder says of itself; the settings page, the connections page and the doctor are drawn from it."""

    id: str
    title: str
    summary: str
    settings_type: type[BaseModel]
    create: Callable[[BaseModel, IntegrationPorts], Integration]
    """Build the service; opens nothing and imports no SDK before `run`."""
