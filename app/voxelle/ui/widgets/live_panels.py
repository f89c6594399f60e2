"""Conversation, queue and timing side by side where there is room, behind tabs where there is not."""

from __future__ import annotations

from enum import Enum

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QSizePolicy, QTabBar, QVBoxLayout, QWidget

from voxelle.ui.theme import Space, current_theme
from voxelle.ui.widgets.card import Card


class Arrangement(Enum):
    """How the panels lie for the room there is."""

    TABS = "tabs"
    """Narrow: one at a time."""
    SIDE_TABS = "side_tabs"
    """Low: the conversation, and beside it one of the others."""
    SIDE = "side"
    """The conversation, and the others one above the other."""
    WIDE = "wide"
    """All three beside each other."""


class LivePanels(QWidget):
    """Chooses the arrangement by its own size, in units of the text size."""

    def __init__(self, conversation: QWidget, queue: Card, timing: Card, foot: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self._conversation, self._queue, self._timing = conversation, queue, timing
        self._arrangement: Arrangement | None = None
        gap = self._theme.px(Space.M)
        self.tabs = self._tab_bar(self.tr("Conversation"), self.tr("Waiting"), self.tr("Timing"))
        self.side_tabs = self._tab_bar(self.tr("Waiting"), self.tr("Timing"))
        self._side = QWidget()
        self._cards = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self._cards.setSpacing(gap)
        self._cards.addWidget(queue, 1)
        self._cards.addWidget(timing)
        side = QVBoxLayout(self._side)
        side.setContentsMargins(0, 0, 0, 0)
        side.setSpacing(gap)
        side.addWidget(self.side_tabs)
        side.addLayout(self._cards, 1)
        side.addWidget(foot)
        conversation.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        body = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        body.setSpacing(gap)
        body.addWidget(conversation, 1)
        body.addWidget(self._side)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(self._theme.px(Space.S))
        column.addWidget(self.tabs)
        column.addLayout(body, 1)
        self._theme.changed.connect(self._arrange)

    @property
    def arrangement(self) -> Arrangement | None:
        """How the panels lie now."""
        return self._arrangement

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Arrange for the new size."""
        super().resizeEvent(event)
        self._arrange()

    def _tab_bar(self, *titles: str) -> QTabBar:
        bar = QTabBar()
        bar.setDrawBase(False)
        bar.setExpanding(False)
        bar.setAccessibleName(self.tr("Parts of the live page"))
        for title in titles:
            bar.addTab(title)
        bar.currentChanged.connect(self._show)
        return bar

    def _fitting(self) -> Arrangement:
        width, height = self.width() / self._theme.scale, self.height() / self._theme.scale
        if width < 640:  # noqa: PLR2004  # a line of chat and the queue need as much
            return Arrangement.TABS
        if width >= 1900:  # noqa: PLR2004
            return Arrangement.WIDE
        return Arrangement.SIDE if height >= 480 else Arrangement.SIDE_TABS  # noqa: PLR2004

    def _arrange(self) -> None:
        self._arrangement = self._fitting()
        is_wide = self._arrangement is Arrangement.WIDE
        self._cards.setDirection(QBoxLayout.Direction.LeftToRight if is_wide else QBoxLayout.Direction.TopToBottom)
        if self._arrangement is Arrangement.TABS:
            self._side.setMinimumWidth(0)
            self._side.setMaximumWidth(16_777_215)
        else:
            narrowest, widest = (self._theme.px(760), self._theme.px(960)) if is_wide else (self._theme.px(270), self._theme.px(400))
            self._side.setFixedWidth(max(narrowest, min(widest, round(self.width() * 0.32))))
        self._show()

    def _show(self) -> None:
        is_tabbed = self._arrangement is Arrangement.TABS
        has_side_tabs = self._arrangement is Arrangement.SIDE_TABS
        self.tabs.setVisible(is_tabbed)
        self.side_tabs.setVisible(has_side_tabs)
        tab = self.tabs.currentIndex()
        chosen = tab - 1 if is_tabbed else self.side_tabs.currentIndex()
        self._conversation.setVisible(not is_tabbed or tab == 0)
        self._side.setVisible(not is_tabbed or tab > 0)
        self._queue.setVisible(chosen == 0 or not (is_tabbed or has_side_tabs))
        self._timing.setVisible(chosen == 1 or not (is_tabbed or has_side_tabs))
        for card in (self._queue, self._timing):
            card.set_title_shown(is_shown=not (is_tabbed or has_side_tabs))
