"""Logs page: lines from any thread, filters, copying, following."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from pytestqt.qtbot import QtBot

from tests.ui.pages.show import PagesShow
from voxelle.domain.events import NoticeRaised
from voxelle.kernel.log import LogLine
from voxelle.ui.models.logs import LINE_LIMIT, Column, LogModel, line_text
from voxelle.ui.pages.logs import LogsPage
from voxelle.ui.theme import Theme

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")  # the offscreen platform has no window manager to tell
Make = Callable[[], LogsPage]


def line(event: str = "app.started", level: str = "info", category: str = "app", turn: str = "", **fields: str) -> LogLine:
    return LogLine(datetime(2026, 3, 1, 12, 0, 0, 123000, UTC), level, category, event, fields, turn)


@pytest.fixture
def make(qtbot: QtBot, pages_show: PagesShow, theme: Theme, tmp_path: Path) -> Make:
    pages: list[LogsPage] = []

    def made() -> LogsPage:
        page = LogsPage(pages_show.bridge, tmp_path)
        qtbot.addWidget(page)
        pages.append(page)
        page.resize(900, 600)
        page.show()
        return page

    return made


def events(page: LogsPage) -> list[str]:
    return [page.filter.index(row, Column.EVENT).data() for row in range(page.filter.rowCount())]


def test_lines_written_before_and_after_opening_are_shown_once(make: Make, pages_show: PagesShow) -> None:
    pages_show.log_tail.append(line("app.started"))
    page = make()
    assert events(page) == ["app.started"]
    pages_show.log_tail.append(line("engine.loaded", category="engine"))
    page.model.take_arrived()
    assert events(page) == ["app.started", "engine.loaded"]


def test_lines_from_another_thread_arrive_in_a_batch(make: Make, pages_show: PagesShow, qtbot: QtBot) -> None:
    page = make()
    inserted: list[int] = []
    page.model.rowsInserted.connect(lambda _parent, first, last: inserted.append(last - first + 1))

    def write() -> None:
        for number in range(200):
            pages_show.log_tail.append(line(f"event.{number}"))

    thread = threading.Thread(target=write)
    thread.start()
    thread.join()
    qtbot.waitUntil(lambda: page.model.rowCount() == 200)
    assert len(inserted) < 10


def test_the_table_is_bounded(pages_show: PagesShow, qtbot: QtBot) -> None:
    model = LogModel(pages_show.log_tail)
    for number in range(LINE_LIMIT + 300):
        pages_show.log_tail.append(line(f"event.{number}"))
    model.take_arrived()
    pages_show.log_tail.append(line("newest"))
    model.take_arrived()
    assert model.rowCount() == LINE_LIMIT
    assert model.line(0).event == "event.301"
    assert model.line(LINE_LIMIT - 1).event == "newest"
    model.deleteLater()


def test_a_deleted_model_listens_no_more(pages_show: PagesShow, qtbot: QtBot) -> None:
    model = LogModel(pages_show.log_tail)
    model.deleteLater()
    pages_show.settle()
    pages_show.log_tail.append(line())


def test_a_row_shows_time_level_category_event_details_and_turn(make: Make, pages_show: PagesShow) -> None:
    pages_show.log_tail.append(line("turn.ended", "warning", "turn", "0193fe2a77b1", outcome="cut", clauses="3"))
    page = make()
    cells = [page.filter.index(0, column).data() for column in Column]
    local = datetime(2026, 3, 1, 12, 0, 0, 123000, UTC).astimezone()
    assert cells == [f"{local:%H:%M:%S}.123", "warning", "turn", "turn.ended", "outcome=cut  clauses=3", "fe2a77b1"]
    assert page.model.headerData(Column.EVENT, Qt.Orientation.Horizontal) == "Event"
    assert page.model.headerData(0, Qt.Orientation.Vertical) is None
    assert "turn.ended" in page.model.index(0, 0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert page.model.index(0, 0).data(Qt.ItemDataRole.ToolTipRole) == "outcome=cut  clauses=3"
    assert page.model.index(0, 0).data(Qt.ItemDataRole.FontRole) is None


def test_controls_in_a_field_can_not_break_the_table(make: Make, pages_show: PagesShow) -> None:
    pages_show.log_tail.append(line("odd", detail="a\nb\u202ec"))
    assert make().filter.index(0, Column.FIELDS).data() == "detail=a bc"


def test_level_category_and_words_filter_together(make: Make, pages_show: PagesShow) -> None:
    for each in (line("a", "debug"), line("b", "warning", "engine", id="llama"), line("c", "error", "engine"), line("d", "error", "sound")):
        pages_show.log_tail.append(each)
    page = make()
    page.level.setCurrentIndex(2)
    assert events(page) == ["b", "c", "d"]
    page.category.setCurrentIndex(page.category.findData("engine"))
    assert events(page) == ["b", "c"]
    page.search.setText("LLAMA engine")
    assert events(page) == ["b"]
    assert page.count.text() == "1 of 4 lines"
    assert page.filter.is_filtering


def test_nothing_that_fits_offers_all_lines_again(make: Make, pages_show: PagesShow) -> None:
    pages_show.log_tail.append(line("a"))
    page = make()
    page.search.setText("nowhere")
    assert page.pane.heading.text() == "Nothing fits"
    page.pane.button.click()
    assert page.pane.is_content_shown
    assert events(page) == ["a"]


def test_an_empty_log_says_so(make: Make) -> None:
    page = make()
    assert page.pane.heading.text() == "Nothing yet"
    assert not page.copy_button.isEnabled()


def test_copying_takes_the_selected_lines_or_all_that_are_shown(make: Make, pages_show: PagesShow) -> None:
    told: list[str] = []
    pages_show.bridge.subscribe(NoticeRaised, lambda event: told.append(event.sentence))
    first, second = line("a", key_id="1"), line("b", "error")
    for each in (first, second):
        pages_show.log_tail.append(each)
    page = make()
    page.copy_button.click()
    assert QGuiApplication.clipboard().text() == f"{line_text(first)}\n{line_text(second)}"
    page.table.selectRow(1)
    page.copy_button.click()
    assert QGuiApplication.clipboard().text() == line_text(second)
    assert told == ["2 lines copied.", "1 lines copied."]


def test_a_chosen_line_is_shown_in_full(make: Make, pages_show: PagesShow) -> None:
    pages_show.log_tail.append(line("engine.failed", "error", "engine", "t1", exception="Traceback\n  one\n  two"))
    page = make()
    page.table.selectRow(0)
    assert page.details.isVisible()
    assert "exception: Traceback\n  one\n  two" in page.details.toPlainText()
    assert "turn: t1" in page.details.toPlainText()
    page.table.clearSelection()
    assert not page.details.isVisible()


def test_following_stops_when_scrolling_up_and_goes_on_at_the_end(make: Make, pages_show: PagesShow) -> None:
    page = make()
    for number in range(200):
        pages_show.log_tail.append(line(f"event.{number}"))
    page.model.take_arrived()
    bar = page.table.verticalScrollBar()
    assert bar.value() == bar.maximum()
    bar.triggerAction(bar.SliderAction.SliderToMinimum)
    assert not page.follow.isChecked()
    pages_show.log_tail.append(line("later"))
    page.model.take_arrived()
    assert bar.value() == 0
    page.follow.setChecked(True)
    assert bar.value() == bar.maximum()


def test_clearing_empties_the_view_only(make: Make, pages_show: PagesShow) -> None:
    pages_show.log_tail.append(line())
    page = make()
    page.clear_button.click()
    assert page.model.rowCount() == 0
    assert len(pages_show.log_tail.lines()) == 1


def test_the_folder_opens_or_its_place_is_told(make: Make, pages_show: PagesShow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    opened: list[str] = []
    pages_show.bridge.subscribe(NoticeRaised, lambda event: told.append(event.sentence))

    def open_url(url: QUrl) -> bool:
        opened.append(url.toLocalFile())
        return len(opened) == 1

    monkeypatch.setattr(QDesktopServices, "openUrl", open_url)
    page = make()
    page.folder_button.click()
    page.folder_button.click()
    assert [Path(each) for each in opened] == [tmp_path, tmp_path]
    assert told == [f"The folder could not be opened. It is {tmp_path}"]


def test_the_filters_take_two_lines_where_it_is_narrow(make: Make, pages_show: PagesShow, theme: Theme) -> None:
    theme.set_text_scale(200)
    page = make()
    page.resize(740, 560)
    pages_show.settle()
    assert page.width() == 740
    assert page.level.y() > page.search.y()
