"""A lively chat that never ends: seeded lines of many viewers, at an exact pace."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable

from voxelle.domain.chat import Author, Decision, Role, Stimulus, StimulusKind
from voxelle.kernel.clock import Clock, Ids

SEED = 20_261_122
_VIEWERS = 20_000
_BURST = 20
"""Lines handed over at once before others on the loop get their turn."""
_STEP_S = 0.005
_WORDS = (
    "that", "boss", "jump", "the", "lamp", "moth", "why", "how", "cave", "left", "boot", "again", "nice", "song", "captain", "door",
    "what", "is", "she", "so", "close", "run", "map", "snack", "tea", "friend", "hat", "cloud", "river", "gg", "wow", "level",
)  # fmt: skip
_OTHERS = ("草草草", "🎉🎉🎉", "!roll 20", "https://example.com/clip", "مرحبا بالجميع", "LOL", "gg", "ХАХАХА")
_ROLES = (frozenset[Role](), frozenset({Role.SUBSCRIBER}), frozenset({Role.VIP}), frozenset({Role.FIRST_TIME}), frozenset({Role.MODERATOR}))


class Chatter:
    """Writes chat lines: mostly sentences of their own, some repeats, emoji, commands and other scripts."""

    def __init__(self, ids: Ids, clock: Clock, seed: int = SEED) -> None:
        self._ids = ids
        self._clock = clock
        self._chance = random.Random(seed)

    def line(self) -> Stimulus:
        """Return the next line, received now."""
        chance = self._chance
        viewer = chance.randrange(_VIEWERS)
        text = chance.choice(_OTHERS) if chance.random() < 0.1 else " ".join(chance.choices(_WORDS, k=chance.randint(2, 12)))
        author = Author(str(viewer), f"viewer_{viewer}", "bench", _ROLES[viewer % len(_ROLES)])
        return Stimulus(
            self._ids.new(), StimulusKind.CHAT, author, text, self._clock.now(), source="bench", is_mention=chance.random() < 0.02
        )


async def flood(
    submit: Callable[[Stimulus], Awaitable[Decision]], chatter: Chatter, clock: Clock, per_second: int, seconds: float
) -> list[str]:
    """Submit lines at an exact pace; what was late is caught up. Returns the ids of all that were taken."""
    taken: list[str] = []
    began_s = clock.monotonic()
    total = round(per_second * seconds)
    while len(taken) < total:
        due = min(total, int((clock.monotonic() - began_s) * per_second) + 1)
        for _ in range(min(_BURST, due - len(taken))):
            stimulus = chatter.line()
            await submit(stimulus)
            taken.append(stimulus.id)
        await clock.sleep(0.0 if due - len(taken) > 0 else _STEP_S)
    return taken
