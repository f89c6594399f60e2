"""What the connection shows of itself: one snapshot, announced whole and not too often."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from voxelle.contracts.integration import IntegrationPorts
from voxelle.domain.avatar import AvatarSnapshot, EmotionCue
from voxelle.domain.events import HealthLevel

PUBLISH_EVERY_S: Final = 0.25
CUES: Final = 20
PROBLEMS: Final = 20


class Board:
    """Holds the snapshot and the light."""

    def __init__(self, ports: IntegrationPorts) -> None:
        self._ports = ports
        self._shown: AvatarSnapshot | None = None
        self._dirty = asyncio.Event()
        self._light: tuple[HealthLevel, str] | None = None
        self.snapshot = AvatarSnapshot()
        self.totals: Counter[str] = Counter()
        """Of the lines before this one."""
        self.counters: Callable[[], Counter[str]] = Counter
        """Of the line that is open."""

    def update(self, **changes: Any) -> None:
        """Change some fields of the snapshot; it is announced in a moment."""
        self.snapshot = replace(self.snapshot, **changes)
        self._dirty.set()

    def add_cue(self, cue: EmotionCue) -> None:
        """Add a row to the timeline."""
        self.update(cues=(*self.snapshot.cues, cue)[-CUES:])

    def add_problem(self, sentence: str) -> None:
        """Add a sentence to the last errors; the same one again only moves its time."""
        problems = self.snapshot.problems
        if problems and problems[-1][1] == sentence:
            problems = problems[:-1]
        self.update(problems=(*problems, (self._ports.clock.now(), sentence))[-PROBLEMS:])

    def light(self, level: HealthLevel, sentence: str) -> None:
        """Set the light, when it is another one."""
        if self._light != (level, sentence):
            self._light = (level, sentence)
            self._ports.report(level, sentence)

    def begin(self) -> None:
        """A new run: the supervisor has set the light meanwhile."""
        self._light = None

    async def run(self) -> None:
        """Announce what changes, a few times a second at most."""
        while True:
            await self._dirty.wait()
            self.flush()
            await self._ports.clock.sleep(PUBLISH_EVERY_S)

    def flush(self) -> None:
        """Announce the snapshot now if it is another one."""
        self._dirty.clear()
        counters = self.totals + self.counters()
        self.snapshot = replace(self.snapshot, counters=tuple(sorted(counters.items())))
        if self.snapshot != self._shown:
            self._shown = self.snapshot
            self._ports.publish(self.snapshot)
