"""The log as a table: bounded, filled in batches, filtered by level, category and words."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from datetime import datetime
from enum import IntEnum
from itertools import islice
from typing import Any

import shiboken6
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, QSortFilterProxyModel, Qt, QTimer, Signal

from voxelle.kernel.log import LogLine, LogTail
from voxelle.ui.text import one_line

Index = QModelIndex | QPersistentModelIndex
LINE_LIMIT = 5000
BATCH_EVERY_MS = 100
LEVELS = ("debug", "info", "warning", "error", "critical")
LineRole = Qt.ItemDataRole.UserRole + 1
ROOT = QModelIndex()


class Column(IntEnum):
    """Columns of the table."""

    TIME = 0
    LEVEL = 1
    CATEGORY = 2
    EVENT = 3
    FIELDS = 4
    TURN = 5


def fields_text(line: LogLine) -> str:
    """Return a line's fields as `key=value` pairs."""
    return "  ".join(f"{key}={one_line(value)}" for key, value in line.fields.items())


def line_text(line: LogLine) -> str:
    """Return a line as it is copied: one row of text, redacted as the log itself is."""
    parts = (
        _local(line.at).isoformat(timespec="milliseconds"),
        line.level.upper(),
        line.category,
        one_line(line.event),
        fields_text(line),
        line.turn,
    )
    return "  ".join(part for part in parts if part)


def _local(at: datetime) -> datetime:
    return at.astimezone()


class LogModel(QAbstractTableModel):
    """The newest lines of the log. Lines come from any thread and are taken over in batches."""

    _woken = Signal()

    def __init__(self, tail: LogTail, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lines: deque[LogLine] = deque(maxlen=LINE_LIMIT)
        self._arrived: deque[LogLine] = deque(maxlen=LINE_LIMIT)
        self._is_woken = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(BATCH_EVERY_MS)
        self._timer.timeout.connect(self.take_arrived)
        self._woken.connect(self._timer.start, Qt.ConnectionType.QueuedConnection)
        unsubscribe = tail.subscribe(self._on_line)
        self.destroyed.connect(lambda _self: unsubscribe())
        self._lines.extend(tail.lines())
        self._known = {id(line) for line in self._lines}
        """Lines that may have come twice: once while subscribing, once in what was there already."""

    def _on_line(self, line: LogLine) -> None:
        """Take a line from whatever thread wrote it; one wake-up a batch."""
        self._arrived.append(line)
        if not self._is_woken and shiboken6.isValid(self):
            self._is_woken = True
            self._woken.emit()

    def take_arrived(self) -> None:
        """Move what arrived into the table, dropping the oldest lines past the limit."""
        self._is_woken = False
        batch: list[LogLine] = []
        while self._arrived:
            line = self._arrived.popleft()
            if id(line) not in self._known:
                batch.append(line)
        self._known = set()
        if not batch:
            return
        batch = batch[-LINE_LIMIT:]
        excess = len(self._lines) + len(batch) - LINE_LIMIT
        if excess > 0:
            self.beginRemoveRows(ROOT, 0, excess - 1)
            for _ in range(excess):
                self._lines.popleft()
            self.endRemoveRows()
        first = len(self._lines)
        self.beginInsertRows(ROOT, first, first + len(batch) - 1)
        self._lines.extend(batch)
        self.endInsertRows()

    def clear(self) -> None:
        """Empty the table; the log file keeps everything."""
        self.beginResetModel()
        self._lines.clear()
        self._arrived.clear()
        self.endResetModel()

    def categories(self) -> tuple[str, ...]:
        """Return the categories seen so far, by name."""
        return tuple(sorted({line.category for line in self._lines}))

    def line(self, row: int) -> LogLine:
        """Return the line of a row."""
        return self._lines[row]

    def rowCount(self, parent: Index = ROOT) -> int:
        """Qt: number of lines."""
        return 0 if parent.isValid() else len(self._lines)

    def columnCount(self, parent: Index = ROOT) -> int:
        """Qt: number of columns."""
        return 0 if parent.isValid() else len(Column)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Qt: the columns' titles."""
        if orientation is not Qt.Orientation.Horizontal or role != Qt.ItemDataRole.DisplayRole:
            return None
        titles = (self.tr("Time"), self.tr("Level"), self.tr("Category"), self.tr("Event"), self.tr("Details"), self.tr("Turn"))
        return titles[section]

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Qt: a cell's text, its tool tip, or the whole line."""
        if not index.isValid():
            return None
        line = self._lines[index.row()]
        if role == LineRole:
            return line
        if role == Qt.ItemDataRole.DisplayRole:
            return self._cell(line, Column(index.column()))
        if role == Qt.ItemDataRole.ToolTipRole:
            return fields_text(line) or line.event
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{line.level}, {line.category}, {line.event} {fields_text(line)}"
        return None

    def _cell(self, line: LogLine, column: Column) -> str:
        match column:
            case Column.TIME:
                return _local(line.at).strftime("%H:%M:%S.") + f"{line.at.microsecond // 1000:03d}"
            case Column.LEVEL:
                return line.level
            case Column.CATEGORY:
                return line.category
            case Column.EVENT:
                return one_line(line.event)
            case Column.FIELDS:
                return fields_text(line)
            case Column.TURN:
                return line.turn[-8:]


class LogFilterModel(QSortFilterProxyModel):
    """The lines the streamer wants to see."""

    filter_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._level = 0
        self._category = ""
        self._words: tuple[str, ...] = ()

    def set_level(self, level: str) -> None:
        """Show lines of this level and worse."""
        self._level = LEVELS.index(level)
        self._renew()

    def set_category(self, category: str) -> None:
        """Show one category; empty shows all."""
        self._category = category
        self._renew()

    def set_search(self, text: str) -> None:
        """Show lines that contain every one of these words, in any column."""
        self._words = tuple(text.casefold().split())
        self._renew()

    @property
    def is_filtering(self) -> bool:
        """Whether anything is set."""
        return bool(self._level or self._category or self._words)

    def _renew(self) -> None:
        self.beginFilterChange()
        self.endFilterChange()
        self.filter_changed.emit()

    def filterAcceptsRow(self, source_row: int, source_parent: Index) -> bool:
        """Qt: whether a line is shown."""
        source = self.sourceModel()
        line: LogLine = source.data(source.index(source_row, 0, source_parent), LineRole)
        return self.accepts(line)

    def accepts(self, line: LogLine) -> bool:
        """Tell whether a line passes level, category and words."""
        level = LEVELS.index(line.level) if line.level in LEVELS else len(LEVELS)
        if level < self._level or (self._category and line.category != self._category):
            return False
        if not self._words:
            return True
        text = line_text(line).casefold()
        return all(word in text for word in self._words)

    def text(self, rows: Iterable[int]) -> str:
        """Return the rows as text to copy."""
        lines = (self.index(row, 0).data(LineRole) for row in islice(rows, LINE_LIMIT))
        return "\n".join(line_text(line) for line in lines)
