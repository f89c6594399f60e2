"""Was the mouth where the sound was? Pure: shapes, playheads and arrivals in, what was on time out.

While a clause sounds a frame is due at every sixtieth of a second of its sound. It is on time when a message arrived within
10 ms of that moment whose values are those of the clause's own mouth at a place of the sound within 10 ms of what was
audible at the arrival; no message serves two frames. All seven values of the mouth have to fit at one and the same place,
each within TOLERANCE, so that a mouth that moves tells its place to the millisecond. One that stands still fits in many
places: there the nearest counts, and the offsets are told of moving frames alone.

What is audible follows from the least delayed of the playheads of the half second around, for a playhead can be told late,
and never early.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from voxelle.benches.avatar_end import Arrival
from voxelle.domain.avatar import CLOSED_MOUTH, MOUTH_RATE, MouthShape, MouthTrack

WITHIN_S: Final = 0.010
TOLERANCE: Final = 0.002
_NAMES: Final = ("MouthOpen", "VoiceA", "VoiceI", "VoiceU", "VoiceE", "VoiceO", "VoiceVolume")
"""The inputs that carry the values of a MouthShape, in its order."""
_AROUND_S: Final = 0.25
_SEARCH_S: Final = 0.1
"""Values that fit nowhere within this are those of no place: they count as so far off."""
_MOVING_S: Final = 0.02
_ROUNDING: Final = 1e-9


@dataclass(slots=True)
class SoundedClause:
    """A clause as it was heard."""

    shapes: list[MouthShape] = field(default_factory=list)
    playheads: list[tuple[float, float]] = field(default_factory=list)
    """When they were told, and how many seconds of the clause were audible then."""
    heard_at_s: float = math.nan
    told: list[tuple[float, float]] = field(default_factory=list)
    """When a stretch of shapes came, and where in the clause it begins, in seconds."""

    def add(self, track: MouthTrack, at_s: float) -> None:
        """Take the next stretch of shapes."""
        self.shapes[track.first :] = track.shapes
        self.told.append((at_s, track.first / MOUTH_RATE))

    def leads_s(self) -> list[float]:
        """Return how long before its sound each stretch of shapes was known."""
        if not self.playheads:
            return []
        zero = self.zero_at(self.playheads[0][0])
        return [zero + first_s - at_s for at_s, first_s in self.told]

    @property
    def length_s(self) -> float:
        """How much of it was audible."""
        return max((position_s for _, position_s in self.playheads), default=0.0)

    def zero_at(self, at_s: float) -> float:
        """Return when its first sample was audible, as the playheads around a moment say."""
        near = [told_s - position_s for told_s, position_s in self.playheads if abs(told_s - at_s) <= _AROUND_S]
        return min(near or [told_s - position_s for told_s, position_s in self.playheads])

    def due(self) -> list[float]:
        """Return when its frames are due."""
        if not self.shapes or not self.playheads:
            return []
        zero = self.zero_at(self.playheads[0][0])
        places = (count / MOUTH_RATE for count in range(math.floor(self.length_s * MOUTH_RATE) + 1))
        return [self.zero_at(zero + place_s) + place_s for place_s in places]

    def shape_at(self, place: int) -> MouthShape:
        """Return a shape; outside of all the mouth is closed."""
        return self.shapes[place] if 0 <= place < len(self.shapes) else CLOSED_MOUTH

    def between(self, position_s: float) -> tuple[float, ...]:
        """Return the values at a position of the sound."""
        low = math.floor(position_s * MOUTH_RATE)
        share = position_s * MOUTH_RATE - low
        pairs = zip(self.shape_at(low), self.shape_at(low + 1), strict=True)
        return tuple(first + (second - first) * share for first, second in pairs)

    def offset(self, position_s: float, values: tuple[float, ...]) -> float:
        """Return how far from a position the nearest place lies that has these values; positive: the mouth is ahead."""
        true_place, reach = position_s * MOUTH_RATE, math.ceil(_SEARCH_S * MOUTH_RATE)
        low = math.floor(true_place)
        places = (found for each in range(low - reach, low + reach + 1) if (found := self._fit(each, true_place, values)) is not None)
        nearest = min(((place - true_place) / MOUTH_RATE for place in places), key=abs, default=_SEARCH_S)
        return max(-_SEARCH_S, min(_SEARCH_S, nearest))

    def _fit(self, low: int, wanted: float, values: tuple[float, ...]) -> float | None:
        """Return the place between two shapes, nearest to a wanted one, at which all values fit."""
        least, most = 0.0, 1.0
        for first, second, value in zip(self.shape_at(low), self.shape_at(low + 1), values, strict=True):
            change = second - first
            if abs(change) < _ROUNDING:
                if abs(value - first) > TOLERANCE:
                    return None
                continue
            bounds = sorted(((value - TOLERANCE - first) / change, (value + TOLERANCE - first) / change))
            least, most = max(least, bounds[0]), min(most, bounds[1])
        return low + min(most, max(least, wanted - low)) if least <= most else None

    def is_moving(self, position_s: float) -> bool:
        """Whether the mouth looks different a moment before and a moment later."""
        here = self.between(position_s)
        others = (self.between(position_s - _MOVING_S), self.between(position_s + _MOVING_S))
        return all(max(abs(one - other) for one, other in zip(here, each, strict=True)) > TOLERANCE * 2 for each in others)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What became of the frames of a clause."""

    due: int
    on_time: int
    offsets_s: tuple[float, ...]
    """Of the messages that came while it sounded, and while the mouth moved."""


def judge(clause: SoundedClause, arrivals: Sequence[Arrival]) -> Judgement:
    """Compare what arrived with what was audible."""
    due = clause.due()
    if not due:
        return Judgement(0, 0, ())
    fitting: list[float] = []
    offsets: list[float] = []
    for arrival in arrivals:
        values = _values(arrival.values)
        if values is None or not due[0] - WITHIN_S <= arrival.at_s <= due[-1] + WITHIN_S:
            continue
        position_s = arrival.at_s - clause.zero_at(arrival.at_s)
        offset_s = clause.offset(position_s, values)
        if abs(offset_s) <= WITHIN_S:
            fitting.append(arrival.at_s)
        if 0 <= position_s <= clause.length_s and clause.is_moving(position_s):
            offsets.append(offset_s)
    return Judgement(len(due), _served(due, fitting), tuple(offsets))


def _served(due: Sequence[float], arrivals: Sequence[float]) -> int:
    """Count the frames that have a message of their own; both are in order."""
    served, waiting = 0, iter(arrivals)
    arrival = next(waiting, None)
    for moment in due:
        while arrival is not None and arrival < moment - WITHIN_S:
            arrival = next(waiting, None)
        if arrival is not None and arrival <= moment + WITHIN_S:
            served += 1
            arrival = next(waiting, None)
    return served


def _values(inputs: Mapping[str, float]) -> tuple[float, ...] | None:
    return tuple(inputs[name] for name in _NAMES) if all(name in inputs for name in _NAMES) else None


def first_after(at_s: float, arrivals: Sequence[Arrival]) -> float:
    """Return how long after a moment the first message came; nan if none did."""
    return next((arrival.at_s - at_s for arrival in arrivals if arrival.at_s >= at_s), math.nan)
