"""When a sample of an endless stream passes, though its blocks come too early, too late and by another clock's rate."""

from __future__ import annotations

from collections import deque
from typing import Final

_SHARE: Final = 0.004
"""How much of an error is believed per block once the clock has settled: jitter is smoothed over two seconds or so."""
_DRIFT_SHARE: Final = 1e-5
_LARGEST_DRIFT: Final = 1e-3
"""Two clocks of quartz differ by 0.0001 at most; what differs by more is no clock but a jump."""
_SLOWEST: Final = 0.5
"""A clock that was ahead goes on so slowly until it is right; it never goes back."""


class SampleClock:
    """Follows the end of a stream in seconds: its blocks' moments are jittery, its rate is nearly the nominal one.

    With a patience, blocks that come too late are taken to be read late, as on a busy computer, and the stream to have jumped only
    when that lasts longer; blocks that come too early show that the clock is ahead, and it waits for them.
    """

    def __init__(self, rate: float, jump_s: float = 0.05, patience_s: float = 0.0) -> None:
        self.rate = rate
        self.at_s = 0.0
        """When the end of the stream so far passes."""
        self._jump_s = jump_s
        self._patience_s = patience_s
        self._late_since_s: float | None = None
        self._blocks = 0
        self._drift = 0.0

    def take(self, frames: int, ends_at_s: float) -> float:
        """Go on by a block that seems to end at a moment. Returns by how many seconds the stream jumped, mostly 0."""
        length_s = frames / self.rate
        predicted = self.at_s + length_s * (1.0 + self._drift)
        error = ends_at_s - predicted
        if self._blocks and self._is_passing(error, ends_at_s):
            self.at_s = predicted if error > 0 else self.at_s + _SLOWEST * length_s
            return 0.0
        if not self._blocks or abs(error) > self._jump_s:
            self._blocks, self._drift = 1, 0.0
            self.at_s = ends_at_s
            return error
        self._blocks += 1
        share = max(_SHARE, 1.0 / self._blocks)
        if share <= _SHARE:
            self._drift = min(_LARGEST_DRIFT, max(-_LARGEST_DRIFT, self._drift + _DRIFT_SHARE * error / length_s))
        self.at_s = max(self.at_s + _SLOWEST * length_s, predicted + share * error)
        return 0.0

    def _is_passing(self, error: float, ends_at_s: float) -> bool:
        """Whether a block that is far from its time is no jump of the stream."""
        if error <= self._jump_s or not self._patience_s:
            self._late_since_s = None
            return error < -self._jump_s and self._patience_s > 0
        if self._late_since_s is None:
            self._late_since_s = ends_at_s
        if ends_at_s - self._late_since_s < self._patience_s:
            return True
        self._late_since_s = None
        return False


class RateMeter:
    """Counts how many samples a device really gives, for one that lies about its rate."""

    def __init__(self, over_s: float = 4.0) -> None:
        self._over_s = over_s
        self._blocks: deque[tuple[float, int]] = deque()
        self._frames = 0

    def take(self, frames: int, now_s: float) -> float | None:
        """Count a block that has just come; returns samples a second once that is known, over the last seconds."""
        self._blocks.append((now_s, frames))
        self._frames += frames
        began_s, first = self._blocks[0]
        passed_s = now_s - began_s
        if passed_s < self._over_s:
            return None
        rate = (self._frames - first) / passed_s
        while self._blocks and now_s - self._blocks[0][0] >= self._over_s / 2:
            self._frames -= self._blocks.popleft()[1]
        return rate

    def forget(self) -> None:
        """Begin anew: samples were lost."""
        self._blocks.clear()
        self._frames = 0
