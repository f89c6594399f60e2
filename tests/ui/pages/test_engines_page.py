"""Engines page: cards, commands, progress, and what is said when something fails."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pytestqt.qtbot import QtBot

from tests.ui.pages.show import PagesShow
from voxelle.domain.errors import SetupError, TemporaryError
from voxelle.domain.events import EngineState, EngineStatus
from voxelle.ui.models.engines import STAGE_ORDER
from voxelle.ui.pages.engines import EnginesPage, facts, size_text, stage_title
from voxelle.ui.theme import Theme

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")  # the offscreen platform has no window manager to tell
Make = Callable[[], EnginesPage]


@pytest.fixture
def make(qtbot: QtBot, pages_show: PagesShow, theme: Theme) -> Make:
    pages: list[EnginesPage] = []

    def made() -> EnginesPage:
        page = EnginesPage(pages_show.bridge)
        qtbot.addWidget(page)
        pages.append(page)
        page.resize(900, 600)
        page.show()
        pages_show.settle()
        return page

    return made


def test_engines_stand_in_the_order_of_the_turn(make: Make) -> None:
    stages = [stage for stage, _cards in make().model.stages()]
    assert stages == ["llm", "tts", "emotion", "sound"]


def test_a_card_tells_state_figures_and_who_is_in_use(make: Make) -> None:
    card = make().card("llama_cpp")
    assert card.title.text() == "Qwen 2.5 1.5B"
    assert card.state.text == "Ready"
    assert card.active.isVisible()
    assert card.facts.text() == "1.1 GB on disk  ·  1.5 GB in memory  ·  14.2 tokens/s, measured here"
    assert card.accessibleName() == "Qwen 2.5 1.5B, Ready"
    assert card.unload_button.isVisible()
    assert not card.load_button.isVisible()


def test_a_failed_engine_says_what_to_do_and_offers_to_try_again(make: Make, pages_show: PagesShow) -> None:
    card = make().card("ollama")
    assert "Start Ollama" in card.sentence.text()
    assert card.place.text == "Needs a server"
    assert card.load_button.text() == "Try again"
    card.load_button.click()
    pages_show.settle()
    assert card.state.text == "Ready"
    assert pages_show.room.calls == [("load", "ollama")]


def test_a_command_that_fails_leaves_its_sentence_on_the_card(make: Make, pages_show: PagesShow) -> None:
    card = make().card("espeak")
    pages_show.room.errors["load"] = SetupError("eSpeak NG is not installed: install the package espeak-ng.")
    card.load_button.click()
    pages_show.settle()
    assert card.sentence.text() == "eSpeak NG is not installed: install the package espeak-ng."
    assert card.sentence.property("tone") == "danger"
    del pages_show.room.errors["load"]
    card.load_button.click()
    pages_show.settle()
    assert card.sentence.text() == "Steps in when no other voice works."


def test_unloading_frees_memory_and_the_header_tells_the_rest(make: Make, pages_show: PagesShow) -> None:
    page = make()
    assert "1.6 GB" in page.header.sentence.text()
    page.card("llama_cpp").unload_button.click()
    pages_show.settle()
    assert page.card("llama_cpp").state.text == "Not loaded"
    assert "134 MB" in page.header.sentence.text()


def test_an_install_shows_progress_and_can_be_cancelled(make: Make, pages_show: PagesShow) -> None:
    card = make().card("llm_small")
    assert card.install_button.isVisible()
    card.install_button.click()
    pages_show.settle()
    assert card.progress.isVisible()
    assert card.progress.value() == 100
    assert card.progress_text.text() == "10 %: 40 MB of 398 MB"
    card.cancel_button.click()
    pages_show.settle()
    assert ("cancelled", "llm_small") in pages_show.room.calls
    assert card.state.text == "Not installed"
    assert card.install_button.isVisible()
    assert not card.sentence.isVisible()


def test_an_install_that_ends_can_be_loaded(make: Make, pages_show: PagesShow) -> None:
    card = make().card("llm_small")
    card.install_button.click()
    pages_show.settle()
    pages_show.call(pages_show.room.finish.set)
    pages_show.settle()
    assert card.state.text == "Not loaded"
    assert card.load_button.isVisible()


def test_loading_without_a_known_share_shows_a_busy_bar(make: Make, pages_show: PagesShow) -> None:
    page = make()
    pages_show.call(lambda: pages_show.room.change("espeak", state=EngineState.LOADING))
    pages_show.settle()
    assert page.card("espeak").progress.maximum() == 0
    assert not page.card("espeak").progress_text.isVisible()


def test_an_engine_that_appears_gets_a_card(make: Make, pages_show: PagesShow) -> None:
    page = make()
    pages_show.room.all["piper"] = EngineStatus("piper", "tts", "Piper", EngineState.UNLOADED)
    pages_show.call(lambda: pages_show.room.change("piper", speed=3.0, speed_unit="× real time"))
    pages_show.settle()
    assert page.card("piper").facts.text() == "3.0 × real time, measured here"


def test_a_page_that_can_not_ask_says_why_and_tries_again(make: Make, pages_show: PagesShow) -> None:
    pages_show.room.errors["statuses"] = TemporaryError("The engines are still starting.")
    page = make()
    assert not page.pane.is_content_shown
    assert page.pane.sentence.text() == "The engines are still starting."
    del pages_show.room.errors["statuses"]
    page.pane.button.click()
    pages_show.settle()
    assert page.pane.is_content_shown


def test_an_error_while_cards_are_shown_is_a_notice(make: Make, pages_show: PagesShow) -> None:
    page = make()
    pages_show.room.errors["statuses"] = TemporaryError("The engines are restarting.")
    page.refresh_button.click()
    pages_show.settle()
    assert page.pane.is_content_shown
    assert page.notice.label.text() == "The engines are restarting."
    page.notice.close_button.click()
    assert not page.notice.isVisible()


def test_no_engine_at_all_is_said_so(make: Make, pages_show: PagesShow) -> None:
    pages_show.room.all.clear()
    page = make()
    assert page.pane.heading.text() == "No engines"


def test_coming_back_asks_again(make: Make, pages_show: PagesShow) -> None:
    page = make()
    page.hide()
    pages_show.room.all["hibari"] = EngineStatus("hibari", "tts", "Hibari", EngineState.FAILED, sentence="It stopped.")
    page.show()
    pages_show.settle()
    assert page.card("hibari").sentence.text() == "It stopped."


@pytest.mark.parametrize("scale", [100, 200])
def test_nothing_is_wider_than_the_smallest_window(make: Make, pages_show: PagesShow, theme: Theme, scale: int) -> None:
    theme.set_text_scale(scale)
    page = make()
    page.resize(740, 560)
    pages_show.settle()
    assert page.width() == 740
    for engine_id in ("llama_cpp", "llm_small", "ollama"):
        card = page.card(engine_id)
        assert card.mapTo(page, card.rect().topRight()).x() <= 740


def test_sizes_and_stages_have_names() -> None:
    assert size_text(999) == "999 MB"
    assert size_text(1500) == "1.5 GB"
    assert stage_title("tts")[0] == "Voice"
    assert all(stage_title(stage)[1] for stage in STAGE_ORDER)
    assert stage_title("vision") == ("Vision", "")


def test_a_command_for_an_engine_that_is_gone_changes_nothing(make: Make, pages_show: PagesShow) -> None:
    page = make()
    page.model.cancel("nobody")
    page.model.dismiss("nobody")
    pages_show.settle()
    assert page.model.card("nobody") is None


def test_a_dismissed_error_gives_way_to_the_status(make: Make, pages_show: PagesShow) -> None:
    page = make()
    pages_show.room.errors["load"] = SetupError("No.")
    page.model.load("espeak")
    pages_show.settle()
    page.model.dismiss("espeak")
    card = page.model.card("espeak")
    assert card is not None
    assert card.sentence == "Steps in when no other voice works."
    assert facts(card) == ""
