"""The app is killed at random moments while it writes: it starts again, and nothing acknowledged is lost."""

from __future__ import annotations

import asyncio
import random
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from voxelle.benches import Figure
from voxelle.domain.errors import VoxelleError
from voxelle.headless import ShowOptions, open_show
from voxelle.kernel.paths import Paths
from voxelle.providers.catalogue import EngineSet

if TYPE_CHECKING:
    from collections.abc import Iterator

KILLS = 100
_SEED = 4
_LONGEST_LINES = 40
"""A child is killed after it acknowledged a random number of lines up to this."""


def measure(paths: Paths) -> tuple[Figure, ...]:
    """Kill the app KILLS times on one profile and look after every kill."""
    chance = random.Random(_SEED)  # noqa: S311 - a seed, not a secret
    acknowledged: set[str] = set()
    lost = failed_starts = 0
    with tempfile.TemporaryDirectory(prefix="voxelle-bench-") as name:
        folder = Path(name)
        for number in range(KILLS):
            lines = list(_write_and_kill(folder, number, chance.randrange(1, _LONGEST_LINES)))
            if not lines:
                failed_starts += 1
            acknowledged |= {line for line in lines if line.startswith(("message ", "turn "))}
            volume = next((line for line in reversed(lines) if line.startswith("volume ")), "")
            try:
                kept, kept_volume = asyncio.run(_kept(folder))
            except VoxelleError:
                failed_starts += 1
                continue
            lost = len(acknowledged - kept)
            # The child may have been killed after the next change was written and before it was told.
            lost += bool(volume) and not _is_same_or_next(float(volume.split()[1]), kept_volume)
    return (
        Figure("kills", KILLS, "count", f"== {KILLS}"),
        Figure("acknowledged", len(acknowledged), "count", ">= 100"),
        Figure("lost", lost, "count", "== 0"),
        Figure("failed_starts", failed_starts, "count", "== 0"),
    )


def _is_same_or_next(told: float, kept: float) -> bool:
    return round((kept - told) * 100) % 100 in (0, 1)


def _write_and_kill(folder: Path, seed: int, lines: int) -> Iterator[str]:
    """Start the app, kill it after so many acknowledged lines, and return all that it told."""
    command = [sys.executable, *([] if getattr(sys, "frozen", False) else ["-m", "voxelle"]), "bench-child", "writing", str(folder), str(seed)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as child:  # noqa: S603 - our own program
        if child.stdout is None:
            return
        for number, line in enumerate(child.stdout):
            if number == lines:
                child.kill()
            if line.endswith("\n"):
                yield line.strip()


async def _kept(folder: Path) -> tuple[set[str], float]:
    """Open the profile again and return what it holds."""
    options = ShowOptions(EngineSet.STUB, folder / "voice.wav", speed=0.0, is_greeting=False)
    async with open_show(Paths.find(folder, environ={}), options) as show:
        characters = await show.companion.characters()
        turns = [turn for character in characters for turn in await show.database.conversations.recent_turns(character.id, 1_000_000)]
        kept = {f"turn {turn.id}" for turn in turns} | {f"message {message_id}" for message_id in await show.database.conversations.message_ids()}
        return kept, show.settings.current.voice.volume
