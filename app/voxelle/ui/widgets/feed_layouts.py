"""The layouts of the conversation's rows: made when they come in sight, a few at a time while a flood comes in."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QWidget

from voxelle.ui.models.conversation import ConversationModel
from voxelle.ui.theme import Theme
from voxelle.ui.widgets.feed_rows import RowLayout, lay_out

FLOOD_MS = 100
"""While whole screens of rows come in at once, which nobody can read, the newest are shown this often."""
AT_ONCE = 4
"""Rows of a flood laid out before other work of this thread gets its turn."""
_CACHE = 400


class RowLayouts:
    """Lays rows out for the width of a viewport, and keeps the last few hundred layouts."""

    def __init__(self, model: ConversationModel, viewport: QWidget, theme: Theme) -> None:
        self._model = model
        self._viewport = viewport
        self._theme = theme
        self._kept: OrderedDict[int, RowLayout] = OrderedDict()

    def of(self, index: int) -> RowLayout:
        """Return the layout of a row."""
        found = self._find(index)
        if found is not None:
            self._kept.move_to_end(found.row.key)
            return found
        row = self._model.row(index)
        made = lay_out(row, self._viewport.width(), self._theme)
        self._kept[row.key] = made
        if len(self._kept) > _CACHE:
            self._kept.popitem(last=False)
        return made

    def prepare(self, count: int, most: int) -> bool:
        """Make `most` layouts for a viewport that ends with row `count - 1`; returns whether it has all now."""
        room = float(self._viewport.height())
        for index in range(count - 1, -1, -1):
            if room <= 0:
                break
            if self._find(index) is None:
                if not most:
                    return False
                most -= 1
            room -= self.of(index).height
        return True

    def clear(self) -> None:
        """Let all go: they look different now."""
        self._kept.clear()

    def _find(self, index: int) -> RowLayout | None:
        row = self._model.row(index)
        kept = self._kept.get(row.key)
        return kept if kept is not None and kept.row is row and kept.width == self._viewport.width() else None


class Flood:
    """Keeps the time while rows come in faster than anybody reads. `due` is called for every step."""

    def __init__(self, layouts: RowLayouts, due: Callable[[], None], parent: QObject) -> None:
        self._layouts = layouts
        self._coming: int | None = None
        self._timer = QTimer(parent)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(due)

    @property
    def is_on(self) -> bool:
        """Whether a whole screen was new a moment ago."""
        return self._timer.isActive()

    def begin(self, *, is_flood: bool) -> None:
        """Begin anew, now that everything is shown: in a flood the next picture is waited for."""
        self._coming = None
        if is_flood:
            self._timer.start(FLOOD_MS)

    def step(self, first_key: int, newest_end: int) -> int | None:
        """Lay some rows out; returns up to which key all are, once they fill the screen."""
        end = newest_end if self._coming is None or self._coming <= first_key else self._coming
        if self._layouts.prepare(end - first_key, AT_ONCE):
            self.begin(is_flood=True)
            return end
        self._coming = end
        self._timer.start(0)
        return None
