"""The app is killed at random moments while it writes: it starts again, and nothing acknowledged is lost."""

from __future__ import annotations

import asyncio
import random
import subprocess
import tempfile
import threading
from pathlib import Path

from voxelle.benches import Figure
from voxelle.benches.chat_flood import kept_ids
from voxelle.benches.programs import command, environment
from voxelle.domain.errors import VoxelleError
from voxelle.headless import ShowOptions, open_show
from voxelle.kernel.paths import Paths
from voxelle.providers.catalogue import EngineSet

KILLS = 100
_SEED = 4
_LONGEST_S = 2.0
"""A child is killed up to so long after its first acknowledgement: in the middle of whatever it does."""
_EARLY = 10
"""Every so many-th child is killed up to so long after its start instead: while it opens."""


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
        is_early = number % _EARLY == _EARLY - 1
        lines = _write_and_kill(folder, number, chance.uniform(0.0, _LONGEST_S), is_early=is_early)
        failed_starts += not lines and not is_early
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


def _write_and_kill(folder: Path, seed: int, delay_s: float, *, is_early: bool) -> list[str]:
    """Start the app, kill it a while after its first acknowledged line (or after its start), and return all that it told."""
    arguments = command("writing", str(folder), str(seed))
    with subprocess.Popen(arguments, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as child:
        timer = threading.Timer(delay_s, child.kill)
        if is_early:
            timer.start()
        lines: list[str] = []
        for line in child.stdout or ():
            if not lines and not is_early:
                timer.start()
            lines.append(line)
    timer.cancel()
    return [line.strip() for line in lines if line.endswith("\n")]


async def _kept(folder: Path) -> tuple[set[str], float]:
    """Open the profile again, as the next start does, and return what it holds."""
    profile = Paths.find(folder, environ={})
    async with open_show(profile, ShowOptions(EngineSet.STUB, folder / "voice.wav", speed=0.0, is_greeting=False)) as show:
        characters = await show.companion.characters()
        turns = [turn for character in characters for turn in await show.database.conversations.recent_turns(character.id, 1_000_000)]
        volume = show.settings.current.voice.volume
    return {f"turn {turn.id}" for turn in turns} | {f"message {message_id}" for message_id in kept_ids(profile.database_file)}, volume
