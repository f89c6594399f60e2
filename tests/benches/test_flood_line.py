"""The other end of a flood: what it sends, and when."""

from __future__ import annotations

import sys
from collections import Counter

import pytest

from voxelle.benches.chatter import Chatter
from voxelle.benches.flood_line import deliveries, due_at_s, far_end
from voxelle.benches.frames import Pace, frame, message_id, number_of, over, prepared, welcome
from voxelle.domain.errors import SetupError
from voxelle.integrations.twitch.messages import Notification, Revocation, Welcome, read_frame
from voxelle.kernel.clock import Ids, Randomness, SystemClock


def test_every_line_is_due_at_its_pace() -> None:
    due = due_at_s(Pace(8, 32, 3.0, every_s=3.0, at_s=1.0))
    assert len(due) == 24 + 24
    assert [sum(second <= at_s < second + 1 for at_s in due) for second in range(3)] == [8, 32, 8]


def test_one_in_a_hundred_comes_twice_a_while_later_in_one_frame_or_in_two() -> None:
    sent = list(deliveries(1_000))
    assert [number for number, _ in dict.fromkeys((number, 0) for number, _ in sent)] == list(range(1_000))
    again = [number for number, times in Counter(number for number, _ in sent).items() if times == 2]
    assert again == list(range(50, 1_000, 100))
    assert {delivery for number, delivery in sent if number in again} == {0, 1}
    assert len(sent) == 1_010


def test_what_is_to_come_again_does_at_the_end_at_the_latest() -> None:
    assert list(deliveries(55))[-2:] == [(54, 0), (50, 1)]


def test_the_frames_are_read_as_those_of_twitch() -> None:
    clock = SystemClock()
    (pieces,) = prepared(Chatter(Ids(Randomness(1), clock), clock), 1)
    read = read_frame(frame(pieces, 7, delivery=1))
    assert isinstance(read, Notification)
    assert read.event is not None
    assert number_of(message_id(7)) == 7
    hello, end = read_frame(welcome(12.5)), read_frame(over())
    assert isinstance(hello, Welcome)
    assert float(hello.session_id) == 12.5
    assert isinstance(end, Revocation)


def test_another_end_that_does_not_start_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("voxelle.benches.flood_line.command", lambda *_: [sys.executable, "-c", ""])
    with pytest.raises(SetupError, match="could not be started"), far_end(Pace(1, 1, 1.0)):
        pass
