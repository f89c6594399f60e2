"""Gives every clause its feeling: the model's own tag, else the classifier's word, else the last one."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import structlog

from voxelle.domain.avatar import Feeling
from voxelle.domain.errors import VoxelleError

if TYPE_CHECKING:
    from voxelle.companion.trace import TraceBook
    from voxelle.contracts.emotion import EmotionClassifier

log = structlog.get_logger("turn")

SURE = 0.3
"""A label less probable than this is a guess: the clause feels like the one before it."""
PATIENCE_S = 0.25
"""A feeling that takes longer (the classifier still loads) is not worth the wait: the last one holds."""


class FeelingReader:
    """Decides the feelings of one reply's clauses, in order."""

    def __init__(self, classifier: EmotionClassifier | None, trace: TraceBook) -> None:
        self._classifier = classifier
        self._trace = trace
        self._tag: Feeling | None = None
        self._last = Feeling()

    def tag(self, feeling: Feeling) -> None:
        """The model named the feeling of the clause that comes next."""
        self._tag = feeling

    async def read(self, text: str) -> Feeling:
        """Return the feeling of the next clause; a classifier that fails costs nothing but its opinion."""
        if self._tag is not None:
            self._last, self._tag = self._tag, None
            return self._last
        if self._classifier is None:
            return self._last
        try:
            async with asyncio.timeout(PATIENCE_S):
                feeling = await self._classifier.classify(text)
        except TimeoutError:
            self._trace.note("Feelings came too late for a clause.")
        except VoxelleError as error:
            self._trace.note(f"Feelings were not read: {error.sentence}")
            log.warning("emotion.unavailable", error_kind=type(error).__name__)
        else:
            self._trace.engines["emotion"] = self._classifier.id
            if feeling.intensity >= SURE:
                self._last = feeling
        return self._last
