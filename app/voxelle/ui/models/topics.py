"""The subscriptions of a channel as a table: which are there, which are refused and why, and whether anything comes."""

from __future__ import annotations

from enum import IntEnum
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QBrush

from voxelle.domain.channel import TopicState, TopicStatus
from voxelle.kernel.clock import Clock
from voxelle.ui.models.times import ago
from voxelle.ui.text import one_line, tooltip
from voxelle.ui.theme import current_theme

Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()
SentenceRole = Qt.ItemDataRole.UserRole + 1
"""What is to say about a subscription, such as why it was refused."""
_RANK = {TopicState.REVOKED: 0, TopicState.REFUSED: 1, TopicState.PENDING: 2, TopicState.ACTIVE: 3, TopicState.OFF: 4}
_LOOKS = {
    TopicState.ACTIVE: ("check", "ok"),
    TopicState.PENDING: ("clock", "info"),
    TopicState.REFUSED: ("warning", "warning"),
    TopicState.REVOKED: ("error", "danger"),
    TopicState.OFF: ("off", "muted"),
}
"""Sign and tone of a state."""
_ALIVE = {TopicState.ACTIVE, TopicState.PENDING}


class TopicColumn(IntEnum):
    """The columns of the table."""

    TITLE = 0
    STATE = 1
    LAST = 2
    EVENTS = 3


class TopicsModel(QAbstractTableModel):
    """What needs the streamer first, then what works, then what is off."""

    def __init__(self, clock: Clock, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._clock = clock
        self._topics: tuple[TopicStatus, ...] = ()

    def take(self, topics: tuple[TopicStatus, ...]) -> None:
        """Show these; rows that stay keep their place and selection."""
        ordered = tuple(sorted(topics, key=lambda each: _RANK[each.state]))
        if [(each.topic, each.title) for each in ordered] != [(each.topic, each.title) for each in self._topics]:
            self.beginResetModel()
            self._topics = ordered
            self.endResetModel()
            return
        old, self._topics = self._topics, ordered
        for number, (before, after) in enumerate(zip(old, ordered, strict=True)):
            if before != after:
                self.dataChanged.emit(self.index(number, 0), self.index(number, len(TopicColumn) - 1))

    def tick(self) -> None:
        """Let the times go on."""
        if self._topics:
            self.dataChanged.emit(self.index(0, TopicColumn.LAST), self.index(len(self._topics) - 1, TopicColumn.LAST))

    def topic(self, row: int) -> TopicStatus:
        """Return a row's subscription."""
        return self._topics[row]

    def counts(self) -> tuple[int, int]:
        """Return how many are there, and how many are wanted."""
        wanted = [each for each in self._topics if each.state is not TopicState.OFF]
        return sum(each.state is TopicState.ACTIVE for each in wanted), len(wanted)

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        """Qt: how many."""
        return 0 if parent.isValid() else len(self._topics)

    def columnCount(self, parent: Index = _NOWHERE) -> int:
        """Qt: how many columns."""
        return 0 if parent.isValid() else len(TopicColumn)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Qt: the columns' titles."""
        if orientation is not Qt.Orientation.Horizontal or role != Qt.ItemDataRole.DisplayRole:
            return None
        return (self.tr("What she hears"), self.tr("State"), self.tr("Last one"), self.tr("Count"))[section]

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Qt: one cell."""
        topic, column = self._topics[index.row()], TopicColumn(index.column())
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self._text(topic, column)
            case Qt.ItemDataRole.DecorationRole if column is TopicColumn.STATE:
                return current_theme().icon(*_LOOKS[topic.state])
            case Qt.ItemDataRole.TextAlignmentRole if column is TopicColumn.EVENTS:
                return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            case Qt.ItemDataRole.ForegroundRole:
                return self._ink(topic, column)
            case Qt.ItemDataRole.ToolTipRole:
                return tooltip(" — ".join(each for each in (one_line(topic.sentence), one_line(topic.topic)) if each))
            case Qt.ItemDataRole.AccessibleTextRole if column is TopicColumn.TITLE:
                return ". ".join(one_line(each) for each in (topic.title, topic.sentence) if each)
            case _ if role == SentenceRole:
                return one_line(topic.sentence)
            case _:
                return None

    def _text(self, topic: TopicStatus, column: TopicColumn) -> str:
        match column:
            case TopicColumn.TITLE:
                return one_line(topic.title)
            case TopicColumn.STATE:
                return self.state_word(topic.state)
            case TopicColumn.LAST:
                return ago(topic.last_event_at, self._clock.now()) if topic.events or topic.state in _ALIVE else ""
            case TopicColumn.EVENTS:
                return f"{topic.events:,}" if topic.events else ""

    def state_word(self, state: TopicState) -> str:
        """Return a state in the streamer's words."""
        words = {
            TopicState.OFF: self.tr("Off"),
            TopicState.PENDING: self.tr("Waiting"),
            TopicState.ACTIVE: self.tr("Active"),
            TopicState.REFUSED: self.tr("Refused"),
            TopicState.REVOKED: self.tr("Revoked"),
        }
        return words[state]

    @staticmethod
    def _ink(topic: TopicStatus, column: TopicColumn) -> QBrush | None:
        theme = current_theme()
        if column is TopicColumn.STATE:
            return QBrush(theme.colour(_LOOKS[topic.state][1]))
        return None if topic.state in _ALIVE else QBrush(theme.colour("muted"))
