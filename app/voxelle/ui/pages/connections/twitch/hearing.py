"""What she hears from Twitch, subscription by subscription: whether it is there, and whether anything comes."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from voxelle.ui.models.channel import ChannelModel
from voxelle.ui.models.topics import TopicColumn
from voxelle.ui.pages.connections.twitch.topic_rows import TopicRows
from voxelle.ui.pages.controls import StatePane, column
from voxelle.ui.theme import Space, Theme, current_theme
from voxelle.ui.widgets.labels import label

_ROOMY = 380


class HearingTab(QWidget):
    """The table of subscriptions, or why there is none."""

    def __init__(self, channel: ChannelModel) -> None:
        super().__init__()
        self._channel = channel
        self._topics = channel.topics
        self.table = QTableView()
        self.table.setModel(self._topics)
        Theme.style_as(self.table, "roomy")
        self.table.setItemDelegateForColumn(TopicColumn.TITLE, TopicRows(self.table))
        self.table.setAccessibleName(self.tr("What she hears from Twitch"))
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.table.setShowGrid(False)
        self.table.setWordWrap(True)
        self.table.setTabKeyNavigation(False)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header = self.table.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(TopicColumn.TITLE, QHeaderView.ResizeMode.Stretch)
        self.total = label(tone="muted", wraps=True)
        content = QWidget()
        lines = column(content, spacing=Space.S)
        lines.addWidget(self.total)
        lines.addWidget(self.table, 1)
        self.pane = StatePane(content)
        self.pane.asked.connect(channel.switch_on)
        column(self).addWidget(self.pane)
        channel.changed.connect(self._show)
        current_theme().changed.connect(self.table.resizeRowsToContents)
        self._show()

    def tick(self) -> None:
        """Let the times go on."""
        self._topics.tick()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt: the count gives way when there is little room."""
        super().resizeEvent(event)
        self.table.setColumnHidden(TopicColumn.EVENTS, self.width() < current_theme().px(_ROOMY))

    def _show(self) -> None:
        if self._topics.rowCount():
            there, wanted = self._topics.counts()
            self.total.setText(self.tr("{there} of {wanted} wanted subscriptions are active.").format(there=there, wanted=wanted))
            self.pane.show_content()
        elif not self._channel.card.is_on:
            off = self.tr("While the connection is off, nothing is heard from Twitch.")
            self.pane.show_message(self.tr("She hears nothing"), off, self.tr("Switch it on"))
        elif not self._channel.is_signed_in:
            self.pane.show_message(self.tr("Nobody is signed in"), self.tr("Sign your channel in on the Overview."))
        else:
            self.pane.show_loading(self.tr("Subscribing …"))
