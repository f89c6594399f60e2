"""What an empty place says: what will be here, and what to do for it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from voxelle.ui.theme import Space, TextRole, current_theme
from voxelle.ui.widgets.labels import label


class EmptyState(QWidget):
    """An icon, a heading, a sentence and room for a button, centred."""

    def __init__(self, icon: str, heading: str, sentence: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self._icon_name = icon
        self._icon = QLabel()
        self._icon.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._heading = label(heading, TextRole.HEADING, wraps=True)
        self._sentence = label(sentence, TextRole.BODY, "muted", wraps=True)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(*(self._theme.px(Space.L),) * 4)
        self._column.setSpacing(self._theme.px(Space.S))
        self._column.addStretch()
        for each in (self._icon, self._heading, self._sentence):
            if each is not self._icon:
                each.setAlignment(Qt.AlignmentFlag.AlignCenter)
            self._column.addWidget(each)
        self._column.addStretch()
        self._theme.changed.connect(self._show_icon)
        self._show_icon()

    def add_control(self, control: QWidget) -> None:
        """Put a control below the sentence."""
        self._column.insertWidget(self._column.count() - 1, control, 0, Qt.AlignmentFlag.AlignCenter)

    def set_text(self, heading: str, sentence: str) -> None:
        """Say something else."""
        self._heading.setText(heading)
        self._sentence.setText(sentence)

    def _show_icon(self) -> None:
        side = self._theme.px(32)
        self._icon.setPixmap(self._theme.icon(self._icon_name, "muted").pixmap(side, side))
