"""The last resort of a chain of models: one of the character's prepared lines."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from typing import Final

from voxelle.contracts.llm import ChatRequest, LanguageModel, TextDelta
from voxelle.contracts.provider import Abilities, Limits
from voxelle.domain.errors import SetupError
from voxelle.kernel.clock import Clock, Randomness

VIEWER: Final = "{viewer}"
LONGEST_NAME: Final = 40


class PreparedLines(LanguageModel):
    """Says what the character on stage has prepared, never the same line twice running."""

    id = "prepared"
    title = "Prepared lines"
    abilities = Abilities(streaming=False, offline=True)

    def __init__(self, clock: Clock, randomness: Randomness, lines: Callable[[], Sequence[str]], limits: Limits | None = None) -> None:
        """`lines` is asked for every reply, so that another character applies at once."""
        super().__init__(clock, limits)
        self._randomness = randomness
        self._lines = lines
        self._last = ""

    async def open(self) -> None:
        """Check that there are lines to say."""
        if not self._speakable(has_viewer=True):
            msg = "This character has no prepared lines: write some on the Characters page."
            raise SetupError(msg)

    async def close(self) -> None:
        """Nothing is held."""

    async def _stream(self, request: ChatRequest) -> AsyncGenerator[TextDelta, None]:
        await self.open()
        viewer = " ".join(request.viewer.split())[:LONGEST_NAME]
        lines = self._speakable(has_viewer=bool(viewer))
        fresh = [line for line in lines if line != self._last] or lines
        self._last = self._randomness.choice(fresh)
        yield TextDelta(self._last.replace(VIEWER, viewer))

    def _speakable(self, *, has_viewer: bool) -> list[str]:
        """Return the lines that can be said; without a viewer those that need none, or else all with `you` for the name."""
        lines = [line.strip() for line in self._lines() if line.strip()]
        if has_viewer:
            return lines
        return [line for line in lines if VIEWER not in line] or [line.replace(VIEWER, "you") for line in lines]
