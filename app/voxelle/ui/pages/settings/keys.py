"""Keys for servers: set or deleted here, kept in the system's password store, never shown."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QPushButton, QWidget

from voxelle.ui.dialogs.confirm import Choice, ask
from voxelle.ui.dialogs.key import KeyDialog
from voxelle.ui.models.keys import KEY_NAMES, KeysModel
from voxelle.ui.pages.controls import Badge, Notice, column, folding_row, row
from voxelle.ui.theme import Space, TextRole, Theme, current_theme
from voxelle.ui.widgets.labels import label

NARROW = 440


class KeyRow(QFrame):
    """One key: whether it is stored, and the two things that can be done."""

    def __init__(self, model: KeysModel, name: str, title: str, help_text: str) -> None:
        super().__init__()
        self._model = model
        self._name = name
        self._title = title
        Theme.style_as(self, "card")
        self.badge = Badge()
        self.set_button = QPushButton()
        self.set_button.clicked.connect(self._on_set)
        self.delete_button = QPushButton(self.tr("Delete"))
        self.delete_button.setAccessibleName(self.tr("Delete the key for {title}").format(title=title))
        self.delete_button.clicked.connect(self._on_delete)
        theme = current_theme()
        words = column(spacing=Space.XS)
        words.addWidget(label(title, TextRole.STRONG, wraps=True))
        words.addWidget(label(help_text, TextRole.SMALL, "muted", wraps=True))
        words.addLayout(row(self.badge, None))
        layout = folding_row(self, NARROW, is_layout_of=True)
        layout.setContentsMargins(*(theme.px(Space.M),) * 4)
        layout.addLayout(words, 1)
        layout.addLayout(row(self.set_button, self.delete_button))
        model.changed.connect(self.show_state)
        self.show_state()

    def show_state(self) -> None:
        """Take over what the model knows now."""
        is_stored, is_available = self._model.is_stored(self._name), bool(self._model.is_available)
        self.badge.show_text(self.tr("A key is stored") if is_stored else self.tr("No key"), "ok" if is_stored else "muted")
        self.badge.setVisible(is_available)
        self.set_button.setText(self.tr("Replace …") if is_stored else self.tr("Set …"))
        self.set_button.setAccessibleName(self.tr("Set the key for {title}").format(title=self._title))
        self.set_button.setEnabled(is_available and not self._model.is_busy)
        self.delete_button.setVisible(is_stored)
        self.delete_button.setEnabled(is_available and not self._model.is_busy)

    def _on_set(self) -> None:
        title = self.tr("Key for {title}").format(title=self._title)
        dialog = KeyDialog(title, self.tr("It goes into the system's password store and is never shown again."), self.window())
        dialog.entered.connect(lambda key: self._model.set_key(self._name, key))
        dialog.open()

    def _on_delete(self) -> None:
        ask(
            self,
            self.tr("Delete the key for {title}?").format(title=self._title),
            self.tr("Engines that need it stop working until you set another one."),
            Choice(self.tr("Delete key"), lambda: self._model.delete_key(self._name), "danger"),
        )


class KeysPanel(QWidget):
    """All keys, and how the password store is."""

    def __init__(self, model: KeysModel) -> None:
        super().__init__()
        self._model = model
        self.status = label(wraps=True)
        self.notice = Notice()
        texts = {
            "openai": (self.tr("OpenAI-compatible server"), self.tr("For the address under Thinking. Many local servers need none.")),
            "anthropic": (self.tr("Anthropic"), self.tr("From the console of your account.")),
            "speech": (self.tr("Speech server"), self.tr("For the address under Voice. Many local servers need none.")),
            "transcription": (self.tr("Transcription server"), self.tr("For the address under Hearing. Many local servers need none.")),
        }
        self.rows = {name: KeyRow(model, name, *texts[name]) for name in KEY_NAMES}
        layout = column(self, spacing=Space.S)
        layout.addWidget(self.status)
        layout.addWidget(self.notice)
        for key in self.rows.values():
            layout.addWidget(key)
        layout.addStretch(1)
        model.changed.connect(self._on_changed)
        model.failed.connect(self.notice.say)
        self._on_changed()

    def _on_changed(self) -> None:
        is_available = self._model.is_available
        self.status.setText(self.tr("Asking the password store …") if is_available is None else self._model.status)
        Theme.style_text(self.status, TextRole.BODY, "warning" if is_available is False else "muted")
