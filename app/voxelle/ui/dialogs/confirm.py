"""Asks before something is lost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from voxelle.ui.theme import Space, TextRole, Theme, current_theme


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer: its button's text, what it does, and its rank (`primary`, `danger`, or none)."""

    text: str
    act: Callable[[], None]
    kind: str = ""


class ConfirmDialog(QDialog):
    """A question with one button a choice, and Cancel, which Escape presses too."""

    def __init__(self, question: str, explanation: str, choices: tuple[Choice, ...], parent: QWidget) -> None:
        super().__init__(parent)
        theme = current_theme()
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(question)
        self.setAccessibleName(question)
        self.setAccessibleDescription(explanation)
        heading = QLabel(question)
        heading.setWordWrap(True)
        heading.setTextFormat(Qt.TextFormat.PlainText)
        Theme.style_text(heading, TextRole.HEADING)
        body = QLabel(explanation)
        body.setWordWrap(True)
        body.setTextFormat(Qt.TextFormat.PlainText)
        Theme.style_text(body, TextRole.BODY, "muted")
        buttons = QHBoxLayout()
        buttons.setSpacing(theme.px(Space.S))
        buttons.addStretch(1)
        self.cancel_button = QPushButton(self.tr("Cancel"))
        self.cancel_button.clicked.connect(self.reject)
        buttons.addWidget(self.cancel_button)
        self.choice_buttons = tuple(self._button(choice) for choice in choices)
        for button in self.choice_buttons:
            buttons.addWidget(button)
        layout = QVBoxLayout(self)
        edge = theme.px(Space.XL)
        layout.setContentsMargins(edge, edge, edge, theme.px(Space.L))
        layout.setSpacing(theme.px(Space.M))
        layout.addWidget(heading)
        layout.addWidget(body)
        layout.addSpacing(theme.px(Space.S))
        layout.addLayout(buttons)
        self.setMinimumWidth(theme.px(380))
        is_dangerous = any(choice.kind == "danger" for choice in choices)
        (self.cancel_button if is_dangerous else self.choice_buttons[-1]).setDefault(True)
        (self.cancel_button if is_dangerous else self.choice_buttons[-1]).setFocus()

    def _button(self, choice: Choice) -> QPushButton:
        button = QPushButton(choice.text)
        button.setAutoDefault(False)
        if choice.kind:
            Theme.style_as(button, choice.kind)

        def on_clicked() -> None:
            self.accept()
            choice.act()

        button.clicked.connect(on_clicked)
        return button


def ask(parent: QWidget, question: str, explanation: str, *choices: Choice) -> ConfirmDialog:
    """Open the question over the window of `parent` and return at once."""
    dialog = ConfirmDialog(question, explanation, choices, parent.window())
    dialog.open()
    return dialog
