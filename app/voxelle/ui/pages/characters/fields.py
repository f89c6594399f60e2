"""Labelled input fields with a help text and, below, what is wrong with the input."""

from __future__ import annotations

from typing import Generic, TypeVar

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QWidget

from voxelle.ui.pages.controls import column
from voxelle.ui.theme import Space, TextRole, current_theme
from voxelle.ui.widgets.labels import label

W = TypeVar("W", bound=QWidget)


class Field(QWidget, Generic[W]):
    """Title, help, editor and problem in a column."""

    def __init__(self, title: str, help_text: str, editor: W) -> None:
        super().__init__()
        self.editor = editor
        self.title = label(title, TextRole.STRONG, wraps=True)
        self.title.setBuddy(editor)
        self.help = label(help_text, TextRole.SMALL, "muted", wraps=True)
        if not help_text:
            self.help.hide()
        self.problem = label(role=TextRole.SMALL, tone="danger", wraps=True)
        self.problem.hide()
        editor.setAccessibleName(title)
        editor.setAccessibleDescription(help_text)
        self._help_text = help_text
        layout = column(self, spacing=Space.XS)
        for widget in (self.title, self.help, editor, self.problem):
            layout.addWidget(widget)

    def show_problem(self, sentence: str) -> None:
        """Show what is wrong under the field, or nothing."""
        if self.problem.text() == sentence:
            return
        self.problem.setText(sentence)
        self.problem.setVisible(bool(sentence))
        self.editor.setProperty("invalid", bool(sentence))
        self.editor.style().unpolish(self.editor)
        self.editor.style().polish(self.editor)
        self.editor.setAccessibleDescription(sentence or self._help_text)


class LineField(Field[QLineEdit]):
    """One line of text. `edited(text)` by the streamer only."""

    edited = Signal(str)

    def __init__(self, title: str, help_text: str = "", limit: int = 400) -> None:
        super().__init__(title, help_text, QLineEdit())
        self.editor.setMaxLength(limit)
        self.editor.textEdited.connect(self.edited)

    def show_text(self, text: str) -> None:
        """Show a text without moving the cursor when it is there already."""
        if self.editor.text() != text:
            with QSignalBlocker(self.editor):
                self.editor.setText(text)


class TextField(Field[QPlainTextEdit]):
    """Several lines of text. `edited(text)` by the streamer only."""

    edited = Signal(str)

    def __init__(self, title: str, help_text: str = "", lines: int = 6) -> None:
        super().__init__(title, help_text, QPlainTextEdit())
        self._lines = lines
        self.editor.setTabChangesFocus(True)
        self.editor.textChanged.connect(lambda: self.edited.emit(self.editor.toPlainText()))
        current_theme().changed.connect(self._fit)
        self._fit()

    def show_text(self, text: str) -> None:
        """Show a text without moving the cursor when it is there already."""
        if self.editor.toPlainText() != text:
            with QSignalBlocker(self.editor):
                self.editor.setPlainText(text)

    def _fit(self) -> None:
        theme = current_theme()
        self.editor.setMinimumHeight(round(theme.points(TextRole.BODY) * 1.75 * self._lines) + theme.px(Space.L))


def parted(text: str, separator: str) -> tuple[str, ...]:
    """Return the parts of a text, without empty ones."""
    return tuple(part for part in (piece.strip() for piece in text.split(separator)) if part)


def show_parts(field: LineField | TextField, parts: tuple[str, ...], separator: str, joiner: str) -> None:
    """Show parts, unless what is typed means the same already."""
    typed = field.editor.text() if isinstance(field, LineField) else field.editor.toPlainText()
    if parted(typed, separator) != parts:
        field.show_text(joiner.join(parts))
