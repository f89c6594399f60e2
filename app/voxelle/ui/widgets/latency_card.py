"""How fast she answers: the usual and the slow case, and the last answer stage by stage."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from voxelle.ui.models.latency import LatencyModel
from voxelle.ui.theme import Space, TextRole, current_theme
from voxelle.ui.widgets.card import Card
from voxelle.ui.widgets.empty_state import EmptyState
from voxelle.ui.widgets.labels import label
from voxelle.ui.widgets.waterfall import Waterfall, duration, improvement


class _Scroll(QScrollArea):
    """Asks for all the room that its content wants, and scrolls where there is less."""

    def sizeHint(self) -> QSize:
        """Qt: as the content is now."""
        content = self.widget()
        return content.sizeHint() if content else super().sizeHint()


class LatencyCard(Card):
    """Empty until her first answer."""

    def __init__(self, model: LatencyModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.set_title(self.tr("Time to her first sound"))
        self._model = model
        theme = current_theme()
        self.waterfall = Waterfall(model)
        figures = QHBoxLayout()
        figures.setSpacing(theme.px(Space.L))
        self._last = self._figure(figures, self.tr("last answer"))
        self._usual = self._figure(figures, self.tr("usual (p50)"))
        self._slow = self._figure(figures, self.tr("slow (p95)"))
        figures.addStretch()
        self._hint = label("", TextRole.SMALL, wraps=True)
        self._notes = label("", TextRole.SMALL, "warning", wraps=True)
        self._scroll = scroll = _Scroll()
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(self.waterfall)
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(Space.S))
        column.addLayout(figures)
        column.addWidget(scroll, 1)
        column.addWidget(self._hint)
        column.addWidget(self._notes)
        self._stack = QStackedWidget()
        self._stack.addWidget(
            EmptyState("clock", self.tr("No answer yet"), self.tr("After her first answer you see here how long each step took."))
        )
        self._stack.addWidget(content)
        self.body.addWidget(self._stack)
        model.changed.connect(self._show)
        self._show()

    def _figure(self, row: QHBoxLayout, caption: str) -> QLabel:
        value = label("–", TextRole.HEADING)
        value.setAccessibleName(caption)
        column = QVBoxLayout()
        column.setSpacing(0)
        column.addWidget(value)
        column.addWidget(label(caption, TextRole.SMALL, "muted"))
        row.addLayout(column)
        return value

    def _show(self) -> None:
        model = self._model
        self._stack.setCurrentIndex(1 if model.stages or model.count else 0)
        for value, seconds in ((self._last, model.audible_s), (self._usual, model.p50_s), (self._slow, model.p95_s)):
            value.setText("–" if seconds is None else duration(seconds))
        of_them = self.tr("of {count} spoken") if model.is_spoken else self.tr("of {count} answers")
        self.note.setText(of_them.format(count=model.count) if model.count > 1 else "")
        self._hint.setText(improvement(model.improvable))
        self._hint.setVisible(bool(self._hint.text()))
        self._notes.setText("\n".join(model.notes))
        self._notes.setVisible(bool(model.notes))
        self._scroll.updateGeometry()
