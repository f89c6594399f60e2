"""Kills a writing program at a random moment and counts what it had acknowledged and lost. For tests and benches."""

from __future__ import annotations

import os
import random
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class CrashOutcome:
    """What one killed program left."""

    acknowledged: int
    lost: int
    kept: int


def crash_once(file: Path, run: int, randomness: random.Random) -> CrashOutcome:
    """Start a program that writes rows as fast as it can, kill it (-9) after a random number of acknowledged ones, and look."""
    from voxelle.kernel.clock import SystemClock
    from voxelle.storage.database import Database

    child = subprocess.Popen(
        [sys.executable, "-m", "tests.storage.writing_child", str(file), str(run)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    acknowledged = []
    last = randomness.randrange(1, 2000)
    with child.stdout:
        for line in child.stdout:
            acknowledged.append(line)
            if len(acknowledged) == last:
                child.kill()
        child.wait()
    # What was printed in part was not acknowledged.
    ids = [line.strip() for line in acknowledged if line.endswith("\n")]
    database = Database.open(file, clock=SystemClock(), on_notice=_refuse)  # it starts again
    assert not database.notices, "the file was damaged"
    database._engine.dispose()
    database._writer._thread.shutdown()
    database._reader._threads.shutdown()
    with closing(sqlite3.connect(file)) as connection:
        kept = {row[0] for row in connection.execute("SELECT id FROM messages UNION ALL SELECT id FROM turns")}
        halves = "SELECT count(*) FROM turns WHERE (SELECT count(*) FROM turn_stimuli WHERE turn_id = turns.id) != 2"
        count = connection.execute(halves).fetchone()[0]
    assert count == 0, "a turn was kept in part"
    return CrashOutcome(len(ids), sum(each not in kept for each in ids), len(kept))


def _refuse(sentence: str) -> None:
    raise AssertionError(sentence)
