"""A titled section on a card."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from voxelle.ui.theme import Space, TextRole, current_theme
from voxelle.ui.widgets.labels import ElidedLabel, label


class Card(QFrame):
    """Add content to `body`; `note` is the small text at the right of the title."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        theme = current_theme()
        theme.style_as(self, "card")
        self._title = label("", TextRole.STRONG)
        self.note = ElidedLabel("", TextRole.SMALL, "muted")
        head = QHBoxLayout()
        head.setSpacing(theme.px(Space.S))
        head.addWidget(self._title)
        head.addWidget(self.note, 1)
        self.body = QVBoxLayout()
        self.body.setSpacing(theme.px(Space.S))
        column = QVBoxLayout(self)
        column.setContentsMargins(*(theme.px(Space.M),) * 4)
        column.setSpacing(theme.px(Space.S))
        column.addLayout(head)
        column.addLayout(self.body, 1)

    def set_title(self, title: str) -> None:
        """Name the section."""
        self._title.setText(title)
        self.setAccessibleName(title)

    def set_title_shown(self, *, is_shown: bool) -> None:
        """Leave the title out where a tab above says it already."""
        self._title.setVisible(is_shown)
