"""The feed follows, stands still, and paints only what is in sight."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent, QGuiApplication, QHelpEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QMenu, QPushButton, QToolTip
from pytestqt.qtbot import QtBot

from tests.fakes.companion import MIRA
from tests.ui.facts import ended, heard, message, passed, record, started, stimulus
from tests.ui.show import Show
from voxelle.domain.chat import Retraction, Role, StimulusKind, StreamEvent, Verdict
from voxelle.domain.events import ClauseBlocked, MessagesRetracted, ShowChanged, ShowSnapshot, WordHeard
from voxelle.domain.speech import TurnOutcome
from voxelle.settings.schema import Theme as ThemeChoice
from voxelle.ui.models.conversation import ConversationModel
from voxelle.ui.theme import Theme
from voxelle.ui.widgets import feed_rows
from voxelle.ui.widgets.feed import FeedView


@pytest.fixture
def feed(show: Show, theme: Theme, qtbot: QtBot) -> FeedView:
    model = ConversationModel(show.bridge, show.bridge, row_limit=300)
    view = FeedView(model)
    view.resize(500, 300)
    qtbot.addWidget(view)
    view.show()
    return view


def fill(show: Show, count: int, first: int = 0) -> None:
    show.announce(*(message(stimulus(f"line {n} " + "long " * (n % 40), key=str(n))) for n in range(first, first + count)))


def jump(feed: FeedView) -> QPushButton:
    found = feed.findChild(QPushButton)
    assert found is not None
    return found


def test_an_empty_feed_shows_nothing(feed: FeedView) -> None:
    feed.grab()
    feed.scroll_by(10)
    assert not feed.visible_rows()
    assert feed.is_following


def test_it_follows_the_newest_row(feed: FeedView, show: Show) -> None:
    fill(show, 120)
    assert feed.visible_rows()[-1] == 119
    fill(show, 1, 120)
    assert feed.visible_rows()[-1] == 120
    assert not jump(feed).isVisible()


def test_few_rows_stand_at_the_top(feed: FeedView, show: Show) -> None:
    fill(show, 2)
    assert feed.visible_rows() == range(2)
    assert feed.verticalScrollBar().maximum() == 0


def test_only_rows_in_sight_are_laid_out(feed: FeedView, show: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    laid_out: list[object] = []
    original = feed_rows.lay_out

    def counted(*arguments: object) -> feed_rows.RowLayout:
        laid_out.append(arguments)
        return original(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr("voxelle.ui.widgets.feed_layouts.lay_out", counted)
    fill(show, 300)
    feed.grab()
    assert len(laid_out) < 60


def test_scrolling_up_stops_following_and_new_rows_are_counted(feed: FeedView, show: Show, qtbot: QtBot) -> None:
    fill(show, 100)
    with qtbot.waitSignal(feed.following_changed):
        feed.scroll_by(200)
    before = feed.visible_rows()
    fill(show, 7, 100)
    assert not feed.is_following
    assert feed.visible_rows() == before
    assert feed.unseen == 7
    assert jump(feed).isVisible()
    assert jump(feed).accessibleName() == "7 new: jump to newest"
    qtbot.mouseClick(jump(feed), Qt.MouseButton.LeftButton)
    assert feed.is_following
    assert feed.visible_rows()[-1] == 106
    assert not jump(feed).isVisible()


def test_scrolling_down_to_the_end_follows_again(feed: FeedView, show: Show) -> None:
    fill(show, 100)
    feed.scroll_by(150)
    assert not feed.is_following
    feed.scroll_by(-1000)
    assert feed.is_following


def test_what_is_in_sight_stays_while_old_rows_are_forgotten(feed: FeedView, show: Show) -> None:
    fill(show, 300)
    feed.scroll_by(400)
    model = feed._model
    first = model.row(feed.visible_rows()[0]).key
    fill(show, 60, 300)
    assert model.rowCount() == 300
    assert model.row(feed.visible_rows()[0]).key == first


def test_rows_forgotten_in_sight_give_way_to_the_oldest_left(feed: FeedView, show: Show, qtbot: QtBot) -> None:
    fill(show, 300)
    qtbot.keyClick(feed, Qt.Key.Key_Home)
    assert feed.visible_rows()[0] == 0
    fill(show, 60, 300)
    assert feed.visible_rows()[0] == 0
    assert not feed.is_following


def test_the_earlier_conversation_comes_in_above_without_moving_anything(feed: FeedView, show: Show) -> None:
    fill(show, 100)
    feed.scroll_by(300)
    model = feed._model
    key = model.row(feed.visible_rows()[0]).key
    show.companion.turns = [record("Long ago.", turn=f"old{n}") for n in range(5)]
    model.load()
    show.settle()
    assert model.rowCount() == 106
    assert model.row(feed.visible_rows()[0]).key == key


@pytest.mark.parametrize("pixels", [37.0, 500.0, 5_000.0, 1e6])
def test_scrolling_by_pixels_goes_there_and_back(feed: FeedView, show: Show, pixels: float) -> None:
    fill(show, 200)
    feed.scroll_by(1000)
    feed.scroll_by(-100)
    where = (feed._top, round(feed._offset, 6))
    feed.scroll_by(min(pixels, 900))
    feed.scroll_by(-min(pixels, 900))
    assert (feed._top, round(feed._offset, 6)) == where
    feed.scroll_by(pixels)
    assert feed.visible_rows()[0] >= 0


def test_the_scroll_bar_reaches_every_row(feed: FeedView, show: Show) -> None:
    fill(show, 200)
    bar = feed.verticalScrollBar()
    bar.setValue(0)
    assert feed.visible_rows()[0] == 0
    bar.setValue(bar.maximum() // 2)
    assert 50 < feed.visible_rows()[0] < 150
    bar.setValue(bar.maximum())
    assert feed.is_following


def test_keys_scroll_choose_and_copy(feed: FeedView, show: Show, qtbot: QtBot) -> None:
    fill(show, 100)
    feed.setFocus()
    qtbot.keyClick(feed, Qt.Key.Key_PageUp)
    assert not feed.is_following
    qtbot.keyClick(feed, Qt.Key.Key_PageDown)
    qtbot.keyClick(feed, Qt.Key.Key_Home)
    assert feed.visible_rows()[0] == 0
    qtbot.keyClick(feed, Qt.Key.Key_End)
    assert feed.is_following
    for _ in range(40):
        qtbot.keyClick(feed, Qt.Key.Key_Up)
    qtbot.keyClick(feed, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text().startswith("kenji: line 60 ")
    assert 60 in feed.visible_rows()
    for _ in range(60):
        qtbot.keyClick(feed, Qt.Key.Key_Down)
    assert feed.visible_rows()[-1] == 99
    feed.grab()


def test_a_click_chooses_a_row_and_the_menu_copies_it(feed: FeedView, show: Show, qtbot: QtBot) -> None:
    fill(show, 2)
    at = QPoint(100, 15)
    qtbot.mouseClick(feed.viewport(), Qt.MouseButton.LeftButton, pos=at)
    QApplication.sendEvent(feed.viewport(), QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, feed.viewport().mapToGlobal(at)))
    menu = feed.findChild(QMenu)
    assert menu is not None
    menu.actions()[0].trigger()
    assert QGuiApplication.clipboard().text().startswith("kenji: line 0")
    menu.close()


def test_the_wheel_scrolls(feed: FeedView, show: Show) -> None:
    fill(show, 100)
    event = QWheelEvent(
        QPointF(10, 10),
        QPointF(10, 10),
        QPoint(),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(feed.viewport(), event)
    assert not feed.is_following


def test_hovering_tells_why_a_line_was_taken_or_not(feed: FeedView, show: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    tips: list[str] = []
    monkeypatch.setattr(QToolTip, "showText", lambda _pos, text, *_: tips.append(text))
    show.announce(message("spam", Verdict.DROPPED, "<b>repeated</b>"))
    for y in (15, 280):
        QApplication.sendEvent(feed.viewport(), QHelpEvent(QEvent.Type.ToolTip, QPoint(60, y), QPoint(60, y)))
    assert tips == ["<qt>dropped: &lt;b&gt;repeated&lt;/b&gt;</qt>"]


def test_hovering_tells_the_badges_in_words(feed: FeedView, show: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    tips: list[str] = []
    monkeypatch.setattr(QToolTip, "showText", lambda _pos, text, *_: tips.append(text))
    show.announce(message(stimulus(roles=frozenset({Role.VIP, Role.FIRST_TIME}))))
    QApplication.sendEvent(feed.viewport(), QHelpEvent(QEvent.Type.ToolTip, QPoint(60, 15), QPoint(60, 15)))
    assert tips == ["<qt>VIP, writes for the first time · queued: a question</qt>"]


def test_badges_stand_before_the_name_and_give_way_where_it_is_narrow(feed: FeedView, show: Show) -> None:
    show.announce(message(stimulus(roles=frozenset(Role))), message(stimulus(key="plain")))
    narrow, plain = (feed._layout_of(index) for index in (0, 1))
    assert isinstance(narrow, feed_rows.MessageLayout)
    assert isinstance(plain, feed_rows.MessageLayout)
    assert plain._badges.width == 0
    assert 0 < narrow._badges.width <= 500 * 0.6
    feed.resize(1200, 300)
    wide = feed._layout_of(0)
    assert isinstance(wide, feed_rows.MessageLayout)
    assert len(wide._badges._boxes) == len(Role)
    feed.resize(120, 300)
    assert not feed.grab().isNull()


def test_a_line_that_was_taken_back_is_laid_out_anew(feed: FeedView, show: Show) -> None:
    show.announce(message(stimulus("long " * 100, key="a")))
    tall = feed._layout_of(0).height
    show.announce(MessagesRetracted(Retraction("twitch", ("a",), reason="deleted"), ("a",)))
    assert feed._layout_of(0).height < tall
    feed.grab()


def _all_kinds(show: Show) -> None:
    show.announce(
        message(stimulus("مرحبا 👩‍🚀 こんにちは", roles=frozenset({Role.MODERATOR}))),
        message(stimulus("x" * 5_000), Verdict.DROPPED, "spam"),
        message(stimulus("", event=StreamEvent.RAID, amount=12, kind=StimulusKind.EVENT)),
        message(stimulus("tell them", kind=StimulusKind.TYPED)),
        started("t1"),
        started("t2"),
        heard("Nobody suspects", 0, "t2"),
        ClauseBlocked("t2", 1, "rule"),
        passed("the cheese.", 2, "t2"),
        WordHeard("t2", 0, 7, 15),
    )
    show.companion.turns = [record("Long ago.", turn="old")]
    show.announce(ShowChanged(ShowSnapshot(character=MIRA)))
    for number, outcome in enumerate(TurnOutcome):
        show.announce(started(f"o{number}"), ended(turn=f"o{number}", outcome=outcome))


@pytest.mark.parametrize("choice", [ThemeChoice.LIGHT, ThemeChoice.DARK])
@pytest.mark.parametrize("percent", [80, 200])
def test_every_kind_of_row_can_be_painted(feed: FeedView, show: Show, theme: Theme, choice: ThemeChoice, percent: int) -> None:
    _all_kinds(show)
    theme.set_choice(choice)
    theme.set_text_scale(percent)
    feed.resize(500, 2_000)
    image = feed.grab().toImage()
    colours = {image.pixelColor(x, y).name() for x in range(0, image.width(), 2) for y in range(0, image.height(), 2)}
    assert theme.colours.accent in colours  # the word being heard
    assert theme.colours.sunken in colours


def test_a_row_that_grows_pushes_the_others_up(feed: FeedView, show: Show) -> None:
    fill(show, 50)
    show.announce(started())
    top = feed.visible_rows()[0]
    show.announce(*(heard("many words " * 20, n) for n in range(5)))
    assert feed.is_following
    assert feed.visible_rows()[0] > top


def test_an_author_keeps_their_colour() -> None:
    assert feed_rows.name_colour("id-1", "#000000") == feed_rows.name_colour("id-1", "#000000")
    assert len({feed_rows.name_colour(str(number), "#000000") for number in range(40)}) > 4


@pytest.fixture
def flooded(feed: FeedView, show: Show, monkeypatch: pytest.MonkeyPatch) -> FeedView:
    """A feed in a flood: its next picture is not due before a test says so."""
    monkeypatch.setattr("voxelle.ui.widgets.feed_layouts.FLOOD_MS", 60_000)
    fill(show, 100)
    assert feed.visible_rows()[-1] == 99
    return feed


def test_in_a_flood_the_newest_are_shown_now_and_then(flooded: FeedView, show: Show, qtbot: QtBot) -> None:
    fill(show, 100, 100)
    assert flooded.visible_rows()[-1] == 99, "the picture stays for a moment"
    flooded._on_flood_step()
    qtbot.waitUntil(lambda: flooded.visible_rows()[-1] == 199)
    assert flooded._model.row(flooded.visible_rows()[-1]).key == 199


def test_the_rows_of_a_flood_are_laid_out_a_few_at_a_time(flooded: FeedView, show: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    laid_out: list[object] = []
    original = feed_rows.lay_out

    def counted(*arguments: object) -> feed_rows.RowLayout:
        laid_out.append(arguments)
        return original(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr("voxelle.ui.widgets.feed_layouts.lay_out", counted)
    monkeypatch.setattr("voxelle.ui.widgets.feed_layouts.AT_ONCE", 1)
    fill(show, 100, 100)
    assert not laid_out
    steps = 0
    while flooded.visible_rows()[-1] == 99:
        before = len(laid_out)
        flooded._on_flood_step()
        assert len(laid_out) - before <= 1
        steps += 1
    assert steps > 1
    assert flooded.visible_rows()[-1] == 199


def test_a_flood_that_ends_leaves_nothing_out(flooded: FeedView, show: Show) -> None:
    fill(show, 100, 100)
    fill(show, 1, 200)
    for _ in range(20):
        flooded._on_flood_step()
    assert flooded.visible_rows()[-1] in (199, 200)
    fill(show, 1, 201)
    assert flooded.visible_rows()[-1] == 201, "a single row is shown at once"


def test_what_is_in_sight_in_a_flood_is_still_known_while_old_rows_are_forgotten(flooded: FeedView, show: Show) -> None:
    seen = [flooded._model.row(index).key for index in flooded.visible_rows()]
    fill(show, 230, 100)
    assert flooded._model.first_key == 30
    assert [flooded._model.row(index).key for index in flooded.visible_rows()] == seen
    fill(show, 65, 330)
    assert seen[0] < flooded._model.first_key
    assert [flooded._model.row(index).key for index in flooded.visible_rows()] == [key for key in seen if key >= 95]


def test_scrolling_up_in_a_flood_stands_still(flooded: FeedView, show: Show) -> None:
    fill(show, 100, 100)
    flooded.scroll_by(200)
    assert not flooded.is_following
    before = flooded.visible_rows()
    fill(show, 50, 200)
    flooded._on_flood_step()
    assert flooded.visible_rows() == before
    flooded.jump_to_newest()
    assert flooded.visible_rows()[-1] == 249
