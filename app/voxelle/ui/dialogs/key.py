"""Takes a secret key and hands it on; never shows one that is stored."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QDialog, QDialogButtonBox, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from voxelle.ui.theme import Space, TextRole, Theme, current_theme

KEY_LIMIT = 4096


class KeyDialog(QDialog):
    """`entered(key)` once Save is pressed with something usable in the field."""

    entered = Signal(str)

    def __init__(self, title: str, help_text: str, parent: QWidget) -> None:
        super().__init__(parent)
        theme = current_theme()
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        heading = QLabel(title)
        Theme.style_text(heading, TextRole.HEADING)
        body = QLabel(help_text)
        body.setWordWrap(True)
        Theme.style_text(body, TextRole.BODY, "muted")
        self.field = QLineEdit()
        self.field.setEchoMode(QLineEdit.EchoMode.Password)
        self.field.setMaxLength(KEY_LIMIT)
        self.field.setPlaceholderText(self.tr("Paste the key here"))
        self.field.setAccessibleName(title)
        self.field.setInputMethodHints(Qt.InputMethodHint.ImhHiddenText | Qt.InputMethodHint.ImhNoPredictiveText)
        self.field.textChanged.connect(self._on_text_changed)
        self.reveal = QCheckBox(self.tr("Show what I type"))
        self.reveal.toggled.connect(self._on_reveal_toggled)
        self.problem = QLabel()
        self.problem.setWordWrap(True)
        Theme.style_text(self.problem, TextRole.SMALL, "danger")
        self.save_button = QPushButton(self.tr("Save key"))
        self.save_button.setEnabled(False)
        self.save_button.setDefault(True)
        Theme.style_as(self.save_button, "primary")
        cancel = QPushButton(self.tr("Cancel"))
        buttons = QDialogButtonBox()
        buttons.addButton(cancel, QDialogButtonBox.ButtonRole.RejectRole)
        buttons.addButton(self.save_button, QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.accepted.connect(self._on_accepted)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        edge = theme.px(Space.XL)
        layout.setContentsMargins(edge, edge, edge, theme.px(Space.L))
        layout.setSpacing(theme.px(Space.S))
        for widget in (heading, body, self.field, self.reveal, self.problem, buttons):
            layout.addWidget(widget)
        self.setMinimumWidth(theme.px(420))

    def _on_reveal_toggled(self, is_shown: bool) -> None:  # noqa: FBT001  # Qt's signature
        self.field.setEchoMode(QLineEdit.EchoMode.Normal if is_shown else QLineEdit.EchoMode.Password)

    def _on_text_changed(self, text: str) -> None:
        key = text.strip()
        has_space = any(character.isspace() for character in key)
        self.problem.setText(self.tr("A key has no spaces in it: was too much copied?") if has_space else "")
        self.save_button.setEnabled(bool(key) and not has_space)

    def _on_accepted(self) -> None:
        key = self.field.text().strip()
        self.field.clear()
        self.accept()
        self.entered.emit(key)
