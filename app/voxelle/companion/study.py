"""The study: where she gets ready. What an answer is made of, and the model that has read its beginning before it is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from voxelle.companion.memory import KEPT_AT_HAND
from voxelle.companion.script import Script, script_for
from voxelle.domain.errors import VoxelleError
from voxelle.domain.events import NoticeLevel, NoticeRaised

if TYPE_CHECKING:
    from voxelle.companion.cast import Cast
    from voxelle.companion.memory import Memory
    from voxelle.companion.ports import CompanionPorts
    from voxelle.domain.chat import QueueItem
    from voxelle.domain.persona import Character

log = structlog.get_logger("show")


class Study:
    """Gets the one on stage ready."""

    def __init__(self, ports: CompanionPorts, cast: Cast, memory: Memory) -> None:
        self._ports = ports
        self._cast = cast
        self._memory = memory

    def rehearse(self, item: QueueItem) -> tuple[Script, Character]:
        """Return what the answer is made of, and who gives it. SetupError while nobody is on stage."""
        settings, writer = self._ports.settings.current, self._cast.writer
        history, most = self._memory.recent(KEPT_AT_HAND), settings.turn.history_turns
        return script_for(item, writer, history, most, settings.safety.replacement), writer.character

    async def warm(self, *, is_told: bool = True) -> None:
        """Load what the next prompt begins with into the model's cache, so that the answer comes soon."""
        prefix = self._cast.writer.prefix(self._memory.recent(KEPT_AT_HAND), self._ports.settings.current.turn.history_turns)
        try:
            await self._ports.model.warm(prefix)
        except VoxelleError as error:
            log.warning("model.not_warmed", error_kind=type(error).__name__)
            if is_told:
                self._ports.bus.announce(NoticeRaised(NoticeLevel.WARNING, error.sentence))
