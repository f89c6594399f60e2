"""What is sent, for the streamer's eyes."""

from __future__ import annotations

from voxelle.domain.avatar import CLOSED_MOUTH, MouthShape
from voxelle.domain.events import MouthMoved
from voxelle.integrations.vtube_studio.meter import EVERY_S, Meter

OPEN = MouthShape(0.5, a=0.4)


def test_at_rest_nothing_is_told() -> None:
    told: list[MouthMoved] = []
    meter = Meter(told.append)
    assert meter.step(0.0, CLOSED_MOUTH, 0.0) is None
    assert told == []


def test_what_moves_is_told_at_once_and_then_no_faster_than_an_eye_follows() -> None:
    told: list[MouthMoved] = []
    meter = Meter(told.append)
    assert meter.step(1.0, OPEN, 0.25) is None
    assert meter.step(1.01, CLOSED_MOUTH, 0.25) == 1.0 + EVERY_S
    assert told == [MouthMoved(OPEN, 0.25)]
    assert meter.step(1.0 + EVERY_S, CLOSED_MOUTH, 0.0) is None
    assert told[1:] == [MouthMoved(CLOSED_MOUTH)]


def test_a_mood_alone_is_told_as_well() -> None:
    told: list[MouthMoved] = []
    meter = Meter(told.append)
    meter.step(0.0, CLOSED_MOUTH, -0.9)
    assert told == [MouthMoved(CLOSED_MOUTH, -0.9)]
