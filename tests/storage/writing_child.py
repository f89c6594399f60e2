"""Writes messages and turns until it is killed, and prints the id of each once it is acknowledged."""

from __future__ import annotations

import asyncio
import os
import sys
from dataclasses import replace
from pathlib import Path

import structlog

from tests.storage.samples import decision, stimulus, turn
from voxelle.kernel.clock import SystemClock
from voxelle.storage.database import Database


async def write(database: Database, run: int, lane: int) -> None:
    """Write one after the other, every tenth a turn."""
    number = 0
    while True:
        number += 1
        own = f"{run}-{lane}-{number}"
        if number % 10 == 0:
            await database.conversations.append_turn(replace(turn(number), id=own))
        else:
            await database.conversations.append_message(replace(stimulus(number), id=own), decision(stimulus(number)))
        os.write(1, f"{own}\n".encode())


async def main() -> None:
    """Write in twenty lanes at once."""
    database = Database.open(Path(sys.argv[1]), clock=SystemClock(), on_notice=lambda _sentence: None)
    await asyncio.gather(*(write(database, int(sys.argv[2]), lane) for lane in range(20)))


if __name__ == "__main__":
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    asyncio.run(main())
