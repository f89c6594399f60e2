"""What waits for an answer, best first, with the reasons in words."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt, QTimer, Signal

from voxelle.domain.chat import QueueItem, QueueSnapshot
from voxelle.domain.events import MessagesRetracted, QueueChanged
from voxelle.ui.bridge import Bridge
from voxelle.ui.models.retractions import Withdrawn
from voxelle.ui.models.rows import shown_name, shown_text

_Index = QModelIndex | QPersistentModelIndex
_AT_ONCE = 5
_PAUSE_MS = 150
"""A queue that changes more than so many times without a pause is shown this often: nobody reads it faster."""


class QueueModel(QAbstractListModel):
    """The queue as a list; rows come and go one by one, so that a chosen row stays chosen."""

    changed = Signal()

    def __init__(self, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._items: list[QueueItem] = []
        self.snapshot = QueueSnapshot()
        self._next: QueueSnapshot | None = None
        self._in_a_row = 0
        self._is_calm = True
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE_MS)
        self._pause.timeout.connect(self._go_on)
        bridge.subscribe(QueueChanged, self._on_changed)
        bridge.subscribe(MessagesRetracted, self._on_retracted)

    def load(self) -> None:
        """Ask for the queue as it is now."""

        async def now() -> QueueSnapshot:
            return self._bridge.companion.queue()

        self._bridge.run(now, self.show)

    def remove(self, row: int) -> None:
        """Take a waiting stimulus out of the queue, unanswered."""
        if 0 <= row < len(self._items):
            stimulus_id = self._items[row].stimulus.id
            self._bridge.run(lambda: self._bridge.companion.drop_queued(stimulus_id))

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008  # Qt's own default
        """Return how many wait."""
        return 0 if parent.isValid() else len(self._items)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return the line of an item, its reasons as tooltip, or the item itself for `UserRole`."""
        if not index.isValid():
            return None
        item = self._items[index.row()]
        match role:
            case Qt.ItemDataRole.UserRole:
                return item
            case Qt.ItemDataRole.DisplayRole:
                return f"{shown_name(item.stimulus)}: {shown_text(item.stimulus)}"
            case Qt.ItemDataRole.AccessibleTextRole:
                return self.tr("{name}: {text}. Score {score}. {reasons}").format(
                    name=shown_name(item.stimulus),
                    text=shown_text(item.stimulus),
                    score=f"{item.score:.1f}",
                    reasons="; ".join(item.reasons),
                )
            case _:
                return None

    def item(self, row: int) -> QueueItem:
        """Return what waits at a row."""
        return self._items[row]

    def show(self, snapshot: QueueSnapshot) -> None:
        """Show a queue, telling views only what differs."""
        self._next = None
        self.snapshot = snapshot
        wanted = {item.stimulus.id for item in snapshot.items}
        for row in range(len(self._items) - 1, -1, -1):
            if self._items[row].stimulus.id not in wanted:
                self.beginRemoveRows(QModelIndex(), row, row)
                del self._items[row]
                self.endRemoveRows()
        for row, item in enumerate(snapshot.items):
            if row < len(self._items) and self._items[row].stimulus.id == item.stimulus.id:
                if self._items[row] != item:
                    self._items[row] = item
                    self.dataChanged.emit(self.index(row), self.index(row))
                continue
            self._take_from_below(row, item.stimulus.id)
            self.beginInsertRows(QModelIndex(), row, row)
            self._items.insert(row, item)
            self.endInsertRows()
        self.changed.emit()

    def _take_from_below(self, row: int, stimulus_id: str) -> None:
        """Remove an item that moves up."""
        for other in range(row, len(self._items)):
            if self._items[other].stimulus.id == stimulus_id:
                self.beginRemoveRows(QModelIndex(), other, other)
                del self._items[other]
                self.endRemoveRows()
                return

    def _on_changed(self, event: QueueChanged) -> None:
        self._next = event.queue
        self._is_calm = False
        if self._in_a_row < _AT_ONCE:
            self._in_a_row += 1
            self.show(event.queue)
        if not self._pause.isActive():
            self._pause.start()

    def _go_on(self) -> None:
        """Show what came during a pause, and have another one; after one in which nothing came all is shown at once again."""
        if self._is_calm:
            self._in_a_row = 0
            return
        self._is_calm = True
        self._pause.start()
        if self._next is not None:
            self.show(self._next)

    def _on_retracted(self, event: MessagesRetracted) -> None:
        """Let go of what was taken back, without waiting for the next queue."""
        withdrawn = Withdrawn()
        withdrawn.add(event)

        def is_left(item: QueueItem) -> bool:
            return all(
                withdrawn.reason(each.id, each.author.platform, each.author.id, each.kind) is None for each in (item.stimulus, *item.merged)
            )

        newest = self._next or self.snapshot
        left = tuple(item for item in newest.items if is_left(item))
        if self._next is not None or len(left) != len(newest.items):
            self.show(replace(newest, items=left))
