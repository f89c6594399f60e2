"""The app is killed at random moments while it writes: it starts again, and nothing acknowledged is lost."""

from __future__ import annotations

import asyncio
import random
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from voxelle.benches import Figure
from voxelle.benches.chat_flood import kept_ids
from voxelle.benches.programs import command
from voxelle.domain.errors import VoxelleError
from voxelle.headless import ShowOptions, open_show
from voxelle.kernel.paths import Paths
from voxelle.providers.catalogue import EngineSet

if TYPE_CHECKING:
    from collections.abc import Iterator

KILLS = 100
_SEED = 4
_LONGEST_LINES = 40
_LONGEST_DELAY_S = 0.03
"""A child is killed after it acknowledged a random number of lines up to that, and a random while more: in the middle of a write too."""


def measure(paths: Paths) -> tuple[Figure, ...]:
    """Kill the app KILLS times on one profile and look after every kill."""
    with tempfile.TemporaryDirectory(prefix="voxelle-bench-") as name:
        return figures(Path(name), KILLS)


def figures(folder: Path, kills: int) -> tuple[Figure, ...]:
    """Kill the app so often on the profile in a folder; nothing that was ever acknowledged may be missing at the end."""
    chance = random.Random(_SEED)
    acknowledged: set[str] = set()
    lost: set[str] = set()
    failed_starts = lost_settings = 0
    for number in range(kills):
        lines = list(_write_and_kill(folder, number, chance.randint(1, _LONGEST_LINES), chance.uniform(0.0, _LONGEST_DELAY_S)))
        failed_starts += not lines
        acknowledged |= {line for line in lines if line.startswith(("message ", "turn "))}
        volumes = [float(line.split()[1]) for line in lines if line.startswith("volume ")]
        try:
            kept, kept_volume = asyncio.run(_kept(folder))
        except VoxelleError:
            failed_starts += 1
            continue
        lost |= acknowledged - kept
        lost_settings += bool(volumes) and not is_same_or_next(volumes[-1], kept_volume)
    return (
        Figure("kills", kills, "count", f"== {kills}"),
        Figure("acknowledged", len(acknowledged), "count", f">= {kills}"),
        Figure("lost", len(lost), "count", "== 0"),
        Figure("lost_settings", lost_settings, "count", "== 0"),
        Figure("failed_starts", failed_starts, "count", "== 0"),
    )


def is_same_or_next(told: float, kept: float) -> bool:
    """Return whether a setting is as it was told last; the child may have been killed between the next change and telling it."""
    return round((kept - told) * 100) % 100 in (0, 1)


def _write_and_kill(folder: Path, seed: int, lines: int, delay_s: float) -> Iterator[str]:
    """Start the app, kill it a while after so many acknowledged lines, and return all that it told."""
    arguments = command("writing", str(folder), str(seed))
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as child:
        if child.stdout is None:
            return
        for number, line in enumerate(child.stdout, start=1):
            if number == lines:
                time.sleep(delay_s)
                child.kill()
            if line.endswith("\n"):
                yield line.strip()


async def _kept(folder: Path) -> tuple[set[str], float]:
    """Open the profile again, as the next start does, and return what it holds."""
    profile = Paths.find(folder, environ={})
    async with open_show(profile, ShowOptions(EngineSet.STUB, folder / "voice.wav", speed=0.0, is_greeting=False)) as show:
        characters = await show.companion.characters()
        turns = [turn for character in characters for turn in await show.database.conversations.recent_turns(character.id, 1_000_000)]
        volume = show.settings.current.voice.volume
    return {f"turn {turn.id}" for turn in turns} | {f"message {message_id}" for message_id in kept_ids(profile.database_file)}, volume
