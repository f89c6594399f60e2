"""A killed program loses nothing it had acknowledged."""

from __future__ import annotations

import random
from pathlib import Path

from tests.storage.crash import crash_once


def test_no_acknowledged_row_is_lost_when_the_program_is_killed(tmp_path: Path) -> None:
    randomness = random.Random(7)
    file = tmp_path / "voxelle.db"
    outcomes = [crash_once(file, run, randomness) for run in range(8)]
    assert all(outcome.acknowledged for outcome in outcomes)
    assert sum(outcome.lost for outcome in outcomes) == 0
