"""The column at the left: one button a page, with icon and word."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QFrame, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from voxelle.ui.theme import Space, current_theme


class Navigation(QFrame):
    """Words below the icons while there is height for them; always in the tooltip."""

    chosen = Signal(int)

    def __init__(self, entries: Sequence[tuple[str, str]], parent: QWidget | None = None) -> None:
        """Take (title, icon) of each page."""
        super().__init__(parent)
        self._theme = current_theme()
        self._theme.style_as(self, "navigation")
        self.setAccessibleName(self.tr("Pages"))
        self._entries = tuple(entries)
        self._group = QButtonGroup(self)
        self._column = QVBoxLayout(self)
        for number, (title, _) in enumerate(self._entries):
            button = QToolButton()
            button.setText(title)
            button.setCheckable(True)
            button.setAccessibleName(title)
            button.setToolTip(f"{title} (Ctrl+{number + 1})")
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            button.setCursor(Qt.CursorShape.PointingHandCursor)
            self._group.addButton(button, number)
            self._column.addWidget(button)
        self._column.addStretch()
        self._group.idClicked.connect(self.chosen)
        self._theme.changed.connect(self._show)
        self._show()

    def select(self, number: int) -> None:
        """Mark a page's button."""
        self._group.button(number).setChecked(True)

    @property
    def has_focus(self) -> bool:
        """Whether somebody walks through it by keyboard."""
        return any(button.hasFocus() for button in self._group.buttons())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Walk with the arrow keys."""
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
            return
        number = (self._group.checkedId() + step) % len(self._entries)
        self._group.button(number).setFocus(Qt.FocusReason.TabFocusReason)
        self._group.button(number).click()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Drop the words where the window is low."""
        super().resizeEvent(event)
        self._show_words()

    def _show(self) -> None:
        side = self._theme.px(24)
        for number, (_, icon) in enumerate(self._entries):
            button = self._group.button(number)
            button.setIcon(self._theme.icon(icon))
            button.setIconSize(QSize(side, side))
        pad = self._theme.px(Space.S)
        self._column.setContentsMargins(pad, pad, pad, pad)
        self._column.setSpacing(self._theme.px(Space.XS))
        self._show_words()

    def _show_words(self) -> None:
        needed = len(self._entries) * self._theme.px(68)
        style = Qt.ToolButtonStyle.ToolButtonTextUnderIcon if self.height() >= needed else Qt.ToolButtonStyle.ToolButtonIconOnly
        for button in self._group.buttons():
            if isinstance(button, QToolButton):
                button.setToolButtonStyle(style)
