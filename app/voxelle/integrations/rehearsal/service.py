"""Plays a rehearsal to the show: at its own pace or faster, once or again and again, with pauses."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path, PurePath
from typing import Final

import structlog

from voxelle.contracts.integration import Integration, IntegrationPorts
from voxelle.domain.errors import InputError, SetupError
from voxelle.domain.events import HealthLevel
from voxelle.integrations.rehearsal.messages import RehearsalLine, read_line
from voxelle.integrations.rehearsal.settings import RehearsalSettings
from voxelle.kernel.clock import Ids, Randomness
from voxelle.kernel.paths import resource

log = structlog.get_logger("chat")
LARGEST_FILE: Final = 32 * 1024 * 1024
LOOP_GAP_S: Final = 5.0
"""Between the last line and the first one of the next round."""


class RehearsalService(Integration):
    """Hands every line to triage when its time has come. While paused its own time stands still."""

    name = "rehearsal"

    def __init__(self, settings: RehearsalSettings, ports: IntegrationPorts) -> None:
        self._settings = settings
        self._ports = ports
        self._going = asyncio.Event()
        self._going.set()
        self._paused_at = 0.0
        self._paused_s = 0.0
        self.submitted = 0

    @property
    def is_paused(self) -> bool:
        """Whether the rehearsal stands still."""
        return not self._going.is_set()

    def pause(self) -> None:
        """Stand still after the line that is being handed over."""
        if self.is_paused:
            return
        self._going.clear()
        self._paused_at = self._ports.clock.monotonic()
        self._ports.report(HealthLevel.DEGRADED, "The rehearsal is paused.")

    def resume(self) -> None:
        """Go on where it stood."""
        if not self.is_paused:
            return
        self._paused_s += self._ports.clock.monotonic() - self._paused_at
        self._going.set()

    async def run(self) -> None:
        """Play until the end. Raises SetupError for a file that is missing or wrong."""
        if not self._settings.is_enabled:
            self._ports.report(HealthLevel.OFF, "The rehearsal is switched off.")
            return
        self._ports.report(HealthLevel.STARTING, "The rehearsal is being read.")
        # A source of its own: the show's one is not to be used in a thread.
        ids = Ids(Randomness(self._ports.randomness.getrandbits(64)), self._ports.clock)
        lines = await asyncio.to_thread(self._read, ids)
        log.info("rehearsal.started", lines=len(lines), speed=self._settings.speed)
        is_again = False
        while True:
            await self._play(lines, is_again=is_again)
            if not self._settings.is_looping:
                break
            is_again = True
            await self._ports.clock.sleep(LOOP_GAP_S / self._settings.speed)
        log.info("rehearsal.ended", submitted=self.submitted)
        self._ports.report(HealthLevel.OFF, "The rehearsal is over.")

    async def _play(self, lines: list[RehearsalLine], *, is_again: bool) -> None:
        clock, began = self._ports.clock, self._ports.clock.monotonic()
        self._paused_s = 0.0
        if self.is_paused:
            self._paused_at = began
        for line in lines:
            await self._wait_until(began + line.at_s / self._settings.speed)
            stimulus = replace(line.stimulus, received_at=clock.now())
            if is_again:
                # The same line in another round is another message.
                stimulus = replace(stimulus, id=self._ports.ids.new())
            await self._ports.submit(stimulus)
            self.submitted += 1
            self._ports.report(HealthLevel.OK, f"The rehearsal plays at {self._settings.speed:g}×.")

    async def _wait_until(self, due: float) -> None:
        """Wait for a moment of the rehearsal's own time, which stands still in a pause."""
        while True:
            await self._going.wait()
            left = due + self._paused_s - self._ports.clock.monotonic()
            if left <= 0:
                return
            await self._ports.clock.sleep(left)

    def _read(self, ids: Ids) -> list[RehearsalLine]:
        file = find_file(self._settings.file)
        try:
            if file.stat().st_size > LARGEST_FILE:
                msg = f"The rehearsal {file.name} is larger than {LARGEST_FILE // 1024 // 1024} MB: cut it into several."
                raise SetupError(msg)
            text = file.read_text(encoding="utf-8-sig")
            lines = [
                read_line(line, number=number, clock=self._ports.clock, ids=ids)
                for number, line in enumerate(text.split("\n"), start=1)
                if line.strip()
            ]
        except (OSError, ValueError) as error:
            msg = f"The rehearsal {file.name} can't be read: choose another file."
            raise SetupError(msg) from error
        except InputError as error:
            raise SetupError(error.sentence) from error
        if not lines:
            msg = f"The rehearsal {file.name} is empty: choose another file."
            raise SetupError(msg)
        return sorted(lines, key=lambda line: line.at_s)


def find_file(name: str) -> Path:
    """Return the file of a rehearsal: one that ships with the program by its bare name, or any other by its whole path."""
    path = Path(name)
    if path.is_absolute():
        return path
    if PurePath(name).name != name or name == "..":
        msg = "Give the rehearsal's whole path, or the bare name of one that ships with the program."
        raise SetupError(msg)
    return resource("rehearsals", name)
