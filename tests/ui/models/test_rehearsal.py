"""Playing the sample stream."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from tests.fakes.companion import FakeRehearsal
from tests.ui.show import Show
from voxelle.domain.errors import SetupError
from voxelle.domain.events import NoticeRaised
from voxelle.ui.models import rehearsal
from voxelle.ui.models.rehearsal import RehearsalModel


def test_it_plays_at_the_chosen_speed_and_stops(show: Show) -> None:
    fake = FakeRehearsal()
    model = RehearsalModel(show.bridge, fake, show.bridge)
    model.start(5)
    model.start(20)
    show.settle()
    assert (fake.speeds, model.is_playing) == ([5], True)
    model.stop()
    show.settle()
    assert (fake.is_playing, model.is_playing) == (False, False)
    model.stop()


def test_it_notices_the_end_of_the_stream(show: Show, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rehearsal, "_LOOK_EVERY_MS", 1)
    fake = FakeRehearsal()
    model = RehearsalModel(show.bridge, fake, show.bridge)
    model.start(1)
    show.settle()
    fake.is_playing = False
    qtbot.waitUntil(lambda: not model.is_playing)


def test_a_stream_that_can_not_start_says_why(show: Show) -> None:
    fake = FakeRehearsal()
    fake.error = SetupError("The sample stream is missing.")
    notices: list[NoticeRaised] = []
    show.bridge.subscribe(NoticeRaised, notices.append)
    model = RehearsalModel(show.bridge, fake, show.bridge)
    model.start(1)
    show.settle()
    assert not model.is_playing
    assert [notice.sentence for notice in notices] == ["The sample stream is missing."]


def test_without_a_rehearsal_there_is_nothing_to_play(show: Show) -> None:
    model = RehearsalModel(show.bridge, None, show.bridge)
    model.start(1)
    model.stop()
    assert (model.is_available, model.is_playing) == (False, False)
