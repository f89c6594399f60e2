"""How much room each device turned out to need."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Final

import structlog

log = structlog.get_logger("sound")

LATENCY_S: Final = 0.04
"""What a device gets until it is known to need more."""


class LatencyNotes:
    """Remembers how much room a device needs, so that it does not have to run dry anew every day."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: dict[str, float] | None = None

    async def read(self, device: str) -> float:
        """Return the latency in seconds that worked for the device; the shortest for one never seen."""
        if self._known is None:
            self._known = await asyncio.to_thread(self._load)
        return self._known.get(device, LATENCY_S)

    async def write(self, device: str, latency_s: float) -> None:
        """Keep the latency if it is news."""
        if self._known is not None and self._known.get(device, LATENCY_S) != latency_s:
            self._known[device] = latency_s
            await asyncio.to_thread(self._save, json.dumps(self._known))

    def _load(self) -> dict[str, float]:
        try:
            known = json.loads(self._path.read_text(encoding="utf-8"))
            return {str(name): float(latency_s) for name, latency_s in known.items()}
        except (OSError, ValueError, TypeError, AttributeError):
            return {}

    def _save(self, text: str) -> None:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._path.write_text(text, encoding="utf-8")
        except OSError as error:
            log.info("sound.latency_not_kept", code=error.errno)
