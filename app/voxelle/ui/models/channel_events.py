"""What happened on the channels as a list, newest first: read once, then followed 30 times a second at most."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum
from itertools import takewhile

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, QSortFilterProxyModel, Qt, Signal

from voxelle.domain.chat import Decision, KeptEvent, StimulusKind, Verdict
from voxelle.domain.errors import VoxelleError
from voxelle.domain.events import ChannelEventReceived, MessagesRetracted
from voxelle.ui.bridge import Bridge
from voxelle.ui.models.answers import for_owner
from voxelle.ui.models.event_kinds import EventGroup, group_of
from voxelle.ui.models.event_rows import EventRow, event_row, spoken_event, without_text
from voxelle.ui.models.retractions import Withdrawn

ROW_LIMIT = 1_000
EARLIER = 200
"""So many of those before this start are shown."""
_Index = QModelIndex | QPersistentModelIndex


class ChannelEventsModel(QAbstractListModel):
    """Rows are collected and announced together when the bridge has delivered its batch.

    `source` leaves only the events of one connection. `error` says why earlier events could not be read.
    """

    loaded = Signal()
    counted = Signal()
    """There are more rows, or fewer are open."""

    def __init__(self, bridge: Bridge, source: str = "", parent: QObject | None = None, *, row_limit: int = ROW_LIMIT) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._source = source
        self._limit = row_limit
        self._rows: list[EventRow] = []
        self._arrived: deque[ChannelEventReceived] = deque(maxlen=row_limit)
        self._withdrawn = Withdrawn()
        self.is_loaded = False
        self.error = ""
        bridge.subscribe(ChannelEventReceived, self._on_received)
        bridge.subscribe(MessagesRetracted, self._on_retracted)
        bridge.delivered.connect(self.flush)

    def load(self) -> None:
        """Read what happened lately."""

        async def read() -> Sequence[KeptEvent]:
            return await self._bridge.companion.channel_events(max(EARLIER, min(self._limit, len(self._rows))))

        self.error = ""
        self._bridge.run(read, self._on_read, self._on_failed)

    # What views ask

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008  # Qt's own default
        """Return how many are shown."""
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return the line as text, or the row itself for `UserRole`."""
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        if role in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole}:
            return spoken_event(row)
        return row if role == Qt.ItemDataRole.UserRole else None

    def row(self, index: int) -> EventRow:
        """Return a row by its index."""
        return self._rows[index]

    @property
    def open_count(self) -> int:
        """How many the streamer has not acknowledged."""
        return sum(not row.is_acknowledged for row in self._rows)

    # What the streamer does

    def acknowledge(self, *event_ids: str) -> None:
        """Tick events off."""

        async def tick_off() -> None:
            for event_id in event_ids:
                await self._bridge.companion.acknowledge(event_id)

        def on_done(_nothing: None) -> None:
            ticked = set(event_ids)
            self._change([(number, replace(row, is_acknowledged=True)) for number, row in enumerate(self._rows) if row.id in ticked])
            self.counted.emit()

        if event_ids:
            self._bridge.run(tick_off, for_owner(self, on_done))

    def react_again(self, event_id: str) -> None:
        """Let her react to an event once more."""

        def on_decided(decision: Decision) -> None:
            is_dropped = decision.verdict is Verdict.DROPPED
            said = self.tr("Not again: {reason}").format(reason=decision.reason) if is_dropped else self.tr("She reacts again")
            self._change([(number, replace(row, reaction=said)) for number, row in enumerate(self._rows) if row.id == event_id])

        self._bridge.run(lambda: self._bridge.companion.react_again(event_id), for_owner(self, on_decided))

    # What happens

    def flush(self) -> None:
        """Announce what came in since the last time."""
        if self._arrived:
            self._insert()
        if self._withdrawn:
            self._take_back()

    def _on_received(self, event: ChannelEventReceived) -> None:
        if not self._source or event.channel_event.source == self._source:
            self._arrived.append(event)

    def _on_retracted(self, event: MessagesRetracted) -> None:
        if event.retraction.is_everything:
            # A cleared chat takes back no event; but it also stands for more retractions than could be told one by one.
            self.load()
        else:
            self._withdrawn.add(event)

    def _insert(self) -> None:
        known = {row.id for row in self._rows}
        now = self._bridge.clock.now()
        rows = [
            event_row(KeptEvent(each.channel_event, each.reaction, each.is_answered), now)
            for each in reversed(self._arrived)
            if each.channel_event.id not in known
        ]
        self._arrived.clear()
        if not rows:
            return
        surplus = len(self._rows) + len(rows) - self._limit
        if surplus > 0:
            first = len(self._rows) - surplus
            self.beginRemoveRows(QModelIndex(), first, len(self._rows) - 1)
            del self._rows[first:]
            self.endRemoveRows()
        self.beginInsertRows(QModelIndex(), 0, len(rows) - 1)
        self._rows[:0] = rows
        self.endInsertRows()
        self.counted.emit()

    def _take_back(self) -> None:
        self._change(
            [
                (number, without_text(row, reason))
                for number, row in enumerate(self._rows)
                if not row.is_removed
                and group_of(row.kind) is not EventGroup.MODERATION
                and (reason := self._withdrawn.reason(row.id, row.platform, row.author_id, StimulusKind.EVENT)) is not None
            ]
        )
        self._withdrawn.clear()

    def _change(self, changed: Sequence[tuple[int, EventRow]]) -> None:
        for number, row in changed:
            self._rows[number] = row
        if changed:
            self.dataChanged.emit(self.index(changed[0][0]), self.index(changed[-1][0]))

    def _on_read(self, kept: Sequence[KeptEvent]) -> None:
        self.is_loaded = True
        now = self._bridge.clock.now()
        rows = [event_row(each, now) for each in kept if not self._source or each.channel_event.source == self._source]
        shown, read = {row.id: row for row in self._rows}, {row.id for row in rows}
        newer = list(takewhile(lambda row: row.id not in read, self._rows))
        self.beginResetModel()
        self._rows = [*newer, *(_still_removed(row, shown.get(row.id)) for row in rows)][: self._limit]
        self.endResetModel()
        self.loaded.emit()
        self.counted.emit()

    def _on_failed(self, error: VoxelleError) -> None:
        self.is_loaded = True
        self.error = error.sentence
        self.loaded.emit()


def _still_removed(row: EventRow, before: EventRow | None) -> EventRow:
    """Return a row that was read again: what was taken back meanwhile is said to be."""
    if before is None or row.text or not before.text:
        return row
    return replace(row, text=before.text, is_removed=True) if before.is_removed else without_text(row, "")


class EventFilter(StrEnum):
    """Which events are wanted."""

    ALL = "all"
    OPEN = "open"
    """Not acknowledged yet."""
    AUDIENCE = EventGroup.AUDIENCE.value
    PAID = EventGroup.PAID.value
    PROGRAM = EventGroup.PROGRAM.value
    MODERATION = EventGroup.MODERATION.value


class ShownEvents(QSortFilterProxyModel):
    """The rows that a filter lets through."""

    def __init__(self, events: ChannelEventsModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._events = events
        self.wanted = EventFilter.ALL
        self.setSourceModel(events)

    def show_only(self, wanted: EventFilter) -> None:
        """Use another filter."""
        self.beginFilterChange()
        self.wanted = wanted
        self.endFilterChange(QSortFilterProxyModel.Direction.Rows)

    def row(self, index: _Index) -> EventRow | None:
        """Return the row at an index of this model."""
        source = self.mapToSource(index) if index.isValid() else QModelIndex()
        return self._events.row(source.row()) if source.isValid() else None

    def rows(self) -> list[EventRow]:
        """Return all that are shown, newest first."""
        return [row for number in range(self.rowCount()) if (row := self.row(self.index(number, 0))) is not None]

    def filterAcceptsRow(self, source_row: int, _parent: _Index) -> bool:
        """Qt: whether a row is shown."""
        if self.wanted is EventFilter.ALL:
            return True
        row = self._events.row(source_row)
        return not row.is_acknowledged if self.wanted is EventFilter.OPEN else group_of(row.kind).value == self.wanted.value
