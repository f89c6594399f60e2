"""Live: the conversation as it happens, her words as they are heard, and everything that stops her."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QMargins
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QStackedWidget, QVBoxLayout, QWidget

from voxelle.ui.bridge import Bridge
from voxelle.ui.models.conversation import ConversationModel
from voxelle.ui.models.hearing import HearingModel
from voxelle.ui.models.latency import LatencyModel
from voxelle.ui.models.queue import QueueModel
from voxelle.ui.models.rehearsal import Rehearsal, RehearsalModel
from voxelle.ui.models.show import CaptionModel, ShowModel
from voxelle.ui.theme import Space, current_theme
from voxelle.ui.widgets.caption import CaptionView
from voxelle.ui.widgets.composer import Composer
from voxelle.ui.widgets.empty_state import EmptyState
from voxelle.ui.widgets.feed import FeedView
from voxelle.ui.widgets.hearing_bar import HearingBar
from voxelle.ui.widgets.latency_card import LatencyCard
from voxelle.ui.widgets.live_panels import LivePanels
from voxelle.ui.widgets.queue_card import QueueCard
from voxelle.ui.widgets.rehearsal_bar import RehearsalBar
from voxelle.ui.widgets.stage_bar import StageBar

_CAPTION = (42, 92)
"""Least and greatest height of the caption at 100 % text size: one small line, two large ones."""
_CAPTION_SHARE = 0.14
_LEAST_FOR_CAPTION = 240
"""In a page lower than this the feed alone shows her words."""
_ROOMY = 420


class LivePage(QWidget):
    """The page a streamer looks at while being live."""

    def __init__(self, bridge: Bridge, show: ShowModel, rehearsal: Rehearsal | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        theme = current_theme()
        self._show = show
        self.setAccessibleName(self.tr("Live"))
        self.conversation = ConversationModel(bridge, self)
        self.queue = QueueModel(bridge, self)
        self.caption = CaptionModel(bridge, self)
        self.rehearsal = RehearsalModel(bridge, rehearsal, self)
        self.stage = StageBar(show)
        self.feed = FeedView(self.conversation)
        self.composer = Composer()
        self.composer.submitted.connect(self._on_submitted)
        self.hearing = HearingModel(bridge, self)
        self.ears = HearingBar(self.hearing)
        self.queue_card = QueueCard(self.queue)
        self.latency_card = LatencyCard(LatencyModel(bridge, self))
        self.player = RehearsalBar(self.rehearsal)
        self.panels = LivePanels(self._conversation_panel(), self.queue_card, self.latency_card, self.player)
        self._caption = self._framed(CaptionView(self.caption), "card", 0)
        self._body = QVBoxLayout()
        self._body.addWidget(self._caption)
        self._body.addWidget(self.panels, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(QMargins())
        column.setSpacing(0)
        column.addWidget(self.stage)
        column.addLayout(self._body, 1)
        self.conversation.rowsInserted.connect(self._show_feed)
        self.conversation.load()
        self.queue.load()
        self.hearing.load()
        self.setFocusProxy(self.composer)
        theme.changed.connect(self._fit)
        self._show_feed()
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the caption what the height allows."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        theme = current_theme()
        height = self.height() / theme.scale
        self._caption.setVisible(height >= _LEAST_FOR_CAPTION)
        self._caption.setFixedHeight(theme.px(min(_CAPTION[1], max(_CAPTION[0], height * _CAPTION_SHARE))))
        edge = theme.px(Space.M if height >= _ROOMY else Space.S)
        self._body.setContentsMargins(edge, edge, edge, edge)
        self._body.setSpacing(edge)

    def _conversation_panel(self) -> QWidget:
        self._empty = EmptyState(
            "chat",
            self.tr("It is quiet here"),
            self.tr("Write to her below and she answers aloud. Or play the sample stream and watch her with a lively chat."),
        )
        self._empty.add_control(RehearsalBar(self.rehearsal, "primary"))
        self._stack = QStackedWidget()
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self.feed)
        panel = QWidget()
        column = QVBoxLayout(panel)
        column.setContentsMargins(QMargins())
        column.setSpacing(current_theme().px(Space.S))
        column.addWidget(self._framed(self._stack, "well", Space.XS), 1)
        column.addWidget(self.ears)
        column.addWidget(self.composer)
        return panel

    @staticmethod
    def _framed(content: QWidget, kind: str, pad: int) -> QFrame:
        theme = current_theme()
        frame = QFrame()
        theme.style_as(frame, kind)
        column = QVBoxLayout(frame)
        edge = theme.px(pad) if pad else 1
        column.setContentsMargins(edge, edge, edge, edge)
        column.addWidget(content)
        return frame

    def _on_submitted(self, text: str) -> None:
        self.feed.jump_to_newest()
        self._show.tell(text, lambda: None, partial(self.composer.show_problem, text=text))

    def _show_feed(self) -> None:
        has_rows = self.conversation.rowCount() > 0
        self._stack.setCurrentIndex(1 if has_rows else 0)
        self.player.set_wanted(is_wanted=has_rows)
