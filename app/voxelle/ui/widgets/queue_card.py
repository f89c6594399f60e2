"""The card of those who wait."""

from __future__ import annotations

from PySide6.QtWidgets import QStackedWidget, QWidget

from voxelle.ui.models.queue import QueueModel
from voxelle.ui.widgets.card import Card
from voxelle.ui.widgets.empty_state import EmptyState
from voxelle.ui.widgets.queue_view import QueueView


class QueueCard(Card):
    """The list with its totals, or what it is for."""

    def __init__(self, model: QueueModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.set_title(self.tr("Waiting"))
        self._model = model
        self.view = QueueView(model)
        self._stack = QStackedWidget()
        self._stack.addWidget(
            EmptyState("queue", self.tr("Nobody is waiting"), self.tr("Lines worth an answer stand in line here, the most urgent first."))
        )
        self._stack.addWidget(self.view)
        self.body.addWidget(self._stack)
        model.changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        snapshot = self._model.snapshot
        self._stack.setCurrentIndex(1 if snapshot.items else 0)
        totals = self.tr("{waiting} now · {queued} taken · {merged} joined · {dropped} skipped")
        has_history = bool(snapshot.queued or snapshot.merged or snapshot.dropped)
        counts = {"waiting": len(snapshot.items), "queued": snapshot.queued, "merged": snapshot.merged, "dropped": snapshot.dropped}
        self.note.setText(totals.format(**counts) if has_history else "")
