"""Token buckets as Helix keeps them, told through `Ratelimit-*` headers."""

from __future__ import annotations

import math
from collections.abc import Hashable
from dataclasses import dataclass

from tests.fakes.twitch.world import World


@dataclass(slots=True)
class _Bucket:
    points: float
    filled_at: float


class Rates:
    """One bucket for every key (application and user); it refills evenly over its period."""

    def __init__(self, world: World, size: int, period_s: float) -> None:
        self._world = world
        self.size = size
        self.period_s = period_s
        self._buckets: dict[Hashable, _Bucket] = {}

    def take(self, key: Hashable, size: int | None = None) -> bool:
        """Take one point; False when there is none."""
        bucket = self._bucket(key, size or self.size)
        if bucket.points < 1:
            return False
        bucket.points -= 1
        return True

    def drain(self) -> None:
        """Let every bucket be empty now."""
        for bucket in self._buckets.values():
            bucket.points = 0

    def headers(self, key: Hashable) -> dict[str, str]:
        """Return limit, points left, and the second at which the bucket is full again."""
        bucket = self._bucket(key, self.size)
        full_in_s = (self.size - bucket.points) * self.period_s / self.size
        return {
            "ratelimit-limit": str(self.size),
            "ratelimit-remaining": str(int(bucket.points)),
            "ratelimit-reset": str(math.ceil(self._world.now().timestamp() + full_in_s)),
        }

    def _bucket(self, key: Hashable, size: int) -> _Bucket:
        now = self._world.monotonic()
        bucket = self._buckets.setdefault(key, _Bucket(size, now))
        bucket.points = min(size, bucket.points + (now - bucket.filled_at) * size / self.period_s)
        bucket.filled_at = now
        return bucket
