"""Notices wait to be read."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from tests.ui.show import Show
from voxelle.domain.events import FallbackSwitched, HealthChanged, HealthLevel, NoticeLevel, NoticeRaised
from voxelle.ui.models import notices
from voxelle.ui.models.notices import NoticeModel


@pytest.fixture
def model(show: Show) -> NoticeModel:
    return NoticeModel(show.bridge, show.bridge)


def test_the_newest_is_shown_first_and_dismissing_goes_on(model: NoticeModel, show: Show) -> None:
    show.announce(NoticeRaised(NoticeLevel.ERROR, "One."), NoticeRaised(NoticeLevel.WARNING, "Two."))
    assert model.current == NoticeRaised(NoticeLevel.WARNING, "Two.")
    model.dismiss()
    assert model.current == NoticeRaised(NoticeLevel.ERROR, "One.")
    model.dismiss()
    model.dismiss()
    assert model.count == 0


def test_the_same_sentence_is_there_once(model: NoticeModel, show: Show) -> None:
    for sentence in ("One.", "Two.", "One."):
        show.announce(NoticeRaised(NoticeLevel.ERROR, sentence))
    assert model.count == 2
    assert model.current == NoticeRaised(NoticeLevel.ERROR, "One.")


def test_they_are_bounded(model: NoticeModel, show: Show) -> None:
    show.announce(*(NoticeRaised(NoticeLevel.ERROR, str(n)) for n in range(100)))
    assert model.count == notices.LIMIT


def test_a_fallback_and_a_service_that_needs_somebody_are_notices(model: NoticeModel, show: Show) -> None:
    show.announce(
        FallbackSwitched("llm", "a", "b", "The embedded model answers now."),
        HealthChanged("x", HealthLevel.RETRYING, "Trying again."),
        HealthChanged("y", HealthLevel.NEEDS_YOU, "Sign in again."),
        HealthChanged("z", HealthLevel.FAILED, ""),
    )
    assert model.count == 2
    assert model.current == NoticeRaised(NoticeLevel.ERROR, "Sign in again.")


@pytest.mark.parametrize("level", [HealthLevel.OK, HealthLevel.DEGRADED, HealthLevel.OFF])
def test_what_a_service_needed_goes_once_that_is_mended(level: HealthLevel, model: NoticeModel, show: Show) -> None:
    show.announce(
        NoticeRaised(NoticeLevel.ERROR, "Problem."),
        HealthChanged("x", HealthLevel.NEEDS_YOU, "Sign in."),
        HealthChanged("x", HealthLevel.NEEDS_YOU, "Sign in again."),
    )
    assert (model.count, model.current) == (2, NoticeRaised(NoticeLevel.ERROR, "Sign in again."))
    show.announce(HealthChanged("x", HealthLevel.STARTING, "Signing in."), HealthChanged("y", level, ""))
    assert model.count == 2
    show.announce(HealthChanged("x", level, "Hearing."))
    assert (model.count, model.current) == (1, NoticeRaised(NoticeLevel.ERROR, "Problem."))


def test_what_two_services_need_stays_until_both_work(model: NoticeModel, show: Show) -> None:
    show.announce(*(HealthChanged(each, HealthLevel.FAILED, "No network.") for each in "xy"))
    show.announce(HealthChanged("x", HealthLevel.OK, ""))
    assert model.count == 1
    show.announce(HealthChanged("y", HealthLevel.OK, ""))
    assert model.count == 0


def test_an_information_goes_by_itself_and_a_problem_stays(show: Show, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notices, "INFO_LASTS_MS", 1)
    model = NoticeModel(show.bridge, show.bridge)
    show.announce(NoticeRaised(NoticeLevel.ERROR, "Problem."), NoticeRaised(NoticeLevel.INFO, "Saved."))
    qtbot.waitUntil(lambda: model.count == 1)
    assert model.current == NoticeRaised(NoticeLevel.ERROR, "Problem.")
