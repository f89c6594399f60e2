"""How to get a client ID, step by step, and the field for it."""

from __future__ import annotations

import re
from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from voxelle.ui.dialogs.sign_in import open_in_browser
from voxelle.ui.pages.controls import column, folding_row, row
from voxelle.ui.theme import Space, TextRole, Theme, current_theme
from voxelle.ui.widgets.buttons import IconButton
from voxelle.ui.widgets.card import Card
from voxelle.ui.widgets.labels import label

CONSOLE = "https://dev.twitch.tv/console/apps"
_LONGEST = 100
_FOLDS_AT = 360
_USUAL_LENGTH = 30
_LETTERS = re.compile(r"[a-zA-Z0-9]+")


class FirstRun(Card):
    """`entered(client_id)` once something usable was pasted and Save pressed."""

    entered = Signal(str)

    def __init__(self, open_page: Callable[[str], bool] = open_in_browser) -> None:
        super().__init__()
        self._open_page = open_page
        self.set_title(self.tr("Connect to Twitch in three minutes"))
        why = self.tr("Twitch wants to know which program speaks to it, so you register Voxelle once. It costs nothing.")
        self.body.addWidget(label(why, tone="muted", wraps=True))
        self.console_button = IconButton("link", self.tr("Open the developer console"))
        self.console_button.clicked.connect(self._on_console)
        self.field = QLineEdit()
        self.field.setMaxLength(_LONGEST)
        self.field.setPlaceholderText(self.tr("Paste the client ID here"))
        self.field.setAccessibleName(self.tr("Client ID"))
        self.field.textChanged.connect(self._on_text_changed)
        self.field.returnPressed.connect(self._on_save)
        self.save_button = IconButton("check", self.tr("Save and connect"), "primary")
        self.save_button.setEnabled(False)
        self.save_button.clicked.connect(self._on_save)
        self.problem = label(role=TextRole.SMALL, tone="danger", wraps=True)
        self.problem.hide()
        log_in = self.tr("Open the developer console and log in. Twitch asks for two-factor login there.")
        register = self.tr(
            "Press “Register Your Application”. Name: anything that is not taken. OAuth Redirect URL: http://localhost. "
            "Category: Chat Bot. Client Type: Public."
        )
        paste = self.tr("Press “Create”, then “Manage”, copy the Client ID (it is no secret) and paste it here.")
        for number, (text, control) in enumerate(((log_in, self.console_button), (register, None), (paste, self._entry())), start=1):
            self.body.addLayout(self._step(number, text, control))

    def show_problem(self, sentence: str, tone: str = "danger") -> None:
        """Say what is wrong with the client ID, or nothing."""
        self.problem.setText(sentence)
        self.problem.setVisible(bool(sentence))
        Theme.style_text(self.problem, TextRole.SMALL, tone)
        self.field.setAccessibleDescription(sentence)

    def _entry(self) -> QWidget:
        entry = QWidget()
        lines = column(entry, spacing=Space.XS)
        line = folding_row(entry, _FOLDS_AT)
        line.addWidget(self.field, 1)
        line.addWidget(self.save_button)
        lines.addLayout(line)
        lines.addWidget(self.problem)
        return entry

    @staticmethod
    def _step(number: int, text: str, control: QWidget | None = None) -> QHBoxLayout:
        theme = current_theme()
        sign = label(f"{number}.", TextRole.STRONG, "accent")
        sign.setFixedWidth(theme.px(24))
        words = column(spacing=Space.S)
        words.addWidget(label(text, wraps=True))
        if isinstance(control, IconButton):
            words.addLayout(row(control, None))
        elif control is not None:
            words.addWidget(control)
        step = row()
        step.addWidget(sign, 0, Qt.AlignmentFlag.AlignTop)
        step.addLayout(words, 1)
        return step

    def _on_console(self) -> None:
        if not self._open_page(CONSOLE):
            self.show_problem(self.tr("No browser could be opened. Go to {address} yourself.").format(address=CONSOLE))

    def _on_text_changed(self, text: str) -> None:
        client_id = text.strip()
        is_usable = _LETTERS.fullmatch(client_id) is not None
        self.save_button.setEnabled(is_usable)
        if client_id and not is_usable:
            self.show_problem(self.tr("A client ID has only letters and digits: was too much copied?"))
        elif client_id and len(client_id) != _USUAL_LENGTH:
            odd = self.tr("Client IDs usually have {usual} characters; this one has {count}.")
            self.show_problem(odd.format(usual=_USUAL_LENGTH, count=len(client_id)), "warning")
        else:
            self.show_problem("")

    def _on_save(self) -> None:
        if self.save_button.isEnabled():
            self.entered.emit(self.field.text().strip())
