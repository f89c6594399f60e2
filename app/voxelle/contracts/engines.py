"""The engine room: what the Engines page, the doctor and `voxelle ctl` can ask of engines."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

from voxelle.domain.events import EngineStatus


class EngineRoom(ABC):
    """All engines of this installation. Changes are announced as EngineChanged."""

    @abstractmethod
    def statuses(self) -> Sequence[EngineStatus]:
        """Return every engine's status now, in the order of the turn."""

    @abstractmethod
    async def load(self, engine_id: str) -> None:
        """Load an engine and wait until it is ready. Raises VoxelleError children."""

    @abstractmethod
    async def unload(self, engine_id: str) -> None:
        """Free an engine's memory; its chain goes on with the next one."""

    @abstractmethod
    async def install(self, engine_id: str) -> None:
        """Fetch and verify the engine's weights; progress comes as EngineChanged. Cancelling keeps what was fetched."""
