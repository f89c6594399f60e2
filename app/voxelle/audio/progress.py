"""Progress of an output in values that travel between processes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from voxelle.contracts.audio import Drained, OutputChanged, Playhead, Progress, RanDry


def to_words(progress: Progress) -> list[Any]:
    """Put progress into values that travel."""
    match progress:
        case Playhead():
            return ["playhead", progress.generation, progress.clause_index, progress.frames]
        case Drained():
            return ["drained", progress.generation]
        case RanDry():
            return ["ran_dry", progress.generation, progress.total]
        case OutputChanged():
            return ["changed", progress.sentence, progress.is_lost]


_KINDS: Final[dict[str, Callable[..., Progress]]] = {"playhead": Playhead, "drained": Drained, "ran_dry": RanDry, "changed": OutputChanged}


def from_words(words: list[Any]) -> Progress:
    """Make progress again of what travelled."""
    return _KINDS[words[0]](*words[1:])
