"""Pairs of what and how much, below each other."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from voxelle.ui.theme import Space, TextRole, current_theme
from voxelle.ui.widgets.labels import label


class Facts(QWidget):
    """`show_pairs(((title, value), …))`; a pair whose value is empty is left out. Values can be selected and copied."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        theme = current_theme()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(theme.px(Space.L))
        self._grid.setVerticalSpacing(theme.px(Space.XS))
        self._grid.setColumnStretch(1, 1)
        self._labels: list[tuple[QLabel, QLabel]] = []

    def show_pairs(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Show these instead."""
        shown = [(title, value) for title, value in pairs if value]
        while len(self._labels) < len(shown):
            self._add()
        for number, (title, value) in enumerate(self._labels):
            is_used = number < len(shown)
            title.setVisible(is_used)
            value.setVisible(is_used)
            if is_used and (title.text(), value.text()) != shown[number]:
                title.setText(shown[number][0])
                value.setText(shown[number][1])
        self.setAccessibleDescription("; ".join(f"{title}: {value}" for title, value in shown))

    def value(self, title: str) -> str:
        """Return what stands beside a title, or nothing."""
        return next((value.text() for each, value in self._labels if each.text() == title and not each.isHidden()), "")

    def _add(self) -> None:
        title = label("", TextRole.BODY, "muted")
        value = label("", wraps=True)
        value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        number = len(self._labels)
        self._grid.addWidget(title, number, 0, Qt.AlignmentFlag.AlignTop)
        self._grid.addWidget(value, number, 1)
        self._labels.append((title, value))
