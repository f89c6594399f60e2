"""The line in which the streamer writes to her."""

from __future__ import annotations

from PySide6.QtCore import QMimeData, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent, QTextCursor
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QSizePolicy, QVBoxLayout, QWidget

from voxelle.ui.theme import Space, TextRole, current_theme
from voxelle.ui.widgets.buttons import IconButton
from voxelle.ui.widgets.labels import label

LIMIT = 2_000
NEAR = 1_800
"""From here on the counter is shown."""
_HISTORY = 100
_LINES = 5


class ComposerEdit(QPlainTextEdit):
    """Enter sends, Shift+Enter breaks the line, Up and Down walk through what was sent. Plain text, bounded."""

    submitted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self._sent: list[str] = []
        self._position = 0
        self._draft = ""
        self.setTabChangesFocus(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.setPlaceholderText(self.tr("Write to her …"))
        self.setAccessibleName(self.tr("Message to her"))
        self.setAccessibleDescription(self.tr("Enter sends, Shift Enter starts a new line, Up and Down bring back what you sent."))
        self.document().contentsChanged.connect(self._on_changed)
        self._theme.changed.connect(self._fit)
        self._fit()

    def submit(self) -> None:
        """Send what is written, if it is more than blanks."""
        text = self.toPlainText().strip()
        if not text:
            return
        self._sent = [*(each for each in self._sent if each != text), text][-_HISTORY:]
        self._position = len(self._sent)
        self._draft = ""
        self.clear()
        self.submitted.emit(text)

    def give_back(self, text: str) -> None:
        """Put back a message that could not be taken, unless something new is being written."""
        if not self.toPlainText():
            self._replace(text)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Send, break the line or walk through the history."""
        is_enter = event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}
        if is_enter and not event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.submit()
        elif event.key() == Qt.Key.Key_Up and not event.modifiers() and self._is_at_edge(QTextCursor.MoveOperation.Up):
            self._walk(-1)
        elif event.key() == Qt.Key.Key_Down and not event.modifiers() and self._is_at_edge(QTextCursor.MoveOperation.Down):
            self._walk(1)
        else:
            super().keyPressEvent(event)

    def insertFromMimeData(self, source: QMimeData) -> None:
        """Paste as plain text, as much as there is room for."""
        room = LIMIT - len(self.toPlainText()) + len(self.textCursor().selectedText())
        text = "".join(each if each in "\n\t" or each >= " " else " " for each in source.text()[: max(0, room)])
        self.insertPlainText(text)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the height right when lines wrap differently."""
        super().resizeEvent(event)
        self._fit()

    def sizeHint(self) -> QSize:
        """One line high when empty."""
        return QSize(self._theme.px(300), self.height())

    def _is_at_edge(self, direction: QTextCursor.MoveOperation) -> bool:
        """Return whether the cursor can't go further up or down in the text."""
        return not QTextCursor(self.textCursor()).movePosition(direction)

    def _walk(self, step: int) -> None:
        position = self._position + step
        if not 0 <= position <= len(self._sent):
            return
        if self._position == len(self._sent):
            self._draft = self.toPlainText()
        self._position = position
        self._replace(self._draft if position == len(self._sent) else self._sent[position])

    def _replace(self, text: str) -> None:
        self.setPlainText(text)
        self.moveCursor(QTextCursor.MoveOperation.End)

    def _on_changed(self) -> None:
        surplus = len(self.toPlainText()) - LIMIT
        if surplus > 0:
            cursor = QTextCursor(self.document())
            cursor.movePosition(QTextCursor.MoveOperation.End)
            cursor.movePosition(QTextCursor.MoveOperation.Left, QTextCursor.MoveMode.KeepAnchor, surplus)
            cursor.removeSelectedText()
        self._fit()

    def _fit(self) -> None:
        """Grow with the text, up to a few lines."""
        lines = 0
        block = self.document().firstBlock()
        while block.isValid() and lines < _LINES:
            lines += max(1, block.layout().lineCount())
            block = block.next()
        room = 2 * self._theme.px(Space.XS) + 2 * round(self.document().documentMargin()) + 4
        height = min(max(1, lines), _LINES) * self.fontMetrics().lineSpacing() + room
        height = max(height, self._theme.px(36))
        if height != self.height():
            self.setFixedHeight(height)


class Composer(QWidget):
    """The line, its send button, a counter near the limit, and why a message was not taken."""

    submitted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        theme = current_theme()
        self.edit = ComposerEdit()
        self.edit.submitted.connect(self._on_submitted)
        self.edit.textChanged.connect(self._on_text_changed)
        self.send = IconButton("send", self.tr("Send"), "primary", "Return")
        self.send.clicked.connect(self.edit.submit)
        self.send.setEnabled(False)
        self.send.setProperty("size", "tall")
        self._counter = label("", TextRole.SMALL, "muted")
        self._counter.hide()
        self._problem = label("", TextRole.SMALL, "danger", wraps=True)
        self._problem.hide()
        line = QHBoxLayout()
        line.setSpacing(theme.px(Space.S))
        line.addWidget(self.edit)
        line.addWidget(self.send, 0, Qt.AlignmentFlag.AlignBottom)
        notes = QHBoxLayout()
        notes.addWidget(self._problem, 1)
        notes.addStretch()
        notes.addWidget(self._counter)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(Space.XS))
        column.addLayout(line)
        column.addLayout(notes)
        self.setFocusProxy(self.edit)

    def show_problem(self, sentence: str, text: str) -> None:
        """Say why a message was not taken, and give it back for correction."""
        self.edit.give_back(text)
        self._problem.setText(sentence)
        self._problem.show()

    def _on_submitted(self, text: str) -> None:
        self._problem.hide()
        self.submitted.emit(text)

    def _on_text_changed(self) -> None:
        text = self.edit.toPlainText()
        self.send.setEnabled(bool(text.strip()))
        self._counter.setVisible(len(text) >= NEAR)
        self._counter.setText(self.tr("{count} of {limit}").format(count=len(text), limit=LIMIT))
        current_theme().style_text(self._counter, TextRole.SMALL, "warning" if len(text) >= LIMIT else "muted")
