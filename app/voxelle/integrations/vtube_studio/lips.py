"""Lip sync: the shape of the mouth at each moment, by the clock of the sound that is really playing."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from voxelle.domain.avatar import CLOSED_MOUTH, MOUTH_RATE, MouthShape, MouthTrack
from voxelle.domain.events import ClauseHeard, MouthTrackGrown, PlayheadMoved, TurnStateChanged
from voxelle.domain.speech import TurnState
from voxelle.integrations.vtube_studio.parameters import FORMS, Wish
from voxelle.integrations.vtube_studio.settings import MouthRoute, VTubeStudioSettings

STALE_S: Final = 0.12
"""The playhead comes every 40 ms; when three in a row are missing the sound stands, and so does the mouth."""
_JUMP_S: Final = 0.05
"""A clock that is off by more than this was moved: it is followed at once."""
_WITNESSES: Final = 5
"""So many playheads tell together when the sound began: one may be told late, and none early."""
_CLOSING_S: Final = 0.1
"""How long a closed mouth is held at the end, before the input is given back."""
_LATE_S: Final = 0.4
"""Sound for so long without any shape: there are none."""
_MOST_TRACKS: Final = 64
_MOST_SHAPES: Final = 120 * MOUTH_RATE

_Key = tuple[str, int]


@dataclass(slots=True)
class _Playing:
    """The clause that sounds."""

    key: _Key
    at_s: float
    """When it was last heard of."""
    zeros: deque[float]
    """What the last playheads tell of when it began."""

    @property
    def zero(self) -> float:
        """When its first sample was audible, by the show's clock."""
        return min(self.zeros)


@dataclass(slots=True)
class _Tracks:
    """What is known of the mouth, by clause, for the turns that are not over."""

    shapes: dict[_Key, list[MouthShape]] = field(default_factory=dict)
    over: deque[str] = field(default_factory=lambda: deque(maxlen=16))

    def add(self, track: MouthTrack) -> bool:
        """Take a stretch; False when its turn is over."""
        if track.turn_id in self.over:
            return False
        shapes = self.shapes.setdefault((track.turn_id, track.clause_index), [])
        first = min(track.first, _MOST_SHAPES)
        if first > len(shapes):
            shapes.extend([CLOSED_MOUTH] * (first - len(shapes)))
        shapes[first : first + len(track.shapes)] = track.shapes[: _MOST_SHAPES - first]
        while len(self.shapes) > _MOST_TRACKS:
            del self.shapes[next(iter(self.shapes))]
        return True

    def end(self, turn_id: str) -> None:
        """A turn is over, or cut: nothing of it is shown any more."""
        self.over.append(turn_id)
        self.shapes = {key: shapes for key, shapes in self.shapes.items() if key[0] != turn_id}

    def forget_before(self, playing: _Key) -> None:
        """Drop the clauses that were heard."""
        turn_id, index = playing
        self.shapes = {key: shapes for key, shapes in self.shapes.items() if key[0] != turn_id or key[1] >= index}


class LipSync:
    """Turns tracks and playheads into inputs."""

    def __init__(
        self,
        settings: Callable[[], VTubeStudioSettings],
        on_problem: Callable[[str], None],
    ) -> None:
        self._settings = settings
        self._on_problem = on_problem
        self._tracks = _Tracks()
        self._voiced: set[_Key] = set()
        self._playing: _Playing | None = None
        self._turns: set[str] = set()
        self._until = -math.inf
        """Until then the inputs are held; infinite while a turn goes on."""
        self._has_told = False

    def on_track(self, event: MouthTrackGrown) -> None:
        """Take over a stretch of shapes, and take hold of the mouth before the sound comes."""
        if self._tracks.add(event.track):
            self._turns.add(event.track.turn_id)
            self._until = math.inf

    def on_clause(self, event: ClauseHeard) -> None:
        """Note whether it has a sound at all."""
        if event.duration_s > 0:
            self._voiced.add((event.clause.turn_id, event.clause.index))

    def on_playhead(self, event: PlayheadMoved) -> None:
        """Follow the sound. What says that it began earlier is believed at once, what says later once all say so."""
        if event.turn_id in self._tracks.over:
            return
        key = event.turn_id, event.clause_index
        zero = event.at_s - event.position_s
        playing = self._playing
        if playing is None or playing.key != key:
            self._playing = _Playing(key, event.at_s, deque((zero,), _WITNESSES))
            self._tracks.forget_before(key)
        else:
            if abs(zero - playing.zero) > _JUMP_S:
                playing.zeros.clear()
            playing.zeros.append(zero)
            playing.at_s = event.at_s
        self._turns.add(event.turn_id)
        if key in self._tracks.shapes:
            self._until = math.inf
        elif key in self._voiced and event.position_s > _LATE_S and not self._has_told:
            self._has_told = True
            self._on_problem("No mouth shapes come with her voice: the mouth stays closed.")

    def on_state(self, event: TurnStateChanged, now: float) -> None:
        """Close the mouth at once when she is cut off or has ended."""
        if event.turn_id and event.state not in (TurnState.INTERRUPTED, TurnState.STOPPED):
            self._turns.add(event.turn_id)
            return
        ended = {event.turn_id} if event.turn_id else set(self._turns)
        for turn_id in ended:
            self._tracks.end(turn_id)
        self._turns -= ended
        self._voiced = {key for key in self._voiced if key[0] in self._turns}
        if self._playing is not None and self._playing.key[0] in ended:
            self._playing = None
        if self._until > now and not self._tracks.shapes:
            self._until = now + _CLOSING_S

    def is_live(self, now: float) -> bool:
        """Tell whether the sound moves, so that every frame counts."""
        playing = self._playing
        return playing is not None and now - playing.at_s < STALE_S and playing.key in self._tracks.shapes and self._settings().moves_mouth

    def next_change(self, now: float) -> float | None:
        """Return when something changes by itself, beyond the frames."""
        return self._until if now < self._until < math.inf else None

    def shape(self, now: float) -> MouthShape:
        """Return the mouth at this moment; closed where it is not to be moved."""
        playing, settings = self._playing, self._settings()
        if playing is None or now - playing.at_s >= STALE_S or not settings.moves_mouth:
            return CLOSED_MOUTH
        shapes = self._tracks.shapes.get(playing.key)
        if not shapes:
            return CLOSED_MOUTH
        place = (now - playing.zero + settings.mouth_offset_ms / 1000) * MOUTH_RATE
        return _louder(_between(shapes, place), settings.mouth_gain)

    def wishes(self, now: float) -> Mapping[str, Wish]:
        """Return the inputs of the mouth."""
        settings = self._settings()
        if now >= self._until or not settings.moves_mouth:
            return {}
        shape = self.shape(now)
        found = {"VoxelleEnergy": Wish(shape.energy)}
        if settings.mouth_route is not MouthRoute.DEFAULT:
            found |= _own(shape)
        if settings.mouth_route is not MouthRoute.OWN:
            found |= _default(shape)
        return found


def _between(shapes: list[MouthShape], place: float) -> MouthShape:
    """Return the shape at a place between two; outside of all the mouth is closed."""
    low = math.floor(place)
    if low < -1 or low >= len(shapes):
        return CLOSED_MOUTH
    before = shapes[low] if low >= 0 else CLOSED_MOUTH
    after = shapes[low + 1] if low + 1 < len(shapes) else CLOSED_MOUTH
    share = place - low
    return MouthShape(*(first + (second - first) * share for first, second in zip(before, after, strict=True)))


def _louder(shape: MouthShape, gain: float) -> MouthShape:
    wider = MouthShape(*(min(1.0, max(0.0, value * gain)) for value in shape))
    return wider._replace(energy=min(1.0, max(0.0, shape.energy)))


def _own(shape: MouthShape) -> dict[str, Wish]:
    return {
        "VoxelleMouthOpen": Wish(shape.openness),
        "VoxelleVowelA": Wish(shape.a),
        "VoxelleVowelI": Wish(shape.i),
        "VoxelleVowelU": Wish(shape.u),
        "VoxelleVowelE": Wish(shape.e),
        "VoxelleVowelO": Wish(shape.o),
    }


def _default(shape: MouthShape) -> dict[str, Wish]:
    """Return the inputs that VTube Studio has by itself: those of the tracked mouth and those of its microphone."""
    wide = shape.i + 0.6 * shape.e
    narrow = shape.u + 0.7 * shape.o
    form = min(1.0, max(0.0, 0.5 + 0.4 * (wide - narrow)))
    found = {
        "MouthOpen": Wish(shape.openness),
        "VoiceVolume": Wish(shape.energy),
        "VoiceVolumePlusMouthOpen": Wish(shape.openness),
        "VoiceA": Wish(shape.a),
        "VoiceI": Wish(shape.i),
        "VoiceU": Wish(shape.u),
        "VoiceE": Wish(shape.e),
        "VoiceO": Wish(shape.o),
    }
    return found | {name: Wish(form) for name in FORMS}
